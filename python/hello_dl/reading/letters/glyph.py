"""Makes of one letter's ink the 28x28 picture that EMNIST would have made of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.filters import soften, spread
from hello_dl.reading.ink_map.measures import pen_width
from hello_dl.reading.letters.segment import Letter

SIDE = 28  # pixels of the finished picture
FILL = 24  # of which the letter's longer side takes this many
WORK = 4 * FILL  # the letter's longer side while its stroke is thickened
THINNEST = 2.7  # pixels of that picture, between the 2.0 of photographed pens and the 3.2 of NIST's forms
MARGIN = WORK // 8  # room for that on each side
CELL = WORK + 2 * MARGIN
TOGETHER = 16  # letters softened at once: so many cells lie in the cache


def to_glyphs(ink: Grey, letters: list[Letter]) -> NDArray[np.uint8]:
    """Returns the letters as (n, 28, 28) uint8, 0 = paper, 255 = ink: 24 pixels on the longer side, centred.

    Only the letter's own ink is taken, not that of a neighbour in the same box. Pen strokes that would
    shrink to less than 2.7 pixels are thickened first, for EMNIST's come from thick pens (Cohen et al.,
    2017, section II).
    """
    glyphs = np.zeros((len(letters), SIDE, SIDE), dtype=np.uint8)
    for start in range(0, len(letters), TOGETHER):
        some = letters[start : start + TOGETHER]
        cells = np.zeros((len(some), CELL, CELL), dtype=np.float32)
        for cell, letter in zip(cells, some, strict=True):
            _draw(cell, ink, letter)
        cells = soften(cells.reshape(-1, CELL)).reshape(cells.shape)  # their margins keep them apart
        edge = (SIDE - FILL) // 2
        glyphs[start : start + TOGETHER, edge:-edge, edge:-edge] = _finish(cells)
    return glyphs


class Glyphs:
    """The glyphs of the letters on one page of ink (H, W), each made only once."""

    def __init__(self, ink: Grey) -> None:
        self.ink = ink
        self._made: dict[Letter, NDArray[np.uint8]] = {}

    def of(self, letters: list[Letter]) -> NDArray[np.uint8]:
        """Returns the glyphs (n, 28, 28) as `to_glyphs` makes them."""
        new = [letter for letter in letters if letter not in self._made]
        self._made.update(zip(new, to_glyphs(self.ink, new), strict=True))
        return np.array([self._made[letter] for letter in letters], np.uint8).reshape(-1, SIDE, SIDE)


def to_glyph(ink: Grey, letter: Letter) -> NDArray[np.uint8]:
    """Returns one letter as `to_glyphs` does, (28, 28)."""
    glyph: NDArray[np.uint8] = to_glyphs(ink, [letter])[0]
    return glyph


def _draw(cell: Grey, ink: Grey, letter: Letter) -> None:
    """Draws the letter into an empty cell, WORK pixels on its longer side, with strokes thick enough."""
    left, top, right, bottom = letter.box
    own = spread(letter.mask, 1)  # the soft rim of the strokes too
    crop = ink[top:bottom, left:right] * own
    height, width = crop.shape
    scale = WORK / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(crop).resize(
        size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    )
    work = np.clip(np.asarray(image, dtype=np.float32), 0, 1)
    cell[MARGIN : MARGIN + size[1], MARGIN : MARGIN + size[0]] = work
    # A stroke s wide, thickened by r on both sides, comes out (s + 2 r) FILL / (WORK + 2 r) wide: solve for
    # r.
    radius = (THINNEST * WORK / FILL - pen_width(cell > 0.5)) / (1 - THINNEST / FILL) / 2
    if radius > 0:
        _thicken(cell, work, min(radius, WORK / 12))


def _thicken(cell: Grey, work: Grey, radius: float) -> None:
    """Grows strokes by `radius` pixels on each side: every pixel takes the most ink in the disc around it.

    `work` is what lies in the cell within the margin. The disc is the same to the left and to the right, and
    above and below: so two neighbours at a time are compared, and one row serves two.
    """
    reach = int(np.ceil(radius))
    height, width = work.shape
    rows = np.zeros((height, width + 2 * reach), dtype=np.float32)
    pairs = np.zeros((reach + 1, *rows.shape), dtype=np.float32)  # the most ink dx to the left or right
    for dx in range(reach + 1):
        pairs[dx, :, reach + dx : reach + dx + width] = work
        left = pairs[dx, :, reach - dx : reach - dx + width]
        np.maximum(left, work, out=left)
    for dy in range(reach + 1):
        # The disc's rim counts in part.
        weights = np.clip(radius + 0.5 - np.hypot(np.arange(reach + 1), dy), 0, 1).astype(np.float32)
        rows[:] = 0
        for pair, weight in zip(pairs, weights, strict=True):
            if weight > 0:
                np.maximum(rows, pair if weight == 1 else weight * pair, out=rows)
        for top in {MARGIN - dy, MARGIN + dy}:
            part = cell[top : top + height, MARGIN - reach : MARGIN + width + reach]
            np.maximum(part, rows, out=part)


def _finish(cells: Grey) -> NDArray[np.uint8]:
    """Cuts off empty margins, makes the rest square and shrinks it: cells become (n, FILL, FILL)."""
    small = np.zeros((len(cells), FILL, FILL), dtype=np.float32)
    strong = cells > 0.3
    for i, cell in enumerate(cells):
        y, x = np.flatnonzero(strong[i].any(axis=1)), np.flatnonzero(strong[i].any(axis=0))
        if len(y) == 0:
            continue
        crop = cell[y[0] : y[-1] + 1, x[0] : x[-1] + 1]
        height, width = crop.shape
        side = max(height, width)
        square = np.zeros((side, side), dtype=np.float32)
        top, left = (side - height) // 2, (side - width) // 2
        square[top : top + height, left : left + width] = crop
        small[i] = np.asarray(Image.fromarray(square).resize((FILL, FILL), Image.Resampling.BICUBIC))
    small /= np.maximum(small.max(axis=(1, 2), keepdims=True), np.float32(0.2))
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
