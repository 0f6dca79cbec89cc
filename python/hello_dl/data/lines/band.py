"""Finds the writing band of pen strokes whose text is known: the baseline and the x-height.

Letters turn round at the two edges of the band: the lowest points of strokes lie on the baseline, the highest
points of small letters on the x-line. So the band is the likeliest one, given where strokes turn, and how far
the letters of the text reach above and below it: a maximum a posteriori estimate on a grid of bands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.form import CAPITAL

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BINS = 64  # steps of the grid of bands, and of the histograms of turning points, along the height of the ink
TALL = set("bdfhkl") | set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") | set("()[]{}|/\\!?&%$#@\"'")
LOW = set("gjpqy()[]{}|/,;$")
SMALL = set("abcdefghijklmnopqrstuvwxyz")

# Ink above the x-line and below the baseline in x-heights (mean, standard deviation), by the text's signs.
ABOVE = {"tall": (0.95, 0.3), "i or t": (0.65, 0.3), "none": (0.05, 0.12)}
BELOW = {"low": (0.85, 0.35), "f or z": (0.45, 0.45), "none": (0.04, 0.1)}
CAPITALS_ABOVE = (CAPITAL - 1, 0.08)

# Where strokes turn: shares of the turning points at an edge of the band, and at the end of long letters. The
# others may be anywhere.
AT_EDGE, AT_END = 0.5, 0.15
SPREAD, SPREAD_END = 0.11, 0.3  # x-heights: standard deviation of the points about these lines
WEIGHT = 0.5  # of each turning point, because neighbouring ones are not independent

SLOPES = np.linspace(-0.8, 0.8, 65)  # fall of a line from end to end that is tried, in heights of its ink
SLOPE_PENALTY = 30.0  # how much a steep line has to be narrower, before it is believed
BEND = np.array([0.02, 0.006, 0.004])  # standard deviations of slope, curve, cubic, as shares of the width
WANDER = 0.12  # x-heights: standard deviation of turning points about the bent baseline


@dataclass(frozen=True)
class Bands:
    """Where the writing of n items stands, in the units of their strokes, y downwards.

    With u from -1 to 1 along an item, y of its baseline is baseline + bend[0] u + bend[1] u^2 + bend[2] u^3.

    baseline   (n,)
    x_height   (n,), distance from the baseline up to the x-line
    bend       (n, 3)
    certainty  (n,), log likelihood for each turning point, above that of points that may be anywhere
    """

    baseline: Floats
    x_height: Floats
    bend: Floats
    certainty: Floats


@dataclass(frozen=True)
class _Reach:
    """How far the letters of a text reach above the x-line and below the baseline: mean and deviation."""

    above: tuple[float, float]
    below: tuple[float, float]
    tall: bool  # the text has letters that end above the x-line
    low: bool  # the text has letters that end below the baseline
    small: bool  # the text has small letters, which end at the x-line


def reach_of(text: str) -> _Reach:
    """Return how far the letters of a text reach above and below the band."""
    signs = set(text)
    low, f = bool(signs & LOW), bool(signs & set("fzQJ"))
    below = BELOW["low" if low else "f or z" if f else "none"]
    if not signs & SMALL:
        return _Reach(CAPITALS_ABOVE, below, True, low, False)
    tall, i = bool(signs & TALL), bool(signs & set("ijt"))
    above = ABOVE["tall" if tall else "i or t" if i else "none"]
    return _Reach(above, below, tall or i, low or f, True)


def find_bands(xy: NDArray[np.int16], stroke: Ints, item: Ints, texts: Sequence[str]) -> Bands:
    """Return the bands of n items: xy (m, 2), the first point of each stroke, the first stroke of each item.

    `stroke` and `item` end with the number of points and of strokes. The height of an item is that of its
    ink, at least 1.
    """
    first = stroke[item]
    n = len(texts)
    owner = np.repeat(np.arange(n), np.diff(first))
    x, y = xy[:, 0].astype(np.float32), xy[:, 1].astype(np.float32)
    left, right = np.minimum.reduceat(x, first[:-1]), np.maximum.reduceat(x, first[:-1])
    along = 2 * (x - left[owner]) / np.maximum(right - left, 1)[owner] - 1
    lows, highs = _turns(_smooth(y, stroke), stroke)
    wide = np.maximum(right - left, 1)
    bend = np.zeros((n, 3), np.float32)
    bend[:, 0] = _slopes(along, y, np.concatenate([lows, highs]), len(lows), owner, first, wide)
    kinds: dict[_Reach, list[int]] = {}
    for i, text in enumerate(texts):
        kinds.setdefault(reach_of(text), []).append(i)
    for last in (False, True):
        flat = y - _curve(bend, along, owner)
        top = np.minimum.reduceat(flat, first[:-1])
        height = np.maximum(np.maximum.reduceat(flat, first[:-1]) - top, 1)
        place = (flat - top[owner]) / height[owner]
        low, high = (_histogram(place[turns], owner[turns], n) for turns in (lows, highs))
        share = np.empty((n, 3), np.float32)
        for reach, members in kinds.items():
            share[members] = _fit(low[members], high[members], reach)
        baseline, x_height = top + height * share[:, 0], height * share[:, 1]
        if not last:
            bend += _bend(along[lows], flat[lows], owner[lows], baseline, x_height, wide)
    return Bands(baseline, x_height, bend, share[:, 2])


def _curve(bend: Floats, along: Floats, owner: Ints) -> Floats:
    """Return how much lower than at u = 0 the baseline is at each point."""
    a, b, c = bend.T
    curve: Floats = along * (a[owner] + along * (b[owner] + along * c[owner]))
    return curve


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
    """Return for each item how many turning points lie in each part of its height, (n, BINS)."""
    column = np.clip((place * BINS).astype(np.int64), 0, BINS - 1)
    return np.bincount(owner * BINS + column, minlength=n * BINS).reshape(n, BINS).astype(np.float32)


def _fit(low: Floats, high: Floats, reach: _Reach) -> Floats:
    """Return baseline, x-height and certainty (n, 3), as shares of the ink's height, y down from its top."""
    grid = (np.arange(BINS) + 0.5) / BINS
    base, height = (a.ravel() for a in np.meshgrid(grid, grid, indexing="ij"))
    over, under = (base - height) / height, (1 - base) / height
    prior = -0.5 * ((over - reach.above[0]) / reach.above[1]) ** 2
    prior -= 0.5 * ((under - reach.below[0]) / reach.below[1]) ** 2
    kept = (prior > prior.max() - 12) & (over > -0.2)
    base, height, prior = base[kept], height[kept], prior[kept]
    at = grid[:, None]

    def chance(edge: Floats, end: Floats | None) -> Floats:
        """Return the log probability density of a turning point in each part of the height, (BINS, bands)."""
        share, density = 1.0, np.zeros((BINS, len(base)))
        lines = [(edge, AT_EDGE, SPREAD)] + ([(end, AT_END, SPREAD_END)] if end is not None else [])
        for line, part, spread in lines:
            sigma = spread * height + 0.5 / BINS
            density += part * np.exp(-0.5 * ((at - line) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))
            share -= part
        return np.log(share + density).astype(np.float32)

    upper = base - (1 if reach.small else CAPITAL) * height
    top = upper - reach.above[0] * height if reach.tall and reach.small else None
    of_low = chance(base, base + reach.below[0] * height if reach.low else None)
    of_high = chance(upper, top)
    out = np.empty((len(low), 3), np.float32)
    for begin in range(0, len(low), 2048):
        part = slice(begin, begin + 2048)
        likelihood = low[part] @ of_low + high[part] @ of_high
        score = WEIGHT * likelihood + prior
        best = score.argmax(axis=1)
        total = low[part].sum(axis=1) + high[part].sum(axis=1)
        out[part, 0], out[part, 1] = base[best], height[best]
        out[part, 2] = np.take_along_axis(likelihood, best[:, None], 1)[:, 0] / np.maximum(total, 1)
    return out


