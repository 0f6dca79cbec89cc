"""Turns a network's answers into text with a language model, by a beam search over prefixes.

Of each beginning of the text (prefix) that is still kept, two chances are known: that its last answer was a
blank, and that it was the prefix's last sign. All paths that give the same prefix are added up, which best
path decoding does not do (Graves et al. 2006, section 3.2; Hannun et al. 2014, algorithm 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.lines.alphabet import BLANK, SIGNS

# How much likelier a sign is after a text than it would be at random: a natural logarithm.
After = Callable[[str, str], float]


@dataclass(frozen=True)
class BeamSettings:
    """How a beam search is made: more of each is slower, and finds the best text more often."""

    prefixes: int = 20  # kept after each answer
    least: float = -7.0  # log probability: less likely signs of an answer are not tried
    clear_blank: float = -0.001  # log probability of a blank above which nothing else is tried


class Prefix:
    """A beginning of the text: log probabilities that it ends in a blank, or in its last sign."""

    __slots__ = ("blank", "language", "sign", "text")

    def __init__(self, text: str, language: float) -> None:
        self.text, self.language = text, language
        self.blank = self.sign = -inf

    @property
    def score(self) -> float:
        """The log probability of the prefix by the network, and by the language model."""
        return log_add(self.blank, self.sign) + self.language


def log_add(a: float, b: float) -> float:
    """Return log(e^a + e^b)."""
    high, low = (a, b) if a > b else (b, a)
    return high if low == -inf else high + log1p(exp(low - high))


def beam_search(
    log_probs: NDArray[np.floating[Any]], after: After, settings: BeamSettings | None = None
) -> list[tuple[str, float]]:
    """Return the likeliest texts of log probabilities (answers, classes), best first, each with its score.

    `after(text, sign)` is added to the log probability when `sign` follows `text`; at the end it is asked
    for the sign "", which stands for the end of the line.
    """
    settings = settings or BeamSettings()
    start = Prefix("", 0.0)
    start.blank = 0.0
    kept = [start]
    for answer in log_probs.astype(np.float64):
        if answer[BLANK] > settings.clear_blank:
            for prefix in kept:
                prefix.blank, prefix.sign = log_add(prefix.blank, prefix.sign) + float(answer[BLANK]), -inf
            continue
        numbers = np.flatnonzero(answer > settings.least)
        likely = [(SIGNS[n - 1], float(answer[n])) for n in numbers if n != BLANK]
        kept = _next(kept, float(answer[BLANK]), likely, answer, after, settings.prefixes)
    for prefix in kept:
        prefix.language += after(prefix.text, "")
    kept.sort(key=lambda prefix: -prefix.score)
    return [(prefix.text, prefix.score) for prefix in kept]


def _next(
    kept: list[Prefix],
    blank: float,
    likely: list[tuple[str, float]],
    answer: NDArray[np.float64],
    after: After,
    most: int,
) -> list[Prefix]:
    """Return the best prefixes after one more answer: those of before, and these with one more sign."""
    found: dict[str, Prefix] = {}
    for old in kept:
        both = log_add(old.blank, old.sign)
        same = found.get(old.text)
        if same is None:
            same = found[old.text] = Prefix(old.text, old.language)
        same.blank = log_add(same.blank, both + blank)
        if old.text:  # the last sign goes on
            same.sign = log_add(same.sign, old.sign + float(answer[ord(old.text[-1]) - ord(SIGNS[0]) + 1]))
        for sign, chance in likely:
            # An equal sign is a new one only after a blank.
            before = old.blank if old.text.endswith(sign) else both
            if before == -inf:
                continue
            text = old.text + sign
            longer = found.get(text)
            if longer is None:
                longer = found[text] = Prefix(text, old.language + after(old.text, sign))
            longer.sign = log_add(longer.sign, before + chance)
    return sorted(found.values(), key=lambda prefix: -prefix.score)[:most]
