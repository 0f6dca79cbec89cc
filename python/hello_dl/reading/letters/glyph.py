"""Makes glyphs: the ink of one letter as a picture of 28 x 28 pixels, by EMNIST's recipe.

Source: Cohen et al., "EMNIST: an extension of MNIST to handwritten letters", 2017, section II.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.filters import soften, spread
from hello_dl.reading.ink_map.measures import pen_width
from hello_dl.reading.letters.segment import Letter

SIDE = 28  # pixels of a glyph's side
FILL = 24  # pixels of the letter's longer side in it
THINNEST = 2.7  # pixels of a glyph's strokes, at least: photographed pens have 2.0, NIST's forms 3.2
WORK = 4 * FILL  # pixels of the letter's longer side while its strokes are thickened
MARGIN = WORK // 8  # pixels of room for thicker strokes on each side
CELL = WORK + 2 * MARGIN  # pixels of the side of the cell in which this is done
TOGETHER = 16  # letters softened at once: so many cells fit the cache
STRONG = 0.3  # ink of 1: what is weaker does not count when a letter is cropped


def to_glyphs(ink: Grey, letters: list[Letter]) -> NDArray[np.uint8]:
    """Return letters as (n, 28, 28) uint8, 0 = paper, 255 = ink: 24 pixels on the longer side, centred.

    `ink` is the page (H, W), 0 = paper .. 1 = ink. Only a letter's own ink is taken, not that of a neighbour
    in its box. Strokes that would be thinner than 2.7 pixels are thickened, for EMNIST's pens were thick.
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
        """Return the glyphs (n, 28, 28) of some letters, as `to_glyphs` makes them."""
        new = [letter for letter in letters if letter not in self._made]
        self._made.update(zip(new, to_glyphs(self.ink, new), strict=True))
        return np.array([self._made[letter] for letter in letters], np.uint8).reshape(-1, SIDE, SIDE)


def to_glyph(ink: Grey, letter: Letter) -> NDArray[np.uint8]:
    """Return the glyph (28, 28) of one letter, as `to_glyphs` makes it."""
    glyph: NDArray[np.uint8] = to_glyphs(ink, [letter])[0]
    return glyph


def _draw(cell: Grey, ink: Grey, letter: Letter) -> None:
    """Draw a letter into an empty cell (CELL, CELL), WORK pixels on its longer side, strokes thick enough."""
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
    # A stroke of width s, thickened by r on both sides, gets the width (s + 2 r) FILL / (WORK + 2 r) in the
    # glyph. That is to be THINNEST: solved for r.
    radius = (THINNEST * WORK / FILL - pen_width(cell > 0.5)) / (1 - THINNEST / FILL) / 2
    if radius > 0:
        thicken(cell, work, min(radius, WORK / 12))


def thicken(cell: Grey, work: Grey, radius: float) -> None:
    """Grow strokes by `radius` pixels on each side: every pixel gets the most ink in the disc around it.

    `work` (h, w) is the letter, which lies in the cell at (MARGIN, MARGIN); the cell is changed. A disc is
    symmetric, so pixels to the left and right are handled in pairs, and so are rows above and below.
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
    """Crop cells (n, CELL, CELL) to their ink, make them square and shrink them: (n, FILL, FILL) uint8."""
    small = np.zeros((len(cells), FILL, FILL), dtype=np.float32)
    strong = cells > STRONG
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
