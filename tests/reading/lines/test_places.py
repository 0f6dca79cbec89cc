"""Where the signs of a line stand: the boxes of what was read hold the letters that were written."""

from __future__ import annotations

import numpy as np
import pytest

from hello_dl.data.pages import generate_page
from hello_dl.reading import PageReader
from hello_dl.reading.lines.line_reader import _reach

TEXT = "hello world\nsecond line here"


def line_of(*letters: tuple[int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return the picture (48, 100) of a line with ink in these columns, from the first to before the last."""
    picture = np.zeros((48, 100), np.uint8)
    for start, end in letters:
        picture[20:32, start:end] = 200
    return picture


def test_a_sign_reaches_as_far_as_its_ink() -> None:
    picture = line_of((10, 22), (30, 41), (70, 90))
    places = np.array([[6, 7], [16, 18], [28, 29], [36, 37]])  # early in each letter, and in the gap
    assert _reach(places, "ab c", picture).tolist() == [[10, 22], [30, 41], [56, 58], [70, 90]]


def test_letters_that_touch_part_where_there_is_least_ink() -> None:
    picture = line_of((10, 60))
    picture[22:, 33] = 0  # the thinnest place of the joining stroke
    assert _reach(np.array([[6, 7], [18, 19]]), "nu", picture).tolist() == [[10, 33], [33, 60]]


def test_a_sign_without_ink_still_has_a_place() -> None:
    reach = _reach(np.array([[0, 1], [49, 50]]), "ab", line_of())
    assert (reach[:, 1] > reach[:, 0]).all()
    assert reach.min() >= 0
    assert reach.max() <= 100


@pytest.mark.slow
def test_the_boxes_hold_the_letters_that_were_written() -> None:
    photo, truth = generate_page(3, "easy", TEXT)
    page = PageReader.load().read(photo)
    assert page.text.lower() == TEXT
    found = [character.box for character in page.characters]
    written = [char.box for line in truth.lines for word in line for char in word]
    assert len(found) == len(written)
    for (left, top, right, bottom), (a, b, c, d) in zip(found, written, strict=True):
        across = min(right, c) - max(left, a)
        assert across > 0.7 * max(right - left, c - a) or max(right - left, c - a) < 12, (left, right, a, c)
        assert min(bottom, d) > max(top, b)
