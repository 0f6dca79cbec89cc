"""Draws pen strokes as the picture of a line: each time with another pen, slant, spacing and place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl.data.lines.band import Floats, Ints
from hello_dl.data.lines.distort import Bytes, draw_bend, pick, roughen
from hello_dl.data.lines.form import BASELINE, HEIGHT, X_HEIGHT
from hello_dl.data.lines.strokes import Item
from hello_dl.data.lines.style import LineStyle

STEP = 0.12  # x-heights between the points of a stroke that is drawn
THINNEST = 0.4  # pixels: least radius of the pen


def draw_strokes(
    item: Item,
    style: LineStyle,
    rng: np.random.Generator,
    limits: tuple[int, int],
    neighbours: Sequence[Item] = (),
) -> Bytes:
    """Return the picture (HEIGHT, w) of strokes in x-heights; `limits` are the least and most of w.

    `neighbours` are two other items: some of their ink may stand above and below.
    """
    item = respaced(smoothed(item, int(pick(rng, style.smooth))), style, rng)
    scale = pick(rng, style.scale) * X_HEIGHT
    slant, squeeze = pick(rng, style.slant), pick(rng, style.squeeze)
    left, right = pick(rng, style.margin), pick(rng, style.margin)
    radius = style.pen_width[0] * (style.pen_width[1] / style.pen_width[0]) ** rng.random() * scale / 2
    points = item.points.copy()
    points[:, 0] -= slant * points[:, 1]
    low, high = float(points[:, 0].min()), float(points[:, 0].max())
    wide = (high - low) * scale * squeeze + left + right + 2 * radius
    fitting = min(max(wide, limits[0]), limits[1])
    if wide > limits[1]:
        squeeze *= (limits[1] - left - right - 2 * radius) / ((high - low) * scale * squeeze)
    width = int(fitting)
    first = left + radius + max(0.0, fitting - wide) * rng.random()
    place = np.array([first - low * scale * squeeze, BASELINE + pick(rng, style.offset)], np.float32)
    grown = np.array([scale * squeeze, scale], np.float32)
    inks = [Item(points * grown + place, item.starts, "")]
    for side, other in zip((-1, 1), neighbours, strict=False):
        if rng.random() < style.neighbour_chance:
            inks.append(_neighbour(other, side, grown, place, slant, width, style, rng))
    bend = draw_bend(width, style, rng)
    segments = [pen_segments(ink.points + bend(ink.points), ink.starts, radius, style, rng) for ink in inks]
    picture = rasterise(np.concatenate(segments), width)
    return roughen(add_dirt(picture, style, rng), style, rng)


def rasterise(segments: Floats, width: int) -> Bytes:
    """Return the picture (HEIGHT, width) of segments (m, 6) in pixels: x0, y0, radius0, x1, y1, radius1."""
    picture: Bytes = _core.draw_strokes(segments, np.array([0, len(segments)], np.int64), HEIGHT, width)[0]
    return picture


def smoothed(item: Item, passes: int) -> Item:
    """Return strokes with points STEP apart, smoothed so often, without the jitter of old tablets."""
    points, starts = item.points, item.starts
    last = np.zeros(len(points), np.bool_)
    last[starts[1:] - 1] = True
    step = np.diff(points, axis=0, append=points[-1:])
    length = np.sqrt((step * step).sum(axis=1))
    length[last] = 0
    along = np.cumsum(length) - length + np.cumsum(last) - last  # 1 between strokes, so that none overlap
    begin, end = along[starts[:-1]], along[starts[1:] - 1]
    pieces = np.ceil((end - begin) / STEP).astype(np.int64)
    count = pieces + 1
    new_starts = np.concatenate([[0], np.cumsum(count)])
    into = np.arange(new_starts[-1]) - np.repeat(new_starts[:-1], count)
    where = np.repeat(begin, count) + into * np.repeat((end - begin) / np.maximum(pieces, 1), count)
    out = np.stack([np.interp(where, along, points[:, k]) for k in (0, 1)], axis=1).astype(np.float32)
    inner = np.ones(len(out), np.bool_)
    inner[new_starts[:-1]] = inner[new_starts[1:] - 1] = False
    at = np.flatnonzero(inner)
    for _ in range(passes):
        out[at] += (out[at - 1] + out[at + 1] - 2 * out[at]) / 4
    return Item(out, new_starts, item.text)


def respaced(item: Item, style: LineStyle, rng: np.random.Generator) -> Item:
    """Return the strokes with the white gaps between them wider or narrower."""
    extra = pick(rng, style.letter_gap)
    x = item.points[:, 0]
    left = np.minimum.reduceat(x, item.starts[:-1])
    right = np.maximum.reduceat(x, item.starts[:-1])
    order = np.argsort(left, kind="stable")
    reach = np.maximum.accumulate(right[order])
    gap = np.zeros(len(order), np.float32)
    white = left[order][1:] - reach[:-1]
    change = extra * (0.5 + rng.random(len(white)))
    gap[1:] = np.where(white > 0.02, np.maximum(change, -0.5 * white), 0)
    shift = np.empty(len(order), np.float32)
    shift[order] = np.cumsum(gap)
    points = item.points.copy()
    points[:, 0] += np.repeat(shift, np.diff(item.starts))
    return Item(points, item.starts, item.text)


def pen_segments(
    points: Floats, starts: Ints, radius: float, style: LineStyle, rng: np.random.Generator
) -> Floats:
    """Return what a pen of this radius leaves along strokes in pixels: segments (m, 6)."""
    n = len(points)
    r = np.full(n, radius, np.float32)
    wobble = pick(rng, style.wobble)
    knots = rng.standard_normal(n // 6 + 3)
    r *= np.exp(np.float32(0.6 * wobble) * np.interp(np.arange(n) / 6, np.arange(len(knots)), knots))
    if rng.random() < style.chisel_chance:
        step = np.diff(points, axis=0, append=points[-1:])
        edge = np.pi * rng.random()
        length = np.sqrt((step * step).sum(axis=1)) + 1e-6
        across = np.abs(step[:, 0] * np.sin(edge) - step[:, 1] * np.cos(edge)) / length
        thin = pick(rng, style.chisel)
        r *= 1.15 * (1 - thin * (1 - across))
    r = np.maximum(r, THINNEST)
    if rng.random() < style.gap_chance:
        _skip(r, style, rng)
    places = np.concatenate([points, r[:, None]], axis=1)
    after = np.arange(1, n + 1)
    after[starts[1:] - 1] -= 1  # a stroke's last point is a segment of length 0
    joint = np.minimum(r, r[after]) > 0
    segments: Floats = np.concatenate([places, places[after]], axis=1)[joint].astype(np.float32)
    return segments


def _skip(r: Floats, style: LineStyle, rng: np.random.Generator) -> None:
    """Set the radius to 0 where the pen skips."""
    count = rng.poisson(pick(rng, style.gaps) * len(r) * STEP / 10)
    for begin in rng.integers(0, len(r), count).tolist():
        r[begin : begin + max(1, round(pick(rng, style.gap_length) / STEP))] = 0


def _neighbour(
    other: Item,
    side: int,
    grown: Floats,
    place: Floats,
    slant: float,
    width: int,
    style: LineStyle,
    rng: np.random.Generator,
) -> Item:
    """Return ink of the line above (side -1) or below (1), in pixels; only some strokes of it are left."""
    item = smoothed(other, 2)
    points = item.points.copy()
    points[:, 1] += side * pick(rng, style.pitch)
    points[:, 0] -= slant * points[:, 1]
    points = points * grown + place
    points[:, 0] += rng.uniform(-0.3, 0.8) * width
    kept = rng.random(len(item.starts) - 1) < pick(rng, style.neighbour_kept)
    kept[rng.integers(len(kept))] = True
    count = np.diff(item.starts)[kept]
    chosen = points[np.repeat(kept, np.diff(item.starts))]
    return Item(chosen, np.concatenate([[0], np.cumsum(count)]), "")


def add_dirt(picture: Bytes, style: LineStyle, rng: np.random.Generator) -> Bytes:
    """Return the picture with what is not writing: a ruled line, ink cut off at a side, blots."""
    width = picture.shape[1]
    chance = rng.random(3)
    if chance[0] < style.rule_chance:
        row, slope, radius = rng.uniform(0, HEIGHT), rng.normal(0, 2), rng.uniform(0.3, 1.0)
        begin, end = sorted(rng.uniform(-0.3 * width, 1.3 * width, 2)) if rng.random() < 0.4 else (0, width)
        line = np.array([[begin, row, radius, end, row + slope, radius]], np.float32)
        level = pick(rng, style.rule_level)
        faint = (rasterise(line, width) * np.float32(level)).astype(np.uint8)
        picture = np.maximum(picture, faint)
    dirt = []
    if chance[1] < style.side_chance:
        x = -1.0 if rng.random() < 0.5 else width + 1.0
        y, lean, radius = rng.uniform(0, HEIGHT), rng.normal(0, 3, 2), rng.uniform(0.5, 2)
        dirt.append([x + lean[0], y, radius, x + lean[1], y + rng.uniform(3, 20), radius])
    if chance[2] < style.blot_chance:
        for _ in range(int(pick(rng, style.blots))):
            x, y, radius = rng.uniform(0, width), rng.uniform(0, HEIGHT), pick(rng, style.blot_radius)
            dirt.append([x, y, radius, x + rng.normal(0, 1), y + rng.normal(0, 1), radius])
    if dirt:
        picture = np.maximum(picture, rasterise(np.array(dirt, np.float32), width))
    return picture
