"""Makes pictures of strokes on the canvas: what the networks see of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl.reading.image.arrays import Bytes, Floats, Grey
from hello_dl.reading.ink_map.measures import EDGE
from hello_dl.reading.letters.glyph import SIDE, to_glyph
from hello_dl.reading.letters.segment import Letter

# A point is x and y in pixels of the canvas, y downwards, and the pen's pressure, 0 to 1.
Points = NDArray[np.float32]  # (n, 3)

LETTER = 96.0  # pixels: the longer side of a letter when it is drawn; it is made smaller then
PEN = 0.055  # radius of the pen, as a share of the letter's longer side
LIGHT, HEAVY = 0.6, 1.4  # factors of that radius at pressure 0 and 1; at one half, as of a mouse, it is 1
MOST_PIXELS = 4_000_000  # of a page of ink


def segments_of(strokes: list[Points], scale: float, offset: Floats, radius: float) -> NDArray[np.float32]:
    """Return what a pen leaves: segments (m, 6), x0, y0, radius0, x1, y1, radius1, in pixels.

    A point of the canvas comes to (point - offset) * scale. A stroke of one point is a dot.
    """
    parts = []
    for stroke in strokes:
        place = (stroke[:, :2] - offset) * scale
        r = radius * (LIGHT + (HEAVY - LIGHT) * np.clip(stroke[:, 2:], 0, 1))
        steps = np.concatenate([place, r], axis=1)
        after = np.concatenate([steps[1:], steps[-1:]])
        parts.append(np.concatenate([steps, after], axis=1))
    return np.concatenate(parts).astype(np.float32)


def bounds(strokes: list[Points]) -> tuple[Floats, Floats]:
    """Return the least and the largest x and y of all strokes."""
    points = np.concatenate(strokes)[:, :2].astype(np.float64)
    return points.min(axis=0), points.max(axis=0)


def letter_image(strokes: list[Points]) -> Bytes:
    """Return strokes as a letter of (28, 28) uint8, 255 = ink, by the recipe that photos are read with."""
    low, high = bounds(strokes)
    scale = LETTER / max(float((high - low).max()), 1.0)
    if float((high - low).max()) < 4:  # a dot stays one
        scale = 4.0
    radius = PEN * LETTER
    margin = 2 * radius * HEAVY
    width, height = np.ceil((high - low) * scale + 2 * margin).astype(int)
    ink = rasterise(segments_of(strokes, scale, low - margin / scale, radius), int(height), int(width))
    mask = ink > EDGE
    if not mask.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    return to_glyph(ink, Letter((0, 0, ink.shape[1], ink.shape[0]), mask))


def page_of_ink(strokes: list[Points], tall: float, wanted: float) -> tuple[Grey, float]:
    """Return strokes as a page of ink (H, W), 0 .. 1; what is `tall` on the canvas has `wanted` pixels there.

    Also returns by how much the page is larger than the canvas: the factor asked for, or less if the page
    would get more than MOST_PIXELS.
    """
    low, high = bounds(strokes)
    size = high - low
    margin = 1.5 * wanted
    scale = wanted / tall
    scale = min(scale, (MOST_PIXELS / max(1.0, float((size[0] + tall) * (size[1] + tall)))) ** 0.5)
    radius = max(1.0, PEN * wanted)
    width, height = np.ceil(size * scale + 2 * margin).astype(int)
    return rasterise(
        segments_of(strokes, scale, low - margin / scale, radius), int(height), int(width)
    ), scale


def rasterise(segments: NDArray[np.float32], height: int, width: int) -> Grey:
    """Return the ink (height, width), 0 .. 1, of segments of a pen."""
    starts = np.array([0, len(segments)], np.int64)
    picture = _core.draw_strokes(np.ascontiguousarray(segments), starts, height, width)[0]
    return np.asarray(picture, np.float32) / np.float32(255)
