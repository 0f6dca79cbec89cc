"""Makes of one letter's ink the 28x28 picture that EMNIST would have made of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .filters import Grey, soften, spread
from .segment import Letter

SIDE = 28  # pixels of the finished picture
FILL = 24  # of which the letter's longer side takes this many
WORK = 4 * FILL  # the letter's longer side while its stroke is thickened
THINNEST = (
    2.7  # pixels of the finished picture, between the 2.0 of photographed pens and the 3.2 of NIST's forms
)
FAINT, FULL = 0.15, 0.65  # ink from here is grey, to here black: EMNIST's come from black-and-white scans


def to_glyphs(ink: Grey, letters: list[Letter]) -> NDArray[np.uint8]:
    """Returns all the letters as `to_glyph` makes them, (n, 28, 28)."""
    glyphs = np.zeros((len(letters), SIDE, SIDE), dtype=np.uint8)
    for i, letter in enumerate(letters):
        glyphs[i] = to_glyph(ink, letter)
    return glyphs


def to_glyph(ink: Grey, letter: Letter) -> NDArray[np.uint8]:
    """Returns the letter as (28, 28) uint8, 0 = paper, 255 = ink: 24 pixels on its longer side, centred.

    Only the letter's own ink is taken, not that of a neighbour in the same box. Pen strokes that would
    shrink to less than 2.7 pixels are thickened first, for EMNIST's come from thick pens (Cohen et al.,
    2017, section II).
    """
    left, top, right, bottom = letter.box
    own = spread(np.pad(letter.mask, 1), 1)[1:-1, 1:-1]  # the soft rim of the strokes too
    crop = np.where(own, ink[top:bottom, left:right], np.float32(0)).astype(np.float32)
    height, width = crop.shape
    scale = WORK / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(crop).resize(
        size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    )
    work = np.clip(np.asarray(image, dtype=np.float32), 0, 1)
    # A stroke s wide, thickened by r on both sides, comes out (s + 2 r) FILL / (WORK + 2 r) wide: solve for
    # r.
    radius = (THINNEST * WORK / FILL - _stroke_width(work)) / (1 - THINNEST / FILL) / 2
    work = np.pad(work, WORK // 8)
    if radius > 0:
        work = _thicken(work, min(radius, WORK / 12))
    return _finish(soften(work))


def _stroke_width(work: Grey) -> float:
    """The usual width of the strokes: twice the area over the length of the outline."""
    filled = np.pad(work > 0.5, 1)
    area = float(filled.sum())
    steps = float((filled[1:] != filled[:-1]).sum() + (filled[:, 1:] != filled[:, :-1]).sum())
    # A slanted outline has about 4 / pi as many pixel steps as its length.
    return 2 * area / max(1.0, steps * np.pi / 4)


def _thicken(work: Grey, radius: float) -> Grey:
    """Grows strokes by `radius` pixels on each side: every pixel takes the most ink in the disc around it."""
    reach = int(np.ceil(radius))
    height, width = work.shape
    padded = np.pad(work, reach)
    grown = work.copy()
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            weight = np.float32(
                np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)
            )  # the disc's rim counts in part
            if weight > 0:
                part = padded[reach + dy : reach + dy + height, reach + dx : reach + dx + width]
                np.maximum(grown, weight * part, out=grown)
    return grown


def _finish(work: Grey) -> NDArray[np.uint8]:
    """Cuts off empty margins, makes the rest square, shrinks it to FILL and lays it into the middle."""
    rows, columns = np.flatnonzero((work > 0.3).any(axis=1)), np.flatnonzero((work > 0.3).any(axis=0))
    if len(rows) == 0:
        return np.zeros((SIDE, SIDE), dtype=np.uint8)
    crop = work[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = crop.shape
    side = max(height, width)
    square = np.zeros((side, side), dtype=np.float32)
    y, x = (side - height) // 2, (side - width) // 2
    square[y : y + height, x : x + width] = crop
    small = np.asarray(Image.fromarray(square).resize((FILL, FILL), Image.Resampling.BICUBIC))
    small = np.clip(small / max(0.2, float(small.max())), 0, 1)
    out = np.zeros((SIDE, SIDE), dtype=np.uint8)
    edge = (SIDE - FILL) // 2
    out[edge:-edge, edge:-edge] = np.rint(small * 255)
    return out
