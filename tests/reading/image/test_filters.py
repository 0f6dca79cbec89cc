"""What is done in strips, in pairs or in batches for speed gives what the plain rule gives."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from handwriting import LETTERS, TEXT, array, classify, write
from hello_dl.reading import Letter, find_letters, ink, read, to_glyph
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import STRIP, enlarge, enlarge_rows, soften, spread, strips
from hello_dl.reading.letters import glyph
from hello_dl.reading.letters.glyph import CELL, MARGIN, TOGETHER, _thicken, to_glyphs


def noise(height: int, width: int) -> NDArray[np.float32]:
    return np.random.default_rng(height).random((height, width)).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (1200, 130), (40, 2 * STRIP // 8)])
def test_strips_cover_every_row_once(shape: tuple[int, int]) -> None:
    rows = [row for strip in strips(np.zeros(shape, np.float32)) for row in range(strip.start, strip.stop)]
    assert rows == list(range(shape[0]))


@pytest.mark.parametrize("shape", [(1, 1), (9, 4), (1200, 130)])
def test_softening_weighs_neighbours_a_quarter_a_half_a_quarter(shape: tuple[int, int]) -> None:
    grey = noise(*shape)
    expected = np.pad(grey.astype(float), 1, mode="edge")
    expected = (expected[:-2] + 2 * expected[1:-1] + expected[2:]) / 4
    expected = (expected[:, :-2] + 2 * expected[:, 1:-1] + expected[:, 2:]) / 4
    np.testing.assert_allclose(soften(grey), expected, atol=1e-6)


@pytest.mark.parametrize("small", [(1, 1), (7, 5), (24, 18)])
def test_rows_of_an_enlarged_picture_are_those_of_the_whole(small: tuple[int, int]) -> None:
    grid, shape = noise(*small), (731, 402)
    whole = enlarge(grid, shape)
    for rows in [slice(0, 100), slice(100, 401), slice(401, 730), slice(730, 731)]:
        np.testing.assert_allclose(enlarge_rows(grid, shape, rows), whole[rows], atol=1e-5)


@pytest.mark.parametrize("radius", [-2, -1, 0, 1, 3, 30])
def test_a_mask_grows_to_all_in_a_square_around_it(radius: int) -> None:
    mask = np.random.default_rng(1).random((21, 16)) < (0.05 if radius > 0 else 0.9)
    reach = abs(radius)
    padded = np.pad(mask if radius > 0 else ~mask, reach)
    window = np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1))
    grown = window.any(axis=(2, 3))
    np.testing.assert_array_equal(spread(mask, radius), grown if radius > 0 else ~grown)


@pytest.mark.parametrize("radius", [0.2, 1.0, 1.7, 8.0])
def test_a_thickened_stroke_takes_the_most_ink_of_the_disc_around_each_pixel(radius: float) -> None:
    work = noise(40, 17) * (noise(41, 17)[:40] > 0.9)
    cell = np.zeros((CELL, CELL), np.float32)
    cell[MARGIN : MARGIN + 40, MARGIN : MARGIN + 17] = work
    expected = cell.copy()
    reach = int(np.ceil(radius))
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            weight = np.float32(np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1))
            expected = np.maximum(expected, weight * np.roll(cell, (dy, dx), axis=(0, 1)))
    _thicken(cell, work, radius)
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


def test_a_patch_is_drawn_as_it_was_and_cut_off_at_the_box() -> None:
    mask = np.random.default_rng(2).random((30, 40)) < 0.4
    blobs = find_blobs(mask)
    everything = np.arange(len(blobs))
    np.testing.assert_array_equal(blobs.mask(everything, (0, 0, 40, 30)), mask)
    np.testing.assert_array_equal(blobs.mask(everything, (5, 7, 21, 19)), mask[7:19, 5:21])
