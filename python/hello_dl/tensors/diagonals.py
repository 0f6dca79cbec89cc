"""Diagonals: taken out of matrices, put into them, added up; and parts put into a copy of a tensor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import make
from hello_dl.tensors.shapes import axis_of, length_along


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return the diagonal of each matrix along two axes, as the last axis; offset 1 is the one above it.

    A view where the matrix lies in memory row by row, as x.diagonal().fill_(1) needs it; else a copy.
    """
    a, b = axis_of(dim1, input.ndim, "diagonal"), axis_of(dim2, input.ndim, "diagonal")
    if a == b or input.ndim < 2:
        raise Refusal(f"diagonal: needs two different axes, got {dim1} and {dim2} of {input.shape}")
    if a > b:
        a, b, offset = b, a, -offset
    order = [d for d in range(input.ndim) if d not in (a, b)]
    x = input if (a, b) == (input.ndim - 2, input.ndim - 1) else input.permute(*order, a, b)
    m, n = x.shape[-2:]
    count = max(0, min(m, n - offset) if offset >= 0 else min(m + offset, n))
    if count == 0:
        return (
            _core.reshape(_core.slice(x, x.ndim - 1, 0, 0), (*x.shape[:-2], 0))
            if 0 not in x.shape[:-2] and m
            else (_core.from_numpy(np.zeros((*x.shape[:-2], 0), np.float32)).to(x.dtype))
        )
    first = offset if offset >= 0 else -offset * n
    flat = x.flatten(-2) if math.prod(x.shape) else _core.reshape(x, (*x.shape[:-2], m * n))
    return flat[..., first : first + (count - 1) * (n + 1) + 1 : n + 1]


_diagonal_of = diagonal


def trace(input: Tensor) -> Tensor:
    """Return the sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise Refusal(f"trace: needs a matrix, got {input.shape}")
    return _core.sum(diagonal(input))


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return a matrix with this vector on its diagonal, or the diagonal of a matrix."""
    if input.ndim == 1:
        return diag_embed(input, diagonal)
    if input.ndim != 2:
        raise Refusal(f"diag: needs a vector or a matrix, got {input.shape}")
    return _diagonal_of(input, diagonal).clone()


def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """Return a matrix with all numbers of a tensor on its diagonal."""
    return diag_embed(_core.reshape(input, (input.numel(),)), offset)


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Return matrices whose diagonals are the last axis: (..., n) gives (..., n, n), zeros elsewhere."""
    n, offset = length_along(input, -1, "diag_embed")[1], int(offset)
    a, b = axis_of(dim1, input.ndim + 1, "diag_embed"), axis_of(dim2, input.ndim + 1, "diag_embed")
    if a == b:
        raise Refusal(f"diag_embed: needs two different axes, got {dim1} and {dim2}")
    size = n + abs(offset)
    rows = np.arange(n) + max(0, -offset)
    places, chosen = np.zeros((size, size), np.int64), np.zeros((size, size), bool)
    places[rows, rows + offset], chosen[rows, rows + offset] = np.arange(n), True
    if n:
        spread = _core.index_select(input, input.ndim - 1, _core.from_numpy(places))
        y = _core.where(_core.from_numpy(chosen), spread, _zero(input))
    else:
        y = _core.from_numpy(np.zeros((*input.shape[:-1], size, size), np.dtype(str.__str__(input.dtype))))
    if (a, b) == (y.ndim - 2, y.ndim - 1):
        return y
    others = iter(range(y.ndim - 2))
    return _core.permute(
        y, [y.ndim - 2 if d == a else y.ndim - 1 if d == b else next(others) for d in range(y.ndim)]
    )


def _zero(like: Tensor) -> Tensor:
    """Return 0 in the dtype of another tensor."""
    return _core.from_numpy(np.zeros((), np.dtype(str.__str__(like.dtype))))


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Return the rows and columns (2, count) of the lower triangle of a matrix (row, col)."""
    return _indices("tril_indices", np.tri(*_sizes("tril_indices", row, col), offset), dtype, device)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Return the rows and columns (2, count) of the upper triangle of a matrix (row, col)."""
    return _indices("triu_indices", 1 - np.tri(*_sizes("triu_indices", row, col), offset - 1), dtype, device)


def _sizes(who: str, row: int, col: int) -> tuple[int, int]:
    if row < 0 or col < 0:
        raise Refusal(f"{who}: needs sizes of 0 or more, got {row} and {col}")
    return row, col


def _indices(who: str, triangle: Any, dtype: Any, device: Any) -> Tensor:
    return make(np.stack(np.nonzero(triangle)), "int64" if dtype is None else dtype, False, who, device)


def fill_diagonal_(self: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """Overwrite the diagonal with a number; with wrap, a tall matrix has the next one below an empty row."""
    if self.ndim < 2 or (self.ndim > 2 and len({*self.shape}) > 1):
        raise Refusal(f"fill_diagonal_: needs a matrix, or axes of one length, got {self.shape}")
    step = sum(math.prod(self.shape[axis + 1 :]) for axis in range(self.ndim))
    count = self.numel() if wrap and self.ndim == 2 else min(self.shape) * step
    chosen = np.zeros(self.numel(), bool)
    chosen[: min(count, self.numel()) : step] = True
    return self.masked_fill_(_core.from_numpy(chosen.reshape(self.shape)), fill_value)


# ---- parts put into a copy --------------------------------------------------------------------------------


def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return a copy of input with src on its diagonal."""
    y = input.clone()
    part = diagonal(_core.from_numpy(np.arange(input.numel()).reshape(input.shape)), offset, dim1, dim2)
    return _with(y, part, src, "diagonal_scatter")


def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """Return a copy of input with src at one place along an axis."""
    places = _core.from_numpy(np.arange(input.numel()).reshape(input.shape))
    return _with(input.clone(), places.select(dim, index), src, "select_scatter")


def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """Return a copy of input with src at the places start:end:step along an axis."""
    axis, _ = length_along(input, dim, "slice_scatter")
    places = np.arange(input.numel()).reshape(input.shape)[(slice(None),) * axis + (slice(start, end, step),)]
    return _with(input.clone(), _core.from_numpy(places), src, "slice_scatter")


def _with(x: Tensor, places: Tensor, src: Tensor, who: str) -> Tensor:
    """Return x with src at these places, counted in the flattened x."""
    if places.shape != src.shape:
        raise Refusal(f"{who}: needs src of shape {places.shape}, got {src.shape}")
    source = np.full(x.numel(), -1)
    source[places.numpy().reshape(-1)] = np.arange(src.numel())
    if not src.numel():
        return x
    new = _core.index_select(_core.reshape(src, (src.numel(),)), 0, _core.from_numpy(np.maximum(source, 0)))
    y = _core.where(_core.from_numpy(source >= 0), new.to(x.dtype), _core.reshape(x, (x.numel(),)))
    return _core.reshape(y, x.shape)
