"""Functions that count and search. They compute the numbers at once, with numpy, and have no gradient."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.shapes import axis_of


class Histogram(NamedTuple):
    """How many numbers fall into each bin, and where the bins end."""

    hist: Tensor
    bin_edges: Tensor


def argwhere(input: Tensor) -> Tensor:
    """Return the places of what is not zero, int64 (count, axes), as nonzero."""
    return _core.from_numpy(np.argwhere(input.numpy()))


def _range(who: str, x: NDArray[Any], low: float, high: float, half: float) -> tuple[float, float]:
    """Return where bins begin and end: from the smallest to the largest number if both are equal.

    Of one number alone: `half` to both sides of it.
    """
    if low > high or not np.isfinite([low, high]).all():
        raise Refusal(f"{who}: needs finite min <= max, got {low} and {high}")
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
        if not np.isfinite([low, high]).all():
            raise Refusal(f"{who}: needs finite numbers, got a range from {low} to {high}")
    return (low - half, high + half) if low == high else (low, high)


def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """Return how many numbers lie in each of `bins` equal parts of the range from min to max.

    With min = max the range is that of the numbers. What lies outside is not counted.
    """
    if bins < 1:
        raise Refusal(f"histc: needs at least one bin, got {bins}")
    x = input.numpy().reshape(-1)
    counts, _ = np.histogram(x, bins, _range("histc", x, float(min), float(max), 1))
    return _core.from_numpy(counts.astype(str.__str__(input.dtype)))


def histogram(
    input: Tensor, bins: Any, *, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> Histogram:
    """Return how many numbers lie in each bin, and the edges of the bins: (hist, bin_edges).

    bins is their number, in `range` (low, high) or from the smallest number to the largest, or a tensor of
    edges. weight counts each number so much; density makes the area 1.
    """
    if input.dtype != REAL:
        raise TypeError(f"histogram: needs real numbers, got {input.dtype}")
    x = input.numpy().reshape(-1)
    weights = None if weight is None else weight.numpy().reshape(-1)
    if isinstance(bins, Tensor):
        counts, edges = np.histogram(x, bins.numpy(), weights=weights, density=density)
    else:
        low, high = (0.0, 0.0) if range is None else (float(range[0]), float(range[1]))
        ends = _range("histogram", x, low, high, 0.5) if x.size or low != high else (0.0, 1.0)
        edges = np.linspace(*ends, int(bins) + 1, dtype=x.dtype)
        counts, _ = np.histogram(x, edges, weights=weights, density=density)
    return Histogram(*(_core.from_numpy(np.asarray(part).astype(x.dtype)) for part in (counts, edges)))


def _which_side(who: str, right: bool, side: str | None) -> str:
    if side not in (None, "left", "right") or (side == "left" and right):
        raise Refusal(f"{who}: needs side 'left' or 'right' that agrees with right, got {side!r} and {right}")
    return "right" if right or side == "right" else "left"


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Return where each number would have to be put into a sorted sequence to keep it sorted.

    The sequence is a vector, or one for each line of input: (..., n) and (..., k). right=True puts it behind
    equal numbers. ValueError for out_int32: there is no int32.
    """
    if out_int32:
        raise Refusal("searchsorted: needs out_int32=False; integers are int64 here")
    where, values = (
        _which_side("searchsorted", right, side),
        np.asarray(input.numpy() if isinstance(input, Tensor) else input),
    )
    line = sorted_sequence.numpy()
    if sorter is not None:
        if sorter.shape != line.shape:
            raise Refusal(f"searchsorted: needs a sorter of shape {line.shape}, got {sorter.shape}")
        line = np.take_along_axis(line, sorter.numpy(), -1)
    if line.ndim == 1:
        return _core.from_numpy(np.asarray(np.searchsorted(line, values, where)))  # type: ignore[call-overload]
    if line.shape[:-1] != values.shape[:-1]:
        raise Refusal(f"searchsorted: needs a sequence for each line, got {line.shape} and {values.shape}")
    count = math.prod(line.shape[:-1])
    flat, wanted = line.reshape(count, line.shape[-1]), values.reshape(count, values.shape[-1])
    found = [np.searchsorted(a, v, where) for a, v in zip(flat, wanted, strict=True)]  # type: ignore[call-overload]
    return _core.from_numpy(np.array(found, np.int64).reshape(values.shape))


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Return in which bucket between sorted boundaries each number lies: how many boundaries are below it."""
    if boundaries.ndim != 1:
        raise Refusal(f"bucketize: needs a vector of boundaries, got {boundaries.shape}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Return which of the elements are among the test elements; with invert, which are not."""
    del assume_unique  # a hint about speed
    a, b = (t.numpy() if isinstance(t, Tensor) else np.asarray(t) for t in (elements, test_elements))
    return _core.from_numpy(np.asarray(np.isin(a, b, invert=invert)))


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """Return the numbers (or slices along an axis) without those that are equal to the one before.

    return_inverse adds where in the result each number is, return_counts how many were equal.
    """
    numbers = input.numpy()
    axis = 0 if dim is None else axis_of(dim, input.ndim, "unique_consecutive")
    lines = numbers.reshape(-1) if dim is None else np.moveaxis(numbers, axis, 0)
    flat = lines.reshape(len(lines), math.prod(lines.shape[1:]))
    starts = np.ones(len(lines), bool)
    starts[1:] = (flat[1:] != flat[:-1]).any(1)
    inverse = np.cumsum(starts) - 1
    found = lines[starts] if dim is None else np.moveaxis(lines[starts], 0, axis)
    counts = np.bincount(inverse, minlength=0) if len(inverse) else np.zeros(0, np.int64)
    inverse = inverse.reshape(numbers.shape) if dim is None else inverse
    results = [found, *[inverse] * return_inverse, *[counts] * return_counts]
    tensors = tuple(_core.from_numpy(np.asarray(result)) for result in results)
    return tensors if len(tensors) > 1 else tensors[0]
