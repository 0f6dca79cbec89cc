"""How tall a letter is beside its line, which its 28x28 picture cannot tell, doubts some guesses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALWAYS_TALL = "bdfhklt"  # these reach up in small letters and in capitals alike
TALL = 0.8  # of the height of the line's tall letters: an i, even with its dot, is lower, as a rule
SMALL = 0.75  # of that height: where the usual letter is lower, the line is in small letters
SHORT = 0.6  # of the height of the line's tall letters: none of them is lower than this, as a rule
EXCEPTION = 0.1  # how often the rule is broken


def doubt_short(
    chances: NDArray[np.float64], heights: list[NDArray[np.int64]], names: list[str]
) -> NDArray[np.float64]:
    """Returns `chances` (n, classes) with less belief in an l, b or k that is too short for its line.

    `heights` holds each line's letter heights, in the order of the rows of `chances`. All glyphs fill
    the same 28x28 pixels, so an i without dot looks like an l; beside taller letters it does not. Sums stay.
    """
    tall_names = np.array([name.lower() in ALWAYS_TALL for name in names])
    if not heights or not tall_names.any() or tall_names.all():
        return chances
    short = np.concatenate([line < SHORT * np.percentile(line, 85) for line in heights])
    return _doubt(chances, short[:, None] & tall_names)


def doubt_tall(
    chances: NDArray[np.float64], heights: list[NDArray[np.int64]], names: list[str]
) -> NDArray[np.float64]:
    """Returns `chances` (n, classes) with less belief in an i as tall as an l, in a line of small letters.

    A capital I is a single stroke like an l, and where case is merged it counts as an i; among small letters
    it is rare. Only where the network wavers between the two does this decide. Sums stay.
    """
    low_names = np.array([name == "i" for name in names])
    if not heights or not low_names.any():
        return chances
    too_tall = []
    for line in heights:
        tall = np.percentile(line, 85)
        too_tall.append((line >= TALL * tall) & (np.median(line) < SMALL * tall))
    return _doubt(chances, np.concatenate(too_tall)[:, None] & low_names)


def _doubt(chances: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    doubted = chances * np.where(where, EXCEPTION, 1.0)
    scale = chances.sum(axis=1, keepdims=True) / np.maximum(doubted.sum(axis=1, keepdims=True), 1e-300)
    weighed: NDArray[np.float64] = doubted * scale
    return weighed
