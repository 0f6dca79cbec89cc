"""Glyphs: letters as EMNIST would show them, made in batches and only once."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from handwriting import LETTERS, TEXT, array, classify, letters_of, write
from hello_dl.reading import (
    Letter,
    find_letters,
    ink,
    load_picture,
    read,
    to_glyph,
)
from hello_dl.reading.letters import glyph
from hello_dl.reading.letters.glyph import CELL, MARGIN, TOGETHER, thicken, to_glyphs


def test_a_glyph_fills_24_of_28_pixels_and_sits_in_the_middle() -> None:
    for c in "iomwk":
        written = ink(load_picture(write(c, size=200)))
        ((word,),) = find_letters(written)
        glyph = to_glyph(written, word[0])
        assert glyph.shape == (28, 28)
        assert glyph.dtype == np.uint8
        assert glyph.max() == 255
        rows, columns = np.flatnonzero((glyph > 40).any(axis=1)), np.flatnonzero((glyph > 40).any(axis=0))
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert 23 <= max(height, width) <= 24
        assert abs(int(rows[0]) + int(rows[-1]) - 27) <= 2
        assert abs(int(columns[0]) + int(columns[-1]) - 27) <= 2


@pytest.mark.parametrize("pen", [1, 3, 10])
def test_thin_pens_come_out_as_thick_as_the_network_knows_them(pen: int) -> None:
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).line((150, 50, 150, 250), fill=0, width=pen)
    written = ink(load_picture(page))
    ((word,),) = find_letters(written)
    glyph = to_glyph(written, word[0]).astype(float) / 255
    assert 2.0 < glyph[14].sum() < 3.6


def test_a_glyph_leaves_out_the_neighbour_in_its_box() -> None:
    page = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(page)
    draw.line((50, 50, 50, 150, 150, 150), fill=0, width=10)  # an L
    draw.line((110, 60, 110, 110), fill=0, width=10)  # something else inside its box
    both = letters_of(page)
    written = ink(load_picture(page))
    big = max(both, key=lambda letter: letter.mask.sum())
    alone = Letter(big.box, big.mask.copy())
    alone.mask[:90, 40:] = False
    assert to_glyph(written, alone)[:18, 12:].max() == 0


def noise(height: int, width: int) -> NDArray[np.float32]:
    return np.random.default_rng(height).random((height, width)).astype(np.float32)


@pytest.mark.parametrize("radius", [0.2, 1.0, 1.7, 8.0])
def test_athickened_stroke_takes_the_most_ink_of_the_disc_around_each_pixel(radius: float) -> None:
    work = noise(40, 17) * (noise(41, 17)[:40] > 0.9)
    cell = np.zeros((CELL, CELL), np.float32)
    cell[MARGIN : MARGIN + 40, MARGIN : MARGIN + 17] = work
    expected = cell.copy()
    reach = int(np.ceil(radius))
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            weight = np.float32(np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1))
            expected = np.maximum(expected, weight * np.roll(cell, (dy, dx), axis=(0, 1)))
    thicken(cell, work, radius)
    np.testing.assert_array_equal(cell, expected)


def test_glyphs_made_together_are_those_made_one_by_one() -> None:
    written = ink(array(write(TEXT)))
    letters = [letter for line in find_letters(written) for word in line for letter in word]
    assert len(letters) > TOGETHER  # so more than one batch
    together = to_glyphs(written, letters)
    np.testing.assert_array_equal(together, [to_glyph(written, letter) for letter in letters])
    assert to_glyphs(written, []).shape == (0, 28, 28)
    empty = Letter((0, 0, 5, 5), np.zeros((5, 5), np.bool_))
    assert to_glyph(np.zeros((5, 5), np.float32), empty).max() == 0


def test_a_letters_glyph_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Letter] = []

    def counting(written: NDArray[np.float32], letters: list[Letter]) -> NDArray[np.uint8]:
        made.extend(letters)
        return to_glyphs(written, letters)

    monkeypatch.setattr(glyph, "to_glyphs", counting)
    page = read(write(TEXT), classify, LETTERS, context="off")
    assert len(made) == len(set(made)) >= len(page.characters) > 0
