"""Gradients on their way: hooks, which see and may change them, and backward() for some tensors alone."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any, Self

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal, Removable
from hello_dl.tensors.grad_mode import no_grad

GradientHook = Callable[[Tensor], Tensor | None]


# Leaves that the backward of now has given a gradient, and what is called with them after it.
reached: list[tuple[weakref.ref[Tensor], Callable[[Tensor], object]]] = []


def call_after_backward() -> None:
    """Call the hooks of the leaves that were reached, each once."""
    waiting = {(id(leaf), id(hook)): (leaf, hook) for leaf, hook in reached}
    reached.clear()
    for leaf, hook in waiting.values():
        x = leaf()
        if x is not None:
            hook(x)


class TensorHook:
    """What register_hook returns: `remove()`, or the end of a `with` block, takes the hook away."""

    def __init__(self, hooks: dict[object, GradientHook], function: GradientHook) -> None:
        hooks[self] = function
        self._hooks = hooks

    def remove(self) -> None:
        """Take the hook away. Removing it again changes nothing."""
        self._hooks.pop(self, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class _Hooks:
    """All hooks of one tensor, in the order in which they were registered; the engine calls it."""

    def __init__(self) -> None:
        self.functions: dict[object, GradientHook] = {}

    def __call__(self, gradient: Tensor) -> Tensor:
        with no_grad():
            for function in list(self.functions.values()):
                changed = function(gradient)
                gradient = gradient if changed is None else changed
        return gradient


class HookMethods(Tensor):
    """Methods that look at gradients on their way. methods.py moves them to Tensor itself."""

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> Removable:
        """Have `hook(gradient)` called in each backward, with the complete gradient of this tensor.

        What it returns, unless None, takes the place of the gradient, here and in all that this tensor comes
        from. Return a handle whose `remove()` takes the hook away. ValueError for a tensor without gradient.
        """
        if not self.requires_grad:
            raise Refusal("register_hook: needs a tensor that requires a gradient, got one that does not")
        if not callable(hook):
            raise TypeError(f"register_hook: needs a function, got {type(hook).__name__}")
        hooks: Any = _core.hook_of(self)
        if hooks is None:
            hooks = _Hooks()
            _core.set_hook(self, hooks)
        return TensorHook(hooks.functions, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], object]) -> Removable:
        """Have `hook(leaf)` called after each backward that has changed the leaf's .grad.

        It may take the optimizer's step and remove the gradient. Return a handle whose `remove()` takes the
        hook away. ValueError for a tensor that is no leaf. PyTorch calls it before the backward has ended.
        """
        if not self.is_leaf:
            raise Refusal("register_post_accumulate_grad_hook: needs a leaf, got a result")
        leaf: weakref.ref[Tensor] = weakref.ref(self)
        return self.register_hook(lambda _: reached.append((leaf, hook)))


def add_gradients(
    ys: Sequence[Tensor], seeds: Sequence[Tensor | None], xs: Sequence[Tensor], retain_graph: bool
) -> None:
    """Add the derivatives of all ys, each times its seed, to the .grad of these tensors alone."""
    for x, g in zip(xs, _core.gradients(ys, seeds, xs, retain_graph), strict=True):
        if g is not None:
            x.grad = g if x.grad is None else x.grad + g
