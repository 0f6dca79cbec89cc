"""Context: neighbours settle what looks alike, known words are preferred, serial numbers left alone."""

from __future__ import annotations

import string

import numpy as np
import pytest
from numpy.typing import NDArray

from handwriting import LETTERS, classify, write
from hello_dl.reading import read
from hello_dl.reading.language.context import Context, is_language
from hello_dl.reading.language.ngrams import SHIPPED, SYMBOLS, Language, count_ngrams, pack, shipped, unpack

NAMES = list(string.ascii_lowercase)
ALL = list(string.digits + string.ascii_uppercase + string.ascii_lowercase)


def chances(names: list[str], *guesses: str) -> NDArray[np.float64]:
    """Return the chances of letters that look like any character of each guess, most like the first."""
    rows = np.full((len(guesses), len(names)), 1e-5)
    for row, guess in zip(rows, guesses, strict=True):
        for i, char in enumerate(guess):
            row[names.index(char)] = 1.0 - 0.1 * i
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def text(names: list[str], *words: NDArray[np.float64]) -> str:
    weighed = Context(names, shipped()).weigh(list(words))
    for word in weighed:
        np.testing.assert_allclose(word.sum(axis=1), 1, atol=1e-9)
    return " ".join("".join(names[k] for k in word.argmax(axis=1)) for word in weighed)


@pytest.mark.parametrize(
    ("guesses", "says"),
    [
        (("l", "li", "qg", "h", "t"), "light"),
        (("q", "vu", "e", "e", "n"), "queen"),
        (("c", "l", "e", "a", "vr"), "clear"),
        (("gq", "vu", "i", "t", "e"), "quite"),
    ],
)
def test_neighbours_decide_between_letters_that_look_alike(guesses: tuple[str, ...], says: str) -> None:
    assert text(NAMES, chances(NAMES, *guesses)) == says


def test_letters_and_digits_keep_to_their_kind() -> None:
    assert text(ALL, chances(ALL, "w", "0Oo", "r", "l1I", "d")) == "world"
    assert text(ALL, chances(ALL, "2", "Oo0", "1Il", "5")) == "2015"


def test_what_the_network_is_sure_of_stays() -> None:
    sure = chances(NAMES, "x", "q", "z")
    assert text(NAMES, sure) == "xqz"


def test_listed_words_are_preferred() -> None:
    looks = chances(NAMES, "z", "oa", "r", "b", "l", "oa", "x")
    plain = Context(NAMES, shipped()).weigh([looks])[0]
    listed = Context(NAMES, Language.load(listed=["zarblax"])).weigh([looks])[0]
    a = NAMES.index("a")
    assert (listed[[1, 5], a] > plain[[1, 5], a]).all()
    assert (listed.argmax(axis=1)[[1, 5]] == a).all()


def test_text_in_words_is_told_from_serial_numbers_and_single_letters() -> None:
    language = shipped()
    assert is_language(["the", "cat", "sat", "on", "a", "mat"], language)
    assert is_language(["thc", "cat", "sat", "om", "a", "nat"], language)  # read with errors
    assert not is_language(["xk7", "qqz49", "vbnw"], language)
    assert not is_language(["xkqzjw", "vbnqrt", "wzxckj"], language)
    assert not is_language(list("abcdefghijk"), language)
    assert not is_language(["abcdefghijk"], language)
    assert not is_language([], language)


def test_the_page_says_whether_context_was_used() -> None:
    words, serial = write("big dog and fox"), write("xqz vbk jwx")
    assert read(words, classify, LETTERS).context
    assert not read(words, classify, LETTERS, context="off").context
    page = read(serial, classify, LETTERS)
    assert not page.context
    assert page.text == "xqz vbk jwx"
    assert page.to_dict()["context"] is False
    assert read(serial, classify, LETTERS, context="on").context
    with pytest.raises(ValueError, match="auto, on, off"):
        read(words, classify, LETTERS, context="maybe")


def test_chances_of_what_follows_add_up_to_one() -> None:
    for before in ("", " ", " th", "qqqq", "queen "):
        assert np.exp(shipped().log_probabilities(before)).sum() == pytest.approx(1)
    assert shipped().log_probabilities(" q").argmax() == SYMBOLS.index("u")


def test_the_shipped_model_is_small_and_packs_without_loss_but_rounding() -> None:
    assert SHIPPED.stat().st_size <= 200_000
    counts = count_ngrams(["to", "be", "or", "not", "to", "be"])
    assert counts["to"] == 2
    assert counts[" be "] == 2
    again = unpack(*pack({"a": 1, "ab": 2, "abc": 70, "b": 12_345}))
    assert list(again) == ["a", "ab", "abc", "b"]
    assert again["a"] == 1
    assert again["ab"] == 2
    assert again["b"] == pytest.approx(12_345, rel=0.04)
