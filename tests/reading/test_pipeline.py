"""Which of several readings of a picture is kept, and which looks at it are followed."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting import array, write
from hello_dl.reading import Letter, find_ink
from hello_dl.reading.found import Found, better
from hello_dl.reading.ink_map.pyramid import guess_ink
from hello_dl.reading.letters.is_writing import WEIGHTS, measure, only_writing
from hello_dl.reading.sheet.ink_page import BESIDE
from hello_dl.reading.sheet.outline import Outline, View
from hello_dl.reading.sheet.photo import Photo

Boxes = list[tuple[int, int, int, int]]


def found(boxes: Boxes, odds: list[float], scale: float = 1.0) -> Found:
    """A reading with these letters, of a page that is `scale` times smaller than the picture."""
    letters = [Letter(box, np.ones((box[3] - box[1], box[2] - box[0]), np.bool_)) for box in boxes]
    n = len(boxes)
    glyphs = np.zeros((n, 28, 28), np.uint8)
    return Found(
        [[letters]] if n else [], np.ones((n, 1)), glyphs, np.diag([scale, scale, 1]), np.array(odds)
    )


def test_a_whole_letter_wins_over_its_pieces_though_they_are_more() -> None:
    whole = found([(10, 10, 50, 90)], [6.0])
    pieces = found([(20, 20, 100, 80), (20, 110, 100, 170)], [5.0, 5.0], scale=0.5)
    assert better(whole, pieces) is whole
    assert better(pieces, whole) is whole


def test_what_only_one_reading_has_speaks_for_it() -> None:
    one = found([(0, 0, 20, 30)], [5.0])
    both = found([(0, 0, 40, 60), (60, 0, 100, 60)], [5.0, 2.0], scale=0.5)
    assert better(one, both) is both
    assert better(both, one) is both
    nothing = found([], [])
    assert better(nothing, one) is one
    assert better(one, nothing) is one
    assert better(one, found([(0, 0, 20, 30)], [5.1])) is one  # hardly better: the first stays


def test_a_faint_word_is_believed_among_others_and_grain_is_not() -> None:
    """Sticks of a pen, one of them with uneven ink; and the same uneven ink alone among much other ink."""
    rng = np.random.default_rng(0)

    def bar(left: int) -> Letter:
        return Letter((left, 20, left + 8, 70), np.ones((50, 8), np.bool_))

    lines = [[[bar(20), bar(50)], [bar(120)], [bar(180), bar(210)]]]
    ink = np.zeros((100, 260), np.float32)
    for word in lines[0]:
        for letter in word:
            left, top, right, bottom = letter.box
            ink[top:bottom, left:right] = 0.95
    ink[20:70, 120:128] = 0.45
    chances = np.tile([0.97, 0.03], (5, 1))
    kept, rows, odds = only_writing(ink, lines, chances)
    assert kept == lines
    assert len(rows) == len(odds) == 5
    assert odds[2] == odds.min()
    ink[:, :115] = ink[:, 135:] = 0.4 * rng.random((1, 1), np.float32) + 0.25
    assert only_writing(ink, [[[lines[0][1][0]]]], chances[:1])[0] == []


def test_all_that_is_measured_has_a_weight() -> None:
    letter = Letter((2, 2, 6, 12), np.ones((10, 4), np.bool_))
    assert set(measure(np.ones((16, 16), np.float32), [[[letter]]], np.ones((1, 2)))) == set(WEIGHTS)


@pytest.mark.parametrize("turned", [False, True])
def test_letters_of_any_size_are_seen_at_first_sight(turned: bool) -> None:
    for size in (30, 300):
        grey = array(write("ok", size=size))
        guesses = guess_ink(1 - grey if turned else grey)
        assert any(g.light_on_dark == turned and 0.4 * size < g.tall < 1.2 * size for g in guesses)
        assert not any(a.is_like(b) for i, a in enumerate(guesses) for b in guesses[:i])


def test_letters_beside_the_sheet_make_it_doubtful_and_specks_do_not() -> None:
    ink = np.zeros((200, 300), np.float32)
    for x in range(20, 140, 12):
        ink[50:70, x : x + 4] = 1
    sheet = np.zeros((200, 300), np.bool_)
    sheet[:, :150] = True
    outline = Outline(View(np.eye(3), (300, 200)), sheet)
    ink[100:103, 200:203] = 1
    assert outline.letters_beside(ink) == 0
    ink[50:70, 200:204] = ink[50:70, 220:224] = 1
    assert outline.letters_beside(ink) > BESIDE
    assert Photo(np.full((200, 300), 0.8, np.float32)).everything.letters_beside(ink) == 0


def test_printed_lines_that_leave_the_picture_are_no_ink_at_its_edge() -> None:
    grey = np.full((400, 600), 0.95, np.float32)
    grey[20::37] = 0.55
    found_ink = find_ink(grey)
    assert max(found_ink[:, :40].max(), found_ink[:, -40:].max(), found_ink[:30].max()) < 0.5
