"""What a letter's surroundings say about it, which its 28x28 picture cannot: for now, how tall it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALWAYS_TALL = "bdfhklt"  # these reach up in small letters and in capitals alike
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
    doubted = chances * np.where(short[:, None] & tall_names, EXCEPTION, 1.0)
    scale = chances.sum(axis=1, keepdims=True) / np.maximum(doubted.sum(axis=1, keepdims=True), 1e-300)
    weighed: NDArray[np.float64] = doubted * scale
    return weighed
