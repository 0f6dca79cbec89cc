"""Turns grey into ink: even light, white paper, and how much ink each pixel holds, 0 = paper .. 1 = ink."""

from __future__ import annotations

import numpy as np

from .filters import Grey, Mask, blur, enlarge, largest, shrink, smallest, soften

SMALL = 400  # pixels on the longer side at which paper and contrast are measured
PAPER_REACH = (1 / 100, 1 / 50, 1 / 24, 1 / 8)  # of the longer side: half of what a stroke may be wide
FAINTEST = 0.06  # share of the light that ink must swallow at least to count as ink
SURELY_INK = 0.2  # share of the light: what swallows more is left out when the paper's roughness is measured
ABOVE_NOISE = 4.0  # ... and how many times the paper's own roughness that must be
WEAKEST = 0.4  # of the picture's usual ink: what a locally fainter pen may have


def ink(grey: Grey, sheet: Mask | None = None) -> Grey:
    """Returns how much ink each pixel of `grey` (H, W) holds, 0 = paper .. 1 = ink, float32.

    The light is made even by dividing by the paper's brightness nearby ("white balance" in the series); light
    writing on dark ground is turned round first; then the contrast is stretched so that the usual pen stroke
    nearby is 1 and the paper's roughness 0. A picture without writing gives zeros. What lies outside
    `sheet`, an (H, W) mask, counts as empty.
    """
    if _is_light_on_dark(grey, sheet):
        grey = 1 - grey
    depth = _depth(grey, sheet)
    if sheet is not None:
        depth[~sheet] = 0
    sample = _sample(depth, sheet)
    if sample.size == 0:
        return np.zeros_like(depth)
    paper = sample[sample < SURELY_INK]
    sample = paper if paper.size > 0.1 * sample.size else sample
    level = float(np.median(sample))
    rough = 1.4826 * float(np.median(np.abs(sample - level)))  # = standard deviation, if it were Gaussian
    if rough > 0.01:
        depth = soften(depth)
        rough *= 0.5  # softening leaves 3/8 of noise that differs from pixel to pixel; some does not
    floor = max(FAINTEST, ABOVE_NOISE * rough)
    strength = _strength(depth - np.float32(level), floor)
    if strength is None:
        return np.zeros_like(depth)
    # 0.1 and 0.7 of a stroke's full depth become 0 and 1: a pen often presses only half as hard as it can.
    low = np.maximum(strength * np.float32(0.1), np.float32(floor / 2))
    depth -= np.float32(level)
    depth -= low
    depth /= np.maximum(strength * np.float32(0.7) - low, np.float32(0.02))
    return np.clip(depth, 0, 1, out=depth)


def _is_light_on_dark(grey: Grey, sheet: Mask | None) -> bool:
    """Whether what stands out from its surroundings is brighter than they are.

    Writing covers the smaller part of any place, so it lies further from the place's mean than the paper
    does: the sign of the third moment (the skewness) of the difference tells on which side.
    """
    small = shrink(grey, SMALL)
    inside = np.ones_like(small) if sheet is None else (shrink(sheet.astype(np.float32), SMALL) > 0.99)
    reach = max(2, round(max(small.shape) * PAPER_REACH[-1]))
    mean = blur(small * inside, reach) / np.maximum(blur(inside.astype(np.float32), reach), np.float32(1e-3))
    return bool(np.sum(((small - mean) * inside).astype(np.float64) ** 3) > 0)


def _depth(grey: Grey, sheet: Mask | None) -> Grey:
    """The share of the light that is missing at each pixel, compared with bare paper nearby."""
    small = shrink(grey, SMALL)
    inside = np.ones_like(small) if sheet is None else shrink(sheet.astype(np.float32), SMALL)
    paper = enlarge(_paper(small, inside > 0.99), grey.shape)
    depth = grey / paper
    np.subtract(np.float32(1), depth, out=depth)
    return depth


def _paper(small: Grey, inside: Mask) -> Grey:
    """How bright bare paper is at each pixel of a small picture.

    By closing: the brightest value within a reach wipes out strokes, then the darkest of those brings
    shadows back to where they were. The reach must exceed half a stroke, but the less the better it follows
    folds and shadows: so we take the smallest that leaves nearly all of the deepest ink as deep as the
    widest reach finds it.
    """
    smooth = soften(small)

    def closed(share: float) -> Grey:
        reach = max(2, round(max(small.shape) * share))
        paper = blur(smallest(largest(smooth, reach), reach), max(1, reach // 4))
        return np.maximum(paper, np.float32(0.02))

    widest = closed(PAPER_REACH[-1])
    depth = (1 - small / widest) * inside
    deep = depth > max(FAINTEST, 0.5 * float(np.percentile(depth, 99.8)))
    if not deep.any():
        return widest
    for share in PAPER_REACH[:-1]:
        paper = closed(share)
        if np.mean((1 - small / paper)[deep] > 0.8 * depth[deep]) > 0.9:
            return paper
    return widest


def _sample(depth: Grey, sheet: Mask | None) -> Grey:
    """Some ten thousand values spread over the sheet: enough for medians."""
    step = max(1, int((depth.size / 40_000) ** 0.5))
    values = depth[::step, ::step]
    return values if sheet is None else values[sheet[::step, ::step]]


def _strength(depth: Grey, floor: float) -> Grey | None:
    """How deep the usual pen stroke is near each pixel, (H, W); None if nothing is deeper than `floor`."""
    height, width = depth.shape
    tile = max(4, max(height, width) // 64)
    rows, columns = -(-height // tile), -(-width // tile)
    padded = np.zeros((rows * tile, columns * tile), dtype=np.float32)
    padded[:height, :width] = depth
    deepest = padded.reshape(rows, tile, columns, tile).max(axis=(1, 3))  # (rows, columns)
    written = deepest[deepest > floor]
    if written.size == 0:
        return None
    usual = float(np.percentile(written, 90))
    near = blur(largest(deepest, 2), 1)
    return enlarge(np.maximum(near, np.float32(max(WEAKEST * usual, floor))), depth.shape)
