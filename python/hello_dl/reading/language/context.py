"""Weighs letters by their neighbours, to decide between those that look alike: o and 0, l and i, u and v.

The network says how likely each letter is by its looks, the language model how likely after the letters
before it. A beam search finds the text that is likeliest by both (as in speech recognition; Jelinek,
"Continuous speech recognition by statistical methods", 1976).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Floats
from hello_dl.reading.language.ngrams import ORDER, SYMBOLS, Language

WEIGHT = 0.35  # of the language model's log probability beside the network's; chosen on generated pages
GUESSES = 8  # best classes of each letter that may win
DOUBT = 1e-3  # least probability of such a class, but for the best; smaller lets neighbours overrule more
BEAM = 16  # texts kept after each letter
LANGUAGE = -5.3  # least mean log probability a letter of text in words; chosen on generated text
IN_WORDS = 0.5  # least share of a text's letters that stand in words of three or more

# Probability that a capital or a digit follows, by what stands before: the language model knows neither.
CAPITAL = {"start": 0.15, "capital": 0.5, "small": 0.01, "digit": 0.3}
DIGIT = {"start": 0.08, "capital": 0.02, "small": 0.005, "digit": 0.9}


@dataclass(frozen=True)
class _Text:
    """One way to read the page so far."""

    score: float  # log probability, with the language model's part weighed
    before: str  # the last ORDER symbols
    word: str  # the unfinished word, "#" for characters that are no letters
    spelled: float  # its log probability letter by letter
    kind: str  # of the last character: a key of CAPITAL and DIGIT
    path: tuple[int, ...]  # all classes


def is_language(words: Sequence[str], language: Language) -> bool:
    """Whether words that were read are text, rather than a serial number, a formula, or single letters."""
    letters = sum(map(len, words))
    in_words = sum(len(word) for word in words if len(word) >= 3 and word.isalpha())
    if letters == 0 or in_words < IN_WORDS * letters:
        return False
    return (
        language.mean_log_probability([word.lower() for word in words if word.isascii() and word.isalpha()])
        > LANGUAGE
    )


class Context:
    """Weighs the classes `names` of letters by their neighbours, with a language model.

    `weight` is that of the model's log probability beside the network's.
    """

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
        """Return the probabilities (n, classes) of the letters of each word, weighed by their neighbours.

        `words` holds those of the network. First the likeliest text is searched; then each letter's best
        classes are weighed by how likely the word would be with them. The sum of each row stays as it was.
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
        """Return the best ways to read one letter more; `row` (classes,) holds its probabilities."""
        guesses = _guesses(row)
        looks = np.log(np.maximum(row[guesses], DOUBT)).tolist()
        pairs = list(zip(guesses, looks, strict=True))
        return self._best([self._add(text, k, look) for text in texts for k, look in pairs])

    def _add(self, text: _Text, k: int, look: float) -> _Text:
        """Return a text with class k added, whose log probability by the network is `look`."""
        letter, kind = self._letter(text.before, k), self._kind(text.kind, k)
        symbol = self.symbols[k] or " "
        return _Text(
            text.score + look + self.weight * (letter + kind),
            (text.before + symbol)[-ORDER:],
            text.word + (self.symbols[k] or "#"),
            text.spelled + letter,
            self.kinds[k],
            (*text.path, k),
        )

    def _letter(self, before: str, k: int) -> float:
        """Return the log probability of class k after some letters; 0 if it is no letter."""
        return float(self.language.log_probabilities(before)[self.numbers[k]]) if self.symbols[k] else 0.0

    def _kind(self, before: str, k: int) -> float:
        """Return the log probability that class k's kind follows `before`, and of which digit it is."""
        digit, capital = DIGIT[before], CAPITAL[before]
        if self.kinds[k] == "digit":
            return float(np.log(digit / 10))
        if not self.cased:
            return float(np.log(1 - digit))
        return float(np.log((1 - digit) * (capital if self.kinds[k] == "capital" else 1 - capital)))

    def _end_word(self, text: _Text) -> _Text:
        """Return a text with its word finished: a space is added, and known words gain."""
        space = float(self.language.log_probabilities(text.before)[SYMBOLS.index(" ")])
        gain = self.language.word_gain(text.word, text.spelled + space)
        score = text.score + self.weight * (space + gain)
        return _Text(score, (text.before + " ")[-ORDER:], "", 0.0, "start", text.path)

    @staticmethod
    def _best(texts: list[_Text]) -> list[_Text]:
        """Return the BEAM best texts; of those with the same future, only the best one."""
        texts = sorted(texts, key=lambda text: -text.score)
        kept: dict[tuple[str, str, str], _Text] = {}
        for text in texts:
            kept.setdefault((text.before, text.word, text.kind), text)
            if len(kept) == BEAM:
                break
        return list(kept.values())

    def _weigh_word(self, chances: Floats, choice: list[int], before: str) -> Floats:
        """Return a word's probabilities (n, classes), each letter weighed with the others as chosen.

        `choice` holds the chosen classes (n), `before` the symbols before the word.
        """
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
    """Return the classes that may win: the likeliest, and those of the GUESSES best with at least DOUBT."""
    order = np.argsort(-row, kind="stable")[:GUESSES]
    return [int(k) for i, k in enumerate(order) if i == 0 or row[k] >= DOUBT]
