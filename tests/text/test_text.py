"""Text: tokenisers give back what they got, corpora are chopped without a gap, sampling does what it says."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import hello_dl
from hello_dl.text import (
    BytePairEncoder,
    CharacterVocabulary,
    Sampling,
    Streams,
    bits_per_character,
    own_documentation,
    perplexity,
    random_windows,
    read_corpus,
)
from hello_dl.text.splitting import pieces
from hello_dl.text.tokenisers import tokeniser_from

SHORT = "the cat sat on the mat; the bat sat on the hat. " * 20


# ---- tokenisers


@pytest.fixture(scope="module")
def encoder() -> BytePairEncoder:
    return BytePairEncoder.train(own_documentation(), 300)


def test_characters_come_back_and_unknown_ones_are_named() -> None:
    text = "Zoë: “naïve”\n\U0001d4b3 ≤ 3\u2028end"
    vocabulary = CharacterVocabulary.of(text)
    assert vocabulary.size == len(set(text))
    ids = vocabulary.encode(text)
    assert ids.dtype == np.int64
    assert sorted(set(ids.tolist())) == list(range(vocabulary.size))
    assert vocabulary.decode(ids.tolist()) == text
    with pytest.raises(ValueError, match="'q', '€'"):
        vocabulary.encode("q€")
    with pytest.raises(ValueError, match="and 2 more"):
        vocabulary.encode("abcfghjklmp")
    with pytest.raises(IndexError, match="99"):
        vocabulary.decode([99])


def test_any_bytes_come_back_from_byte_pairs(encoder: BytePairEncoder) -> None:
    draw = random.Random(0)
    for _ in range(500):
        alphabet = draw.choice([range(256), b" \n\tthe'sll", range(0x80, 0x100), "é\U0001d4b3½ 12_".encode()])
        content = bytes(draw.choices(list(alphabet), k=draw.randrange(40)))
        assert encoder.decode_bytes(encoder.encode(content).tolist()) == content
    assert encoder.decode(encoder.encode("naïve\ud800").tolist()).startswith("naïve")


def test_pieces_are_words_with_their_space_and_joined_they_are_the_text() -> None:
    assert pieces("We'll see x_2½ cats,  now!\n") == [
        *("We", "'ll", " see", " x", "_", "2½", " cats", ",", " ", " now", "!", "\n")
    ]
    # A Roman numeral and one half are numbers, Chinese numerals are letters, an accent by itself is a sign.
    assert pieces("Ⅷ½ 一二 e\u0301 '\u2028\u2028a") == [
        "Ⅷ½",
        " 一二",
        " e",
        "\u0301",
        " '",
        "\u2028",
        "\u2028",
        "a",
    ]
    everything = "".join(map(chr, [*range(0x3000), *range(0xFF00, 0xFFFF)]))
    assert "".join(pieces(everything)) == everything


def test_frequent_words_become_one_token(encoder: BytePairEncoder) -> None:
    assert encoder.size == 256 + 300
    assert len(encoder.encode(" the")) == 1
    assert len(encoder.encode(own_documentation())) < 0.6 * len(own_documentation().encode())


def test_byte_pairs_are_joined_as_by_hand() -> None:
    # In the pieces "abab", " abab" and " ab", a b stands 5 times; then " " ab stands twice, as
    # ab ab does, but its numbers are smaller; then nothing stands twice.
    encoder = BytePairEncoder.train("abab abab ab", 10)
    assert encoder.tokens[256:] == [b"ab", b" ab"]
    assert encoder.merges == [(ord("a"), ord("b")), (ord(" "), 256)]
    assert encoder.encode("abab ab").tolist() == [256, 256, 257]
    assert BytePairEncoder.train("", 10).size == 256


def test_joins_are_those_of_a_count_from_scratch() -> None:
    """The counts that training keeps up to date are the ones that counting anew would give."""
    words: dict[tuple[int, ...], int] = {}
    for piece in pieces(SHORT):
        words[tuple(piece.encode())] = words.get(tuple(piece.encode()), 0) + 1
    joined = []
    for token in range(256, 276):
        counts: dict[tuple[int, int], int] = {}
        for word, n in words.items():
            for pair in pairwise(word):
                counts[pair] = counts.get(pair, 0) + n
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        joined.append(best)
        new = {}
        for word, n in words.items():
            left, i = [], 0
            while i < len(word):
                here = word[i : i + 2] == best
                left.append(token if here else word[i])
                i += 2 if here else 1
            new[tuple(left)] = n
        words = new
    assert len(joined) > 10
    assert BytePairEncoder.train(SHORT, 20).merges == joined


def test_tokenisers_are_kept_as_json(encoder: BytePairEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "tokens.json")
    again = BytePairEncoder.load(tmp_path / "tokens.json")
    assert (again.tokens, again.merges) == (encoder.tokens, encoder.merges)
    for tokeniser in (encoder, CharacterVocabulary.of(SHORT)):
        other = tokeniser_from(tokeniser.description())
        assert (other.encode(SHORT) == tokeniser.encode(SHORT)).all()
    (tmp_path / "bad.json").write_text('{"tokens": [], "merges": []}')
    with pytest.raises(ValueError, match=r"bad\.json.*256"):
        BytePairEncoder.load(tmp_path / "bad.json")
    with pytest.raises(ValueError, match="'words'"):
        tokeniser_from({"type": "words"})


# ---- corpora


def test_a_corpus_is_refused_by_name_if_it_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "latin.txt").write_bytes("erste Zeile\ngrün".encode("latin-1"))
    (tmp_path / "dos.txt").write_bytes("\ufeffa\r\nb".encode())
    with pytest.raises(ValueError, match=r"empty\.txt.*empty"):
        read_corpus(tmp_path / "empty.txt")
    with pytest.raises(ValueError, match=r"latin\.txt.*0xfc in line 2"):
        read_corpus(tmp_path / "latin.txt")
    with pytest.raises(FileNotFoundError, match="nothing"):
        read_corpus(tmp_path / "nothing")
    assert read_corpus(tmp_path / "dos.txt") == "a\nb"


def test_the_embedded_corpus_is_this_projects_documentation() -> None:
    text = own_documentation()
    assert "own_documentation: Return the documentation of hello_dl as one text" in text
    assert "matmul(" in text
    assert text == own_documentation()
    assert len(text) > 80_000


def test_windows_are_pieces_of_the_text_moved_on_by_one() -> None:
    ids = np.arange(100)
    x, y = random_windows(ids, 50, 10, hello_dl.Generator().manual_seed(1))
    assert x.shape == (50, 10)
    assert (y == x + 1).all()
    assert (np.diff(x, axis=1) == 1).all()
    ends = random_windows(ids, 2000, 99, hello_dl.Generator().manual_seed(1))
    assert set(ends[0][:, 0].tolist()) == {0}  # only one fits
    with pytest.raises(ValueError, match="more than 100 tokens"):
        random_windows(ids, 1, 100, hello_dl.Generator())


def test_streams_go_on_where_they_stopped() -> None:
    streams = Streams(np.arange(1003), 4, 25)
    steps = list(streams)
    assert len(steps) == len(streams) == 10
    for before, after in pairwise(steps):
        assert (after[0][:, 0] == before[1][:, -1]).all()
    assert (np.concatenate([x for x, _ in steps], 1) == np.arange(1000).reshape(4, 250)).all()
    with pytest.raises(ValueError, match="too few for 60 streams"):
        Streams(np.arange(1003), 60, 25)


def test_perplexity_and_bits_of_a_coin() -> None:
    assert perplexity(np.log(2)) == pytest.approx(2)
    assert bits_per_character(np.log(2), 10, 10) == pytest.approx(1)
    assert bits_per_character(np.log(2), 10, 40) == pytest.approx(0.25)  # a token of four characters


# ---- sampling

SCORES = np.log(np.array([0.5, 0.2, 0.15, 0.1, 0.05]))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0.5, 0.2, 0.15, 0.1, 0.05]),
        ({"temperature": 0}, [1, 0, 0, 0, 0]),
        ({"temperature": 0.5}, np.array([0.25, 0.04, 0.0225, 0.01, 0.0025]) / 0.325),
        ({"top_k": 2}, [5 / 7, 2 / 7, 0, 0, 0]),
        ({"top_k": 99}, [0.5, 0.2, 0.15, 0.1, 0.05]),
        ({"top_p": 0.6}, [5 / 7, 2 / 7, 0, 0, 0]),
        ({"top_p": 0.01}, [1, 0, 0, 0, 0]),
        ({"top_k": 2, "top_p": 0.7}, [1, 0, 0, 0, 0]),  # of the two that are left, one has 5/7
    ],
)
def test_probabilities_are_as_the_settings_say(settings: dict[str, float], expected: object) -> None:
    sampling = Sampling(**settings)  # type: ignore[arg-type]
    p = sampling.probabilities(SCORES)
    np.testing.assert_allclose(p, expected, atol=1e-12)
    generator = hello_dl.Generator().manual_seed(0)
    drawn = np.bincount([sampling.choose(SCORES, generator) for _ in range(4000)], minlength=5) / 4000
    np.testing.assert_allclose(drawn, expected, atol=0.03)
    assert (drawn[p == 0] == 0).all()


def test_the_penalty_makes_what_was_there_less_probable_whatever_its_sign() -> None:
    scores = np.array([2.0, -2.0, 0.5])
    p = Sampling(repetition_penalty=2).probabilities(scores, [0, 1, 1])
    np.testing.assert_allclose(p, np.exp([1, -4, 0.5]) / np.exp([1, -4, 0.5]).sum())
    assert Sampling(0, repetition_penalty=8).choose(scores, hello_dl.Generator(), [0]) == 2


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"temperature": -1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_k": 0}, "top-k"),
        ({"top_p": 0}, "top-p"),
        ({"top_p": 1.1}, "top-p"),
        ({"repetition_penalty": 0}, "penalty"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Sampling(**settings)  # type: ignore[arg-type]
