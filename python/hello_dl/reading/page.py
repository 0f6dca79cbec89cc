"""Reads a picture of handwriting: a Page of lines, words and characters, with places and best guesses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .context import doubt_short, doubt_tall
from .glyph import SIDE, to_glyph
from .ink import ink
from .layout import Box
from .picture import Source, open_picture
from .segment import Letter, find_letters
from .sheet import find_sheet

Classify = Callable[[NDArray[np.uint8]], NDArray[np.floating[Any]]]


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
        return _around(self.characters)

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
        return _around(self.words)

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "box": list(self.box), "words": [word.to_dict() for word in self.words]}


@dataclass(frozen=True)
class Page:
    """What was read in a picture: `lines` from top to bottom, and the upright picture's (width, height)."""

    lines: list[Line]
    size: tuple[int, int]

    @property
    def text(self) -> str:
        """The whole text: a newline between lines, a space between words."""
        return "\n".join(line.text for line in self.lines)

    @property
    def characters(self) -> list[Character]:
        return [character for line in self.lines for word in line.words for character in word.characters]

    def to_dict(self) -> dict[str, Any]:
        """The page as plain lists and numbers, ready for JSON."""
        return {"text": self.text, "size": list(self.size), "lines": [line.to_dict() for line in self.lines]}


def read(picture: Source, classify: Classify, classes: Sequence[str], *, top: int = 5) -> Page:
    """Reads the handwriting in a picture and returns it as a Page; without lines if there is nothing.

    `classify` takes all letters at once, (n, 28, 28) uint8 as EMNIST has them (0 = paper, 255 = ink), returns
    (n, len(classes)) probabilities; `classes` names them. Of each letter the `top` best guesses are kept.
    Letters networks that do not tell case give small letters. Raises FileNotFoundError or ValueError if the
    picture cannot be loaded (see `load_picture`), ValueError if classify's answer has another shape. Hello
    Deep Learning, chapter 8.
    """
    names = _names(classes)
    if top < 1:
        raise ValueError(f"read: top needs to be at least 1, got {top}")
    loaded = open_picture(picture)
    written = ink(loaded.grey, find_sheet(loaded.grey))
    lines = find_letters(written)
    letters = [letter for words in lines for word in words for letter in word]
    if not letters:
        return Page([], loaded.size)
    glyphs = np.stack([to_glyph(written, letter) for letter in letters])  # (n, 28, 28)
    chances = _ask(classify, glyphs, len(names))
    heights = [np.array([c.box[3] - c.box[1] for word in words for c in word]) for words in lines]
    chances = doubt_tall(doubt_short(chances, heights, names), heights, names)
    guesses = iter(_best(chances, names, top))

    def character(letter: Letter) -> Character:
        return Character(_original(letter.box, loaded.scale, loaded.size), next(guesses))

    return Page(
        [Line([Word([character(x) for x in word]) for word in words]) for words in lines], loaded.size
    )


def _ask(classify: Classify, glyphs: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """The network's probabilities (n, classes) for glyphs (n, 28, 28), their shape checked."""
    chances = np.asarray(classify(glyphs), dtype=np.float64)
    if chances.shape != (len(glyphs), classes):
        raise ValueError(
            f"read: classify needs to return shape {(len(glyphs), classes)} for {len(glyphs)} letters of "
            f"{SIDE} x {SIDE} and {classes} classes, got {chances.shape}"
        )
    return chances


def _best(chances: NDArray[np.float64], names: list[str], top: int) -> list[list[tuple[str, float]]]:
    """The `top` best names and probabilities of each glyph, the best first."""
    order = np.argsort(-chances, axis=1, kind="stable")[:, :top]
    return [[(names[k], float(row[k])) for k in best] for row, best in zip(chances, order, strict=True)]


def _names(classes: Sequence[str]) -> list[str]:
    """The names of the classes, small if they are letters whose case is merged."""
    names = [str(name) for name in classes]
    if not names:
        raise ValueError("read: needs the names of the classes, got none")
    small = [name.lower() for name in names]
    merged = all(name.isalpha() for name in names) and len(set(small)) == len(names)
    return small if merged else names


def _original(box: Box, scale: float, size: tuple[int, int]) -> Box:
    """A box in pixels of the original picture."""
    left, top, right, bottom = (round(value * scale) for value in box)
    return left, top, min(right, size[0]), min(bottom, size[1])


def _around(parts: Sequence[Character] | Sequence[Word]) -> Box:
    boxes = [part.box for part in parts]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
