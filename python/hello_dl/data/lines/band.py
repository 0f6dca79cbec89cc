"""Finds the writing band of pen strokes whose text is known: the baseline and the x-height.

Letters turn round at the two edges of the band: the lowest points of strokes lie on the baseline, the highest
points of small letters on the x-line. So the band is where most turning points are, among the bands that the
text allows: where it has no letter with a descender, the ink ends at the baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.form import CAPITAL

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BINS = 64  # steps of the histograms of turning points along the height of an item's ink
NEAR = 2.0  # bins: standard deviation of the turning points about the line they belong to
DOUBT = 0.05  # share of turning points that may lie anywhere
TALL = set("bdfhkl") | set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") | set("()[]{}|/\\!?&%$#@\"'")
LOW = set("gjpqy()[]{}|/,;$")
SMALL = set("abcdefghijklmnopqrstuvwxyz")

# Ink above the x-line and below the baseline in x-heights (mean, standard deviation), by the text's signs.
ABOVE = {"tall": (0.95, 0.35), "i or t": (0.6, 0.35), "none": (0.05, 0.12)}
BELOW = {"low": (0.85, 0.35), "f or z": (0.3, 0.4), "none": (0.04, 0.1)}
CAPITALS_ABOVE = (CAPITAL - 1, 0.08)


@dataclass(frozen=True)
class Bands:
    """Where the writing of n items stands, in the units of their strokes, y downwards.

    baseline  (n,) y of the baseline at x = 0
    x_height  (n,) distance from the baseline up to the x-line
    slope     (n,) by which the baseline falls for each unit of x
    certainty (n,) log of how much likelier the band is than one without any evidence, for each turning point
    """

    baseline: Floats
    x_height: Floats
    slope: Floats
    certainty: Floats


def expected(text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ink above the x-line and below the baseline, in x-heights: a mean and a deviation each."""
    signs = set(text)
    below = BELOW["low" if signs & LOW else "f or z" if signs & set("fzQJ") else "none"]
    if not signs & SMALL:
        return CAPITALS_ABOVE, below
    return ABOVE["tall" if signs & TALL else "i or t" if signs & set("ijt") else "none"], below


def find_bands(xy: NDArray[np.int16], stroke: Ints, item: Ints, texts: Sequence[str]) -> Bands:
    """Return the bands of n items: xy (m, 2), the first point of each stroke, the first stroke of each item.

    `stroke` and `item` end with the number of points and of strokes. The height of an item is that of its
    ink, at least 1.
    """
    first = stroke[item]
    owner = np.repeat(np.arange(len(texts)), np.diff(first))
    x, y = xy[:, 0].astype(np.float32), xy[:, 1].astype(np.float32)
    smooth = _smooth(y, stroke)
    lows, highs = _turns(smooth, stroke)
    slope = _slopes(x, smooth, lows, highs, owner, first)
    y = y - slope[owner] * x
    top = np.minimum.reduceat(y, first[:-1])
    height = np.maximum(np.maximum.reduceat(y, first[:-1]) - top, 1)
    place = (y - top[owner]) / height[owner]
    low = _histogram(place[lows], owner[lows], len(texts))
    high = _histogram(place[highs], owner[highs], len(texts))
    share = np.empty((len(texts), 3), np.float32)
    kinds: dict[tuple[tuple[float, float], tuple[float, float]], list[int]] = {}
    for i, text in enumerate(texts):
        kinds.setdefault(expected(text), []).append(i)
    for (above, below), members in kinds.items():
        share[members] = _fit(low[members], high[members], above, below)
    baseline = top + height * share[:, 0]
    return Bands(baseline, height * share[:, 1], slope, share[:, 2])


def _smooth(y: Floats, stroke: Ints) -> Floats:
    """Return y smoothed twice by (1, 2, 1) / 4 along each stroke, whose ends stay."""
    inner = np.ones(len(y), np.bool_)
    inner[stroke[:-1]] = inner[stroke[1:] - 1] = False
    at = np.flatnonzero(inner)
    for _ in range(2):
        y = y.copy()
        y[at] += (y[at - 1] + y[at + 1] - 2 * y[at]) / 4
    return y


