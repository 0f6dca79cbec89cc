"""Draws a person's line anew: leaning, squeezed, bent and roughened as lines to learn from are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hello_dl.data.lines import BASELINE, HEIGHT, X_HEIGHT, LineStyle, draw_font
from hello_dl.data.lines.fonts import DRAWN
from hello_dl.reading.image.arrays import Bytes

WIDEST = 8000  # pixels of a line's picture, at most
# How the person may write the same another time, and what the finder of lines may get wrong.
AGAIN = LineStyle(
    scale=(0.8, 1.25),
    lean=(-0.35, 0.35),
    squeeze=(0.7, 1.35),
    offset=(-3.0, 3.0),
    tilt=(-3.0, 3.0),
    curve=(-1.5, 1.5),
    elastic=(0.0, 1.8),
    grow=(-0.6, 1.0),
    fade=(0.1, 0.5),
    margin=(0.0, 10.0),
    rule_chance=0.05,
    side_chance=0.04,
    coarse_chance=0.15,
)
# So far from the person's own hand that it may be another's.
STRANGE = LineStyle(
    scale=(0.75, 1.3), lean=(-0.7, 0.7), squeeze=(0.65, 1.4), elastic=(0.0, 2.2), grow=(-0.6, 1.2)
)


@dataclass(frozen=True)
class _Picture:
    """A line's picture as a font that can draw nothing else (see data/lines/fonts.py, Writing)."""

    picture: Bytes
    joined: bool = True
    weight: float = 1.0
    advance: float = 1.0

    def written(self, text: str) -> str:
        """Return the text."""
        return text

    def factor(self, text: str) -> float:
        """Return by how much to enlarge it: its x-height is X_HEIGHT, not that of fonts."""
        del text
        return DRAWN / X_HEIGHT

    def draw(
        self, text: str, gap: float, space: float, drifts: Sequence[float], rng: np.random.Generator
    ) -> tuple[Bytes, float]:
        """Return the picture and the row of its baseline."""
        del text, gap, space, drifts, rng
        return self.picture, BASELINE


def varied(picture: Bytes, text: str, rng: np.random.Generator, style: LineStyle = AGAIN) -> Bytes:
    """Return the picture (48, w) of a line as it might have been written, found and inked another time."""
    return draw_font(_Picture(picture), text, style, rng, (16, WIDEST))


def turned_over(picture: Bytes, number: int) -> Bytes:
    """Return the picture (48, w) of a line left to right (number 0, 3, ...), upside down (1, 4, ...) or both.

    The band of the writing stays in its place.
    """
    if number % 3 != 1:
        picture = picture[:, ::-1]
    if number % 3 != 0:
        rows = round(2 * BASELINE - X_HEIGHT) - HEIGHT  # by which the band is too high when turned over
        picture = np.roll(picture[::-1], rows, axis=0)
    return np.ascontiguousarray(picture)
