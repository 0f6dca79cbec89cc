"""The places of signs, against all paths written out."""

import itertools

import numpy as np
import pytest

from hello_dl.reading.lines.align import align
from hello_dl.reading.lines.alphabet import BLANK, CLASSES, decode, encode


def best_of_all_paths(log_probs, text):
    """Return the likeliest path of signs and blanks that gives the text, by trying all."""
    classes = [BLANK, *dict.fromkeys(encode(text).tolist())]
    paths = itertools.product(classes, repeat=len(log_probs))
    giving = [path for path in paths if decode(k for k, _ in itertools.groupby(path)) == text]
    return max(giving, key=lambda path: sum(log_probs[t, k] for t, k in enumerate(path)))


@pytest.mark.parametrize("text", ["a", "ab", "aa", "aba", "abb"])
@pytest.mark.parametrize("seed", range(3))
def test_the_likeliest_path_is_found(text, seed):
    log_probs = np.log(np.random.default_rng(seed).dirichlet(np.ones(CLASSES), 6))
    places, sure = align(log_probs, text)
    path = np.array(best_of_all_paths(log_probs, text))
    signs = np.zeros(6, int)
    for (begin, end), number in zip(places, encode(text), strict=True):
        signs[begin:end] = number
    assert signs.tolist() == path.tolist()
    for (begin, end), number, p in zip(places, encode(text), sure, strict=True):
        assert p == pytest.approx(np.exp(log_probs[begin:end, number].max()))


def test_nothing_stands_nowhere_and_too_much_is_refused():
    log_probs = np.log(np.full((3, CLASSES), 1 / CLASSES))
    assert align(log_probs, "")[0].shape == (0, 2)
    assert align(log_probs, "aa")[0].tolist() == [[0, 1], [2, 3]]
    with pytest.raises(ValueError, match="4 signs do not fit into 3 answers"):
        align(log_probs, "aaba")
