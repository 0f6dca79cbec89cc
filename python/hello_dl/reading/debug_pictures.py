"""Keeps every picture on the way from a photo to its letters, as files to look at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading.image.arrays import Grey, Mask

Glyphs = NDArray[np.uint8]  # (n, 28, 28)
IN_A_ROW = 24  # glyphs on a contact sheet
GAP = 2  # pixels between them


class Steps:
    """Writes each picture that it is shown as FOLDER/NAME-1-what.png, counting: a `trace` for `read`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.count = folder, name, 0

    def __call__(self, what: str, picture: Grey | Mask | Glyphs) -> None:
        if picture.ndim == 3:
            self.save(what, side_by_side(picture.astype(np.uint8)))
            return
        grey = np.asarray(picture, dtype=np.float32)
        self.save(what, Image.fromarray(np.rint(255 * np.clip(grey, 0, 1)).astype(np.uint8)))

    def save(self, what: str, image: Image.Image) -> None:
        """Write one picture. Raises OSError if it cannot be written."""
        self.count += 1
        image.save(self.folder / f"{self.name}-{self.count}-{what}.png")


def side_by_side(glyphs: Glyphs) -> Image.Image:
    """Return all glyphs (n, 28, 28) side by side in reading order, with a grey line between them."""
    side = glyphs.shape[1] + GAP
    rows = -(-len(glyphs) // IN_A_ROW)
    columns = min(IN_A_ROW, max(1, len(glyphs)))
    sheet = np.full((rows * side + GAP, columns * side + GAP), 90, dtype=np.uint8)
    for i, glyph in enumerate(glyphs):
        y, x = divmod(i, IN_A_ROW)
        sheet[y * side + GAP : (y + 1) * side, x * side + GAP : (x + 1) * side] = glyph
    return Image.fromarray(sheet)
