"""The few image filters that reading needs: shrink, enlarge, blur, largest and smallest neighbour."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]


def shrink(grey: Grey, longest: int) -> Grey:
    """Averages k x k blocks to one pixel, k as small as makes the longer side <= `longest`."""
    k = -(-max(grey.shape) // longest)
    if k <= 1:
        return grey
    return np.asarray(Image.fromarray(grey).reduce(k), dtype=np.float32)


def enlarge(grey: Grey, shape: tuple[int, ...]) -> Grey:
    """Stretches a small picture to `shape` (H, W), with straight lines between its pixels."""
    height, width = shape
    if grey.shape == (height, width):
        return grey
    image = Image.fromarray(np.ascontiguousarray(grey, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)


def largest(grey: Grey, radius: int) -> Grey:
    """The largest value within a square of 2 * radius + 1 pixels around each pixel."""
    if radius < 1:
        return grey
    window = 2 * radius + 1
    for axis in (0, 1):
        width = [(0, 0), (0, 0)]
        width[axis] = (radius, radius)
        grey = sliding_window_view(np.pad(grey, width, mode="edge"), window, axis=axis).max(axis=-1)
    return grey


def smallest(grey: Grey, radius: int) -> Grey:
    """The smallest value within a square of 2 * radius + 1 pixels around each pixel."""
    return -largest(-grey, radius)


def blur(grey: Grey, radius: int) -> Grey:
    """The mean of a square of 2 * radius + 1 pixels around each pixel, by running sums."""
    if radius < 1:
        return grey
    window = 2 * radius + 1
    for axis in (0, 1):
        width = [(0, 0), (0, 0)]
        width[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(grey, width, mode="edge"), axis=axis, dtype=np.float64)
        ahead = [slice(None), slice(None)]
        behind = [slice(None), slice(None)]
        ahead[axis], behind[axis] = slice(window, None), slice(None, -window)
        grey = ((sums[tuple(ahead)] - sums[tuple(behind)]) / window).astype(np.float32)
    return grey


def soften(grey: Grey) -> Grey:
    """Smooths by the weights 1/4 1/2 1/4 along both axes: takes the edge off a camera's noise."""
    padded = np.pad(grey, 1, mode="edge")
    out = np.empty_like(grey)
    strip = 32  # rows at a time, so that they stay in the cache: three times as fast on a large photo
    for top in range(0, len(grey), strip):
        part = padded[top : top + strip + 2]
        rows = 0.5 * part[1:-1] + 0.25 * (part[:-2] + part[2:])
        out[top : top + strip] = 0.5 * rows[:, 1:-1] + 0.25 * (rows[:, :-2] + rows[:, 2:])
    return out


def spread(mask: Mask, radius: int) -> Mask:
    """Grows a mask by `radius` pixels; a negative radius shrinks it, but not from the picture's edge."""
    if radius == 0:
        return mask
    if radius < 0:
        return ~spread(~mask, -radius)
    steps = range(-radius, radius + 1)
    for axis in (0, 1):
        width = [(0, 0), (0, 0)]
        width[axis] = (radius, radius)
        padded = np.pad(mask, width)
        size = mask.shape[axis]
        mask = np.logical_or.reduce([padded.take(range(radius + s, radius + s + size), axis) for s in steps])
    return mask
