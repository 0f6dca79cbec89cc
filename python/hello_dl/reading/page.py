"""What is read in a picture: a Page of lines, words and characters, with places and best guesses.

Every box is (left, top, right, bottom) in pixels of the upright original picture; right and bottom lie just
outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hello_dl.reading.image.arrays import Box
from hello_dl.reading.image.blobs import around

DOUBT = "[?]"  # what stands for a word that nobody should rely on
PRINTED = 0.8  # probability of print above which a word is left out; larger keeps more print
HANDWRITING = 0.1  # share of a page's characters; with less handwriting than this it is a page of print


@dataclass(frozen=True)
class Character:
    """One letter, digit or mark: its box, and `best`, what it may be, each with its probability.

    What was read comes first, then the likeliest others; words around it may have made it less than the
    likeliest one by its looks.
    """

    box: Box
    best: list[tuple[str, float]]

    @property
    def text(self) -> str:
        """The likeliest name."""
        return self.best[0][0]

    @property
    def probability(self) -> float:
        """The probability of the likeliest name, 0 to 1."""
        return self.best[0][1]

    def to_dict(self) -> dict[str, Any]:
        """Return the character as plain lists and numbers, ready for JSON."""
        best = [{"text": name, "probability": round(p, 6)} for name, p in self.best]
        return {"text": self.text, "box": list(self.box), "best": best}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Character:
        """Make a character of what `to_dict` returns."""
        left, top, right, bottom = data["box"]
        return cls((left, top, right, bottom), [(one["text"], one["probability"]) for one in data["best"]])


@dataclass(frozen=True)
class Word:
    """The characters between two gaps, from left to right, and how probable it is that all are right.

    Without a `probability` of its own, a word is as sure as all of its characters together. `printed` is the
    probability that it is print, not handwriting; None: not known.
    """

    characters: list[Character]
    own_probability: float | None = None
    printed: float | None = None

    @property
    def probability(self) -> float:
        """The probability that the whole word is right, 0 to 1."""
        if self.own_probability is not None:
            return self.own_probability
        return math.prod(character.probability for character in self.characters)

    @property
    def text(self) -> str:
        """The characters, one after the other."""
        return "".join(character.text for character in self.characters)

    @property
    def box(self) -> Box:
        """The box around all characters."""
        return around(np.array([character.box for character in self.characters]))

    def to_dict(self) -> dict[str, Any]:
        """Return the word as plain lists and numbers, ready for JSON."""
        return {
            "text": self.text,
            "box": list(self.box),
            "probability": round(self.probability, 6),
            "printed": None if self.printed is None else round(self.printed, 6),
            "characters": [character.to_dict() for character in self.characters],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Word:
        """Make a word of what `to_dict` returns; its probability is its own then."""
        characters = [Character.from_dict(one) for one in data["characters"]]
        return cls(characters, data["probability"], data["printed"])


@dataclass(frozen=True)
class Line:
    """The words of one line, from left to right."""

    words: list[Word]

    @property
    def text(self) -> str:
        """The words, with spaces between them."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The box around all words."""
        return around(np.array([word.box for word in self.words]))

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain lists and numbers, ready for JSON."""
        return {"text": self.text, "box": list(self.box), "words": [word.to_dict() for word in self.words]}


@dataclass(frozen=True)
class Page:
    """What was read in a picture: `lines` from top to bottom, and the upright picture's (width, height).

    `context` says whether letters that look alike were told apart by their neighbours. `notes` are short
    sentences about the picture, for example that it was read upside down.
    """

    lines: list[Line]
    size: tuple[int, int]
    context: bool = False
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole text: a newline between lines, a space between words."""
        return "\n".join(line.text for line in self.lines)

    @property
    def words(self) -> list[Word]:
        """All words, in reading order."""
        return [word for line in self.lines for word in line.words]

    @property
    def is_doubtful(self) -> bool:
        """Whether most of the words are more likely wrong than right."""
        sure = [word.own_probability >= 0.5 for word in self.words if word.own_probability is not None]
        return bool(sure) and sum(sure) < len(sure) / 2

    @property
    def is_by_letters(self) -> bool:
        """Whether the page was read letter by letter, not line by line."""
        return any(word.own_probability is None for word in self.words)

    def without_guesses(self, least: float) -> Page:
        """Return the page with DOUBT in the place of each word less probable than `least`.

        Words without a probability of their own stay.
        """

        def honest(word: Word) -> Word:
            if word.own_probability is None or word.own_probability >= least:
                return word
            return Word([Character(word.box, [(DOUBT, word.probability)])], word.probability, word.printed)

        return replace(self, lines=[Line([honest(word) for word in line.words]) for line in self.lines])

    def without_print(self) -> Page:
        """Return the page with its handwriting alone, and a note; a page of print stays as it is.

        It is one of print if less than HANDWRITING of its characters are written by hand.
        """

        def is_print(word: Word) -> bool:
            return word.printed is not None and word.printed > PRINTED

        left_out = sum(is_print(word) for word in self.words)
        by_hand = sum(len(word.characters) for word in self.words if not is_print(word))
        if not left_out:
            return self
        if by_hand < HANDWRITING * len(self.characters):
            note = "most of this is print, for which other programs are made"
            return replace(self, notes=(*self.notes, note))
        lines = [Line([word for word in line.words if not is_print(word)]) for line in self.lines]
        note = f"printed words are left out: {left_out} (--printed keeps them)"
        return replace(self, lines=[line for line in lines if line.words], notes=(*self.notes, note))

    @property
    def characters(self) -> list[Character]:
        """All characters, in reading order."""
        return [character for line in self.lines for word in line.words for character in word.characters]

    def to_dict(self) -> dict[str, Any]:
        """Return the page as plain lists and numbers, ready for JSON."""
        return {
            "text": self.text,
            "size": list(self.size),
            "context": self.context,
            "notes": list(self.notes),
            "lines": [line.to_dict() for line in self.lines],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Page:
        """Make a page of what `to_dict` returns, as when it was kept as JSON."""
        lines = [Line([Word.from_dict(word) for word in line["words"]]) for line in data["lines"]]
        width, height = data["size"]
        return cls(lines, (width, height), data["context"], tuple(data["notes"]))
