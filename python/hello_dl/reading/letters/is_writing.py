"""Leaves out what is no writing: the grain of a table, the texture of paper, stains like letters.

Of each patch that may be a letter some simple things are measured, and a logistic regression (Cox, 1958)
says how likely it is that a pen has drawn it. Its weights were learned from made-up photos, with much
writing, with little and with none (`training/writing.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Floats, Grey, Mask
from hello_dl.reading.ink_map.measures import EDGE, pen_width
from hello_dl.reading.letters.segment import Letter

Lines = list[list[list[Letter]]]

UNLIKELY = -3.0  # log odds of a word among others that are written; with less it is a stain
UNSURE = 0.5  # chance of a best guess; less counts as much, for the hand may be a stranger's
USUAL = 0.95  # chance of the best guess that a good network has of a letter
KNOWS_NOTHING = 0.3  # chance of the usual best guess: such a network has learned little, and is not asked
WEIGHTS = {
    "known": 1.20, "inked": 1.41, "pen": -3.37, "uneven": -6.30, "winding": 3.89, "unlike": -2.77,
    "covering": 0.99, "company": 0.95,
}  # fmt: skip
BIAS = -15.29
PRIOR = 1.0  # log odds before anything is seen: people take photos of writing rather than of grain


def only_writing(ink: Grey, lines: Lines, chances: Floats) -> tuple[Lines, Floats, Floats]:
    """Returns the words that are writing, in lines, their letters' chances (n, classes) and log odds (n,)."""
    letters = [letter for line in lines for word in line for letter in word]
    if not letters:
        return [], chances[:0], np.zeros(0)
    odds = log_odds(ink, lines, chances)
    # Of many grains some look like letters by chance: the more there are, the more a word must prove.
    least = np.log1p(np.sum(odds < 0))
    kept, left, at = [], [], 0
    for line in lines:
        numbers = [np.arange(at, at := at + len(word)) for word in line]
        sums = np.array([odds[own].sum() for own in numbers])
        # A word is believed by its own odds, or by those of the others on its line.
        written = (sums > least) | ((sums > UNLIKELY) & (sums.sum() - sums > least))
        if written.any():
            kept.append([word for word, yes in zip(line, written, strict=True) if yes])
            left += [own for own, yes in zip(numbers, written, strict=True) if yes]
    those = np.concatenate([np.zeros(0, np.int64), *left])
    return kept, chances[those], odds[those]


def log_odds(ink: Grey, lines: Lines, chances: Floats) -> Floats:
    """How likely each letter (n,) is to be one: the logarithm of the odds."""
    measured = measure(ink, lines, chances)
    odds = np.full(len(chances), PRIOR + BIAS)
    for name, weight in WEIGHTS.items():
        odds += weight * measured[name]
    return odds


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
    best = np.maximum(chances.max(axis=1), UNSURE)
    if float(np.median(chances.max(axis=1))) < KNOWS_NOTHING:
        best[:] = USUAL
    return {
        "known": _logit(best),
        "inked": _logit(np.array([_mean_ink(ink, letter) for letter in letters])),
        "pen": np.log(pen / size),
        "uneven": np.log(thickest / pen),
        "winding": np.log(np.maximum(area / pen / size, 0.2)),
        "unlike": np.abs(np.log(pen / np.median(pen))),
        "covering": np.full(len(letters), _logit(area.sum() / max(1.0, float((ink > EDGE).sum())))),
        "company": np.log(np.repeat(counts, counts)),
    }


def _logit(share: NDArray[np.float64] | float) -> Floats:
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
