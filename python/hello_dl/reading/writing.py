"""Leaves out what is no writing: the grain of a table, the texture of paper, stains like letters.

Of each patch that may be a letter some simple things are measured, and a logistic regression (Cox, 1958)
says how likely it is that a pen has drawn it. Its weights were learned from made-up photos, with much
writing, with little and with none (`training/writing.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .blobs import Mask
from .filters import Grey
from .segment import EDGE, Letter
from .touching import pen_width

Floats = NDArray[np.float64]
Lines = list[list[list[Letter]]]

UNSURE = 0.3  # chance of the best guess: a network that knows less may still learn, and is not asked
WEIGHTS = {
    "known": 1.41, "inked": 2.24, "pen": -3.93, "uneven": -10.98, "winding": 3.56, "unlike": -2.94,
    "covering": 0.41, "company": 0.25,
}  # fmt: skip
BIAS = -12.4


def only_writing(ink: Grey, lines: Lines, chances: Floats) -> tuple[Lines, Floats, Floats]:
    """Returns the words that are writing, in lines, their letters' chances (n, classes) and log odds (n,)."""
    letters = [letter for line in lines for word in line for letter in word]
    if not letters:
        return [], chances[:0], np.zeros(0)
    odds = log_odds(ink, lines, chances)
    # Of many grains some look like letters by chance: the more there are, the more a word must prove.
    least = np.log1p(np.sum(odds < 0))
    kept, left, at = [], np.zeros(len(odds), np.bool_), 0
    for line in lines:
        words = []
        for word in line:
            own = slice(at, at + len(word))
            at += len(word)
            if odds[own].sum() > least:
                words.append(word)
                left[own] = True
        if words:
            kept.append(words)
    return kept, chances[left], odds[left]


def log_odds(ink: Grey, lines: Lines, chances: Floats) -> Floats:
    """How likely each letter (n,) is to be one: the logarithm of the odds."""
    measured = measure(ink, lines, chances)
    return BIAS + sum((weight * measured[name] for name, weight in WEIGHTS.items()), np.zeros(len(chances)))


def measure(ink: Grey, lines: Lines, chances: Floats) -> dict[str, Floats]:
    """What is told of each letter (n,), for letters on one page of ink (H, W); there must be some.

    known     the network's log odds of its best guess
    inked     the log odds of ink in its strokes: what is no pen's is hardly ever sure
    pen       how wide its strokes are, as a share of its size (a logarithm, as all that follow)
    uneven    how many times wider the thickest place is
    winding   how long its line is, in sizes of a letter: long in a net, short in a dash
    unlike    how much its strokes' width differs from the page's usual pen, either way
    covering  log odds of the share of the page's ink that is in letters
    company   letters on its line
    """
    letters = [letter for line in lines for word in line for letter in word]
    pen = np.array([pen_width(letter.mask) for letter in letters])
    size = np.array([max(letter.mask.shape) for letter in letters], dtype=float)
    area = np.array([letter.mask.sum() for letter in letters], dtype=float)
    thickest = np.array([_thickest(letter.mask) for letter in letters], dtype=float)
    counts = [sum(map(len, line)) for line in lines]
    return {
        "known": _log_odds(np.maximum(chances.max(axis=1), UNSURE)),
        "inked": _log_odds(np.array([_mean_ink(ink, letter) for letter in letters])),
        "pen": np.log(pen / size),
        "uneven": np.log(thickest / pen),
        "winding": np.log(np.maximum(area / pen / size, 0.2)),
        "unlike": np.abs(np.log(pen / np.median(pen))),
        "covering": np.full(len(letters), _log_odds(area.sum() / max(1.0, float((ink > EDGE).sum())))),
        "company": np.log(np.repeat(counts, counts)),
    }


def _log_odds(share: NDArray[np.float64] | float) -> Floats:
    share = np.clip(share, 0.01, 0.99)
    return np.asarray(np.log(share / (1 - share)))


def _mean_ink(ink: Grey, letter: Letter) -> float:
    left, top, right, bottom = letter.box
    return float(ink[top:bottom, left:right][letter.mask].mean())


def _thickest(mask: Mask) -> int:
    """The side of the largest square that is all ink, found by halving, with running sums."""
    sums = np.pad(mask.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    fits, too_large = 0, min(mask.shape) + 1
    while too_large - fits > 1:
        k = (fits + too_large) // 2
        squares = sums[k:, k:] - sums[:-k, k:] - sums[k:, :-k] + sums[:-k, :-k]
        if (squares == k * k).any():
            fits = k
        else:
            too_large = k
    return fits
