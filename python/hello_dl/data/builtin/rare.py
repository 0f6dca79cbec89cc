"""A writer with rare ways to write some letters, which `generate` never draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.builtin.glyphs import CHARACTERS, GLYPHS, Floats, Glyph, Ints, make_glyph
from hello_dl.data.builtin.strokes_rare import RARE
from hello_dl.data.builtin.writer import Writer, stream

RARE_GLYPHS = [make_glyph(char, text) for char, ways in RARE.items() for _, text in ways]


class RareWriter(Writer):
    """A person who always writes some letters in a rare way: about `share` of those that have one.

    `RareWriter(7)` is the same person as `Writer(7)`, except for these letters. Raises ValueError unless
    0 <= share <= 1.
    """

    def __init__(self, seed: int, *, neat: bool = True, share: float = 0.7) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"RareWriter: needs a share from 0 to 1, got {share}")
        super().__init__(seed, neat=neat)
        chance = stream(seed, 5).random(len(RARE_GLYPHS))
        self.rare = {  # number of a character: number of its rare glyph, which follow the usual glyphs
            CHARACTERS.index(glyph.char): len(GLYPHS) + i
            for i, (glyph, luck) in enumerate(zip(RARE_GLYPHS, chance, strict=True))
            if luck < share
        }

    def numbers(
        self, classes: Ints, chance: NDArray[np.float64], fresh: Floats
    ) -> tuple[Ints, Floats, Floats]:
        """Return what `Writer.numbers` does, with the rare glyphs in their places."""
        glyphs, style, shape = super().numbers(classes, chance, fresh)
        for char, glyph in self.rare.items():
            glyphs[classes == char] = glyph
        return glyphs, style, shape

    def glyph(self, number: int) -> Glyph:
        """Return the glyph with this number, usual or rare."""
        return super().glyph(number) if number < len(GLYPHS) else RARE_GLYPHS[number - len(GLYPHS)]
