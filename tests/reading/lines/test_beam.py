"""Beam search over prefixes, against the sum over all paths, and what a language changes."""

import itertools

import numpy as np
import pytest

from hello_dl.reading.language.ngrams import save
from hello_dl.reading.lines.alphabet import BLANK, CLASSES, SIGNS, decode
from hello_dl.reading.lines.beam import BeamSettings, beam_search
from hello_dl.reading.lines.language import LineLanguage, count_ngrams, fold

AB = [BLANK, *(SIGNS.index(sign) + 1 for sign in "ab")]
NOTHING_ELSE = BeamSettings(prefixes=1000, least=-1e9, clear_blank=0.0)

CHOSEN = {"weight": 0.5, "a_sign": 1.0}


def answers_of(probabilities):
    log_probs = np.full((len(probabilities), CLASSES), -1e30)
    log_probs[:, AB] = np.log(probabilities)
    return log_probs


def no_language(text, sign):
    return 0.0


def all_texts(probabilities):
    """Add up the probabilities of all paths for each text."""
    texts = {}
    for path in itertools.product(range(3), repeat=len(probabilities)):
        text = decode(AB[k] for k, _ in itertools.groupby(path))
        texts[text] = texts.get(text, 0) + np.prod(
            [row[k] for row, k in zip(probabilities, path, strict=True)]
        )
    return texts


@pytest.mark.parametrize("seed", range(5))
def test_every_text_has_the_sum_of_its_paths(seed):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(3), 5)
    found = beam_search(answers_of(probabilities), no_language, NOTHING_ELSE)
    wanted = all_texts(probabilities)
    assert found[0][0] == max(wanted, key=wanted.get)
    assert len(found) == len(wanted)
    for text, score in found:
        assert np.exp(score) == pytest.approx(wanted[text], rel=1e-9)


def test_language_decides_where_the_network_is_unsure():
    probabilities = np.array([[0.02, 0.5, 0.48], [0.9, 0.05, 0.05], [0.02, 0.49, 0.49]])
    language = LineLanguage(count_ngrams(["ba", "ba ba"]), {"ba": 3}, **CHOSEN)
    assert beam_search(answers_of(probabilities), language.after)[0][0] == "ba"
    sure = np.array([[0.001, 0.998, 0.001], [0.9, 0.05, 0.05], [0.001, 0.001, 0.998]])
    assert beam_search(answers_of(sure), language.after)[0][0] == "ab"


def test_a_clear_blank_parts_equal_signs():
    log_probs = np.full((3, CLASSES), -20.0)
    log_probs[[0, 2], AB[1]] = -1e-6
    log_probs[1, BLANK] = -1e-6
    assert beam_search(log_probs, no_language)[0][0] == "aa"
    assert beam_search(log_probs[:0], no_language) == [("", 0.0)]


def test_a_known_word_is_likelier_than_its_letters():
    counts = count_ngrams(["the cat sat on the mat"])
    known, unknown = (LineLanguage(counts, {word: 5}, **CHOSEN) for word in ("tac", "cat"))
    with_words = [sum(x.after("tac"[:i], "tac"[i : i + 1]) for i in range(4)) for x in (known, unknown)]
    assert with_words[0] > with_words[1]
    listed = LineLanguage(counts, {"cat": 5}, ["TAC"], **CHOSEN)
    assert sum(listed.after("tac"[:i], "tac"[i : i + 1]) for i in range(4)) > with_words[1]


def test_probabilities_after_a_text_add_up_to_one():
    language = LineLanguage(count_ngrams(["it was 5 o'clock", "it is"]), {}, **CHOSEN)
    symbols = {fold(sign) for sign in SIGNS}
    for before in ("", "it ", "xyz", "was 0"):
        total = sum(np.exp(language.log_probability(before, symbol)) for symbol in symbols)
        assert total == pytest.approx(1, abs=1e-9)


def test_a_file_holds_the_language(tmp_path):
    counts = count_ngrams(["it was five o'clock", "it is late"])
    save(tmp_path / "l.npz", counts, {"late": 3})
    again = LineLanguage.load(tmp_path / "l.npz")
    one = LineLanguage(counts, {"late": 3}, weight=again.weight, a_sign=again.a_sign)
    assert again.after("it was lat", "e") == pytest.approx(one.after("it was lat", "e"), abs=0.05)
