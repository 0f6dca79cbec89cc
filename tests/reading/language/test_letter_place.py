"""How letters stand on their line decides between those that look alike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hello_dl.data.builtin import write_page
from hello_dl.reading.language.letter_place import weigh_by_place

NAMES = [chr(ord("a") + i) for i in range(26)]
TEXT = "quill gig vary long viral\nrival quilt girl loving\nvilla lively grill rolling"


def torn(text: str, pairs: dict[str, str]) -> np.ndarray:
    """Return chances (n, 26) of a network that cannot tell the letters of a pair apart."""
    rows = np.full((len(text), 26), 1e-4)
    for row, char in zip(rows, text, strict=True):
        row[NAMES.index(char)] = 0.45 if char in pairs else 0.9
        if char in pairs:
            row[NAMES.index(pairs[char])] = 0.5
    return rows / rows.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("climb", [0.0, 0.05])
def test_a_stem_without_a_dot_an_a_and_a_d_and_a_g_and_an_o_are_told_by_their_place(
    seed: int, climb: float
) -> None:
    pairs = {"l": "v", "g": "a", "q": "o", "a": "l", "o": "g", "v": "l"}
    _, placed = write_page(TEXT, seed, width=8000)
    text = "".join(char for char, _ in placed)
    boxes = [
        (left, top - round(climb * left), right, bottom - round(climb * left))
        for _, (left, top, right, bottom) in placed
    ]
    lengths = [len(line.replace(" ", "")) for line in TEXT.split("\n")]
    ends = np.cumsum([0, *lengths]).tolist()
    lines = [boxes[a:b] for a, b in itertools.pairwise(ends)]
    before = torn(text, pairs)
    after = weigh_by_place(before, lines, NAMES)
    np.testing.assert_allclose(after.sum(axis=1), before.sum(axis=1))
    truth = np.array([NAMES.index(char) for char in text])
    assert np.mean(before.argmax(axis=1) == truth) < 0.6
    assert np.mean(after.argmax(axis=1) == truth) > 0.97


def test_a_sure_network_is_believed_wherever_a_letter_stands() -> None:
    chances = np.full((5, 26), 1e-9)
    chances[:, NAMES.index("l")] = 1
    boxes = [(30 * i, 50, 30 * i + 20, 70) for i in range(5)]
    boxes[2] = (60, 50, 80, 110)
    assert (weigh_by_place(chances, [boxes], NAMES).argmax(axis=1) == NAMES.index("l")).all()


def test_few_letters_and_strange_classes_stay_as_they_are() -> None:
    chances = np.random.default_rng(0).dirichlet(np.ones(26), size=3)
    boxes = [(30 * i, 50, 30 * i + 20, 90) for i in range(3)]
    np.testing.assert_array_equal(weigh_by_place(chances, [boxes], NAMES), chances)
    many = np.random.default_rng(0).dirichlet(np.ones(2), size=8)
    np.testing.assert_array_equal(weigh_by_place(many, [boxes * 2 + boxes[:2]], ["cat", "dog"]), many)


def test_a_short_line_is_judged_by_the_others() -> None:
    _, placed = write_page("quill gig vary long viral", 5, width=8000)
    boxes = [box for _, box in placed]
    text = "".join(char for char, _ in placed)
    rows = torn(text + "l", {"l": "v"})
    left, top, right, bottom = boxes[text.index("l")]
    alone = (left, top + 500, right, bottom + 500)
    weighed = weigh_by_place(rows, [boxes, [alone]], NAMES)
    assert NAMES[int(weighed[-1].argmax())] == "l"