def _slopes(
    along: Floats, y: Floats, turns: Ints, lows: int, owner: Ints, first: Ints, wide: Floats
) -> Floats:
    """Return by how much each item's writing falls from its middle to its end.

    It is the slope at which the turning points (the first `lows` of them are low ones) lie in the narrowest
    lines: where the sum of their histogram's squares is largest.
    """
    n, bins = len(first) - 1, 40
    top = np.minimum.reduceat(y, first[:-1])
    height = np.maximum(np.maximum.reduceat(y, first[:-1]) - top, 1)
    long = np.flatnonzero(wide / height > 1.5)  # items too short to have a slope are left out
    row = np.full(n, -1)
    row[long] = np.arange(len(long))
    side = (np.arange(len(turns)) >= lows).astype(np.int64)
    kept = row[owner[turns]] >= 0
    turns, side = turns[kept], side[kept]
    who = owner[turns]
    place, u = (y[turns] - top[who]) / height[who], along[turns]
    line = (row[who] * 2 + side) * bins
    count = np.maximum(np.bincount(row[who], minlength=len(long)), 1).astype(np.float32)
    penalty = SLOPE_PENALTY * (height / wide)[long] ** 2
    best, found = np.full(len(long), -np.inf, np.float32), np.zeros(len(long), np.float32)
    for fall in SLOPES.tolist():
        at = line + ((place - fall * u / 2 + 0.5) * (bins / 2)).astype(np.int64)
        counts = np.bincount(at, minlength=2 * bins * len(long)).astype(np.float32).reshape(-1, 2 * bins)
        score = np.einsum("ij,ij->i", counts, counts) + np.einsum("ij,ij->i", counts[:, 1:], counts[:, :-1])
        score = score / count**1.5 - fall**2 * penalty
        better = score > best
        best[better], found[better] = score[better], fall
    slopes = np.zeros(n, np.float32)
    slopes[long] = found * height[long] / 2
    return slopes


def _bend(along: Floats, y: Floats, owner: Ints, baseline: Floats, x_height: Floats, wide: Floats) -> Floats:
    """Return slope, curve and cubic (n, 3) of the low turning points near the baseline: ridge regression."""
    n = len(baseline)
    off = (y - baseline[owner]) / x_height[owner]
    near = np.abs(off) < 0.35
    u, off, owner = along[near].astype(np.float64), off[near], owner[near]
    powers = [np.bincount(owner, u**k, minlength=n) for k in range(7)]
    right = [np.bincount(owner, off * u**k, minlength=n) for k in range(4)]
    rows = [np.stack([powers[i + j] for j in range(4)], axis=1) for i in range(4)]
    matrix = np.stack(rows, axis=1).astype(np.float64)
    ridge = (WANDER / (BEND * (wide / x_height)[:, None])) ** 2
    matrix[:, range(4), range(4)] += np.concatenate([np.full((n, 1), 1e-3), ridge], axis=1)
    solved = np.linalg.solve(matrix, np.stack(right, axis=1)[..., None])[:, 1:, 0]
    bend: Floats = (solved * x_height[:, None]).astype(np.float32)
    return bend
