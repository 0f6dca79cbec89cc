"""Adds to the picture of a line what is not its writing: ruled lines, underlines, cut ink, smudges, blots."""

from __future__ import annotations

import numpy as np

from hello_dl import _core
from hello_dl.data.lines.band import Floats
from hello_dl.data.lines.distort import Bytes, pick
from hello_dl.data.lines.form import BASELINE, HEIGHT, X_HEIGHT
from hello_dl.data.lines.style import LineStyle

NEAR_BASELINE = 0.7  # share of ruled lines that people write on; others are anywhere
GAP = 0.3  # probability that a piece of a ruled line is missing
PIECE = 60.0  # pixels: mean length of the pieces


def rasterise(segments: Floats, width: int) -> Bytes:
    """Return the picture (HEIGHT, width) of segments (m, 6) in pixels: x0, y0, radius0, x1, y1, radius1."""
    starts = np.array([0, len(segments)], np.int64)
    picture: Bytes = _core.draw_strokes(segments, starts, HEIGHT, width)[0]
    return picture


def add_dirt(picture: Bytes, style: LineStyle, rng: np.random.Generator) -> Bytes:
    """Return the picture (HEIGHT, w) with lines, smudges and blots."""
    width = picture.shape[1]
    rule, under, side, smudge, blot = (rng.random(5) < _chances(style)).tolist()
    dirt: list[list[float]] = []
    if rule:
        near = rng.random() < NEAR_BASELINE
        row = rng.normal(BASELINE + 2, 3) if near else rng.uniform(0, HEIGHT)
        line = _ruled(row, rng.normal(0, 2), pick(rng, style.rule_radius), width, rng)
        picture = _over(picture, line, pick(rng, style.rule_level))
    if under:
        ends = np.clip(rng.normal([0.1, 0.9], 0.1), 0, 1) * width
        rows = BASELINE + rng.uniform(0.2, 0.8) * X_HEIGHT + rng.normal(0, 1.5, 2)
        radius = rng.uniform(0.6, 1.6)
        dirt.append([ends[0], rows[0], radius, ends[1], rows[1], radius])
    if side:
        x, row, radius = rng.choice([-1.0, width + 1.0]), rng.uniform(-10, HEIGHT), rng.uniform(0.5, 2)
        lean = rng.normal(0, 2, 2)
        dirt.append([x + lean[0], row, radius, x + lean[1], row + rng.uniform(3, 40), radius])
    if smudge:
        x, row, radius = rng.uniform(0, width), rng.uniform(0, HEIGHT), rng.uniform(1, 7)
        patch = [[x, row, radius, x + rng.normal(0, 8), row + rng.normal(0, 4), 0.5 * radius]]
        picture = _over(picture, patch, rng.uniform(0.05, 0.45))
    if blot:
        for _ in range(int(pick(rng, style.blots))):
            x, row, radius = rng.uniform(0, width), rng.uniform(0, HEIGHT), pick(rng, style.blot_radius)
            dirt.append([x, row, radius, x + rng.normal(0, 1), row + rng.normal(0, 1), radius])
    return _over(picture, dirt, 1.0) if dirt else picture


def _chances(style: LineStyle) -> Floats:
    chances = (style.rule_chance, style.underline_chance, style.side_chance)
    return np.array([*chances, style.smudge_chance, style.blot_chance], np.float32)


def _ruled(row: float, fall: float, radius: float, width: int, rng: np.random.Generator) -> list[list[float]]:
    """Return the pieces of a ruled line that falls by `fall` pixels over the picture."""
    count = 1 + int(width / PIECE) if rng.random() < 0.6 else 1
    ends = np.concatenate([[0.0], np.sort(rng.uniform(0, width, count - 1)), [float(width)]])
    rows = row + fall * ends / width
    thick = radius * rng.uniform(0.6, 1.2, len(ends))
    pieces = np.stack([ends[:-1], rows[:-1], thick[:-1], ends[1:], rows[1:], thick[1:]], axis=1)
    kept = rng.random(count) >= GAP if count > 1 else np.ones(1, np.bool_)
    lines: list[list[float]] = pieces[kept].tolist()
    return lines


def _over(picture: Bytes, segments: list[list[float]], level: float) -> Bytes:
    """Return the picture with segments of this level of ink (1 = full) drawn over it."""
    if not segments:
        return picture
    layer = rasterise(np.array(segments, np.float32), picture.shape[1])
    if level < 1:
        layer = (layer * np.float32(level)).astype(np.uint8)
    return np.maximum(picture, layer)
