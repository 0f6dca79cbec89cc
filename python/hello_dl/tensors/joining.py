"""Functions that put tensors side by side, and make grids and choices of the numbers of vectors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.rearranging import tensors_of
from hello_dl.tensors.shapes import stack


def _at_least(axes: int, tensors: tuple[Any, ...]) -> Any:
    """Return tensors with at least so many axes, PyTorch's way: one tensor, or a tuple."""
    several = len(tensors) != 1 or not isinstance(tensors[0], Tensor)
    found = []
    for t in tensors_of(tensors):
        for ndim in range(t.ndim, axes):
            t = t.unsqueeze(-1 if ndim == 2 else 0)
        found.append(t)
    return tuple(found) if several else found[0]


def atleast_1d(*tensors: Any) -> Any:
    """Return each tensor with at least one axis."""
    return _at_least(1, tensors)


def atleast_2d(*tensors: Any) -> Any:
    """Return each tensor with at least two axes: (n,) gives (1, n)."""
    return _at_least(2, tensors)


def atleast_3d(*tensors: Any) -> Any:
    """Return each tensor with at least three axes: (n,) gives (1, n, 1), (m, n) gives (m, n, 1)."""
    return _at_least(3, tensors)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join tensors along axis 1, vectors along axis 0."""
    parts = [_at_least(1, (t,)) for t in tensors]
    return _core.cat(parts, 0 if parts and parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join tensors along axis 0, vectors as rows."""
    return _core.cat([_at_least(2, (t,)) for t in tensors], 0)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join tensors along axis 2, vectors and matrices as layers."""
    return _core.cat([_at_least(3, (t,)) for t in tensors], 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Join tensors along axis 1, vectors as columns."""
    return _core.cat([t if t.ndim > 1 else _core.reshape(t, (t.numel(), 1)) for t in tensors], 1)


def block_diag(*tensors: Tensor) -> Tensor:
    """Return a matrix with these matrices along its diagonal, and zeros elsewhere."""
    blocks = [_at_least(2, (t,)) for t in tensors]
    width, rows, left = sum(b.shape[1] for b in blocks), [], 0
    for b in blocks:
        m, n = b.shape
        kind = np.dtype(str.__str__(b.dtype))
        parts = [_core.from_numpy(np.zeros((m, k), kind)) for k in (left, width - left - n)]
        rows.append(_core.cat([parts[0], b, parts[1]], 1))
        left += n
    return _core.cat(rows, 0)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Return the coordinates of a grid: vectors (m,) and (n,) give two matrices (m, n); (n, m) for "xy"."""
    lines = [_core.reshape(t, (t.numel(),)) for t in tensors_of(tensors)]
    if indexing not in ("ij", "xy"):
        raise Refusal(f"meshgrid: indexing needs 'ij' or 'xy', got {indexing!r}")
    sizes = [line.shape[0] for line in lines]
    grids = []
    for i, line in enumerate(lines):
        shape = [sizes[i] if i == j else 1 for j in range(len(lines))]
        grid = _core.reshape(line, shape).expand(sizes)
        grids.append(grid.transpose(0, 1) if indexing == "xy" and len(lines) > 1 else grid)
    return tuple(grids)


def cartesian_prod(*tensors: Any) -> Tensor:
    """Return all pairs (triples, ...) of numbers of vectors, one a row."""
    lines = tensors_of(tensors)
    if len(lines) == 1:
        return lines[0]
    return stack([_core.reshape(g, (g.numel(),)) for g in meshgrid(*lines)], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """Return all choices of r numbers of a vector, one a row, in the order of itertools.combinations."""
    if input.ndim != 1 or r < 0:
        raise Refusal(f"combinations: needs a vector and an r of 0 or more, got {input.shape} and {r}")
    if r == 0:
        return _core.from_numpy(np.zeros((0,), np.dtype(str.__str__(input.dtype))))
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    places = np.array(list(choose(range(input.shape[0]), r)), np.int64).reshape(-1, r)
    return _core.index_select(input, 0, _core.from_numpy(places))
