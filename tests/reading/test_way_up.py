"""A page on its side or on its head is read as it is read upright."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from handwriting import LETTERS, TEXT, array, classify, write
from hello_dl.data.builtin import write_page
from hello_dl.data.pages import generate_blank, generate_page
from hello_dl.reading import Page, Reader, find_letters
from hello_dl.reading.letters.glyph import Glyphs
from hello_dl.reading.orientation import FEWEST, SAMPLE, UPRIGHT, Seen, ways_up

ONE_LINE = "seven grey geese"
NUMBERS = "31415926\n53589793\n2384626"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load("letters")


@pytest.fixture(scope="module")
def digits() -> Reader:
    return Reader.load("digits")


def turned(picture: NDArray[np.generic], turns: int) -> NDArray[np.generic]:
    """Return a picture turned by quarter turns, counterclockwise."""
    return np.ascontiguousarray(np.rot90(picture, turns))


def check(reader: Reader, picture: NDArray[np.generic], turns: int) -> None:
    """Check that a picture and its turned copy give the same text, and that only the latter is turned."""
    upright, other = reader.read(picture), reader.read(turned(picture, turns))
    assert upright.notes == ()
    assert other.text == upright.text
    assert "read turned by" in other.notes[0]


PAGES = [(0, 2), (1, 1), (3, 2), (4, 3)]  # seed, and turns
ALL_PAGES = [(seed, turns) for seed in range(6) for turns in (1, 2, 3) if (seed, turns) not in PAGES]
SCANS = [(seed, turns) for seed in range(20, 23) for turns in (1, 2, 3)]


@pytest.mark.parametrize(
    ("seed", "turns"), [*PAGES, *(pytest.param(*page, marks=pytest.mark.slow) for page in ALL_PAGES)]
)
def test_a_written_page_is_read_in_all_ways(reader: Reader, seed: int, turns: int) -> None:
    check(reader, write_page("pack my box with five dozen jugs of wine", seed, width=900)[0], turns)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "turns"), SCANS)
def test_a_scanned_page_is_read_in_all_ways(reader: Reader, seed: int, turns: int) -> None:
    check(reader, np.asarray(generate_page(seed, "easy")[0]), turns)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_one_line_and_digits_are_read_in_all_ways(reader: Reader, digits: Reader, turns: int) -> None:
    check(reader, write_page(ONE_LINE, 3, width=1800, x_height=30)[0], turns)
    check(digits, write_page(NUMBERS, 4, width=700)[0], turns)


def test_boxes_lie_in_the_picture_as_it_came(reader: Reader) -> None:
    picture, truth = write_page("pack my box with five dozen jugs of wine", 3, width=900)
    page = reader.read(turned(picture, 1))
    width = picture.shape[1]
    true = np.array([(top, width - right, bottom, width - left) for _, (left, top, right, bottom) in truth])
    boxes = np.array([character.box for character in page.characters])
    assert len(boxes) == len(true)
    assert np.abs(boxes - true).max() < 12


def test_upright_stays_upright(reader: Reader, digits: Reader) -> None:
    for seed in (10, 11):
        assert reader.read(write_page("noon mow sun wows", seed, width=1500)[0]).notes == ()
        assert digits.read(write_page("1680 9906", seed, width=900)[0]).notes == ()


def test_a_picture_with_nothing_written_is_not_turned(reader: Reader) -> None:
    page = reader.read(np.asarray(generate_blank(3, "medium")[0]))
    assert page == Page([], page.size)


def ask(glyphs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return what the classifier of Pillow's font says of glyphs."""
    return np.asarray(classify(glyphs), np.float64)


def seen(text: str, turns: int = 0) -> Seen:
    """Return the letters of a page in Pillow's font that was turned by quarter turns."""
    glyphs = Glyphs(1 - np.asarray(turned(array(write(text)), turns), np.float32))
    letters = [letter for words in find_letters(glyphs.ink) for word in words for letter in word]
    boxes = np.array([letter.box for letter in letters])
    return Seen(boxes, glyphs.of(letters), ask(glyphs.of(letters)))


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_all_ways_are_compared(turns: int) -> None:
    ways = ways_up(seen(TEXT, turns), ask, list(LETTERS))
    assert ways.shape == (4,)
    assert int(ways.argmax()) == -turns % 4
    assert ways.max() > np.sort(ways)[-2] + UPRIGHT
    for text in ("fh kbt", "qjx dre"):  # no words: their looks alone tell
        ways = ways_up(seen(text, turns), ask, list(LETTERS))
        assert int(ways.argmax()) == -turns % 4


def test_few_letters_do_not_turn_a_page_and_of_many_some_are_asked() -> None:
    assert FEWEST > 2
    np.testing.assert_array_equal(ways_up(seen("pd"), ask, list(LETTERS)), np.zeros(4))
    asked = []

    def count(glyphs: NDArray[np.uint8]) -> NDArray[np.float64]:
        asked.append(len(glyphs))
        return ask(glyphs)

    ways_up(seen("fbk jqx\nzvw hgx\n" * 5, 2), count, list(LETTERS))
    assert asked == [SAMPLE] * 3
    ways_up(seen(TEXT), count, list(LETTERS))  # words: nothing more is asked
    assert asked == [SAMPLE] * 3


def test_letters_are_turned_with_their_boxes() -> None:
    page = np.zeros((60, 90), np.uint8)
    page[10:20, 30:70] = 255
    glyph = np.zeros((1, 28, 28), np.uint8)
    glyph[0, 2:5, 7:20] = 255
    one = Seen(np.array([[30, 10, 70, 20], [0, 0, 90, 60]]), np.repeat(glyph, 2, axis=0), np.ones((2, 1)))
    for turns in (1, 2, 3):
        way = one.turned(turns, lambda glyphs: np.ones((len(glyphs), 1)))
        box = way.boxes[0] - np.tile(way.boxes[1][:2], 2)  # beside the page's corner
        rows, columns = np.nonzero(np.rot90(page, turns))
        assert box.tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_array_equal(way.glyphs[0], np.rot90(glyph[0], turns))
