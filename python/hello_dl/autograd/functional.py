"""Jacobians and Hessians of functions, and their products with vectors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.autograd.derivatives import grad, listed
from hello_dl.autograd.errors import NoRuleError
from hello_dl.tensors.creation import zeros_like
from hello_dl.tensors.functions import stack
from hello_dl.tensors.grad_mode import enable_grad

One: TypeAlias = Tensor | tuple[Tensor, ...]
Function: TypeAlias = Callable[..., One]


def jacobian(
    func: Function,
    inputs: One,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """Return the derivatives of every number of func(*inputs) by every number of each input.

    In the shape of the output followed by that of the input; a tuple for a tuple of inputs, and a tuple of
    these for a tuple of outputs. With strict, an output that does not depend on an input is an error, else
    its derivative is 0. With create_graph the result can be differentiated again. vectorize and strategy
    change nothing.
    """
    del vectorize, strategy
    xs, ys, single_in, single_out = _called("jacobian", func, inputs, create_graph)
    rows = [_rows(y, xs, strict, create_graph) for y in ys]
    found = [blocks[0] if single_in else tuple(blocks) for blocks in rows]
    return found[0] if single_out else tuple(found)


def hessian(
    func: Function,
    inputs: One,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """Return the second derivatives of func(*inputs), one number, by every two numbers of the inputs.

    In the shape of the input twice; for a tuple of inputs a tuple of tuples: [i][j] is by input i and then
    by input j. It is the Jacobian of the gradient.
    """
    single = isinstance(inputs, Tensor)

    def gradient(*xs: Tensor) -> One:
        y = _one_number("hessian", func(*xs))
        found = tuple(_products("hessian", [y], list(xs), None, strict, create_graph=True))
        return found[0] if single else found

    return jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)


def vjp(
    func: Function, inputs: One, v: One | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return func(*inputs), and v' J: the derivatives of <v, func(*inputs)> by each input.

    v has the shape of the output; None stands for 1, if that is one number.
    """
    xs, ys, single_in, single_out = _called("vjp", func, inputs, create_graph)
    found = _products("vjp", ys, xs, None if v is None else listed("vjp: v", v), strict, create_graph)
    return _outputs(ys, single_out, create_graph), (found[0] if single_in else tuple(found))


