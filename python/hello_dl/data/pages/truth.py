"""The truth about a synthetic page: its text by lines and words, and the place of each character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]  # top left, top right, bottom right, bottom left as written


@dataclass(frozen=True)
class Character:
    """A written character, and where the corners of the box around its ink are in the photo.

    Places are (x, y) in pixels; the middle of the top left pixel is (0.5, 0.5).
    """

    text: str
    quad: Quad

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The box (left, top, right, bottom) around it, in whole pixels; the last two are just outside."""
        x, y = zip(*self.quad, strict=True)
        return int(min(x)), int(min(y)), int(-(-max(x) // 1)), int(-(-max(y) // 1))


@dataclass(frozen=True)
class Truth:
    """What is true of a synthetic page.

    lines   of words of characters
    size    width and height of the photo in pixels
    sheet   the four corners of the paper in the photo; None if there is no sheet
    about   how the page was made: seed, difficulty, paper, pen, table, height of a small x in pixels
    """

    lines: list[list[list[Character]]]
    size: tuple[int, int]
    sheet: Quad | None
    about: dict[str, Any]

    @property
    def text(self) -> str:
        """The text, with a newline between lines and a space between words."""
        return "\n".join(" ".join("".join(c.text for c in word) for word in line) for line in self.lines)

    @property
    def characters(self) -> list[Character]:
        """All characters, in reading order."""
        return [character for line in self.lines for word in line for character in word]

    def to_dict(self) -> dict[str, Any]:
        """Return the truth as dicts, lists, texts and numbers, which JSON can hold."""
        return {
            "text": self.text,
            "size": list(self.size),
            "sheet": None if self.sheet is None else _rounded(self.sheet),
            "about": self.about,
            "lines": [
                [[{"text": c.text, "quad": _rounded(c.quad)} for c in word] for word in line]
                for line in self.lines
            ],
        }


def _rounded(quad: Quad) -> list[list[float]]:
    """Return the corners as lists, rounded to hundredths of a pixel."""
    return [[round(float(x), 2), round(float(y), 2)] for x, y in quad]
