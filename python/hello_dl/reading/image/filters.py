"""The image filters that reading needs: change of size, means, and morphology on bytes and masks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Bytes, Grey, Mask

Pixels = TypeVar("Pixels", Grey, Bytes)

STRIP = 65_536  # pixels of a picture that are worked on at a time, so that they stay in the cache


def shrink(grey: Grey, longest: int) -> Grey:
    """Return a picture (H, W) with blocks of k x k pixels averaged, so that no side is above `longest`."""
    k = -(-max(grey.shape) // longest)
    if k <= 1:
        return grey
    return np.asarray(Image.fromarray(grey).reduce(k), dtype=np.float32)


def enlarge(grey: Grey, shape: tuple[int, ...]) -> Grey:
    """Return a small picture stretched to `shape` (H, W), bilinear between its pixels."""
    height, width = shape
    if grey.shape == (height, width):
        return grey
    image = Image.fromarray(np.ascontiguousarray(grey, dtype=np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)


def enlarge_rows(grey: Grey, shape: tuple[int, ...], rows: slice) -> Grey:
    """Return some rows of what `enlarge` returns for a small picture and `shape` (H, W)."""
    height, width = shape
    scale = grey.shape[0] / height
    image = Image.fromarray(np.ascontiguousarray(grey, dtype=np.float32)).resize(
        (width, rows.stop - rows.start),
        Image.Resampling.BILINEAR,
        box=(0, rows.start * scale, grey.shape[1], rows.stop * scale),
    )
    return np.asarray(image, dtype=np.float32)


def largest(values: Pixels, radius: int) -> Pixels:
    """Return the largest value in the square of 2 * radius + 1 pixels around each pixel (dilation)."""
    return _square(np.pad(values, radius, mode="edge"), radius, np.maximum)


def smallest(values: Pixels, radius: int) -> Pixels:
    """Return the smallest value in the square of 2 * radius + 1 pixels around each pixel (erosion)."""
    return _square(np.pad(values, radius, mode="edge"), radius, np.minimum)


def closing(values: Pixels, radius: int) -> Pixels:
    """Return a picture with dark parts narrower than 2 * radius + 1 pixels filled (morphological closing)."""
    padded = np.pad(values, 2 * radius, mode="edge")
    return _square(_square(padded, radius, np.maximum), radius, np.minimum)


def _square(values: Pixels, radius: int, extreme: np.ufunc) -> Pixels:
    """Return the extreme in a square around each pixel that has all of its square in the picture."""
    run = _doublings(2 * radius + 1)
    return _along(_along(values, [(n, 0) for n in run], extreme), [(0, n) for n in run], extreme)


def _doublings(run: int) -> list[int]:
    """Return the steps by which a window of one pixel grows to `run` pixels: 1, 2, 4 ... and the rest."""
    steps, done = [], 1
    while done < run:
        steps.append(min(done, run - done))
        done += steps[-1]
    return steps


def _along(values: Pixels, steps: list[tuple[int, int]], extreme: np.ufunc) -> Pixels:
    """Return the extreme over windows that grow by `steps` (y, x), where they lie in the picture.

    The extreme of 2 n neighbours is that of two extremes of n: so a window grows by doubling.
    """
    for y, x in steps:
        values = extreme(_cut(values, -y, -x), _cut(values, y, x))
    return values


def _cut(values: Pixels, y: int, x: int) -> Pixels:
    """Leave out the first y rows (the last, if y is negative), and the first x columns likewise."""
    return values[max(0, y) : len(values) + min(0, y), max(0, x) : values.shape[1] + min(0, x)]


def blur(grey: Grey, radius: int) -> Grey:
    """Return the mean of the square of 2 * radius + 1 pixels around each pixel (H, W), by running sums."""
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
    """Smooth a picture (H, W) with the weights 1/4 1/2 1/4 along both axes, against a camera's noise."""
    out = np.empty_like(grey)
    for rows in strips(grey):
        out[rows] = soft_rows(grey, rows)
    return out


def soft_rows(grey: Grey, rows: slice) -> Grey:
    """Return some rows of what `soften` returns for a picture."""
    above, below = int(rows.start > 0), int(rows.stop < len(grey))
    part = grey[rows.start - above : rows.stop + below]
    part = np.pad(part, [(1 - above, 1 - below), (1, 1)], mode="edge")
    part = 0.5 * part[1:-1] + 0.25 * (part[:-2] + part[2:])
    soft: Grey = 0.5 * part[:, 1:-1] + 0.25 * (part[:, :-2] + part[:, 2:])
    return soft


def strips(picture: Grey | Mask) -> Iterator[slice]:
    """Yield the rows of a picture, STRIP pixels at a time: on a photo this is three times as fast."""
    few = max(8, STRIP // picture.shape[1])
    for top in range(0, len(picture), few):
        yield slice(top, min(top + few, len(picture)))


def spread(mask: Mask, radius: int) -> Mask:
    """Grow a mask (H, W) by `radius` pixels; a negative one shrinks it, but not from the picture's edge."""
    if radius == 0:
        return mask
    if radius < 0:
        return ~spread(~mask, -radius)
    for axis in (0, 1):
        grown = mask.copy()
        to, from_ = np.moveaxis(grown, axis, 0), np.moveaxis(mask, axis, 0)
        for step in range(1, radius + 1):
            to[step:] |= from_[:-step]
            to[:-step] |= from_[step:]
        mask = grown
    return mask
