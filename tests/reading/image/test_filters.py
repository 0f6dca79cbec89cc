"""Filters that work in strips or by doubling for speed give what the plain rule gives."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hello_dl.reading.image.filters import (
    STRIP,
    closing,
    enlarge,
    enlarge_rows,
    largest,
    soften,
    spread,
    strips,
)


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


def test_closing_fills_what_is_narrow_and_keeps_steps() -> None:
    page = np.full((60, 80), 200, np.uint8)
    page[:, 40:] = 90  # a shadow with a sharp edge
    strokes = page.copy()
    strokes[20:50, 18:22] = 10
    np.testing.assert_array_equal(closing(strokes, 3), page)
    assert largest(strokes, 1)[35, 20] == 10
    assert largest(strokes, 4)[35, 20] == 200
