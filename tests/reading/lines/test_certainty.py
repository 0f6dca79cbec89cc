"""How sure the reader is of a word: the probability of CTC, and a regression that calibrates it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hello_dl.reading.image.arrays import Floats
from hello_dl.reading.lines.align import align
from hello_dl.reading.lines.alphabet import BLANK, CLASSES, encode
from hello_dl.reading.lines.certainty import Certainty, WordEvidence, evidence, fit, shipped, words_of


def answers(*likely: dict[str, float]) -> Floats:
    """Return log probabilities: what each answer says of some signs ("" = blank); the rest is even."""
    rows = np.full((len(likely), CLASSES), 0.0)
    for row, chances in zip(rows, likely, strict=True):
        row[:] = (1 - sum(chances.values())) / CLASSES
        for sign, chance in chances.items():
            row[encode(sign)[0] if sign else BLANK] += chance
    return np.log(rows)


def test_words_are_what_stands_between_blanks() -> None:
    assert words_of("an ox") == [(0, 2), (3, 5)]
    assert words_of("  a  b ") == [(2, 3), (5, 6)]
    assert words_of("") == words_of("   ") == []


def test_a_words_chance_adds_up_all_ways_to_write_it() -> None:
    log_probs = answers({"a": 0.9}, {" ": 0.9}, {"b": 0.5, "c": 0.4}, {"": 0.3, "b": 0.3, "c": 0.3})
    a, b = evidence(log_probs, "a b", *align(log_probs, "a b"))
    even = 0.1 / CLASSES
    assert math.exp(a.chance) == pytest.approx(0.9 + even, rel=1e-3)
    p = np.exp(log_probs)[2:, [BLANK, int(encode("b")[0])]]
    assert math.exp(b.chance) == pytest.approx(p[0, 1] * p[1].sum() + p[0, 0] * p[1, 1], rel=1e-3)
    assert (a.letters, b.letters) == (1, 1)


def test_a_word_without_room_has_no_chance() -> None:
    log_probs = answers({"o": 0.99}, {"": 0.9}, {"o": 0.9}, {" ": 0.9}, {"x": 0.9})
    first, second = evidence(log_probs, "oo x", *align(log_probs, "oo x"))
    assert first.chance > -1 > -10 < second.chance
    assert evidence(log_probs, "", np.zeros((0, 2), np.int64), np.zeros(0)) == []


def test_the_regression_finds_how_often_words_are_right() -> None:
    rng = np.random.default_rng(0)
    true = Certainty([-0.5, -0.8, -0.3, 0.6])
    words = [
        WordEvidence(-float(rng.exponential(2)), -float(rng.exponential(0.5)), int(rng.integers(1, 9)))
        for _ in range(4000)
    ]
    right = [bool(rng.random() < true.of(word)) for word in words]
    found = fit(words, right)
    assert np.abs(found.weights - true.weights).max() < 0.35
    sure = [word for word in words if found.of(word) > 0.7]
    share = np.mean([r for word, r in zip(words, right, strict=True) if found.of(word) > 0.7])
    assert abs(share - np.mean([found.of(word) for word in sure])) < 0.03


def test_the_packages_regression_is_surer_of_likelier_words() -> None:
    of = shipped().of
    assert of(WordEvidence(-0.01, -0.01, 5)) > of(WordEvidence(-2, -1, 5)) > of(WordEvidence(-15, -4, 5))


@pytest.mark.parametrize("weights", [[1.0], [0.0, 0.0, 0.0, float("nan")]])
def test_wrong_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="4 finite weights"):
        Certainty(weights)
