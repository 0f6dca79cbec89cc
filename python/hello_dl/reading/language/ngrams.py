"""A small language model: n-grams of letters, and a list of known words.

It says how likely each letter is after the letters before it. Smoothing is that of Witten and Bell, "The
zero-frequency problem", 1991: what followed a context in the text counts as often as it was seen, and the
rest of the probability is left to the next shorter context. `training/learn_language.py` makes the model.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.files import read_text
from hello_dl.reading.image.arrays import Floats

SHIPPED = Path(__file__).parents[2] / "shipped" / "context.npz"
SYMBOLS = "abcdefghijklmnopqrstuvwxyz "  # the last stands between words
ORDER = 5  # letters in an n-gram
KNOWN = 0.5  # probability that a word is a known one, rather than a new one spelled letter by letter
LISTED = 0.5  # probability that a known word is in the user's list, if there is one


class Language:
    """An n-gram model of letters with a list of known words: `Language.load().log_probabilities("th")`.

    `counts` says for each n-gram of 1 to ORDER SYMBOLS how often it was seen, `words` the same for words;
    `listed` are words that the user expects, all equally often.
    """

    def __init__(self, counts: dict[str, int], words: dict[str, int], listed: Iterable[str] = ()) -> None:
        self.order = max(map(len, counts), default=1)
        self._followers: dict[str, Floats] = {}
        for gram, count in counts.items():
            row = self._followers.setdefault(gram[:-1], np.zeros(len(SYMBOLS)))
            row[SYMBOLS.index(gram[-1])] = count
        self._rows: dict[str, Floats] = {}
        self._words = word_chances(words, set(listed))

    @classmethod
    def load(cls, path: str | os.PathLike[str] = SHIPPED, listed: Iterable[str] = ()) -> Language:
        """Read a model as `save` writes it; without a path, the one of the package."""
        return cls(*read_counts(path), listed)

    def log_probabilities(self, before: str) -> Floats:
        """Return the natural log probability (27,) of each of SYMBOLS after the text `before`."""
        context = before[-(self.order - 1) :]
        row = self._rows.get(context)
        if row is None:
            row = self._rows[context] = np.log(self._chances(context))
        return row

    def _chances(self, context: str) -> Floats:
        """Return the probability (27,) of each symbol after a context (Witten and Bell, method C)."""
        shorter = self._chances(context[1:]) if context else np.full(len(SYMBOLS), 1 / len(SYMBOLS))
        seen = self._followers.get(context)
        if seen is None:
            return shorter
        kinds = np.count_nonzero(seen)
        chances: Floats = (seen + kinds * shorter) / (seen.sum() + kinds)
        return chances

    def word_gain(self, word: str, spelled: float) -> float:
        """Return by how much a finished word's log probability grows above `spelled`, that of its letters."""
        known = self._words.get(word, 0.0)
        return float(np.logaddexp(np.log(1 - KNOWN) + spelled, np.log(known) if known else -np.inf) - spelled)

    def mean_log_probability(self, words: Iterable[str]) -> float:
        """Return a text's mean log probability a letter: about -1.5 for English, -7 for random letters."""
        text, total, letters = " ", 0.0, 0
        for word in words:
            spelled = 0.0
            for letter in word + " ":
                spelled += float(self.log_probabilities(text)[SYMBOLS.index(letter)])
                text = (text + letter)[-self.order :]
            total += spelled + self.word_gain(word, spelled)
            letters += len(word) + 1
        return total / max(1, letters)


def words_in(text: str) -> list[str]:
    """Return the words of a text in small letters a-z; apostrophes are dropped, all else parts words."""
    return re.findall(r"[a-z]+", text.lower().replace("'", ""))


def count_ngrams(words: list[str]) -> dict[str, int]:
    """Return how often each n-gram of 1 to ORDER symbols comes in a text, given as its words."""
    text = " " + " ".join(words) + " "
    grams: Counter[str] = Counter()
    for n in range(1, ORDER + 1):
        grams.update(text[i : i + n] for i in range(len(text) - n + 1))
    return dict(grams)


def read_lexicon(path: str | os.PathLike[str]) -> list[str]:
    """Return the words in a text file. Raises OSError, or ValueError if it is no text or has no words."""
    words = words_in(read_text(Path(path), "a list of words"))
    if not words:
        raise ValueError(f"{path}: needs words in the letters a-z, got none")
    return words


@cache
def shipped() -> Language:
    """Return the model of the package, read once."""
    return Language.load()


def word_chances(words: Mapping[str, int], listed: set[str]) -> dict[str, float]:
    """Return the probability of each known word, in proportion to its count, and of those that are listed."""
    share = LISTED if listed else 0.0
    total = max(1, sum(words.values()))
    chances = {word: KNOWN * (1 - share) * count / total for word, count in words.items()}
    for word in listed:
        chances[word] = chances.get(word, 0.0) + KNOWN * share / len(listed)
    return chances


def read_counts(path: str | os.PathLike[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the n-gram counts and the word counts that `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        counts = unpack(file["grams"], file["gram_counts"])
        return counts, unpack(file["words"], file["word_counts"])


def save(path: str | os.PathLike[str], counts: dict[str, int], words: dict[str, int]) -> None:
    """Write n-gram counts and word counts as a compressed npz file."""
    grams, gram_counts = pack(counts)
    names, word_counts = pack(words)
    np.savez_compressed(path, grams=grams, gram_counts=gram_counts, words=names, word_counts=word_counts)


def pack(counts: dict[str, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return texts and their counts as bytes, both sorted by text.

    Of each text only what differs from the one before is kept: how many letters are the same at its
    beginning, how many are new, and the new ones. Counts become rounded logarithms, 16 to a factor of e,
    which changes them by at most 3 %.
    """
    texts, before = bytearray(), ""
    for text in sorted(counts):
        same = 0
        while text[: same + 1] == before[: same + 1] and same < len(before):
            same += 1
        texts += bytes([same, len(text) - same]) + text[same:].encode("ascii")
        before = text
    logs = np.rint(16 * np.log([counts[text] for text in sorted(counts)]))
    return np.frombuffer(bytes(texts), np.uint8), np.minimum(logs, 255).astype(np.uint8)


def unpack(texts: NDArray[np.uint8], logs: NDArray[np.uint8]) -> dict[str, int]:
    """Return the counts that `pack` was given, but for its rounding."""
    data, at, before = texts.tobytes(), 0, ""
    counts = {}
    for value in np.rint(np.exp(logs / 16)).astype(int).tolist():
        same, new = data[at], data[at + 1]
        before = before[:same] + data[at + 2 : at + 2 + new].decode("ascii")
        counts[before] = value
        at += 2 + new
    return counts
