"""Numbers around a tensor: zeros, a constant, its mirror image, its edge or its other side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.shapes import sizes_of


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Put numbers around a tensor: pad is (left, right), then (top, bottom), from the last axis to the first.

    mode "constant" puts `value`, 0 by default; "reflect" a mirror image without the edge itself, "replicate"
    the edge, "circular" the other side. A negative number cuts off. ValueError if it does not fit.
    """
    sizes = sizes_of((pad,), "pad", "numbers of places")
    if len(sizes) % 2 or len(sizes) > 2 * input.ndim:
        raise Refusal(f"pad: needs a pair for each of at most {input.ndim} axes, got {sizes}")
    pairs = [(sizes[i], sizes[i + 1]) for i in range(0, len(sizes), 2)]
    if mode == "constant":
        for i, (before, after) in enumerate(pairs):
            input = _with_constant(input, input.ndim - 1 - i, before, after, 0 if value is None else value)
        return input
    if mode not in (*_PLACES, "circular"):
        raise Refusal(f"pad: mode needs 'constant', 'reflect', 'replicate' or 'circular', got {mode!r}")
    if value:
        raise Refusal(f"pad: mode {mode!r} takes no value, got {value}")
    if not 1 <= len(pairs) <= 3 or input.ndim - len(pairs) not in (1, 2):
        raise Refusal(
            f"pad: {mode!r} pads the last 1 to 3 axes, after 1 or 2 more, got {len(pairs)} of {input.shape}"
        )
    for i, (before, after) in enumerate(pairs):
        axis = input.ndim - 1 - i
        if before or after:
            places = _places(mode, input.shape[axis], before, after)
            input = _core.index_select(input, axis, _core.from_numpy(places))
    return input


def _with_constant(x: Tensor, axis: int, before: int, after: int, value: float) -> Tensor:
    """Return x with a constant before and after it along one axis."""
    size = x.shape[axis]
    if size + before + after < 0:
        raise Refusal(f"pad: cannot cut {-before} and {-after} places off an axis of {size}")
    first, last = max(0, -before), size - max(0, -after)
    if (first, last) != (0, size):
        x = _core.slice(x, axis, min(first, size), max(last, 0))
    parts = [x]
    if before > 0:
        parts.insert(0, _constant(x, axis, before, value))
    if after > 0:
        parts.append(_constant(x, axis, after, value))
    return x if len(parts) == 1 else _core.cat(parts, axis)


def _constant(x: Tensor, axis: int, count: int, value: float) -> Tensor:
    """Return `count` places of one number, of x's sizes along the other axes and of its dtype."""
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
    return _core.from_numpy(np.full(shape, value, np.dtype(str.__str__(x.dtype))))


def _reflected(at: NDArray[Any], size: int) -> NDArray[Any]:
    return np.asarray(size - 1 - np.abs(size - 1 - np.abs(at)))


_PLACES: dict[str, Callable[[NDArray[Any], int], NDArray[Any]]] = {
    "reflect": _reflected,
    "replicate": lambda at, size: np.clip(at, 0, size - 1),
}


def _places(mode: str, size: int, before: int, after: int) -> NDArray[np.int64]:
    """Return which place of an axis each place of the padded axis repeats."""
    most = {"reflect": size - 1, "replicate": max(before, after), "circular": size}[mode]
    if size == 0 or max(before, after) > most or size + before + after < 1:
        raise Refusal(f"pad: {mode!r} needs at most {most} places beside {size}, got {before} and {after}")
    if mode == "circular":  # what is cut off is gone before the rest goes round
        first, last = max(0, -before), size - max(0, -after)
        return first + np.arange(-max(before, 0), last - first + max(after, 0)) % (last - first)
    return _PLACES[mode](np.arange(-before, size + after), size).astype(np.int64)
