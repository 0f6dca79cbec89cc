"""Tells how the lines of a page run, level, tilted or turned, and which rectangle each word fills.

A Page has an upright box for each character. A line's direction is that in which the boxes' middles lie apart
most (principal component analysis: Pearson, 1901); the rectangles follow from the boxes and that direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Floats
from hello_dl.reading.page import Line, Page

LONG = 6.0  # heights of its letters: a shorter line takes the page's direction; larger: more lines do
BENT = 0.5  # heights of its letters between a bent line and a straight one; larger: fewer lines count as bent
MANY = 12  # letters that a line needs for this; with fewer, high and low letters look like a bend
NEAR = 0.5  # cosine squared minus sine squared: 30 degrees from level; nearer to 45 a box tells no sides


@dataclass(frozen=True)
class Placed:
    """A word and its rectangle in the picture, level with the picture's sides.

    The rectangle begins at `start` (x, y), the lower left corner seen by the reader of the word, and goes
    `length` pixels along the unit vector `along` (x to the right, y down), and `height` pixels up from it.
    """

    text: str
    start: tuple[float, float]
    along: tuple[float, float]
    length: float
    height: float


def place_words(page: Page) -> list[list[Placed]]:
    """Return the words of each line of a page, with their rectangles.

    The words of a line have one height, for programs that copy text put words of one size into one line. On
    a tilted line each word is level, and a bit higher or lower than the one before: the same programs take
    tilted letters for words of their own (Poppler's pdftotext: if they rise by half a point).
    """
    return [_place(line, way) for line, way in zip(page.lines, directions(page), strict=True)]


def directions(page: Page) -> Floats:
    """Return the direction in which each line runs, as unit vectors (lines, 2), x to the right and y down."""
    whole = page_direction(page)
    ways = np.tile(whole, (len(page.lines), 1))
    for way, line in zip(ways, page.lines, strict=True):
        middles, sizes = _boxes(line)
        own = _spread(middles)
        length = np.hypot(*own)
        if length > LONG * np.median(sizes.min(axis=1)) and own @ whole > 0:
            way[:] = own / length
    return ways


def level_box(line: Line, way: Floats) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a line, measured along a unit vector (2,) and square to it."""
    middles, sizes = _boxes(line)
    place, depth = middles @ way, middles @ np.array([-way[1], way[0]])
    lengths, heights = _sides(sizes, way)
    return (
        float((place - lengths / 2).min()),
        float((depth - heights / 2).min()),
        float((place + lengths / 2).max()),
        float((depth + heights / 2).max()),
    )


def base_line(line: Line, way: Floats) -> Floats:
    """Return a point (2,) on the line on which most letters stand, below the first letter's middle."""
    middles, sizes = _boxes(line)
    down = np.array([-way[1], way[0]])
    depth = float(np.median(middles @ down + _sides(sizes, way)[1] / 2))
    return np.asarray(middles[0] @ way * way + depth * down, np.float64)


def angle(page: Page) -> float:
    """Return by how many degrees the lines of a page are turned clockwise, above -180 up to 180."""
    x, y = page_direction(page)
    return float(np.degrees(np.arctan2(y, x)))


def page_direction(page: Page) -> Floats:
    """Return the direction (2,) of most lines, the long ones first; to the right if there are none."""
    spread = np.array([_spread(_boxes(line)[0]) for line in page.lines]).reshape(-1, 2)
    length = np.hypot(*spread.T)
    if not length.any():
        return np.array([1.0, 0.0])
    angles = np.arctan2(spread[:, 1], spread[:, 0])
    longest = angles[length.argmax()]
    away = np.mod(angles - longest + np.pi, 2 * np.pi) - np.pi  # -180 and 180 degrees are near to each other
    order = np.argsort(away)
    half = np.searchsorted(np.cumsum(length[order]), length.sum() / 2)  # the median, weighted by length
    middle = longest + away[order[half]]
    return np.array([np.cos(middle), np.sin(middle)])


def _boxes(line: Line) -> tuple[Floats, Floats]:
    """Return the middles and the sizes (width, height) of the boxes of a line's characters, each (n, 2)."""
    boxes = np.array([c.box for word in line.words for c in word.characters], dtype=float)
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]


def _spread(points: Floats) -> Floats:
    """Return from the first to the last of points (n, 2), along the direction in which they spread most."""
    away = points - points.mean(axis=0)
    way = np.linalg.svd(away, full_matrices=False)[2][0]
    return np.asarray(way * ((points[-1] - points[0]) @ way), np.float64)


def _place(line: Line, way: Floats) -> list[Placed]:
    """Return the words of a line that runs along a unit vector (2,), with their rectangles."""
    down = np.array([-way[1], way[0]])
    middles, sizes = _boxes(line)
    heights = _sides(sizes, way)[1]
    course = _course(middles @ way, middles @ down, heights)
    depth = middles @ down - course
    top, bottom = (depth - heights / 2).min(), (depth + heights / 2).max()
    along = np.zeros(2)  # the nearest of the four ways along the picture's sides
    along[np.abs(way).argmax()] = np.sign(way[np.abs(way).argmax()])
    below = np.array([-along[1], along[0]])
    placed, first = [], 0
    for word in line.words:
        own = slice(first, first := first + len(word.characters))
        ends = np.concatenate([(middles + sizes / 2)[own] @ along, (middles - sizes / 2)[own] @ along])
        centre = (top + bottom) / 2 + course[own].mean()  # of the line, at this word
        middle = (middles[own] @ way).mean() * way + centre * down
        x, y = ends.min() * along + (middle @ below + (bottom - top) / 2) * below
        sides = float(along[0]), float(along[1])
        placed.append(
            Placed(word.text, (float(x), float(y)), sides, float(np.ptp(ends)), float(bottom - top))
        )
    return placed


def _course(place: Floats, depth: Floats, heights: Floats) -> Floats:
    """Return how far down a line is at each of its letters (n,): 0, or if it is BENT a cubic curve.

    `place` and `depth` (n,) say where the letters' middles are, along the line and square to it.
    """
    straight = np.zeros(len(place))
    if len(np.unique(place)) < MANY:
        return straight
    curve = np.polynomial.Polynomial.fit(place, depth, 3)(place)
    curve -= curve.mean()
    return curve if np.abs(curve).max() > BENT * np.median(heights) else straight


def _sides(sizes: Floats, way: Floats) -> tuple[Floats, Floats]:
    """Return lengths and heights of rectangles along a unit vector, whose upright boxes have `sizes` (n, 2).

    With c = |x| and s = |y| of the vector, a rectangle's box is length c + height s wide, and length s +
    height c high. Near 45 degrees this cannot be solved, and squares are taken.
    """
    c, s = np.abs(way)
    width, height = sizes.T
    square = (width + height) / (2 * (c + s))
    if abs(c * c - s * s) < NEAR:
        return square, square
    lengths = (width * c - height * s) / (c * c - s * s)
    heights = (height * c - width * s) / (c * c - s * s)
    return np.maximum(lengths, square / 4), np.maximum(heights, square / 4)
