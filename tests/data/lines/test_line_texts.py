"""Texts: all printable ASCII comes, the same seed repeats them, files decide what words there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from hello_dl.data.lines.figures import date, formula, number, price, telephone, time
from hello_dl.data.lines.texts import Texts


def test_all_printable_ascii_comes_and_nothing_else() -> None:
    texts, rng = Texts(), np.random.default_rng(0)
    signs = Counter("".join(texts(rng) for _ in range(8000)))
    assert set(signs) == {chr(i) for i in range(32, 127)}
    assert min(signs.values()) >= 5


def test_a_text_is_one_line_without_blanks_at_its_ends() -> None:
    texts, rng = Texts(), np.random.default_rng(1)
    for _ in range(500):
        text = texts(rng)
        assert text
        assert text == " ".join(text.split())


def test_the_same_seed_gives_the_same_texts() -> None:
    first, again = (
        [Texts()(rng) for _ in range(20)] for rng in (np.random.default_rng(5), np.random.default_rng(5))
    )
    assert first == again


def test_words_come_by_the_square_root_of_their_counts(tmp_path: Path) -> None:
    counts = tmp_path / "counts.txt"
    counts.write_text("often 90000\nrare 100\n12 5\n")
    texts, rng = Texts(word_counts=counts), np.random.default_rng(0)
    words = Counter(texts.word(rng) for _ in range(6000))
    assert set(words) == {"often", "rare"}
    assert 22 < words["often"] / words["rare"] < 41  # sqrt(900) = 30


def test_phrases_are_words_that_follow_each_other_in_the_books(tmp_path: Path) -> None:
    books = tmp_path / "books.txt"
    books.write_text("one two three four five six seven eight nine ten", encoding="utf-8")
    texts, rng = Texts(books), np.random.default_rng(0)
    phrases = [texts.phrase(rng) for _ in range(100)]
    assert all(phrase in books.read_text() for phrase in phrases)
    assert {len(phrase.split()) for phrase in phrases} == set(range(1, 9))


def test_names_come_from_their_file(tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("wilhelmina\nx2\n")
    texts, rng = Texts(names=names), np.random.default_rng(0)
    assert all("Wilhelmina" in texts.name(rng) for _ in range(20))


@pytest.mark.parametrize("kind", [date, time, number, price, formula, telephone])
def test_figures_have_a_digit_or_are_a_day(kind: object) -> None:
    rng = np.random.default_rng(0)
    assert callable(kind)
    for _ in range(200):
        text = kind(rng)
        assert "{" not in text
        assert any(c.isdigit() for c in text) or text.endswith("day"), text


@pytest.mark.parametrize("argument", ["books", "word_counts", "names"])
def test_a_file_without_words_is_named(tmp_path: Path, argument: str) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("\n")
    with pytest.raises(ValueError, match=r"empty\.txt: needs text"):
        Texts(**{argument: path})
    path.write_text("\u00e4\u00f6\u00fc\n")
    with pytest.raises(ValueError, match=r"empty\.txt: needs (words|lines)"):
        Texts(**{argument: path})
