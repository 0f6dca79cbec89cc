"""Draws text with a handwriting font as the picture of a line, bent and roughened as lines of strokes are."""

from __future__ import annotations

import numpy as np

from hello_dl.data.lines.dirt import add_dirt
from hello_dl.data.lines.distort import Bytes, bend_picture, draw_bend, pick, roughen
from hello_dl.data.lines.fonts import DRAWN, Writing
from hello_dl.data.lines.form import BASELINE, X_HEIGHT, least_width
from hello_dl.data.lines.style import LineStyle

STIFF = 0.5  # share of the change of slant that joined fonts, which lean already, get


def draw_font(
    font: Writing, text: str, style: LineStyle, rng: np.random.Generator, limits: tuple[int, int]
) -> Bytes:
    """Return the picture (HEIGHT, w) of a text in a font; `limits` are the least and most of w, in pixels."""
    drifts = DRAWN * (style.drift[0] + (style.drift[1] - style.drift[0]) * rng.random(len(text)))
    gap, space = pick(rng, style.letter_gap), pick(rng, style.word_gap)
    picture, baseline = font.draw(text, 0.6 * gap * DRAWN, space * DRAWN, (0.6 * drifts).tolist(), rng)
    tall, wide = picture.shape
    up = pick(rng, style.scale) * font.factor(text) * X_HEIGHT / DRAWN
    lean = pick(rng, style.lean) * (STIFF if font.joined else 1)
    # The font's pixel (x, y) goes to across * (x - lean * (y - baseline)), up * (y - baseline).
    above, below = lean * baseline, -lean * (tall - baseline)
    low, high = min(above, below, 0.0), wide + max(above, below, 0.0)
    margins = [pick(rng, style.margin) for _ in range(2)]
    least, most = (limit - sum(margins) for limit in (max(limits[0], least_width(text)), limits[1]))
    wanted = (high - low) * up * pick(rng, style.squeeze)
    ink = min(max(wanted, least if len(text) > 2 else 0.0), max(most, 1.0))
    spare = max(min(least, most) - ink, 0.0)
    across, left = ink / (high - low), margins[0] + spare * rng.random()
    width = int(np.ceil(ink + sum(margins) + spare))
    matrix = np.array([[1 / across, lean / up], [0, 1 / up]], np.float32)
    origin = np.array([left - low * across, BASELINE + pick(rng, style.offset)], np.float32)
    shift = np.array([0, baseline], np.float32) - matrix @ origin
    bent = bend_picture(picture, draw_bend(width, style, rng), matrix, shift, width)
    return roughen(add_dirt(bent, style, rng), style, rng, grow=pick(rng, style.grow))
