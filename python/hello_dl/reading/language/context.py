"""Lets neighbours decide between letters that look alike: o and 0, l and i, g and q, u and v.

The network says how likely each letter is by its looks, the language model how likely by what stands before
it; a beam search finds the text for which both together say most (as in speech recognition; Jelinek, 1976).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Floats
from hello_dl.reading.language.ngrams import ORDER, SYMBOLS, Language

WEIGHT = 0.35  # of the language model's log P beside the network's, chosen on generated pages
GUESSES = 8  # of the network for each letter that may win
DOUBT = 1e-3  # the least chance that such a guess has
BEAM = 16  # texts that are followed at once
LANGUAGE = -5.3  # log P a letter: what is less likely than this is no text in words; chosen on generated text
SHORT_WORDS = 0.5  # share of the letters that stand in words of three or more, in a text

# How often a capital follows, and a digit: a small table, for the language model knows neither.
CAPITAL = {"start": 0.15, "capital": 0.5, "small": 0.01, "digit": 0.3}
DIGIT = {"start": 0.08, "capital": 0.02, "small": 0.005, "digit": 0.9}


@dataclass(frozen=True)
class _Text:
    """One way to read the line so far: its score, its last letters, and the word that is being read."""

    score: float
    before: str
    word: str
    spelled: float
    kind: str
    path: tuple[int, ...]


def is_language(words: Sequence[str], language: Language) -> bool:
    """Whether what was read is text in words, rather than a serial number, a formula, or single letters."""
    letters = sum(map(len, words))
    in_words = sum(len(word) for word in words if len(word) >= 3 and word.isalpha())
    if letters == 0 or in_words < SHORT_WORDS * letters:
        return False
    return (
        language.mean_cost([word.lower() for word in words if word.isascii() and word.isalpha()]) > LANGUAGE
    )


class Context:
    """Weighs guesses by their neighbours: `names` are the classes, `language` knows what follows what."""

    def __init__(self, names: Sequence[str], language: Language, weight: float = WEIGHT) -> None:
        self.names, self.language, self.weight = list(names), language, weight
        self.symbols = [name.lower() if name.lower() in SYMBOLS else "" for name in names]
        self.numbers = np.array([SYMBOLS.index(s) if s else -1 for s in self.symbols])
        self.kinds = [
            "digit" if name.isdigit() else "capital" if name.isupper() else "small" for name in names
        ]
        # Where a letter has one class for both cases, no case is to be doubted.
        lower = [name.lower() for name in names if name.isalpha()]
        self.cased = len(set(lower)) < len(lower)

    def weigh(self, words: list[Floats]) -> list[Floats]:
        """Return the chances (n, classes) of each word's letters, given those of all the others nearby.

        The likeliest text is searched; then each letter's guesses are weighed by how well they would stand in
        it. Sums stay 1.
        """
        texts = [_Text(0.0, " ", "", 0.0, "start", ())]
        for chances in words:
            for row in chances:
                texts = self._read_on(texts, row)
            texts = self._best([self._end_word(text) for text in texts])
        path = iter(texts[0].path)
        chosen = [[next(path) for _ in chances] for chances in words]
        weighed, before = [], " "
        for chances, choice in zip(words, chosen, strict=True):
            weighed.append(self._weigh_word(chances, choice, before))
            before = (before + "".join(self.symbols[k] for k in choice) + " ")[-ORDER:]
        return weighed

    def _read_on(self, texts: list[_Text], row: Floats) -> list[_Text]:
        """All ways to read one letter more, the best of them."""
        guesses = _guesses(row)
        looks = np.log(np.maximum(row[guesses], DOUBT)).tolist()
        pairs = list(zip(guesses, looks, strict=True))
        return self._best([self._add(text, k, look) for text in texts for k, look in pairs])

    def _add(self, text: _Text, k: int, look: float) -> _Text:
        cost = self._letter(text.before, k)
        other = self._kind(text.kind, k)
        symbol = self.symbols[k] or " "
        return _Text(
            text.score + look + self.weight * (cost + other),
            (text.before + symbol)[-ORDER:],
            text.word + (self.symbols[k] or "#"),
            text.spelled + cost,
            self.kinds[k],
            (*text.path, k),
        )

    def _letter(self, before: str, k: int) -> float:
        return float(self.language.letter_costs(before)[self.numbers[k]]) if self.symbols[k] else 0.0

    def _kind(self, before: str, k: int) -> float:
        """Log P that a digit, a capital or a small letter follows, and which digit."""
        digit, capital = DIGIT[before], CAPITAL[before]
        if self.kinds[k] == "digit":
            return float(np.log(digit / 10))
        if not self.cased:
            return float(np.log(1 - digit))
        return float(np.log((1 - digit) * (capital if self.kinds[k] == "capital" else 1 - capital)))

    def _end_word(self, text: _Text) -> _Text:
        space = float(self.language.letter_costs(text.before)[SYMBOLS.index(" ")])
        gain = self.language.word_gain(text.word, text.spelled + space)
        score = text.score + self.weight * (space + gain)
        return _Text(score, (text.before + " ")[-ORDER:], "", 0.0, "start", text.path)

    @staticmethod
    def _best(texts: list[_Text]) -> list[_Text]:
        """The BEAM best texts; of those that cannot differ any more in what follows, the best one."""
        texts = sorted(texts, key=lambda text: -text.score)
        kept: dict[tuple[str, str, str], _Text] = {}
        for text in texts:
            kept.setdefault((text.before, text.word, text.kind), text)
            if len(kept) == BEAM:
                break
        return list(kept.values())

    def _weigh_word(self, chances: Floats, choice: list[int], before: str) -> Floats:
        """Each letter's chances with the word's other letters as they were chosen."""
        weighed = chances.copy()
        for i, row in enumerate(chances):
            guesses = _guesses(row)
            scores = np.empty(len(guesses))
            for j, k in enumerate(guesses):
                text = _Text(0.0, before, "", 0.0, "start", ())
                for letter in [*choice[:i], k, *choice[i + 1 :]]:
                    text = self._add(text, letter, 0.0)
                scores[j] = self._end_word(text).score + float(np.log(max(row[k], DOUBT)))
            weighed[i, guesses] = row[guesses].sum() * np.exp(scores - np.logaddexp.reduce(scores))
        return weighed


def _guesses(row: Floats) -> list[int]:
    """The classes that may win: the likeliest, and what the network does not rule out."""
    order = np.argsort(-row, kind="stable")[:GUESSES]
    return [int(k) for i, k in enumerate(order) if i == 0 or row[k] >= DOUBT]
