"""Turns a page so that its lines of writing are level: the angles at which they run, and the homography."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hello_dl.reading.image.arrays import Mask
from hello_dl.reading.image.geometry import Matrix, project

MOST_DEGREES = 25  # by which lines of writing may be turned; steeper ones are not looked for
KEYSTONE = 5  # degrees, at most, by which the page's first and last line differ from the one in the middle
LEAST_GAIN = 1.08  # how many times clearer lines must become by turning, or the page stays as it is
KEYSTONE_GAIN = 1.1  # the same for angles that differ between top and bottom, compared with a single angle
FEWEST = 50  # pixels of ink; with fewer nothing is measured
SAMPLE = 12_000  # pixels of ink, at most, by which angles are compared
NARROWED = 0.2  # share, at most, by which lines draw together from the page's middle to its side by their fan
BINS = 400  # of the projection profile, along the page's longer side


def line_angles(ink: Mask) -> tuple[float, float]:
    """Return the slopes (dy / dx) of lines of writing, or of ruled lines, at the page's top and bottom.

    `ink` (H, W) is a mask. Seen along the lines, ink gathers in few rows and leaves the gaps between the
    lines empty: so the squares of its projection profile add up to most. The slopes differ where the camera
    did not point straight down. Both are 0 where no direction is clearly the best.
    """
    y, x = np.nonzero(ink)
    if len(y) < FEWEST:
        return 0.0, 0.0
    some = np.random.default_rng(0).permutation(len(y))[:SAMPLE]
    height, width = ink.shape
    x, y = x[some] - width / 2, y[some] - height / 2
    bin_ = max(height, width) / BINS

    def clear(top: float, bottom: float) -> float:
        """Return how clear the lines are, if they have these slopes: the sum of the profile's squares."""
        # A line through (0, y0) has the slope between top's and bottom's that y0's place asks for.
        turn = (top + bottom) / 2
        fan = (bottom - top) / height
        rows = (y - turn * x) / (1 + fan * x)
        bins = ((rows / np.hypot(1, turn) + 2 * max(height, width)) / bin_).astype(np.int64)
        return float((np.bincount(bins).astype(np.float64) ** 2).sum())

    # A low, wide picture would be folded over itself: its lines cannot fan out by much.
    turn, fan = _clearest(clear, NARROWED * height / width)
    if clear(turn - fan, turn + fan) < LEAST_GAIN * clear(0, 0):
        return 0.0, 0.0
    return float(turn - fan), float(turn + fan)


def _clearest(clear: Callable[[float, float], float], most_fan: float) -> tuple[float, float]:
    """Return the slope of the line in the middle, and by how much that at the bottom is greater.

    The latter is at most `most_fan`. Found on three grids: slopes a degree apart, then both numbers together,
    then slopes a tenth apart.
    """
    degree = np.tan(np.radians(1))
    slopes = np.tan(np.radians(np.arange(-MOST_DEGREES, MOST_DEGREES + 0.5)))
    best = max(slopes, key=lambda slope: clear(slope, slope))
    turns = best + np.arange(-1.5, 1.6, 0.25) * degree
    fans = np.arange(-KEYSTONE, KEYSTONE + 1) * degree
    fans = fans[np.abs(fans) <= most_fan]
    turn, fan = max(((t, f) for t in turns for f in fans), key=lambda p: clear(p[0] - p[1], p[0] + p[1]))
    if clear(turn - fan, turn + fan) < KEYSTONE_GAIN * clear(turn, turn):
        fan = 0.0
    finer = turn + np.arange(-0.4, 0.45, 0.1) * degree
    return max(finer, key=lambda t: clear(t - fan, t + fan)), fan


def along_lines(size: tuple[int, int], slopes: tuple[float, float]) -> tuple[Matrix, tuple[int, int]]:
    """Return the homography (3, 3) from an upright page to a picture whose lines have these slopes.

    `size` is the picture's (width, height), `slopes` are those at its top and bottom, as of `line_angles`.
    Returns the page's (width, height) as well, large enough for all of the picture.
    """
    width, height = size
    top, bottom = slopes
    turn, fan = (top + bottom) / 2, (bottom - top) / height
    # In the picture, relative to its middle, (x, y) lies on the line with y0 = (y - turn x) / (1 + fan x):
    # the third row of the way from picture to page is (fan, 0, 1), the rest a rotation.
    upright = np.array([[1, turn, 0], [-turn, 1, 0], [0, 0, 1]]) / np.hypot(1, turn)
    upright[2] = [fan, 0, 1]
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]])
    to_page = upright @ middle
    corners = project(to_page, np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float))
    low, high = corners.min(axis=0), corners.max(axis=0)
    to_page = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]]) @ to_page
    out = np.ceil(high - low).astype(int)
    return np.linalg.inv(to_page), (int(out[0]), int(out[1]))
