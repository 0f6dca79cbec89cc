"""Strokes of large letters, which the network breaks into pieces, are seen whole by their darkness alone."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Box, Grey, Ints, Mask
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import spread
from hello_dl.reading.image.threshold import otsu, separability
from hello_dl.reading.ink_map.guess import ALIKE, InkGuess

TWO_TONES = 0.9  # least separability of a picture that is ink and paper only; photos have up to 0.85
LEAST_HEIGHT = 8  # pixels of a dark patch that may be a letter
MOST_PATCHES = 5  # largest dark patches in a letter's surroundings among which it is looked for
LOST = 0.1  # share of a stroke's pixels that a guess may miss; with more the stroke is broken
PIECES = 0.5  # share of a guess's letters that are pieces of broken strokes, from which it is left out


def guess_by_tones(small: Grey) -> InkGuess | None:
    """Return all that is dark in a picture (H, W) as ink, or all that is light if that is less.

    None for a picture that has more than two tones, such as a photo, or nothing as high as a letter.
    """
    if separability(small) < TWO_TONES:
        return None
    dark = small < otsu(small)
    light_on_dark = bool(dark.mean() > 0.5)
    ink = ~dark if light_on_dark else dark
    blobs = find_blobs(ink)
    left, top, right, bottom = blobs.boxes.T
    like = (bottom - top >= LEAST_HEIGHT) & (left > 0) & (top > 0)
    like &= (right < small.shape[1]) & (bottom < small.shape[0])
    if not like.any():
        return None
    area, tall = float(blobs.area[like].sum()), float(np.median((bottom - top)[like]))
    return InkGuess(ink.astype(np.float32), light_on_dark, blobs.boxes[like], area, tall)


def is_broken(guess: InkGuess, whole: InkGuess, small: Grey) -> bool:
    """Whether most letters of a guess are pieces of strokes of which another guess shows more.

    Letters that are too large for the network fall into pieces; `small` (H, W) shows that their strokes are
    unbroken. The ink of both guesses is (H, W).
    """
    if guess.light_on_dark != whole.light_on_dark or guess.tall * ALIKE > whole.tall:
        return False
    dark = 1 - small if guess.light_on_dark else small
    ink = guess.ink > 0.5
    broken = np.zeros_like(ink)  # all strokes that the guess breaks
    for box in whole.boxes:
        left, top, right, bottom = _grown(box, small.shape)
        part = slice(top, bottom), slice(left, right)
        stroke = _stroke(dark[part], whole.ink[part] > 0.5)
        lost = stroke & ~spread(ink[part], 1)
        if np.count_nonzero(lost) > LOST * np.count_nonzero(stroke):
            broken[part] |= stroke
    broken &= ink
    pieces = [broken[top:bottom, left:right].any() for left, top, right, bottom in guess.boxes]
    return float(np.mean(pieces)) >= PIECES


def _grown(box: Ints, shape: tuple[int, ...]) -> Box:
    """Return a box (4,) with half its longer side added all round, within a picture of `shape` (H, W)."""
    left, top, right, bottom = box.tolist()
    more = max(right - left, bottom - top) // 2
    return max(0, left - more), max(0, top - more), min(shape[1], right + more), min(shape[0], bottom + more)


def _stroke(grey: Grey, ink: Mask) -> Mask:
    """Return the connected dark patch in a part of a picture (h, w) that has most of `ink`.

    Nothing if it reaches the part's edge: then it is no letter alone, but a ruled line or a shadow.
    """
    height, width = grey.shape
    blobs = find_blobs(grey < otsu(grey))
    largest = np.argsort(-blobs.area)[:MOST_PATCHES]
    masks = [blobs.mask(largest[i : i + 1], (0, 0, width, height)) for i in range(len(largest))]
    stroke = max(masks, key=lambda mask: np.count_nonzero(mask & ink), default=np.zeros_like(ink))
    rim = np.concatenate([stroke[0], stroke[-1], stroke[:, 0], stroke[:, -1]])
    return np.zeros_like(ink) if rim.any() else stroke
