"""What calls a module's hooks in backward: the identity, put around its arguments and its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hello_dl._core import Tensor
from hello_dl.autograd.function import Function

Gradients = tuple[Any, ...]
Tell = Callable[[Gradients], Sequence[Any]]


class Watch:
    """One call of a module: its gradients are shown to the hooks, and replaced by what they return."""

    def __init__(self, module: Any, before: list[Any], after: list[Any]) -> None:
        self._module, self._before, self._after = module, before, after
        self._count, self._sees_arguments = 0, False
        self._grad_output: Gradients = ()

    def arguments(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the arguments, such that their gradients are seen."""
        self._count = len(args)
        places = _with_gradient(args)
        self._sees_arguments = bool(places)
        return tuple(_passed(args, places, lambda grads: self._at_arguments(places, grads)))

    def results(self, result: Any) -> Any:
        """Return the result, such that its gradients are seen: a tensor, a tuple or a list."""
        several = isinstance(result, tuple | list)
        ys = list(result) if several else [result]
        places = _with_gradient(ys)
        seen = _passed(ys, places, lambda grads: self._at_results(len(ys), places, grads))
        if not several:
            return seen[0]
        return result if type(result) not in (tuple, list) else type(result)(seen)

    def _at_results(self, count: int, places: list[int], grads: Gradients) -> Sequence[Any]:
        grad_output = _in_places(count, places, grads)
        for hook in list(self._before):
            changed = hook.function(self._module, grad_output)
            grad_output = grad_output if changed is None else _as_tuple(changed)
        self._grad_output = grad_output
        if not self._sees_arguments:
            self._call_hooks((None,) * self._count)
        return [grad_output[i] for i in places]

    def _at_arguments(self, places: list[int], grads: Gradients) -> Sequence[Any]:
        grad_input = self._call_hooks(_in_places(self._count, places, grads))
        return [grad_input[i] for i in places]

    def _call_hooks(self, grad_input: Gradients) -> Gradients:
        for hook in list(self._after):
            changed = hook.function(self._module, grad_input, self._grad_output)
            grad_input = grad_input if changed is None else _as_tuple(changed)
        return grad_input


class _Identity(Function):
    """Several tensors as they are; their gradients go through a function."""

    @staticmethod
    def forward(ctx: Any, tell: Tell, *xs: Tensor) -> tuple[Tensor, ...]:
        ctx.tell = tell
        return xs

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        return None, *ctx.tell(grads)


def _with_gradient(values: Sequence[Any]) -> list[int]:
    """Return the places of the tensors that record a gradient."""
    return [i for i, v in enumerate(values) if isinstance(v, Tensor) and v.requires_grad]


def _passed(values: Sequence[Any], places: list[int], tell: Tell) -> list[Any]:
    """Return the values, those in some places through the identity, so that `tell` gets their gradients."""
    seen = list(values)
    if places:
        for i, y in zip(places, _Identity.apply(tell, *(values[i] for i in places)), strict=True):
            seen[i] = y
    return seen


def _in_places(count: int, places: list[int], grads: Gradients) -> Gradients:
    """Return gradients in their places, and None elsewhere."""
    full: list[Any] = [None] * count
    for i, g in zip(places, grads, strict=True):
        full[i] = g
    return tuple(full)


def _as_tuple(value: Any) -> Gradients:
    return tuple(value) if isinstance(value, tuple | list) else (value,)
