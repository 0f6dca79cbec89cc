"""Turns each way of writing a character, from the stroke tables, into matrices that draw its curve."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.builtin.strokes_capitals import CAPITALS
from hello_dl.data.builtin.strokes_digits import DIGITS
from hello_dl.data.builtin.strokes_small import SMALL

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order of byclass62
X_HEIGHT = 5.0  # height of a small x, in the tables' units, above the baseline 0
TOP = 10.0  # height of a capital, in the same units
MOST_STROKES, MOST_POINTS = 5, 24  # limits for one glyph
STEP = 1.1  # about the length of the straight pieces that a curve is drawn with, in units; less is smoother
SHORTEST = 1e-3  # least distance of two points, in units, so that nothing is divided by 0


@dataclass(frozen=True)
class Glyph:
    """One way to write one character: K control points, and matrices that make S points of its curve.

    The curve is linear in the control points, `curve = smooth @ points`, so one matrix product makes a batch
    of curves from a batch of differently moved control points. `cornered` keeps the corners that the table
    marks with `!`, `smooth` rounds them off; a mixture of the two matrices rounds them a little.
    """

    char: str
    points: Floats  # (K, 2), x to the right, y upwards, baseline 0, top of a capital 10
    cornered: Floats  # (S, K)
    smooth: Floats  # (S, K)
    shortcut: Floats  # (K, K): from each point to the middle of its two neighbours; 0 at a stroke's ends
    middle: Floats  # (K, K): for each point, the mean of its stroke's points
    way: Floats  # (S,): length of the path up to each point of the curve, through all strokes, in units
    stroke_of_point: Ints  # (K,): 0 for the points of the first stroke, 1 for the second, ...
    stroke_ends: Ints  # (strokes, 2): first and last point of the curve of each stroke
    hookable: Floats  # (strokes,): factor for the length of hooks: 1 for lines, less for dots


def parse_strokes(text: str, where: str) -> list[tuple[Floats, list[int]]]:
    """Parse `x,y x,y! ... | ...` into a pair (points (k, 2), indices of corners) for each stroke.

    Raises ValueError that begins with `where`.
    """
    strokes = []
    for part in text.split("|"):
        words = part.split()
        try:
            numbers = [[float(number) for number in word.rstrip("!").split(",")] for word in words]
        except ValueError:
            numbers = []
        if not numbers or any(len(pair) != 2 for pair in numbers):
            raise ValueError(f"{where}: a stroke needs points like `0,10 3,5! 0,0`, got {part.strip()!r}")
        if len(numbers) == 1:  # a dot is a very short stroke
            numbers.append([numbers[0][0], numbers[0][1] - 0.1])
        corners = [i for i, word in enumerate(words) if word.endswith("!") and 0 < i < len(words) - 1]
        strokes.append((np.array(numbers, np.float32), corners))
    return strokes


def tangents(points: Floats) -> Floats:
    """Return the matrix (K, K) that gives the slope of a centripetal Catmull-Rom curve at its K points.

    With d = sqrt(|P[i+1] - P[i]|) as the time from point to point, the slope at i is that of the parabola
    through P[i-1], P[i] and P[i+1]; at the two ends it is that of the straight line to the neighbour.
    """
    k = len(points)
    time = np.sqrt(np.maximum(np.linalg.norm(np.diff(points, axis=0), axis=1), SHORTEST))
    slope = np.zeros((k, k), np.float32)
    slope[0, [0, 1]] = -1 / time[0], 1 / time[0]
    slope[-1, [-2, -1]] = -1 / time[-1], 1 / time[-1]
    for i in range(1, k - 1):
        before, after = time[i - 1], time[i]
        both = before + after
        slope[i, i - 1] = -after / (before * both)
        slope[i, i + 1] = before / (after * both)
        slope[i, i] = -slope[i, i - 1] - slope[i, i + 1]
    return slope


def curve_matrix(points: Floats, corners: list[int]) -> Floats:
    """Return the matrix (S, K) whose product with K control points is the curve through them.

    Between two points the curve is a cubic Hermite spline with ends P0, P1 and slopes m0, m1: with t from 0
    to 1 and time d, h00 P0 + h10 d m0 + h01 P1 + h11 d m1. At a corner one smooth curve ends and the next
    begins.
    """
    k = len(points)
    breaks = [0, *corners, k - 1]
    rows = []
    for first, last in pairwise(breaks):
        slope = np.zeros((k, k), np.float32)
        slope[first : last + 1, first : last + 1] = tangents(points[first : last + 1])
        for i in range(first, last):
            length = float(np.linalg.norm(points[i + 1] - points[i]))
            pieces = max(1, round(length / STEP))
            start = 0 if i == 0 else 1  # the first point of a span is the last one of the span before
            t = (np.arange(start, pieces + 1, dtype=np.float32) / pieces)[:, None]
            time = np.sqrt(max(length, SHORTEST))
            span = (t**3 - 2 * t**2 + t) * time * slope[i] + (t**3 - t**2) * time * slope[i + 1]
            span[:, i] += (2 * t**3 - 3 * t**2 + 1)[:, 0]
            span[:, i + 1] += (3 * t**2 - 2 * t**3)[:, 0]
            rows.append(span)
    return np.concatenate(rows).astype(np.float32)


def make_glyph(char: str, text: str) -> Glyph:
    """Return the glyph of one line of a stroke table. Raises ValueError for too many strokes or points."""
    strokes = parse_strokes(text, f"stroke table, character {char!r}")
    points = np.concatenate([p for p, _ in strokes])
    if len(strokes) > MOST_STROKES or len(points) > MOST_POINTS:
        most = f"at most {MOST_STROKES} strokes and {MOST_POINTS} points"
        raise ValueError(
            f"stroke table, character {char!r}: needs {most}, got {len(strokes)} and {len(points)}"
        )
    cornered = [curve_matrix(p, corners) for p, corners in strokes]
    smooth = [curve_matrix(p, []) for p, _ in strokes]
    stops = np.cumsum([len(c) for c in cornered])
    glyph_cornered = np.zeros((stops[-1], len(points)), np.float32)
    glyph_smooth = np.zeros_like(glyph_cornered)
    column = 0
    for stop, sharp, round_ in zip(stops, cornered, smooth, strict=True):
        place = (slice(stop - len(sharp), stop), slice(column, column + sharp.shape[1]))
        glyph_cornered[place] = sharp
        glyph_smooth[place] = round_
        column += sharp.shape[1]
    shortcut = np.zeros((len(points), len(points)), np.float32)
    stroke_of_point = np.repeat(np.arange(len(strokes)), [len(p) for p, _ in strokes])
    for i in range(1, len(points) - 1):
        if stroke_of_point[i - 1] == stroke_of_point[i + 1]:
            shortcut[i, i - 1 : i + 2] = 0.5, -1, 0.5
    same = (stroke_of_point[:, None] == stroke_of_point).astype(np.float32)
    pieces = np.linalg.norm(np.diff(glyph_cornered @ points, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(pieces)]).astype(np.float32)
    ends = np.stack([np.concatenate([[0], stops[:-1]]), stops - 1], axis=1).astype(np.int64)
    return Glyph(
        char=char,
        points=points,
        cornered=glyph_cornered,
        smooth=glyph_smooth,
        shortcut=shortcut,
        middle=same / same.sum(axis=1, keepdims=True),
        way=way,
        stroke_of_point=stroke_of_point,
        stroke_ends=ends,
        hookable=np.where(way[ends[:, 1]] - way[ends[:, 0]] > 1, 1.0, 0.3).astype(np.float32),
    )


def load_tables() -> tuple[list[Glyph], Ints, NDArray[np.float64]]:
    """Return (glyphs, first, share) of all tables.

    The ways to write character c (0 to 61) are glyphs[first[c]], glyphs[first[c] + 1], ... The interval 0..1
    is divided among them in proportion to their weights: share (62, most ways + 1) holds where each part
    begins, and 1 after the last.
    """
    tables = {**DIGITS, **CAPITALS, **SMALL}
    if "".join(tables) != CHARACTERS:
        raise ValueError(f"stroke tables: need the characters {CHARACTERS} in order, got {''.join(tables)}")
    glyphs: list[Glyph] = []
    first = np.zeros(len(CHARACTERS), np.int64)
    share = np.ones((len(CHARACTERS), 1 + max(len(ways) for ways in tables.values())))
    for c, char in enumerate(CHARACTERS):
        weights = np.array([weight for weight, _ in tables[char]])
        first[c] = len(glyphs)
        share[c, 0] = 0
        share[c, 1 : len(weights)] = np.cumsum(weights)[:-1] / weights.sum()
        glyphs += [make_glyph(char, text) for _, text in tables[char]]
    return glyphs, first, share


GLYPHS, FIRST, SHARE = load_tables()


def choose(classes: Ints, chance: NDArray[np.float64]) -> Ints:
    """Return the index of a glyph for each character, (n,): classes (n,) in 0..61, chance (n,) in 0..1."""
    which = (chance[:, None] >= SHARE[classes, 1:-1]).sum(axis=1)
    return np.asarray(FIRST[classes] + which, np.int64)
