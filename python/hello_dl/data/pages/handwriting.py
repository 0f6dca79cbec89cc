"""Places a handwritten text on a sheet, in millimetres, and draws its ink as the camera sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hello_dl import _core
from hello_dl.data.builtin.page import LETTER_GAP, LETTER_SPREAD, WORD_GAP, WORD_SPREAD, draw_letters, span
from hello_dl.data.builtin.render import Bytes, pen_steps
from hello_dl.data.builtin.writer import Ink, Writer
from hello_dl.data.pages.camera import Reals, View
from hello_dl.data.pages.truth import Character, Quad

ASCENT, DESCENT = 11.5, 5.0  # room above and below a baseline, in the stroke tables' units (a small x has 5)


@dataclass(frozen=True)
class Block:
    """The rectangle to write in, and the size and manner of the writing. Lengths are in mm.

    left, top       of the rectangle; the tall letters of the first line touch the top
    width, height   of the rectangle
    unit            mm per unit of the stroke tables (a small x has 5)
    pitch           from line to line
    offset          of the first baseline below the top
    slope           by which lines climb, in mm per mm
    curve           by which the middle of lines lies lower than their ends
    wander          standard deviation of a letter's height above its line
    spread          factor of the gaps between letters and words
    """

    left: float
    top: float
    width: float
    height: float
    unit: float
    pitch: float
    offset: float
    slope: float = 0.0
    curve: float = 0.0
    wander: float = 0.1
    spread: float = 1.0


@dataclass(frozen=True)
class Placed:
    """A drawn character on the sheet: ink in mm, y downwards; numbers of its line and of its word."""

    char: str
    ink: Ink
    line: int
    word: int


def draw_text(text: str, writer: Writer, rng: np.random.Generator) -> list[Ink]:
    """Return the ink of all characters of a text but blanks and newlines, in the stroke tables' units."""
    return list(draw_letters("".join(text.split()), writer, rng))


def place_text(text: str, inks: Sequence[Ink], block: Block, rng: np.random.Generator) -> list[Placed] | None:
    """Place the drawn letters of a text in lines, broken at blanks. Return None if they do not fit."""
    drawings = iter(inks)
    placed: list[Placed] = []
    line = word_number = 0
    for written_line in text.split("\n"):
        x = 0.0
        for word in written_line.split():
            letters = [(char, next(drawings)) for char in word]
            gaps = 1 + LETTER_SPREAD * np.abs(rng.standard_normal(len(word)))
            gaps = LETTER_GAP * block.spread * block.unit * gaps
            wide = sum(span(ink) for _, ink in letters) * block.unit + float(gaps[:-1].sum())
            if x > 0 and x + wide > block.width:
                x, line = 0.0, line + 1
            if wide > block.width:
                return None
            for (char, ink), gap in zip(letters, gaps, strict=True):
                placed.append(Placed(char, _to_sheet(ink, x, line, block, rng), line, word_number))
                x += span(ink) * block.unit + gap
            blank = WORD_GAP * block.spread * (1 + WORD_SPREAD * abs(rng.standard_normal()))
            x += blank * block.unit - gaps[-1]
            word_number += 1
        line += 1
    reach = block.offset + (line - 1) * block.pitch + DESCENT * block.unit
    return placed if line == 0 or reach <= block.height else None


def _to_sheet(ink: Ink, x: float, line: int, block: Block, rng: np.random.Generator) -> Ink:
    """Scale a letter to mm and move it to its place: `x` mm along line `line` of the block."""
    left = float(ink.xy[0, :, 0].min() - ink.radius.max())
    along = x / block.width
    y = (
        block.top
        + block.offset
        + line * block.pitch
        - block.slope * x
        + block.curve * 4 * along * (1 - along)
    )
    y += block.wander * rng.standard_normal()
    xy = ink.xy * np.array([block.unit, -block.unit], np.float32)
    xy = xy + np.array([block.left + x - left * block.unit, y], np.float32)
    return Ink(xy.astype(np.float32), ink.radius * np.float32(block.unit), ink.pen_down)


def rasterise(inks: Sequence[Ink], view: View, size: tuple[int, int]) -> Bytes:
    """Draw ink as the camera sees it, (height, width) uint8, 255 = all ink; `size` is (width, height).

    The strokes are mapped to the photo before they are drawn, so no picture has to be resampled.
    """
    steps = [np.empty((0, 6), np.float32)]
    for ink in inks:
        radius = (ink.radius * view.zoom(ink.xy)).astype(np.float32)
        steps.append(pen_steps(Ink(view.to_photo(ink.xy).astype(np.float32), radius, ink.pen_down))[0])
    segments = np.ascontiguousarray(np.concatenate(steps), np.float32)
    picture = _core.draw_strokes(segments, np.array([0, len(segments)], np.int64), size[1], size[0])[0]
    return np.asarray(picture, np.uint8)


def into_truth(placed: Sequence[Placed], view: View) -> list[list[list[Character]]]:
    """Return lines of words of characters, with each character's quadrilateral in the photo."""
    lines: list[list[list[Character]]] = []
    last = (-1, -1)
    for p in placed:
        if p.line != last[0]:
            lines.append([])
        if (p.line, p.word) != last:
            lines[-1].append([])
        last = (p.line, p.word)
        lines[-1][-1].append(Character(p.char, quad(p.ink, view)))
    return lines


def quad(ink: Ink, view: View) -> Quad:
    """Return where the corners of the box around a letter's ink appear in the photo."""
    # Places where a step with ink begins or ends.
    down = np.append(ink.pen_down, False) | np.insert(ink.pen_down, 0, False)
    reach = ink.radius[0, down, None]
    left, top = (ink.xy[0, down] - reach).min(axis=0)
    right, bottom = (ink.xy[0, down] + reach).max(axis=0)
    return corners((float(left), float(top), float(right), float(bottom)), view)


def corners(box: tuple[float, float, float, float], view: View) -> Quad:
    """Return where the corners of a box (left, top, right, bottom) on the sheet, in mm, are in the photo."""
    left, top, right, bottom = box
    points: Reals = view.to_photo(np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
    a, b, c, d = ((float(x), float(y)) for x, y in points)
    return a, b, c, d
