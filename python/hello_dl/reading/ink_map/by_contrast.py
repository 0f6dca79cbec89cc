"""Tells ink by plain contrast: what is darker than the paper nearby, and narrower than a pen's stroke.

No network is asked. That will do where nothing but writing is in the picture, as in the boxes of a form; in
photos a table, folds and printed lines would be taken for ink, and `inkfinder` is asked instead.
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

SMALL = 400  # pixels on the longer side at which light on dark is told
SURVEY = 1000  # pixels on the longer side at which the pen is measured
# Pixels there: half of what a stroke may be wide.
REACHES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
PLATEAU = 0.75  # of the ink that a reach 2.5 times as wide finds: the pen's strokes are filled
DEEPEST = 99.7  # percentile of the missing light that is taken for the depth of ink
DEEP = 0.6  # of the depth that the widest reach finds: else only dirt and rules are filled so far
FAINTEST = 0.06  # share of the light that ink must swallow at least to count as ink
SURELY_INK = 0.2  # share of the light: what swallows more is left out when the paper's roughness is measured
ABOVE_NOISE = 4.0  # ... and how many times the paper's own roughness that must be
WEAKEST = 0.4  # of the picture's usual ink: what a locally fainter pen may have
GRID = 24  # squares along the longer side, in each of which the paper's roughness is measured
DARKEST = 4  # of 255: what paper may be at least, or the share of its light that is missing means nothing


def ink(grey: Grey) -> Grey:
    """Returns how much ink each pixel of `grey` (H, W) holds, 0 = paper .. 1 = ink, float32.

    The light is made even by dividing by the paper's brightness nearby ("white balance" in the series); light
    writing on dark ground is turned round first; then the contrast is stretched so that the usual pen stroke
    nearby is 1 and the paper's roughness 0. A picture without writing gives zeros.
    """
    if _is_light_on_dark(grey):
        grey = 1 - grey
    return _stretch(_depth(grey, _pen_reach(grey)))


def _is_light_on_dark(grey: Grey) -> bool:
    """Whether what stands out from its surroundings is brighter than they are.

    Writing covers the smaller part of any place, so it lies further from the place's mean than the paper
    does: the sign of the third moment (the skewness) of the difference tells on which side.
    """
    small = shrink(grey, SMALL)
    mean = blur(small, max(2, max(small.shape) // 8))
    return bool(np.sum((small - mean).astype(np.float64) ** 3) > 0)


def _pen_reach(grey: Grey) -> int:
    """Half the width of the usual pen stroke, in pixels, generously rounded up.

    By granulometry (Matheron, 1975): closing with a growing square fills the strokes at once when it becomes
    wider than they are, and little happens after that. The less it reaches, the better paper can be told
    under folds and beside shadows.
    """
    small = shrink(grey, SURVEY)
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
    """The picture softened and stretched to the whole range of a byte: morphology is fast on these."""
    top = max(float(np.percentile(grey[::7, ::7], 99.5)), 1e-3)
    values = np.empty(grey.shape, dtype=np.uint8)
    for rows in strips(grey):
        soft = soft_rows(grey, rows)
        soft *= np.float32(255 / top)
        values[rows] = np.clip(soft, 0, 255, out=soft)
    return values


def _depth(grey: Grey, reach: int) -> Grey:
    """The share of the light that is missing at each pixel, compared with bare paper nearby.

    Bare paper is what is left when everything darker and narrower than a stroke is filled. The edge of a
    shadow is no stroke: it is dark to one side only, and stays.
    """
    values = _as_bytes(grey)
    return _missing(values, closing(values, reach))


def _missing(values: Bytes, paper: Bytes) -> Grey:
    missing = np.empty(values.shape, dtype=np.float32)
    for rows in strips(missing):
        share = values[rows] / np.maximum(paper[rows], DARKEST).astype(np.float32)
        np.subtract(np.float32(1), share, out=missing[rows])
    return missing


def _stretch(depth: Grey) -> Grey:
    """Makes of the missing light, in place, what the pen left: the usual stroke nearby is 1, the paper 0."""
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
        # 0.1 and 0.7 of a stroke's full depth become 0 and 1: a pen often presses only half as hard as it
        # can.
        full = enlarge_rows(strength, depth.shape, rows)
        low = np.maximum(full * np.float32(0.1), enlarge_rows(floor, depth.shape, rows) / 2)
        part = depth[rows]
        part -= low
        part /= np.maximum(full * np.float32(0.7) - low, np.float32(0.02))
        np.clip(part, 0, 1, out=part)
    return depth


def _paper_level(depth: Grey) -> tuple[Grey, Grey]:
    """How much light bare paper misses, and how rough it is (a standard deviation), on a coarse grid.

    By medians within squares, for in the dark a camera's noise is larger. Where a square is mostly ink, what
    the whole page says counts.
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
    # 1.4826 medians of the absolute difference are a standard deviation, if it were Gaussian.
    return blur(levels, 1), np.float32(1.4826) * blur(largest(roughs, 1), 1)


def _strength(depth: Grey, floor: Grey) -> Grey | None:
    """How deep the usual pen stroke is near each place of a coarse grid; None if nothing is below `floor`."""
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
