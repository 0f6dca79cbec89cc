"""Removes words that are probably not handwriting: wood grain, paper texture, stains.

A few numbers are measured of each patch that may be a letter, and a logistic regression (Cox, 1958) makes of
them the log odds that a pen has drawn it. Its weights were learned from made-up photos with much writing,
with little and with none (`training/writing.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Floats, Grey, Mask
from hello_dl.reading.ink_map.measures import EDGE, pen_width
from hello_dl.reading.letters.segment import Letter

Lines = list[list[list[Letter]]]

UNLIKELY = -3.0  # log odds of a word: words with less are removed, even among others that are written
UNSURE = 0.5  # probability: best guesses with less count as this much, for the network may not know this hand
KNOWS_NOTHING = 0.3  # median probability of best guesses below which the network has learned too little
USUAL = 0.95  # probability that all best guesses then count as
WEIGHTS = {
    "known": 1.20, "inked": 1.41, "pen": -3.37, "uneven": -6.30, "winding": 3.89, "unlike": -2.77,
    "covering": 0.99, "company": 0.95,
}  # fmt: skip
BIAS = -15.29
DRAWN = 3.0  # log odds added where there is nothing but a few strokes in a picture; larger keeps more
PRIOR = 1.0  # log odds added to all, for people rather take photos of writing; larger keeps more


def only_writing(
    ink: Grey, lines: Lines, chances: Floats, *, drawing: bool = False
) -> tuple[Lines, Floats, Floats]:
    """Return the words that are writing, their letters' probabilities (n, classes) and log odds (n,).

    `ink` is the page (H, W), `lines` are lists of words of letters, `chances` (m, classes) are the
    probabilities of all letters in turn. `drawing` says that there is nothing else in the picture.
    """
    letters = [letter for line in lines for word in line for letter in word]
    if not letters:
        return [], chances[:0], np.zeros(0)
    odds = log_odds(ink, lines, chances) + (DRAWN if drawing else 0)
    # Among many specks some look like letters by chance: the more specks, the higher the odds must be.
    least = np.log1p(np.sum(odds < 0))
    kept, left, at = [], [], 0
    for line in lines:
        numbers = [np.arange(at, at := at + len(word)) for word in line]
        sums = np.array([odds[own].sum() for own in numbers])
        # A word is kept for its own odds, or for those of the other words on its line.
        written = (sums > least) | ((sums > UNLIKELY) & (sums.sum() - sums > least))
        if written.any():
            kept.append([word for word, yes in zip(line, written, strict=True) if yes])
            left += [own for own, yes in zip(numbers, written, strict=True) if yes]
    those = np.concatenate([np.zeros(0, np.int64), *left])
    return kept, chances[those], odds[those]


def log_odds(ink: Grey, lines: Lines, chances: Floats) -> Floats:
    """Return the log odds (n,) that each letter was written; arguments are those of `only_writing`."""
    measured = measure(ink, lines, chances)
    odds = np.full(len(chances), PRIOR + BIAS)
    for name, weight in WEIGHTS.items():
        odds += weight * measured[name]
    return odds


def measure(ink: Grey, lines: Lines, chances: Floats) -> dict[str, Floats]:
    """Return what is measured of each letter (n,), by name; there must be at least one letter.

    known     log odds of the network's best guess
    inked     log odds of the mean ink in its strokes, which is high for a pen
    pen       log of the strokes' width over the letter's longer side
    uneven    log of the side of the largest square of ink over the strokes' width
    winding   log of the length of the letter's line over its longer side: high for a net, low for a dash
    unlike    absolute log of the strokes' width over the page's median
    covering  log odds of the share of the page's ink that is in letters
    company   log of the number of letters on its line
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
    """Return the log odds of a probability, which is clipped to 0.01 .. 0.99."""
    share = np.clip(share, 0.01, 0.99)
    return np.asarray(np.log(share / (1 - share)))


def _mean_ink(ink: Grey, letter: Letter) -> float:
    """Return the mean ink of a letter's pixels, 0 to 1."""
    left, top, right, bottom = letter.box
    return float(ink[top:bottom, left:right][letter.mask].mean())


def _thickest(mask: Mask) -> int:
    """Return the side of the largest square that is all ink, in pixels, by binary search on running sums."""
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
