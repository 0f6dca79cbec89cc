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

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import zeros_like
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.view_steps import detached, recording


class FunctionCtx:
    """What forward leaves for backward; any attribute may be set."""

    needs_input_grad: tuple[bool, ...] = ()  # for each argument of apply

    def __init__(self) -> None:
        self._saved: tuple[Tensor | None, ...] = ()
        self._given: tuple[Tensor | None, ...] = ()  # the same, as forward knows them
        self._constant: set[int] = set()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for backward. They keep the numbers that they have now."""
        self._given = tensors
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
        raise Refusal("Function: hello_dl has no mark_dirty; return a new tensor instead of changing one")


class Function:
    """Base class of operations with a gradient of one's own: define forward and backward, and call `apply`.

    `forward(ctx, *args)` returns a tensor or a tuple of tensors, and records no gradients inside.
    `backward(ctx, *grads)` gets dL/d(result) for each result, and returns dL/d(argument) for each argument of
    forward, None for those without. Instead of ctx as its first argument, forward may do without if
    `setup_context(ctx, inputs, output)` is defined. If backward is made of tensors, and of what
    save_for_backward kept, it can be differentiated again (create_graph=True).
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
        rule = FunctionRule(cls, ctx, args, ys, flows)
        ctx._given = ()
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


class FunctionRule:
    """What the engine calls with the gradient of the node: backward, and a check of its results."""

    def __init__(
        self,
        function: type[Function],
        ctx: FunctionCtx,
        args: tuple[Any, ...],
        ys: list[Any],
        flows: list[int],
    ) -> None:
        self.function, self.ctx = function, ctx
        self.shapes: list[Any] = [getattr(a, "shape", None) for a in args]
        self.zeros = [
            zeros_like(y) if isinstance(y, Tensor) and i not in flows else None for i, y in enumerate(ys)
        ]
        self.parts = [(i, ys[i].shape, ys[i].numel()) for i in flows]
        self.saved = [_origin(t, args, ys) for t in ctx._given]

    def __call__(self, gradient: Tensor) -> list[Tensor | None]:
        """Return the gradients of the inputs, as numbers."""
        return recording(False, self._gradients, gradient)  # type: ignore[arg-type,return-value]

    def in_graph(self, gradient: Tensor, node: Tensor) -> list[Tensor | None]:
        """Return the gradients of the inputs as expressions, which depend on what forward saved.

        ValueError if backward leaves the tensors, so that there is nothing to differentiate.
        """
        needed = [i for i, needs in enumerate(self.ctx.needs_input_grad) if needs]
        inputs = dict(zip(needed, node.inputs, strict=True))
        results = self._results(node)
        before = self.ctx._saved
        self.ctx._saved = tuple(
            inputs.get(i, t) if kind == "input" else results.get(i, t) if kind == "output" else t
            for (kind, i), t in zip(self.saved, before, strict=True)
        )
        seed = gradient if gradient.requires_grad else detached(gradient).requires_grad_()
        try:
            with _numbers_refused(self.function.__name__):
                found = self._gradients(seed)
        finally:
            self.ctx._saved = before
        for i, g in zip(needed, found, strict=True):
            if g is not None and not g.requires_grad and bool(g.numpy().any()):
                raise Refusal(
                    f"{self.function.__name__}: backward leaves the tensors: the gradient of argument {i} is"
                    " not made of the one it was given, so it cannot be differentiated again"
                )
        return found

    def _results(self, node: Tensor) -> dict[int, Tensor]:
        """Return the results of forward as parts of the node, by their number."""
        if len(self.parts) == 1:
            return {self.parts[0][0]: node}
        found, first = {}, 0
        for i, shape, size in self.parts:
            found[i] = _core.reshape(_core.slice(node, 0, first, first + size, 1), shape)
            first += size
        return found

    def _gradients(self, gradient: Tensor) -> list[Tensor | None]:
        name, grads, first = self.function.__name__, list(self.zeros), 0
        for i, shape, size in self.parts:
            part = gradient if len(self.parts) == 1 else _core.slice(gradient, 0, first, first + size, 1)
            grads[i] = _core.reshape(part, shape)
            first += size
        returned = self.function.backward(self.ctx, *grads)
        found = list(returned) if isinstance(returned, tuple | list) else [returned]
        count = len(self.shapes)
        if len(found) < count or any(g is not None for g in found[count:]):
            raise Refusal(f"{name}: backward needs {count} gradients, one an argument, got {len(found)}")
        return [
            _fitted(f"{name}: backward", i, found[i], self.shapes[i])
            for i, needed in enumerate(self.ctx.needs_input_grad)
            if needed
        ]


@contextmanager
def _numbers_refused(name: str) -> Iterator[None]:
    """Refuse the numbers of tensors that record a gradient: what is made of them has no derivative."""
    methods = {"numpy": Tensor.numpy, "item": Tensor.item}

    def guarded(method: Callable[[Tensor], Any]) -> Callable[[Tensor], Any]:
        def numbers(x: Tensor) -> Any:
            if x.requires_grad:
                raise Refusal(
                    f"{name}: backward leaves the tensors: it asks for the numbers of one that records a"
                    " gradient, so what it returns cannot be differentiated again"
                )
            return method(x)

        return numbers

    try:
        for key, method in methods.items():
            setattr(Tensor, key, guarded(method))
        yield
    finally:
        for key, method in methods.items():
            setattr(Tensor, key, method)


def _origin(t: Tensor | None, args: tuple[Any, ...], ys: list[Any]) -> tuple[str, int]:
    """Return whether a saved tensor is an input or an output of forward, and which."""
    for kind, tensors in (("input", args), ("output", ys)):
        for i, other in enumerate(tensors):
            if t is not None and (t is other or (isinstance(other, Tensor) and t.id == other.id)):
                return kind, i
    return "constant", 0


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
        raise Refusal(f"{who} needs a gradient of shape {shape} for argument {i}, got {g.shape}")
    repeated = [d for d in range(g.ndim) if d < extra or shape[d - extra] != g.shape[d]]
    return _core.reshape(_core.sum(g, repeated), shape)


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return a backward rule that says that it must not be differentiated again."""

    def once(ctx: Any, *grads: Any) -> Any:
        if any(isinstance(g, Tensor) and g.requires_grad for g in grads):
            raise Refusal("Function: this backward is once_differentiable; it has no second derivative")
        return backward(ctx, *grads)

    return once
