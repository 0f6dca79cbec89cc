"""Draws pen strokes as the picture of a line: each time with another pen, slant, spacing and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hello_dl import _core
from hello_dl.data.lines.band import Floats, Ints
from hello_dl.data.lines.dirt import add_dirt, rasterise
from hello_dl.data.lines.distort import Bytes, draw_bend, pick, roughen
from hello_dl.data.lines.form import BASELINE, X_HEIGHT, least_width
from hello_dl.data.lines.strokes import APART, Item, white_gaps
from hello_dl.data.lines.style import LineStyle

STEP = 0.12  # x-heights between the points of a stroke that is drawn
THINNEST = 0.4  # pixels: least radius of the pen


@dataclass(frozen=True)
class _Place:
    """Where writing stands in the picture: x-heights (x, y) go to pixels (x across + left, y up + row)."""

    across: float
    up: float
    left: float
    row: float
    lean: float  # x-heights added to the right for each x-height upwards
    width: int  # pixels of the picture

    def of(self, points: Floats) -> Floats:
        """Return the places of points (n, 2) in x-heights."""
        x = points[:, 0] - np.float32(self.lean) * points[:, 1]
        y = points[:, 1] * np.float32(self.up) + np.float32(self.row)
        return np.stack([x * np.float32(self.across) + np.float32(self.left), y], axis=1)


def draw_strokes(
    item: Item,
    style: LineStyle,
    rng: np.random.Generator,
    limits: tuple[int, int],
    neighbours: Sequence[Item | None] = (),
) -> Bytes:
    """Return the picture (HEIGHT, w) of strokes in x-heights; `limits` are the least and most of w.

    `neighbours` are two other items, some of whose ink stands above and below; None: none.
    """
    item = respaced(smoothed(item, int(pick(rng, style.smooth))), style, rng)
    scale = pick(rng, style.scale) * X_HEIGHT
    radius = style.pen_width[0] * (style.pen_width[1] / style.pen_width[0]) ** rng.random() * scale / 2
    place = _place(item, scale, radius, style, rng, limits)
    inks = [Item(place.of(item.points), item.starts, "")]
    for side, other in zip((-1, 1), neighbours, strict=False):
        if other is not None:
            inks.append(_neighbour(other, side, place, style, rng))
    bend = draw_bend(place.width, style, rng)
    segments = [pen_segments(ink.points + bend(ink.points), ink.starts, radius, style, rng) for ink in inks]
    picture = rasterise(np.concatenate(segments), place.width)
    return roughen(add_dirt(picture, style, rng), style, rng)


def _place(
    item: Item,
    scale: float,
    radius: float,
    style: LineStyle,
    rng: np.random.Generator,
    limits: tuple[int, int],
) -> _Place:
    """Draw where the writing stands; it is squeezed or stretched where the limits or the text ask for it."""
    lean = float(np.clip(item.slant + pick(rng, style.lean), *style.slant)) - item.slant
    x = item.points[:, 0] - np.float32(lean) * item.points[:, 1]
    low, wide = float(x.min()), max(float(np.ptp(x)), 0.1)
    margins = [pick(rng, style.margin) + radius for _ in range(2)]
    least, most = (limit - sum(margins) for limit in (max(limits[0], least_width(item.text)), limits[1]))
    wanted = wide * scale * pick(rng, style.squeeze)
    # A wide letter alone may keep its width in a wider picture; a long text needs the width itself.
    ink = min(max(wanted, least if len(item.text) > 2 else 0.0), max(most, 1.0))
    spare = max(min(least, most) - ink, 0.0)
    left = margins[0] + spare * rng.random() - low * ink / wide
    row = BASELINE + pick(rng, style.offset)
    return _Place(ink / wide, scale, left, row, lean, int(np.ceil(ink + sum(margins) + spare)))


def smoothed(item: Item, passes: int) -> Item:
    """Return strokes with points STEP apart, smoothed so often, without the jitter of old tablets."""
    points, starts = _core.resample_strokes(item.points, item.starts, STEP, passes)
    return replace(item, points=points, starts=starts)


def respaced(item: Item, style: LineStyle, rng: np.random.Generator) -> Item:
    """Return the strokes with the gaps between letters that do not touch wider or narrower."""
    extra = pick(rng, style.letter_gap)
    order, white = white_gaps(item)
    change = np.maximum(extra * (0.5 + rng.random(len(white))), -0.5 * white)
    shift = np.empty(len(order), np.float32)
    shift[order] = np.cumsum(np.concatenate([[0], np.where(white > APART, change, 0)]))
    points = item.points.copy()
    points[:, 0] += np.repeat(shift, np.diff(item.starts))
    return replace(item, points=points)


def pen_segments(
    points: Floats, starts: Ints, radius: float, style: LineStyle, rng: np.random.Generator
) -> Floats:
    """Return what a pen of this radius leaves along strokes in pixels: segments (m, 6)."""
    n = len(points)
    knots = pick(rng, style.wobble) * rng.standard_normal(n // 6 + 3)
    r = radius * np.exp(0.6 * np.interp(np.arange(n) / 6, np.arange(len(knots)), knots))
    if rng.random() < style.chisel_chance:
        step = np.diff(points, axis=0, append=points[-1:])
        edge = np.pi * rng.random()
        length = np.sqrt((step * step).sum(axis=1)) + 1e-6
        across = np.abs(step[:, 0] * np.sin(edge) - step[:, 1] * np.cos(edge)) / length
        r *= 1.15 * (1 - pick(rng, style.chisel) * (1 - across))
    r = np.maximum(r, THINNEST)
    if rng.random() < style.skip_chance:
        for begin in rng.integers(0, n, rng.poisson(pick(rng, style.skips) * n * STEP / 10)).tolist():
            r[begin : begin + max(1, round(pick(rng, style.skip_length) / STEP))] = 0
    places = np.concatenate([points, r[:, None]], axis=1)
    after = np.arange(1, n + 1)
    after[starts[1:] - 1] -= 1  # a stroke's last point is a segment of length 0
    leaves = np.minimum(r, r[after]) > 0
    segments: Floats = np.concatenate([places, places[after]], axis=1)[leaves].astype(np.float32)
    return segments


def _neighbour(other: Item, side: int, place: _Place, style: LineStyle, rng: np.random.Generator) -> Item:
    """Return ink of the line above (side -1) or below (1), in pixels; only some strokes of it are left."""
    item = smoothed(other, 2)
    points = item.points + np.array([0, side * pick(rng, style.pitch)], np.float32)
    points = place.of(points)
    points[:, 0] += rng.uniform(-0.3, 0.8) * place.width
    kept = rng.random(len(item.starts) - 1) < pick(rng, style.neighbour_kept)
    kept[rng.integers(len(kept))] = True
    length = np.diff(item.starts)
    chosen = points[np.repeat(kept, length)]
    return Item(chosen, np.concatenate([[0], np.cumsum(length[kept])]), "")
