"""Jacobians of functions, and their products with vectors, by one backward pass for each row."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.autograd.derivatives import grad, listed
from hello_dl.tensors.creation import zeros_like
from hello_dl.tensors.grad_mode import enable_grad

One: TypeAlias = Tensor | tuple[Tensor, ...]


def jacobian(
    func: Callable[..., One],
    inputs: One,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """Return the derivatives of every number of func(*inputs) by every number of each input.

    In the shape of the output followed by that of the input; a tuple for a tuple of inputs, and a tuple of
    these for a tuple of outputs. With strict, an output that does not depend on an input is an error, else
    its derivative is 0. vectorize and strategy change nothing. ValueError for create_graph.
    """
    del vectorize, strategy
    xs, ys, single_in, single_out = _called("jacobian", func, inputs, create_graph)
    rows = [_rows(y, xs, strict) for y in ys]
    found = [blocks[0] if single_in else tuple(blocks) for blocks in rows]
    return found[0] if single_out else tuple(found)


def vjp(
    func: Callable[..., One],
    inputs: One,
    v: One | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return func(*inputs), and v' J: the derivatives of <v, func(*inputs)> by each input.

    v has the shape of the output; None stands for 1, if that is one number. ValueError for create_graph.
    """
    xs, ys, single_in, single_out = _called("vjp", func, inputs, create_graph)
    found = _products("vjp", ys, xs, None if v is None else listed("vjp: v", v), strict)
    outputs = tuple(y.detach() for y in ys)
    return (outputs[0] if single_out else outputs), (found[0] if single_in else tuple(found))


def jvp(
    func: Callable[..., One],
    inputs: One,
    v: One | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return func(*inputs), and J v: how fast it changes when the inputs move along v.

    v has the shape of the inputs; None stands for 1, if they are one number. It takes a backward pass for
    each number of the output. ValueError for create_graph.
    """
    xs, ys, _, single_out = _called("jvp", func, inputs, create_graph)
    if v is None and (len(xs) != 1 or xs[0].numel() != 1):
        raise ValueError("jvp: needs v, a direction in the shape of the inputs; one number does without")
    directions = [_core.from_numpy(np.ones(xs[0].shape))] if v is None else listed("jvp: v", v)
    if [d.shape for d in directions] != [x.shape for x in xs]:
        raise ValueError(
            f"jvp: needs v of shapes {[x.shape for x in xs]}, got {[d.shape for d in directions]}"
        )
    found = []
    for y in ys:
        blocks = _rows(y, xs, strict)
        parts = [
            np.tensordot(J.numpy(), d.detach().numpy(), d.ndim)
            for J, d in zip(blocks, directions, strict=True)
        ]
        found.append(_core.from_numpy(np.asarray(sum(parts), dtype=y.dtype)))
    outputs = tuple(y.detach() for y in ys)
    return (outputs[0], found[0]) if single_out else (outputs, tuple(found))


def _no_second(name: str) -> Callable[..., NoReturn]:
    def refused(*_: Any, **__: Any) -> NoReturn:
        raise ValueError(f"{name}: hello_dl has no derivatives of derivatives yet")

    refused.__name__ = name
    refused.__doc__ = "Refuse: there are no derivatives of derivatives yet."
    return refused


hessian, hvp, vhp = (_no_second(name) for name in ("hessian", "hvp", "vhp"))


def _called(
    who: str, func: Callable[..., One], inputs: One, create_graph: bool
) -> tuple[list[Tensor], list[Tensor], bool, bool]:
    """Return leaves of the inputs' numbers, func of them, and whether there is only one input, one output."""
    if create_graph:
        raise ValueError(f"{who}: hello_dl has no create_graph yet (no derivatives of derivatives)")
    xs = [x.detach().clone().requires_grad_() for x in listed(f"{who}: inputs", inputs)]
    with enable_grad():
        result = func(*xs)
    return (
        xs,
        listed(f"{who}: results of func", result),
        isinstance(inputs, Tensor),
        isinstance(result, Tensor),
    )


def _products(
    who: str, ys: list[Tensor], xs: list[Tensor], seeds: list[Tensor] | None, strict: bool
) -> list[Tensor]:
    """Return the derivatives of all ys, weighted by the seeds, by each x."""
    depend = [i for i, y in enumerate(ys) if y.requires_grad]
    chosen = None if seeds is None else [seeds[i] for i in depend]
    found: tuple[Tensor | None, ...] = (None,) * len(xs)
    if depend:
        found = grad([ys[i] for i in depend], xs, chosen, retain_graph=True, allow_unused=True)
    if strict and (len(depend) < len(ys) or None in [g if g is None else 0 for g in found]):
        raise ValueError(f"{who}: an output does not depend on an input; strict=False gives 0 for it")
    return [zeros_like(x).detach() if g is None else g for x, g in zip(xs, found, strict=True)]


def _rows(y: Tensor, xs: list[Tensor], strict: bool) -> list[Tensor]:
    """Return the Jacobians of one output by all inputs, row by row."""
    size = math.prod(y.shape)
    blocks = [np.zeros((size, *x.shape), x.dtype) for x in xs]
    for row in range(size):
        seed = np.zeros(size, y.dtype)
        seed[row] = 1
        rows = _products("jacobian", [y], xs, [_core.from_numpy(seed.reshape(y.shape))], strict)
        for block, found in zip(blocks, rows, strict=True):
            block[row] = found.numpy()
    return [_core.from_numpy(b.reshape(*y.shape, *x.shape)) for b, x in zip(blocks, xs, strict=True)]
