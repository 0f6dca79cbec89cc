"""Running products, extremes and integrals along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal, ValuesAndIndices
from hello_dl.tensors.dtypes import check_dtype
from hello_dl.tensors.pointwise import logaddexp
from hello_dl.tensors.shapes import axis_of


def _scan(x: Tensor, axis: int, join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Return the running result of an operation: after step k each number has joined 2^k numbers before it.

    No number is divided by another, so zeros do no harm (Hillis and Steele, 1986).
    """
    length, step = x.shape[axis], 1
    while step < length:
        first, rest = _core.slice(x, axis, 0, step), _core.slice(x, axis, step, length)
        x = _core.cat([first, join(rest, _core.slice(x, axis, 0, length - step))], axis)
        step *= 2
    return x


def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """Return running products along an axis."""
    x = input if dtype is None else input.to(check_dtype(dtype, "cumprod"))
    x = x.long() if x.dtype == "bool" else x
    axis = axis_of(dim, x.ndim, "cumprod")
    return _scan(x, axis, _core.mul) if x.ndim else x.clone()


def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """Return the logarithms of the running sums of e^x along an axis, computed without overflow."""
    axis = axis_of(dim, input.ndim, "logcumsumexp")
    return _scan(input, axis, logaddexp) if input.ndim else input.clone()


def cummax(input: Tensor, dim: int) -> ValuesAndIndices[Tensor]:
    """Return the largest number so far along an axis, and its place: (values, indices)."""
    return _extreme_so_far("cummax", input, dim, np.maximum)


def cummin(input: Tensor, dim: int) -> ValuesAndIndices[Tensor]:
    """Return the smallest number so far along an axis, and its place: (values, indices)."""
    return _extreme_so_far("cummin", input, dim, np.minimum)


def _extreme_so_far(who: str, x: Tensor, dim: int, better: Any) -> ValuesAndIndices[Tensor]:
    """Return running extremes; of equal numbers the place of the last, as in PyTorch."""
    axis = axis_of(dim, x.ndim, who)
    if x.ndim == 0:
        return ValuesAndIndices(x.clone(), _core.from_numpy(np.zeros((), np.int64)))
    numbers = x.numpy()
    best = better.accumulate(numbers, axis=axis)
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    is_best = (numbers == best) | (np.isnan(numbers) if numbers.dtype.kind == "f" else False)
    at = np.where(is_best, np.arange(x.shape[axis]).reshape(shape), 0)
    indices = _core.from_numpy(np.maximum.accumulate(at, axis=axis))
    return ValuesAndIndices(_core.gather(x, axis, indices), indices)


def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """Return the integral along an axis by the trapezoidal rule; x are the places, or dx their distance."""
    axis = axis_of(dim, y.ndim, "trapezoid")
    return _core.sum(_areas("trapezoid", y, x, dx, axis), axis)


def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """Return the running integral along an axis by the trapezoidal rule."""
    axis = axis_of(dim, y.ndim, "cumulative_trapezoid")
    return _core.cumsum(_areas("cumulative_trapezoid", y, x, dx, axis), axis)


def _areas(who: str, y: Tensor, x: Tensor | None, dx: float, axis: int) -> Tensor:
    """Return the areas between neighbours along an axis."""
    if y.ndim == 0:
        raise Refusal(f"{who}: needs at least one axis, got a number alone")
    length = y.shape[axis]
    if length == 0:
        return y
    sums = _core.add(_core.slice(y, axis, 1, length), _core.slice(y, axis, 0, length - 1))
    if x is None:
        return _core.mul(sums, dx / 2)
    if x.ndim == 1:
        x = _core.reshape(x, [length if d == axis else 1 for d in range(y.ndim)])
    along = x.ndim - (y.ndim - axis)
    widths = _core.sub(_core.slice(x, along, 1, x.shape[along]), _core.slice(x, along, 0, x.shape[along] - 1))
    return _core.mul(_core.mul(sums, widths), 0.5)
