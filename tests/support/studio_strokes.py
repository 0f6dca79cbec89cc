"""Strokes as a browser would send them: words written with the embedded generator's glyphs."""

from __future__ import annotations

from hello_dl.data.builtin.glyphs import CHARACTERS, FIRST, GLYPHS

UNIT = 12.0  # pixels of the canvas in a unit of the glyphs, of which a small x is 5 high
GAP = 3.0  # units between two letters
Stroke = list[list[float]]


def strokes_of(text: str, left: float = 60.0, base: float = 220.0) -> list[Stroke]:
    """Return the strokes of a text, written letter by letter: points x, y, pressure."""
    found: list[Stroke] = []
    x = left
    for char in text:
        if char == " ":
            x += 5 * UNIT
            continue
        assert char in CHARACTERS
        glyph = GLYPHS[int(FIRST[CHARACTERS.index(char)])]
        curve = glyph.smooth @ glyph.points
        low = float(curve[:, 0].min())
        for first, last in glyph.stroke_ends.tolist():
            points = curve[first : last + 1].tolist()
            found.append(
                [[round(x + (px - low) * UNIT, 1), round(base - py * UNIT, 1), 0.5] for px, py in points]
            )
        x += (float(curve[:, 0].max()) - low + GAP) * UNIT
    return found
