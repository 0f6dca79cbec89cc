"""Colours: ink on paper, red for positive and blue for negative, and a colour for each class."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
from numpy.typing import NDArray

RGB = NDArray[np.uint8]  # (..., 3), red, green and blue from 0 to 255
Colour = tuple[int, int, int]

RED, BLUE = (204, 20, 28), (24, 64, 200)  # of the largest positive and the largest negative number
BLACK, GREY, PALE, WHITE = (20, 20, 24), (120, 120, 126), (226, 226, 230), (255, 255, 255)
# Colours that people with any kind of colour vision can tell apart (Okabe and Ito, 2008).
OKABE_ITO: dict[str, Colour] = {
    "blue": (0, 114, 178),
    "vermilion": (213, 94, 0),
    "green": (0, 158, 115),
    "purple": (204, 121, 167),
    "orange": (230, 159, 0),
    "sky blue": (86, 180, 233),
    "black": (0, 0, 0),
}
# The colours of a chart's lines, in this order; the last, a dark yellow, is not one of Okabe and Ito's.
LINES: tuple[Colour, ...] = (
    *(OKABE_ITO[name] for name in ("vermilion", "blue", "green", "purple")),
    (150, 120, 20),
)


def ink(values: NDArray[Any]) -> RGB:
    """Show images as black ink on white paper: uint8 with 255 = ink, or floats with 1 = ink.

    `values` (...) give RGB (..., 3).
    """
    values = np.asarray(values)
    if values.dtype != np.uint8:
        values = np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8)
    rgb: RGB = np.repeat(255 - values[..., None], 3, axis=-1)
    return rgb


def signed(values: NDArray[Any], most: float | None = None) -> RGB:
    """Show numbers as colours: red is positive, blue is negative, white is 0.

    `values` (...) give RGB (..., 3). `most` is the absolute value that gets the full colour; None takes the
    largest one. Raises ValueError for NaN and infinity.
    """
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).all():
        raise ValueError("signed: needs finite numbers to show, got NaN or infinity")
    if most is None:
        most = float(np.abs(values).max(initial=0))
    share = np.clip(values / (most or 1), -1, 1)[..., None]
    full = np.where(share > 0, np.array(RED), np.array(BLUE))
    rgb: RGB = np.rint(255 + np.abs(share) * (full - 255)).astype(np.uint8)
    return rgb


def class_colours(n: int) -> list[Colour]:
    """Return n colours of evenly spread hue, all dark enough to be seen on white."""
    colours = []
    for i in range(n):
        value = (0.85, 0.55)[i % 2] if n > 10 else 0.75  # neighbours in hue differ in brightness
        r, g, b = colorsys.hsv_to_rgb(i / n, 0.95, value)
        # Green looks brighter than red and blue, so there is less of it.
        colours.append((round(255 * r), round(255 * g * 0.85), round(255 * b)))
    return colours
