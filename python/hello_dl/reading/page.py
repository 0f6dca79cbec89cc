"""What is read in a picture: a Page of lines, words and characters, with places and best guesses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hello_dl.reading.image.arrays import Box
from hello_dl.reading.image.blobs import around


@dataclass(frozen=True)
class Character:
    """One letter or digit.

    `box` is (left, top, right, bottom) in pixels of the upright original; `best` holds the likeliest names
    with their probabilities, the best first.
    """

    box: Box
    best: list[tuple[str, float]]

    @property
    def text(self) -> str:
        return self.best[0][0]

    @property
    def probability(self) -> float:
        return self.best[0][1]

    def to_dict(self) -> dict[str, Any]:
        best = [{"text": name, "probability": round(p, 6)} for name, p in self.best]
        return {"text": self.text, "box": list(self.box), "best": best}


@dataclass(frozen=True)
class Word:
    """The characters between two gaps, from left to right."""

    characters: list[Character]

    @property
    def text(self) -> str:
        return "".join(character.text for character in self.characters)

    @property
    def box(self) -> Box:
        return around(np.array([character.box for character in self.characters]))

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "box": list(self.box),
            "characters": [character.to_dict() for character in self.characters],
        }


@dataclass(frozen=True)
class Line:
    """The words of one line, from left to right."""

    words: list[Word]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        return around(np.array([word.box for word in self.words]))

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "box": list(self.box), "words": [word.to_dict() for word in self.words]}


@dataclass(frozen=True)
class Page:
    """What was read in a picture: `lines` from top to bottom, and the upright picture's (width, height).

    `context` says whether letters that look alike were told apart by their neighbours, `notes` in whole
    sentences what else is worth knowing, such as that the picture was read upside down.
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
    def characters(self) -> list[Character]:
        return [character for line in self.lines for word in line.words for character in word.characters]

    def to_dict(self) -> dict[str, Any]:
        """The page as plain lists and numbers, ready for JSON."""
        return {
            "text": self.text,
            "size": list(self.size),
            "context": self.context,
            "notes": list(self.notes),
            "lines": [line.to_dict() for line in self.lines],
        }
