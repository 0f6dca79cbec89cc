"""Function: an operation of one's own, with a forward and a backward rule written in Python.

    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, grad):          # G = dL/dY, and returns dL/dX
            (x,) = ctx.saved_tensors
            return 3 * x**2 * grad

    y = Cube.apply(x)

For the engine this is one node of the graph (cpp/engine/graph.hh, made_outside) that takes its inputs whole:
forward runs at once, and backward when the gradient of the result is complete. A Function with several
results is one node, too: the results are parts of one long vector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.creation import zeros_like
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.view_steps import detached, recording


class FunctionCtx:
    """What forward leaves for backward; any attribute may be set."""

    needs_input_grad: tuple[bool, ...] = ()  # for each argument of apply

    def __init__(self) -> None:
        self._saved: tuple[Tensor | None, ...] = ()
        self._constant: set[int] = set()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for backward. One that changes in place in between raises an error there."""
        self._saved = tuple(
            None if t is None else recording(False, _core.reshape, t, t.shape) for t in tensors
        )

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors that save_for_backward kept."""
        return self._saved

    def mark_non_differentiable(self, *outputs: Tensor) -> None:
        """Say that no gradient flows through these results."""
        self._constant |= {id(y) for y in outputs}

    def set_materialize_grads(self, value: bool) -> None:
        """Do nothing: a result without gradient has one of zeros here, whatever is asked for."""

    def mark_dirty(self, *_: Tensor) -> None:
        """Refuse: a Function here returns new tensors."""
        raise ValueError("Function: hello_dl has no mark_dirty; return a new tensor instead of changing one")


class Function:
    """Base class of operations with a gradient of one's own: define forward and backward, and call `apply`.

    `forward(ctx, *args)` returns a tensor or a tuple of tensors, and records no gradients inside.
    `backward(ctx, *grads)` gets dL/d(result) for each result, and returns dL/d(argument) for each argument of
    forward, None for those without. Instead of ctx as its first argument, forward may do without if
    `setup_context(ctx, inputs, output)` is defined. There are no derivatives of derivatives.
    """

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(
            f"{type(self).__name__}: call {type(self).__name__}.apply(...), without making an object"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the result. Every Function defines it."""
        raise NotImplementedError("Function: needs a static forward(ctx, ...)")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Return the gradients of the arguments of forward. Every Function defines it."""
        raise NotImplementedError("Function: needs a static backward(ctx, *grads)")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what backward needs, for a forward without ctx."""

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Return forward's results, with gradients by backward."""
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(a, Tensor) and a.requires_grad for a in args)
        result = recording(False, cls._run, ctx, args)
        several = isinstance(result, tuple | list)
        ys = list(result) if several else [result]
        recorded = _core.is_grad_enabled() and any(ctx.needs_input_grad)
        flows = [i for i, y in enumerate(ys) if recorded and _has_gradient(y) and id(y) not in ctx._constant]
        ys = [detached(y) if isinstance(y, Tensor) and y.requires_grad else y for y in ys]
        _core.evaluate([y for y in ys if isinstance(y, Tensor)])
        if flows:
            cls._join(ctx, args, ys, flows)
        return tuple(ys) if several else ys[0]

    @classmethod
    def _run(cls, ctx: FunctionCtx, args: tuple[Any, ...]) -> Any:
        """Call forward, in either of its two forms."""
        if cls.setup_context is Function.setup_context:
            return cls.forward(ctx, *args)
        result = cls.forward(*args)
        cls.setup_context(ctx, args, result)
        return result

    @classmethod
    def _join(cls, ctx: FunctionCtx, args: tuple[Any, ...], ys: list[Any], flows: list[int]) -> None:
        """Put nodes of the graph in the place of those results through which a gradient flows."""
        inputs = [a for a, needed in zip(args, ctx.needs_input_grad, strict=True) if needed]
        rule = _rule(cls, ctx, [getattr(a, "shape", None) for a in args], list(ys), flows)
        if len(flows) == 1:
            (i,) = flows
            ys[i] = _core.with_rule(cls.__name__, ys[i], inputs, rule)
            return
        flat = _core.from_numpy(np.concatenate([ys[i].numpy().ravel() for i in flows]))
        joined, first = _core.with_rule(cls.__name__, flat, inputs, rule), 0
        for i in flows:
            last = first + ys[i].numel()
            ys[i] = _core.reshape(_core.slice(joined, 0, first, last, 1), ys[i].shape)
            first = last


def _has_gradient(y: Any) -> bool:
    return isinstance(y, Tensor) and bool(y.dtype == REAL)


def _rule(
    function: type[Function], ctx: FunctionCtx, shapes: list[Any], ys: list[Any], flows: list[int]
) -> Callable[[Tensor], list[Tensor | None]]:
    """Return what the engine calls with the gradient of the node: backward, and a check of its results."""
    name = function.__name__
    zeros = [zeros_like(y) if isinstance(y, Tensor) and i not in flows else None for i, y in enumerate(ys)]
    sizes = [(i, ys[i].shape, ys[i].numel()) for i in flows]

    def call(gradient: Tensor) -> list[Tensor | None]:
        grads, first = list(zeros), 0
        for i, shape, size in sizes:
            part = gradient if len(sizes) == 1 else _core.slice(gradient, 0, first, first + size, 1)
            grads[i] = _core.reshape(part, shape)
            first += size
        returned = recording(False, function.backward, ctx, *grads)
        found = list(returned) if isinstance(returned, tuple | list) else [returned]
        if len(found) < len(shapes) or any(g is not None for g in found[len(shapes) :]):
            raise ValueError(
                f"{name}: backward needs {len(shapes)} gradients, one an argument, got {len(found)}"
            )
        return [
            _fitted(f"{name}: backward", i, found[i], shapes[i])
            for i, needed in enumerate(ctx.needs_input_grad)
            if needed
        ]

    return call


def _fitted(who: str, i: int, g: Any, shape: tuple[int, ...]) -> Tensor | None:
    """Return a gradient in the shape of its argument: summed where the argument was repeated to fit."""
    if g is None:
        return None
    if not isinstance(g, Tensor):
        raise TypeError(f"{who} needs tensors or None, got {type(g).__name__} for argument {i}")
    if g.shape == shape:
        return g if g.dtype == REAL else g.float()
    extra = g.ndim - len(shape)
    sizes = zip(g.shape[max(extra, 0) :], shape, strict=False)
    if extra < 0 or any(mine not in (1, size) for size, mine in sizes):
        raise ValueError(f"{who} needs a gradient of shape {shape} for argument {i}, got {g.shape}")
    repeated = [d for d in range(g.ndim) if d < extra or shape[d - extra] != g.shape[d]]
    return _core.reshape(_core.sum(g, repeated), shape)


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return a backward rule as it is: here every one is differentiated once."""
    return backward