def _turns(y: Floats, stroke: Ints) -> tuple[Ints, Ints]:
    """Return the points where strokes turn upwards (their lowest points) and downwards (their highest)."""
    before, after = np.zeros(len(y), np.float32), np.zeros(len(y), np.float32)
    step = np.diff(y)
    before[1:], after[:-1] = step, step
    before[stroke[:-1]] = after[stroke[1:] - 1] = 0
    return np.flatnonzero((before >= 0) & (after <= 0)), np.flatnonzero((before <= 0) & (after >= 0))


def _histogram(place: Floats, owner: Ints, n: int) -> Floats:
    """Return for each item the density of turning points along its height, smoothed: (n, BINS)."""
    column = np.clip((place * BINS).astype(np.int64), 0, BINS - 1)
    counts = np.bincount(owner * BINS + column, minlength=n * BINS).reshape(n, BINS).astype(np.float32)
    d = np.arange(BINS)[:, None] - np.arange(BINS)
    kernel = np.exp(-0.5 * (d / NEAR) ** 2).astype(np.float32)
    density: Floats = counts @ (kernel / kernel.sum(axis=1, keepdims=True))
    return density


def _fit(low: Floats, high: Floats, above: tuple[float, float], below: tuple[float, float]) -> Floats:
    """Return baseline, x-height and certainty (n, 3), as shares of the ink's height, y down from its top."""
    grid = (np.arange(BINS) + 0.5) / BINS
    base, height = np.meshgrid(grid, grid, indexing="ij")  # baseline, x-height
    line = base - height
    possible = line > -0.5 / BINS - 0.02
    over = line / height
    under = (1 - base) / height
    prior = -0.5 * (((over - above[0]) / above[1]) ** 2 + ((under - below[0]) / below[1]) ** 2)
    prior = np.where(possible, prior, -1e9).astype(np.float32)
    rows, columns = np.nonzero(prior > prior.max() - 12)
    upper = np.clip(np.floor(line[rows, columns] * BINS).astype(np.int64), 0, BINS - 1)
    out = np.empty((len(low), 3), np.float32)
    for begin in range(0, len(low), 4096):
        part = slice(begin, begin + 4096)
        evidence = low[part][:, rows] + high[part][:, upper]
        total = low[part].sum(axis=1, keepdims=True) + high[part].sum(axis=1, keepdims=True)
        score = 6 * evidence / np.sqrt(np.maximum(total, 1)) + prior[rows, columns]
        best = score.argmax(axis=1)
        out[part, 0] = base[rows[best], columns[best]]
        out[part, 1] = height[rows[best], columns[best]]
        out[part, 2] = np.take_along_axis(score, best[:, None], 1)[:, 0]
    return out


def _slopes(x: Floats, y: Floats, lows: Ints, highs: Ints, owner: Ints, first: Ints) -> Floats:
    """Return the slope of each item's writing: where its turning points lie in the narrowest lines."""
    n = len(first) - 1
    top, left = np.minimum.reduceat(y, first[:-1]), np.minimum.reduceat(x, first[:-1])
    height = np.maximum(np.maximum.reduceat(y, first[:-1]) - top, 1)
    wide = (np.maximum.reduceat(x, first[:-1]) - left) / height
    turns = np.concatenate([lows, highs])
    side = np.concatenate([np.zeros(len(lows), np.int64), np.ones(len(highs), np.int64)])
    who = owner[turns]
    kept = wide[who] > 2.5
    turns, side, who = turns[kept], side[kept], who[kept]
    along = (x[turns] - left[who]) / height[who]
    place = (y[turns] - top[who]) / height[who]
    best, found = np.full(n, -np.inf, np.float32), np.zeros(n, np.float32)
    count = np.bincount(who, minlength=n)
    bins = 48
    for slope in np.linspace(-0.12, 0.12, 33):
        # the far end of a line may leave the box by slope x width
        at = np.clip(((place - slope * (along - wide[who] / 2)) + 0.5) * bins / 2, 0, bins - 1).astype(
            np.int64
        )
        counts = np.bincount((who * 2 + side) * bins + at, minlength=n * 2 * bins).reshape(n, 2 * bins)
        near = counts + 0.5 * (np.roll(counts, 1, axis=1) + np.roll(counts, -1, axis=1))
        score = (counts * near).sum(axis=1) / np.maximum(count, 1) ** 1.5
        score = score - 30 * slope**2
        better = (score > best) & (count > 0)
        best[better], found[better] = score[better], slope
    return found
