"""Of two findings in a picture the one with more writing is kept."""

from __future__ import annotations

import numpy as np

from hello_dl.reading import Letter
from hello_dl.reading.found import Found, better
from hello_dl.reading.orientation import Seen

Boxes = list[tuple[int, int, int, int]]


def found(boxes: Boxes, odds: list[float], scale: float = 1.0) -> Found:
    """Return a finding of these letters, on a page that is `scale` times smaller than the picture."""
    letters = [Letter(box, np.ones((box[3] - box[1], box[2] - box[0]), np.bool_)) for box in boxes]
    n = len(boxes)
    chances = np.ones((n, 1))
    seen = Seen(np.array(boxes).reshape(-1, 4), np.zeros((n, 28, 28), np.uint8), chances)
    return Found([[letters]] if n else [], chances, seen, np.diag([scale, scale, 1]), np.array(odds))


def test_a_whole_letter_wins_over_its_pieces_though_they_are_more() -> None:
    whole = found([(10, 10, 50, 90)], [6.0])
    pieces = found([(20, 20, 100, 80), (20, 110, 100, 170)], [5.0, 5.0], scale=0.5)
    assert better(whole, pieces) is whole
    assert better(pieces, whole) is whole


def test_letters_that_only_one_finding_has_speak_for_it() -> None:
    one = found([(0, 0, 20, 30)], [5.0])
    both = found([(0, 0, 40, 60), (60, 0, 100, 60)], [5.0, 2.0], scale=0.5)
    assert better(one, both) is both
    assert better(both, one) is both
    nothing = found([], [])
    assert better(nothing, one) is one
    assert better(one, nothing) is one
    assert better(one, found([(0, 0, 20, 30)], [5.1])) is one  # hardly better: the first stays
