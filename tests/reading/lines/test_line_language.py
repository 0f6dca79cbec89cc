"""The language of lines: what it says of a whole text, and what it promises while a word is being read."""

from math import exp, isclose, log

import pytest

from hello_dl.reading.language.ngrams import KNOWN
from hello_dl.reading.lines.language import LineLanguage, count_ngrams

WORDS = {"mother": 6, "moth": 2, "other": 2}


def model(**settings):
    counts = count_ngrams(["the moth and other things", "an other moth"])
    return LineLanguage(counts, WORDS, **{"weight": 1.0, "a_sign": 0.0, **settings})


def total(language, text):
    return sum(language.after(text[:i], sign) for i, sign in enumerate([*text, ""]))


def spelled(language, text):
    return sum(language.log_probability(text[:i], sign) for i, sign in enumerate(text))


@pytest.mark.parametrize(("word", "chance"), [("moth", 0.2), ("mother", 0.6), ("mothe", 0.0), ("xyz", 0.0)])
def test_a_text_of_one_word_is_as_likely_as_a_known_or_a_new_word(word, chance):
    language = model()
    letters = exp(spelled(language, word))
    expected = log(KNOWN * chance + (1 - KNOWN) * letters) + language.log_probability(word, " ")
    assert isclose(total(language, word), expected, rel_tol=1e-9)


def test_words_of_a_text_count_one_by_one():
    language = model()
    one, two = total(language, "moth"), total(language, "moth, moth.")
    between = sum(language.after("moth, "[:i], sign) for i, sign in enumerate("moth, "))
    second = sum(language.after("moth, " + "moth."[:i], sign) for i, sign in enumerate([*"moth.", ""]))
    assert isclose(two, between + second)
    assert two < one


def test_the_beginning_of_a_known_word_counts_before_its_end():
    language, spelling = model(), model()
    spelling._words, spelling._sorted, spelling._up_to = {}, [], [0.0]
    gain = language.after("moth", "e") - spelling.after("moth", "e")
    assert gain > 0.5  # of all known words that begin with moth, most go on as mother
    assert language.after("moth", "x") < spelling.after("moth", "x")


def test_what_is_promised_for_a_beginning_is_kept_or_taken_back():
    """All words, known ones and others, share the chance of their beginning: no text gains by being cut."""
    language = model()
    signs = "abcdefghijklmnopqrstuvwxyz"
    go_on = sum(exp(language.after("mot", sign)) for sign in signs)
    stop = sum(exp(language.after("mot", sign)) for sign in " .,0-'")
    assert 0.9 < go_on + stop <= 1.0001


def test_case_and_digits_do_not_count():
    language = model()
    assert language.after("MOT", "H") == language.after("mot", "h")
    assert language.after("20", "7") == language.after("11", "1")


def test_listed_words_are_expected():
    plain, listed = model(), LineLanguage({}, WORDS, ["Xylem"], weight=1.0, a_sign=0.0)
    assert total(listed, "xylem") > total(plain, "xylem") + 1
    assert total(listed, "Xylem") == total(listed, "xylem")


def test_the_weight_and_the_gain_of_a_sign():
    language, half = model(), model(weight=0.5, a_sign=2.0)
    assert isclose(total(half, "moth"), 0.5 * total(language, "moth") + 4 * 2.0)
