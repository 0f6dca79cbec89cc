"""What is likely to be written: n-grams of signs, and known words, for the beam search of the line reader.

Case does not count, and all digits count as one: which of them was written is for the eye to see. Smoothing
is that of Witten and Bell (1991, method C): what followed a context counts as often as it was seen, the rest
of the probability is left to the next shorter context. `training/learn_language.py` makes the model.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from math import exp, log, log1p
from pathlib import Path

from hello_dl.reading.language.ngrams import KNOWN, read_counts, word_chances
from hello_dl.reading.lines.alphabet import SIGNS

SHIPPED = Path(__file__).parents[2] / "shipped" / "line_language.npz"
DECODING = SHIPPED.with_name("line_decoding.json")
ORDER = 6  # signs in an n-gram
SYMBOLS = "".join(dict.fromkeys("".join(SIGNS).lower().translate({ord(d): "0" for d in "123456789"})))

_DIGITS = {ord(digit): "0" for digit in "123456789"}


def fold(text: str) -> str:
    """Return a text in small letters, with all digits as 0."""
    return text.lower().translate(_DIGITS)


class LineLanguage:
    """An n-gram model of signs with a list of known words; `after` is what a beam search asks.

    `counts` says for each n-gram of 1 to ORDER folded signs how often it was seen, `words` the same for
    words in small letters; `listed` are words that the user expects, all equally often. `weight` is that of
    the language's log probability beside the network's, and `a_sign` a natural logarithm by which each
    further sign is made likelier, as language makes all less likely: training/line_decoding.py chose them.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        words: Mapping[str, int],
        listed: Iterable[str] = (),
        *,
        weight: float,
        a_sign: float,
    ) -> None:
        self.weight, self.a_sign = weight, a_sign
        self._followers: dict[str, dict[str, int]] = {}
        for gram, count in counts.items():
            self._followers.setdefault(gram[:-1], {})[gram[-1]] = count
        self._logs: dict[str, dict[str, float]] = {}
        self._words = word_chances(words, {fold(word) for word in listed})

    @classmethod
    def load(cls, path: str | os.PathLike[str] = SHIPPED, listed: Iterable[str] = ()) -> LineLanguage:
        """Read a model as ngrams.save writes it; without a path, the one of the package."""
        chosen = json.loads(DECODING.read_text(encoding="ascii"))
        return cls(*read_counts(path), listed, weight=chosen["language"], a_sign=chosen["a_sign"])

    def log_probability(self, before: str, symbol: str) -> float:
        """Return the natural log probability of a folded sign after a folded text."""
        context = (" " + before)[-(ORDER - 1) :]
        logs = self._logs.get(context)
        if logs is None:
            logs = self._logs[context] = {s: log(p) for s, p in self._chances(context).items()}
        return logs[symbol]

    def _chances(self, context: str) -> dict[str, float]:
        """Return the probability of each symbol after a context."""
        shorter = self._chances(context[1:]) if context else dict.fromkeys(SYMBOLS, 1 / len(SYMBOLS))
        seen = self._followers.get(context)
        if seen is None:
            return shorter
        kinds, total = len(seen), sum(seen.values())
        return {s: (seen.get(s, 0) + kinds * p) / (total + kinds) for s, p in shorter.items()}

    def after(self, text: str, sign: str) -> float:
        """Return what is added to the log probability when a sign, or the end (""), follows a text."""
        before, symbol = fold(text), fold(sign) or " "
        gain = self.weight * self.log_probability(before, symbol) + (self.a_sign if sign else 0.0)
        if not symbol.isalpha() and before and before[-1].isalpha():
            gain += self.weight * self._word_gain(before)
        return gain

    def _word_gain(self, before: str) -> float:
        """Return by how much the last word of a text is likelier than its letters, as a logarithm."""
        start = len(before)
        while start > 0 and before[start - 1].isalpha():
            start -= 1
        known = self._words.get(before[start:])
        if known is None:
            return log(1 - KNOWN)
        spelled = sum(self.log_probability(before[:i], before[i]) for i in range(start, len(before)))
        a, b = log(1 - KNOWN) + spelled, log(known)
        high, low = max(a, b), min(a, b)
        return high + log1p(exp(low - high)) - spelled


def count_ngrams(lines: Iterable[str]) -> dict[str, int]:
    """Return how often each n-gram of 1 to ORDER folded signs comes in lines of printable ASCII."""
    grams: Counter[str] = Counter()
    for line in lines:
        text = f" {fold(line)} "
        for n in range(1, ORDER + 1):
            grams.update(text[i : i + n] for i in range(len(text) - n + 1))
    return dict(grams)


@cache
def shipped() -> LineLanguage:
    """Return the model of the package, read once."""
    return LineLanguage.load()
