"""Saves every picture on the way from a photo to its letters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Bytes, Grey, Mask

IN_A_ROW = 24  # glyphs, at most
GAP = 2  # pixels between glyphs


class Steps:
    """A `trace` for `read` that writes each picture it is shown to FOLDER/NAME-NUMBER-STEP.png."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.count = folder, name, 0

    def __call__(self, what: str, picture: Grey | Mask | Bytes) -> None:
        """Write the picture of the step `what`: (H, W) in 0 .. 1, or glyphs (n, 28, 28) uint8."""
        if picture.ndim == 3:
            self.save(what, side_by_side(picture.astype(np.uint8)))
            return
        grey = np.asarray(picture, dtype=np.float32)
        self.save(what, Image.fromarray(np.rint(255 * np.clip(grey, 0, 1)).astype(np.uint8)))

    def save(self, what: str, image: Image.Image) -> None:
        """Write one picture, with the next number. Raises OSError if it cannot be written."""
        self.count += 1
        image.save(self.folder / f"{self.name}-{self.count}-{what}.png")


def side_by_side(glyphs: Bytes) -> Image.Image:
    """Return all glyphs (n, 28, 28) side by side in reading order, with a grey line between them."""
    side = glyphs.shape[1] + GAP
    rows = -(-len(glyphs) // IN_A_ROW)
    columns = min(IN_A_ROW, max(1, len(glyphs)))
    sheet = np.full((rows * side + GAP, columns * side + GAP), 90, dtype=np.uint8)
    for i, glyph in enumerate(glyphs):
        y, x = divmod(i, IN_A_ROW)
        sheet[y * side + GAP : (y + 1) * side, x * side + GAP : (x + 1) * side] = glyph
    return Image.fromarray(sheet)
