"""What is true of a made-up page: its text by lines and words, and where each character is in the photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]  # top left, top right, bottom right, bottom left as written


@dataclass(frozen=True)
class Character:
    """One written character: its name, and the quadrilateral that the camera made of the box round its ink.

    Places are (x, y) in pixels of the photo, the middle of the top left pixel being (0.5, 0.5).
    """

    text: str
    quad: Quad

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in whole pixels around the quadrilateral, the last two just outside."""
        x, y = zip(*self.quad, strict=True)
        return int(min(x)), int(min(y)), int(-(-max(x) // 1)), int(-(-max(y) // 1))


@dataclass(frozen=True)
class Truth:
    """What is true of a made-up page: lines of words of characters, and how it was made.

    `size` is the photo's (width, height), `sheet` the four corners of the paper (None where there is no
    sheet), `about` says what paper, pen, light and camera were used.
    """

    lines: list[list[list[Character]]]
    size: tuple[int, int]
    sheet: Quad | None
    about: dict[str, Any]

    @property
    def text(self) -> str:
        """The whole text: a newline between lines, a space between words."""
        return "\n".join(" ".join("".join(c.text for c in word) for word in line) for line in self.lines)

    @property
    def characters(self) -> list[Character]:
        return [character for line in self.lines for word in line for character in word]

    def to_dict(self) -> dict[str, Any]:
        """The truth as plain lists and numbers, ready for JSON."""
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
    return [[round(float(x), 2), round(float(y), 2)] for x, y in quad]
