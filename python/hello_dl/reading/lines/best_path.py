"""Turns a network's answers into text without any language: the likeliest sign of each answer.

Equal answers that follow each other are one sign, and blanks fall away (Graves et al. 2006, section 3.1,
"best path decoding").
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.lines.alphabet import BLANK, decode


def best_path(log_probs: NDArray[np.floating[Any]]) -> str:
    """Return the text of log probabilities (answers, classes)."""
    return decode(best_signs(log_probs)[0])


def best_signs(log_probs: NDArray[np.floating[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers (n,) of the signs on the best path, and where each stands.

    Places (n, 2) are the first answer of a sign, and the one after its last.
    """
    best = log_probs.argmax(axis=1)
    begins = np.flatnonzero(np.diff(best, prepend=-1))
    ends = np.append(begins[1:], len(best))
    is_sign = best[begins] != BLANK
    return best[begins][is_sign], np.stack([begins, ends], axis=1)[is_sign]
