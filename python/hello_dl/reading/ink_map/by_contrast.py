"""Finds ink by contrast alone: what is darker than the paper nearby, and not wider than a pen's stroke.

It needs no network. That is enough where a picture holds nothing but writing, such as the boxes of a form. In
photos it would take a table, folds and printed lines for ink: there `ink_map.network` is used.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from hello_dl.reading.image.arrays import Bytes, Grey
from hello_dl.reading.image.filters import (
    blur,
    closing,
    enlarge,
    enlarge_rows,
    largest,
    shrink,
    soft_rows,
    soften,
    strips,
)

# "Missing light" is the share (0 to 1) of the paper's brightness nearby that a pixel lacks.
LIGHT_SIDE = 400  # pixels of the longer side of the copy on which light on dark is told from dark on light
PEN_SIDE = 1000  # pixels of the longer side of the copy on which the pen is measured
REACHES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)  # pixels there: half of a stroke's width, tried
PLATEAU = 0.75  # least share of the ink found with a reach 2.5 times as wide: strokes are filled
DEEPEST = 99.7  # percentile of the missing light that is taken for that of ink
DEEP = 0.6  # least share of the missing light found with the widest reach: below it only dirt is filled
FAINTEST = 0.06  # least missing light of ink; larger is stricter
ABOVE_NOISE = 4.0  # least missing light of ink, in standard deviations of the paper; larger is stricter
SURELY_INK = 0.2  # missing light above which a pixel is left out when the paper is measured
WEAKEST = 0.4  # least strength of the pen at any place, as a share of the picture's usual one
GRID = 24  # squares along the longer side, in each of which the paper is measured
DARKEST = 4  # of 255: darker paper counts as this bright, so that shares of its light keep a meaning
LOW, HIGH = 0.1, 0.7  # of the pen's strength: missing light that becomes ink 0 and ink 1


def ink(grey: Grey) -> Grey:
    """Return how much of each pixel of `grey` (H, W), 0 = black .. 1 = white, is ink: 0 .. 1, float32.

    Light writing on dark ground is inverted first. Then each pixel is divided by the paper's brightness
    nearby ("white balance" in the series), and the contrast is stretched so that the usual pen stroke nearby
    is 1 and the paper's noise 0. A picture without writing gives zeros.
    """
    if _is_light_on_dark(grey):
        grey = 1 - grey
    return _stretch(_depth(grey, _pen_reach(grey)))


def _is_light_on_dark(grey: Grey) -> bool:
    """Whether the writing in a picture (H, W) is brighter than its ground.

    Writing covers the smaller part of any place, so it lies further from the place's mean than the ground
    does: the sign of the skewness (third moment) of the difference tells on which side.
    """
    small = shrink(grey, LIGHT_SIDE)
    mean = blur(small, max(2, max(small.shape) // 8))
    return bool(np.sum((small - mean).astype(np.float64) ** 3) > 0)


def _pen_reach(grey: Grey) -> int:
    """Return half the width of the usual pen stroke in pixels, rounded up.

    By granulometry (Matheron, 1975): closing with a growing square fills the strokes as soon as it is wider
    than they are, and little happens after that. The smallest reach is wanted, for with it paper is told best
    under folds and beside shadows.
    """
    small = shrink(grey, PEN_SIDE)
    scale = max(grey.shape) / max(small.shape)
    values = _as_bytes(small)
    reaches = [reach for reach in REACHES if reach <= max(1, max(small.shape) // 6)]
    step = max(1, max(small.shape) // 500)

    @cache
    def missing(k: int) -> Grey:
        return _missing(values[::step, ::step], closing(values, reaches[k])[::step, ::step])

    last = len(reaches) - 1
    deepest = float(np.percentile(missing(last), DEEPEST))
    floor = max(FAINTEST, 0.3 * deepest)

    def filled(k: int) -> float:
        return float(missing(k)[missing(k) > floor].sum())

    for k, reach in enumerate(reaches):
        wider = min(last, int(np.searchsorted(reaches, 2.5 * reach)))
        deep = float(np.percentile(missing(k), DEEPEST))
        if deep >= DEEP * deepest and filled(k) >= PLATEAU * filled(wider):
            break
    return int(np.ceil((1.4 * reaches[k] + 0.5) * scale))


def _as_bytes(grey: Grey) -> Bytes:
    """Return a picture softened and stretched to 0..255: morphology is fast on bytes."""
    top = max(float(np.percentile(grey[::7, ::7], 99.5)), 1e-3)
    values = np.empty(grey.shape, dtype=np.uint8)
    for rows in strips(grey):
        soft = soft_rows(grey, rows)
        soft *= np.float32(255 / top)
        values[rows] = np.clip(soft, 0, 255, out=soft)
    return values


def _depth(grey: Grey, reach: int) -> Grey:
    """Return the missing light (H, W) at each pixel, 0 to 1.

    Paper is what a closing leaves: it fills everything dark that is not wider than 2 `reach` + 1 pixels. The
    edge of a shadow is dark to one side only, so it is not filled.
    """
    values = _as_bytes(grey)
    return _missing(values, closing(values, reach))


def _missing(values: Bytes, paper: Bytes) -> Grey:
    """Return the missing light of a picture, given the brightness of its paper."""
    missing = np.empty(values.shape, dtype=np.float32)
    for rows in strips(missing):
        share = values[rows] / np.maximum(paper[rows], DARKEST).astype(np.float32)
        np.subtract(np.float32(1), share, out=missing[rows])
    return missing


def _stretch(depth: Grey) -> Grey:
    """Return ink, 0 to 1, for missing light (H, W), which is overwritten: the usual stroke becomes 1."""
    level, rough = _paper_level(depth)
    if float(np.median(rough)) > 0.01:
        depth = soften(depth)
        rough *= np.float32(0.6)  # softening leaves part of noise that differs from pixel to pixel
    floor = np.maximum(np.float32(FAINTEST), np.float32(ABOVE_NOISE) * rough)
    for rows in strips(depth):
        depth[rows] -= enlarge_rows(level, depth.shape, rows)
    strength = _strength(depth, floor)
    if strength is None:
        return np.zeros_like(depth)
    for rows in strips(depth):
        # Less than the whole strength is ink 1 already, for pens often press half as hard as they can.
        full = enlarge_rows(strength, depth.shape, rows)
        low = np.maximum(full * np.float32(LOW), enlarge_rows(floor, depth.shape, rows) / 2)
        part = depth[rows]
        part -= low
        part /= np.maximum(full * np.float32(HIGH) - low, np.float32(0.02))
        np.clip(part, 0, 1, out=part)
    return depth


def _paper_level(depth: Grey) -> tuple[Grey, Grey]:
    """Return the mean and the standard deviation of the paper's missing light, on a coarse grid (h, w) each.

    They are measured by medians in squares, for in the dark a camera's noise is larger. A square that is
    mostly ink gets the values of the whole page.
    """
    step = max(1, int((depth.size / 150_000) ** 0.5))
    some = depth[::step, ::step]
    paper = some[some < SURELY_INK]
    paper = paper if paper.size > 0.1 * some.size else some
    level = np.float32(np.median(paper))
    rough = np.float32(np.median(np.abs(paper - level)))
    side = max(8, max(some.shape) // GRID)
    rows, columns = max(1, some.shape[0] // side), max(1, some.shape[1] // side)
    height, width = some.shape[0] // rows, some.shape[1] // columns
    tiles = some[: rows * height, : columns * width].reshape(rows, height, columns, width)
    squares = tiles.transpose(0, 2, 1, 3).reshape(rows, columns, -1)
    levels: Grey = np.median(squares, axis=2).astype(np.float32)
    roughs: Grey = np.median(np.abs(squares - levels[:, :, None]), axis=2).astype(np.float32)
    written = levels > min(SURELY_INK, float(level) + 4 * float(rough) + 0.03)
    levels[written], roughs[written] = level, rough
    roughs = np.maximum(roughs, rough / 2)
    # A Gaussian's standard deviation is 1.4826 times the median of the absolute difference from the median.
    return blur(levels, 1), np.float32(1.4826) * blur(largest(roughs, 1), 1)


def _strength(depth: Grey, floor: Grey) -> Grey | None:
    """Return the missing light of the usual stroke near each place of a coarse grid (h, w).

    `floor` is the least missing light of ink, on another coarse grid. None if no pixel has as much.
    """
    height, width = depth.shape
    tile = max(4, max(height, width) // 64)
    deepest = np.maximum.reduceat(depth, range(0, height, tile), axis=0)
    deepest = np.maximum.reduceat(deepest, range(0, width, tile), axis=1)
    least = enlarge(floor, deepest.shape)
    written = deepest[deepest > least]
    if written.size == 0:
        return None
    usual = float(np.percentile(written, 90))
    near = blur(largest(deepest, 2), 1)
    strength: Grey = np.maximum(near, np.maximum(np.float32(WEAKEST * usual), least))
    return strength
