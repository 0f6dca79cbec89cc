"""How lines run, and which rectangle each word fills."""

from __future__ import annotations

import numpy as np
import pytest

from documents import page_of
from hello_dl.reading import Character, Line, Page, Word
from hello_dl.reading.placing import angle, base_line, directions, level_box, page_direction, place_words

TEXT = "the quick brown\nfox jumps over\nmy lazy dog"


@pytest.mark.parametrize("turned", [0, 3, -7, 20, 45, 60, 90, 133, 180, -90, -135])
def test_the_angle_of_a_page_is_found(turned: float) -> None:
    away = angle(page_of(TEXT, (1500, 1500), turned)) - turned
    assert abs((away + 180) % 360 - 180) < 1.5


def test_a_page_that_stands_on_its_head_is_not_taken_for_level() -> None:
    lines = [*page_of(TEXT, (900, 900), 179).lines, *page_of(TEXT, (900, 900), -179).lines]
    assert abs(abs(angle(Page(lines, (900, 900)))) - 180) < 1.5


def test_a_short_line_takes_the_direction_of_the_page() -> None:
    tilted = page_of("a long line of many words\nan", (1500, 800), 8)
    long, short = directions(tilted)
    np.testing.assert_allclose(short, page_direction(tilted))
    assert np.degrees(np.arctan2(long[1], long[0])) == pytest.approx(8, abs=1)


def test_lines_may_have_directions_of_their_own() -> None:
    lines = [
        *page_of("this one runs level", (900, 900)).lines,
        *page_of("that one is tilted", (900, 900), 9).lines,
    ]
    level, tilted = np.degrees(np.arctan2(*directions(Page(lines, (900, 900))).T[::-1]))
    assert level == pytest.approx(0, abs=1)
    assert tilted == pytest.approx(9, abs=1)


def test_nothing_and_one_letter_run_to_the_right() -> None:
    assert angle(Page([], (10, 10))) == 0
    one = Page([Line([Word([Character((3, 4, 9, 12), [("a", 1.0)])])])], (20, 20))
    assert angle(one) == 0
    ((word,),) = place_words(one)
    assert (word.text, word.start, word.along, word.length, word.height) == ("a", (3, 12), (1, 0), 6, 8)


def test_on_a_level_line_words_have_their_own_length_and_the_height_of_the_line() -> None:
    page = page_of("a dog")
    left, top, right, bottom = page.lines[0].box
    first, second = place_words(page)[0]
    assert first.height == pytest.approx(bottom - top, abs=2)
    assert first.height == second.height
    assert first.start == pytest.approx((left, bottom), abs=1)
    assert second.start[0] + second.length == pytest.approx(right, abs=1)
    assert first.length == page.lines[0].words[0].box[2] - left


def test_words_of_a_page_on_its_side_run_up() -> None:
    page = page_of("up we go", (900, 900), -90)
    for word, placed in zip(page.lines[0].words, place_words(page)[0], strict=True):
        left, _, right, bottom = word.box
        assert placed.along == (0, -1)
        assert placed.start[1] == bottom
        assert left < placed.start[0] <= page.lines[0].box[2]
        assert placed.start[0] - placed.height < right


def test_tilt_does_not_make_a_line_higher() -> None:
    heights = []
    for turned in (0, 10):
        page = page_of("a rather long line", (1500, 900), turned)
        _, top, _, bottom = level_box(page.lines[0], page_direction(page))
        heights.append(bottom - top)
    assert heights[1] == pytest.approx(heights[0], rel=0.15)


def test_the_base_line_is_where_most_letters_stand() -> None:
    page = page_of("many happy days")  # the lower ends of y and p hang below
    x, y = base_line(page.lines[0], page_direction(page))
    assert y == pytest.approx(400, abs=3)  # in the middle of the page
    assert page.lines[0].box[0] < x < page.lines[0].box[2]


def test_words_follow_a_bent_line() -> None:
    straight = page_of("a line that hangs down in its middle", (1200, 800))
    words = []
    for word in straight.lines[0].words:
        moved = []
        for character in word.characters:
            left, top, right, bottom = character.box
            down = round(80 * (1 - ((left + right - 1200) / 900) ** 2))
            moved.append(Character((left, top + down, right, bottom + down), character.best))
        words.append(Word(moved))
    page = Page([Line(words)], straight.size)
    for word, placed in zip(words, place_words(page)[0], strict=True):
        _, top, _, bottom = word.box
        assert placed.start[1] == pytest.approx(bottom, abs=25)
        assert placed.start[1] - placed.height < top + 10
        assert placed.height < 75  # of a straight line it is 52
