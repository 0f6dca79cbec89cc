"""Made-up pages of ink and the bands of their lines."""

from __future__ import annotations

import numpy as np
import pytest
from made_strokes import write_file

from hello_dl.data.lines import Texts, read_strokes
from hello_dl.data.lines.fonts import Font
from hello_dl.data.lines.ink_page import InkPages, PageStyle
from hello_dl.data.lines.scribble import scribbles

FLAT = PageStyle(x_height=(9, 10), pitch=(3.0, 4.0), tilt=(0, 0), sag=(0, 0), own_tilt=0)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, font: Font) -> InkPages:
    words = ["sun", "moon", "apple", "dig", "hello", "Berlin"]
    items = [(word, writer, False) for writer in (1, 2) for word in words]
    path = write_file(tmp_path_factory.mktemp("strokes"), items)
    return InkPages(read_strokes(path), [font], Texts(), style=FLAT, side=192, seed=3)


def test_a_number_gives_the_same_page_again(pages: InkPages) -> None:
    first, second = pages(4), pages(4)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    assert not np.array_equal(first[0], pages(5)[0])


def test_bands_hold_more_ink_than_the_rest_of_the_page(pages: InkPages) -> None:
    inside, outside = [], []
    for number in range(20):
        ink, band = pages(number)
        assert ink.shape == band.shape == (192, 192)
        assert ink.dtype == band.dtype == np.uint8
        if band.any():
            inside.append(ink[band > 127].mean())
            outside.append(ink[band == 0].mean())
    assert len(inside) > 12
    assert np.mean(inside) > 2 * np.mean(outside)


def test_a_band_is_as_thick_as_its_x_height_says(pages: InkPages) -> None:
    thick = []
    for number in range(20):
        columns = (pages(number)[1] > 127).astype(int)
        for column in columns.T[::16]:
            edges = np.flatnonzero(np.diff(np.concatenate([[0], column, [0]])))
            thick += [end - begin for begin, end in edges.reshape(-1, 2).tolist() if begin > 0 and end < 192]
    assert np.median(thick) == pytest.approx(0.9 * 9.5, abs=1.5)


def test_scribbles_come_on_most_pages_and_leave_most_of_them_white() -> None:
    marked = [scribbles((96, 128), 9.0, [], np.random.default_rng(seed)) for seed in range(40)]
    assert all(page.shape == (96, 128) for page in marked)
    assert 15 < sum(bool(page.any()) for page in marked) < 40
    assert np.mean([(page > 127).mean() for page in marked]) < 0.15
