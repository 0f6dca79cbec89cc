"""Pooling to a given size, whatever the size of the input; and products along one axis, `along`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.images import largest_of_windows
from hello_dl.functional.pooling import of_lines
from hello_dl.tensors.dtypes import REAL

Wanted = int | Sequence[int | None] | None


def adaptive_avg_pool1d(input: Tensor, output_size: Wanted) -> Tensor:
    """Return the mean of each of output_size windows that share a line: (n, c, t) gives (n, c, size)."""
    return _adaptive_mean("adaptive_avg_pool1d", input, output_size, 1)


def adaptive_avg_pool2d(input: Tensor, output_size: Wanted) -> Tensor:
    """Return the means of windows that share an image: (n, c, h, w) gives (n, c, *output_size).

    Window i of o along an axis of k pixels reaches from floor(i k / o) to ceil((i + 1) k / o). None keeps an
    axis as it is.
    """
    return _adaptive_mean("adaptive_avg_pool2d", input, output_size, 2)


def adaptive_avg_pool3d(input: Tensor, output_size: Wanted) -> Tensor:
    """Return the means of windows that share a volume: (n, c, d, h, w) gives (n, c, *output_size)."""
    return _adaptive_mean("adaptive_avg_pool3d", input, output_size, 3)


def adaptive_max_pool1d(input: Tensor, output_size: Wanted, return_indices: bool = False) -> Any:
    """Return the largest number of each of output_size windows that share a line, as adaptive_avg_pool1d."""
    return of_lines(
        "adaptive_max_pool1d",
        lambda x: adaptive_max_pool2d(
            x, (1, _wanted("adaptive_max_pool1d", output_size, 1)[0]), return_indices
        ),
        input,
    )


def adaptive_max_pool2d(input: Tensor, output_size: Wanted, return_indices: bool = False) -> Any:
    """Return the largest number of each of the windows that adaptive_avg_pool2d has.

    With return_indices also its place y * w + x.
    """
    single = input.ndim == 3
    x = _core.reshape(input, (1, *input.shape)) if single else input
    if x.ndim != 4:
        raise Refusal(f"adaptive_max_pool2d: needs images (n, c, h, w) or (c, h, w), got {input.shape}")
    wanted = _wanted("adaptive_max_pool2d", output_size, 2)
    rows, columns = (_windows(x.shape[2 + i], wanted[i]) for i in (0, 1))
    values, places = largest_of_windows(x, rows, columns, return_indices)
    y = _core.reshape(values, values.shape[1:]) if single else values
    return (y, _core.from_numpy(places[0] if single else places)) if return_indices else y


def adaptive_max_pool3d(input: Tensor, output_size: Wanted, return_indices: bool = False) -> Any:
    """Return the largest number of each of the windows that adaptive_avg_pool3d has.

    The largest of the largest of each layer: first along h and w, then along d. With return_indices also its
    place, (z * h + y) * w + x.
    """
    single = input.ndim == 4
    x = _core.reshape(input, (1, *input.shape)) if single else input
    if x.ndim != 5:
        raise Refusal(
            f"adaptive_max_pool3d: needs volumes (n, c, d, h, w) or (c, d, h, w), got {input.shape}"
        )
    n, c, d, h, w = x.shape
    wanted = _wanted("adaptive_max_pool3d", output_size, 3)
    layers, rows, columns = (_windows(x.shape[2 + i], wanted[i]) for i in (0, 1, 2))
    size = len(rows) * len(columns)
    flat, places = largest_of_windows(_core.reshape(x, (n, c * d, h, w)), rows, columns, return_indices)
    deep = _core.reshape(flat, (n, c, d, size))
    values, deepest = largest_of_windows(deep, layers, np.arange(size)[:, None], return_indices)
    shape = (*((c,) if single else (n, c)), len(layers), len(rows), len(columns))
    y = _core.reshape(values, shape)
    if not return_indices:
        return y
    layer = deepest // size  # (n, c, od, oh * ow)
    inside = np.take_along_axis(places.reshape(n, c, d, size), layer, 2)
    return y, _core.from_numpy((layer * h * w + inside).reshape(shape))


def _wanted(who: str, output_size: Wanted, axes: int) -> tuple[int | None, ...]:
    """Return the size of each axis that is asked for, None for one that stays."""
    given = tuple(output_size) if isinstance(output_size, tuple | list) else (output_size,)
    sizes = given * axes if len(given) == 1 else given
    if len(sizes) != axes or any(
        s is not None and (not isinstance(s, int | np.integer) or s < 0) for s in sizes
    ):
        raise Refusal(f"{who}: needs {axes} sizes of at least 0, or None, as output_size, got {output_size}")
    return tuple(None if s is None else int(s) for s in sizes)


def _windows(size: int, wanted: int | None) -> NDArray[np.int64]:
    """Return which pixels each window along an axis has, (windows, pixels); short ones repeat their first."""
    count = size if wanted is None else wanted
    first = np.arange(count) * size // max(count, 1)
    length = -(-(np.arange(count) + 1) * size // max(count, 1)) - first
    at = np.arange(int(length.max(initial=1)))
    return np.asarray(first[:, None] + np.where(at < length[:, None], at, 0))


def _adaptive_mean(who: str, x: Tensor, output_size: Wanted, axes: int) -> Tensor:
    """Return the mean of each window, by a product with a matrix of means along each axis."""
    wanted = _wanted(who, output_size, axes)
    if x.ndim not in (axes + 1, axes + 2):
        raise Refusal(f"{who}: needs {axes + 2} axes, or {axes + 1} for one sample, got {x.shape}")
    if x.dtype != REAL:
        raise TypeError(f"{who}: needs real numbers, got {x.dtype}; use .float() first")
    for i, count in enumerate(wanted):
        axis = x.ndim - axes + i
        size = x.shape[axis]
        if count is None or count == size:
            continue
        if count == 1:
            x = _core.mean(x, axis, True)
            continue
        first = np.arange(count) * size // max(count, 1)
        last = -(-(np.arange(count) + 1) * size // max(count, 1))
        at = np.arange(size)
        inside = (at >= first[:, None]) & (at < last[:, None])
        x = along(x, axis, inside / np.maximum(last - first, 1)[:, None])
    return x


def along(x: Tensor, axis: int, matrix: NDArray[Any]) -> Tensor:
    """Return the matrix (m, k) times each line of k numbers along an axis, which then has m numbers."""
    factor = _core.from_numpy(matrix.astype(np.dtype(str.__str__(REAL))))
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    rows = (before[0], math.prod(before[1:])) if before else ()  # a product has at most four axes
    if not after:
        y = _core.matmul(_core.reshape(x, (*rows, x.shape[axis])), _core.permute(factor, (1, 0)))
    else:
        y = _core.matmul(factor, _core.reshape(x, (*rows, x.shape[axis], math.prod(after))))
    return _core.reshape(y, (*before, len(matrix), *after))