def jvp(
    func: Function, inputs: One, v: One | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return func(*inputs), and J v: how fast it changes when the inputs move along v.

    v has the shape of the inputs; None stands for 1, if they are one number. With u' J as a function of u,
    which is linear, J v is its derivative by u along v: two backward passes give it. For ops without a second
    derivative the rows of the Jacobian do, one pass each.
    """
    xs, ys, _, single_out = _called("jvp", func, inputs, create_graph)
    directions = _directions("jvp", xs, v)
    try:
        found = along(ys, xs, directions, strict, create_graph)
    except NoRuleError:
        blocks = [_rows(y, xs, strict, create_graph=False) for y in ys]
        found = [_times(y, rows, directions) for y, rows in zip(ys, blocks, strict=True)]
    outputs = _outputs(ys, single_out, create_graph)
    return (outputs, found[0]) if single_out else (outputs, tuple(found))


def along(
    ys: list[Tensor], xs: list[Tensor], directions: list[Tensor], strict: bool, create_graph: bool
) -> list[Tensor]:
    """Return J v for each output, by the derivative of u' J by u."""
    us = [zeros_like(y).detach().requires_grad_() for y in ys]
    products = _products("jvp", ys, xs, us, strict, create_graph=True)
    parts = [(p, d) for p, d in zip(products, directions, strict=True) if p.requires_grad]
    if not parts:
        return [zeros_like(y).detach() for y in ys]
    depend, seeds = zip(*parts, strict=True)
    return _products("jvp", list(depend), us, list(seeds), False, create_graph)


def _times(y: Tensor, rows: list[Tensor], directions: list[Tensor]) -> Tensor:
    """Return J v, of the blocks of the Jacobian of one output."""
    parts = [
        np.tensordot(J.numpy(), d.detach().numpy(), d.ndim) for J, d in zip(rows, directions, strict=True)
    ]
    return _core.from_numpy(np.asarray(sum(parts), dtype=y.dtype))


def vhp(
    func: Function, inputs: One, v: One | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return func(*inputs), one number, and v' H: the derivatives of <v, its gradient> by each input.

    v has the shape of the inputs. No Hessian is made for it: it costs about as much as two gradients.
    """
    return _times_hessian("vhp", func, inputs, v, create_graph, strict)


def hvp(
    func: Function, inputs: One, v: One | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """Return func(*inputs), one number, and H v. The Hessian is symmetric, so this is v' H."""
    return _times_hessian("hvp", func, inputs, v, create_graph, strict)


def _times_hessian(
    who: str, func: Function, inputs: One, v: One | None, create_graph: bool, strict: bool
) -> tuple[Any, Any]:
    xs, ys, single, _ = _called(who, func, inputs, create_graph)
    y = _one_number(who, ys[0] if len(ys) == 1 else tuple(ys))
    directions = _directions(who, xs, v)
    gradient = _products(who, [y], xs, None, strict, create_graph=True)
    found = _products(who, gradient, xs, directions, strict, create_graph)
    return _outputs(ys, True, create_graph), (found[0] if single else tuple(found))


def _called(
    who: str, func: Function, inputs: One, create_graph: bool
) -> tuple[list[Tensor], list[Tensor], bool, bool]:
    """Return tensors of the inputs' numbers, func of them, and whether there is one input, one output.

    With create_graph they still depend on the inputs.
    """
    with enable_grad():
        xs = [
            _core.reshape(x, x.shape)
            if create_graph and x.requires_grad
            else x.detach().clone().requires_grad_()
            for x in listed(f"{who}: inputs", inputs)
        ]
        result = func(*xs)
    ys = listed(f"{who}: results of func", result)
    return xs, ys, isinstance(inputs, Tensor), isinstance(result, Tensor)


def _one_number(who: str, y: One) -> Tensor:
    """Return the result of a function. ValueError if it is not one number."""
    if not isinstance(y, Tensor) or y.numel() != 1:
        got = f"shape {y.shape}" if isinstance(y, Tensor) else "several tensors"
        raise Refusal(f"{who}: needs a func that returns one number, got {got}")
    return y


def _directions(who: str, xs: list[Tensor], v: One | None) -> list[Tensor]:
    """Return v as a list, 1 for None. ValueError if it does not have the shapes of the inputs."""
    if v is None and (len(xs) != 1 or xs[0].numel() != 1):
        raise Refusal(f"{who}: needs v, a direction in the shape of the inputs; one number does without")
    found = [_core.from_numpy(np.ones(xs[0].shape))] if v is None else listed(f"{who}: v", v)
    if [d.shape for d in found] != [x.shape for x in xs]:
        raise Refusal(f"{who}: needs v of shapes {[x.shape for x in xs]}, got {[d.shape for d in found]}")
    return found


def _outputs(ys: list[Tensor], single: bool, create_graph: bool) -> Any:
    """Return the values of func, cut off from the graph unless it is wanted."""
    outputs = tuple(ys) if create_graph else tuple(y.detach() for y in ys)
    return outputs[0] if single else outputs


def _products(
    who: str,
    ys: list[Tensor],
    xs: list[Tensor],
    seeds: list[Tensor] | None,
    strict: bool,
    create_graph: bool = False,
) -> list[Tensor]:
    """Return the derivatives of all ys, weighted by the seeds, by each x."""
    depend = [i for i, y in enumerate(ys) if y.requires_grad]
    chosen = None if seeds is None else [seeds[i] for i in depend]
    found: tuple[Tensor | None, ...] = (None,) * len(xs)
    if depend:
        found = grad([ys[i] for i in depend], xs, chosen, True, create_graph, allow_unused=True)
    if strict and (len(depend) < len(ys) or None in [g if g is None else 0 for g in found]):
        raise Refusal(f"{who}: an output does not depend on an input; strict=False gives 0 for it")
    return [zeros_like(x).detach() if g is None else g for x, g in zip(xs, found, strict=True)]


def _rows(y: Tensor, xs: list[Tensor], strict: bool, create_graph: bool) -> list[Tensor]:
    """Return the Jacobians of one output by all inputs, row by row."""
    size = math.prod(y.shape)
    rows = []
    for row in range(size):
        seed = np.zeros(size, y.dtype)
        seed[row] = 1
        seeds = [_core.from_numpy(seed.reshape(y.shape))]
        rows.append(_products("jacobian", [y], xs, seeds, strict, create_graph))
    if not size:
        return [_core.from_numpy(np.zeros((*y.shape, *x.shape), x.dtype)) for x in xs]
    return [_core.reshape(stack([r[k] for r in rows]), (*y.shape, *x.shape)) for k, x in enumerate(xs)]
