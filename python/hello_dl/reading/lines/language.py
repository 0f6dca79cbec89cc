"""What is likely to be written: n-grams of signs, and known words, for the beam search of the line reader.

A word is a known one, or a new one that n-grams spell. While it is being read, known words that begin as it
does count already: else a search that keeps few texts would drop the right one before its last letter.

Case does not count, and all digits count as one: which of them was written is for the eye to see. Smoothing
is that of Witten and Bell (1991, method C): what followed a context counts as often as it was seen, the rest
of the probability is left to the next shorter context. `training/learn_language.py` makes the model.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate
from math import exp, log, log1p
from pathlib import Path
from typing import NamedTuple

from hello_dl.reading.language.ngrams import KNOWN, read_counts, word_chances
from hello_dl.reading.lines.alphabet import SIGNS

SHIPPED = Path(__file__).parents[2] / "shipped" / "line_language.npz"
DECODING = SHIPPED.with_name("line_decoding.json")
ORDER = 6  # signs in an n-gram
AFTER_Z = "{"  # the sign that follows z: no word that begins with letters comes after letters + AFTER_Z
REMEMBERED = 100_000  # texts whose last words are remembered
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
        self._sorted = sorted(self._words)
        self._up_to = [0.0, *accumulate(self._words[word] for word in self._sorted)]
        self._memory: dict[str, _Word] = {}

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
        word = self._last_word(before)
        if symbol.isalpha():
            gain = self._last_word(before + symbol).either - word.either
        else:
            gain = self.log_probability(before, symbol) + word.ended - word.either
        return self.weight * gain + (self.a_sign if sign else 0.0)

    def _last_word(self, text: str) -> _Word:
        """Return what is known of the letters at the end of a folded text."""
        word = self._memory.get(text)
        if word is None:
            if not text or not text[-1].isalpha():
                word = NO_LETTERS
            else:
                shorter = self._last_word(text[:-1])
                spelled = shorter.spelled + self.log_probability(text[:-1], text[-1])
                word = self._word(shorter.letters + text[-1], spelled)
            if len(self._memory) >= REMEMBERED:
                self._memory.clear()
            self._memory[text] = word
        return word

    def _word(self, letters: str, spelled: float) -> _Word:
        """Return what is known of a word, or of the beginning of one, that is spelled with a probability."""
        first = bisect_left(self._sorted, letters)
        end = bisect_left(self._sorted, letters + AFTER_Z, lo=first)
        known = self._up_to[end] - self._up_to[first]
        whole = self._up_to[first + 1] - self._up_to[first] if letters in self._words else 0.0
        new = log(1 - KNOWN) + spelled
        return _Word(letters, spelled, _log_add(new, known), _log_add(new, whole))


class _Word(NamedTuple):
    """Letters at the end of a text, and natural log probabilities of them.

    `spelled` is that of the letters by the n-grams alone, `either` of a word, known or new, that begins with
    them, `ended` of a word that is them.
    """

    letters: str
    spelled: float
    either: float
    ended: float


NO_LETTERS = _Word("", 0.0, 0.0, 0.0)


def _log_add(a: float, chance: float) -> float:
    """Return log(e^a + chance)."""
    return a if chance <= 0 else max(a, log(chance)) + log1p(exp(-abs(a - log(chance))))


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
