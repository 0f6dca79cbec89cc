"""Draws a page of separate letters in one hand, as a grey picture, and tells where each character is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hello_dl import _core
from hello_dl.data.builtin.glyphs import CHARACTERS, TOP, X_HEIGHT, Floats
from hello_dl.data.builtin.render import Bytes, pen_steps
from hello_dl.data.builtin.writer import SHAPE_NUMBERS, Ink, Writer, stream, write

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom are the first outside

# Distances on the page, in the tables' units: a small x is 5 high.
LETTER_GAP = 1.8  # between two letters of a word
WORD_GAP = 6.5  # between two words
LINE_PITCH = 21.0  # from baseline to baseline: room for a tail and a tall letter below it
MARGIN = 8.0  # at all four sides
LETTER_SPREAD, WORD_SPREAD = 0.2, 0.15  # gaps grow by this share, times the size of a normal random number
WANDER = 0.15  # standard deviation of a letter's height above the baseline
PAPER, INK, GRAIN = 248.0, 40.0, 2.5  # grey values from 0 to 255, and the standard deviation of their noise


def write_page(
    text: str, seed: int = 0, *, x_height: float = 44.0, width: int = 1600
) -> tuple[Bytes, list[tuple[str, Box]]]:
    """Draw `text` as a neat writer writes it on white paper.

    text       may hold 0-9, A-Z, a-z, blanks and newlines
    seed       chooses the writer and the page; the letters are not those of `generate`
    x_height   height of a small x in pixels
    width      of the picture, in pixels. Lines are broken at blanks to fit; for a single word that is longer,
               the picture becomes wider

    Returns the picture, (height, width) uint8 with 255 = white paper and 0 = black, as from a scanner, not as
    in the data sets; and the list of (character, box) in reading order, without blanks: box = (left, top,
    right, bottom) in pixels, right and bottom not included. Raises ValueError for another character, for
    x_height outside 8..400 and width outside 1..20000.
    """
    for char in text:
        if char not in CHARACTERS and char not in " \n":
            raise ValueError(f"write_page: can write 0-9, A-Z, a-z, blank and newline, got {char!r}")
    if not 8 <= x_height <= 400:
        raise ValueError(f"write_page: needs x_height from 8 to 400 pixels, got {x_height}")
    if not 1 <= width <= 20_000:
        raise ValueError(f"write_page: needs width from 1 to 20000 pixels, got {width}")
    rng = stream(seed, 4)
    scale = x_height / X_HEIGHT
    placed, lines = lay_out(text, Writer(seed, neat=True), rng, width / scale)
    inks = [to_pixels(ink, scale) for _, ink in placed]
    boxes = [(char, ink_box(ink)) for (char, _), ink in zip(placed, inks, strict=True)]
    height = round((2 * MARGIN + TOP + X_HEIGHT + max(lines - 1, 0) * LINE_PITCH) * scale)
    width = max([width, *(box[2] + round(MARGIN * scale) for _, box in boxes)])
    return develop_page(inks, height, width, rng), boxes


def lay_out(
    text: str, writer: Writer, rng: np.random.Generator, width: float
) -> tuple[list[tuple[str, Ink]], int]:
    """Draw the letters of a text at their places; return pairs (character, ink), and the number of lines.

    All lengths, `width` too, are in the tables' units; the page's top left corner is (0, 0), and y points
    upwards, so it is below 0.
    """
    drawings = draw_letters("".join(text.split()), writer, rng)
    placed: list[tuple[str, Ink]] = []
    lines = 0
    for written_line in text.split("\n"):
        x = MARGIN
        for word in written_line.split():
            letters = [(char, next(drawings)) for char in word]
            word_width = sum(span(ink) + LETTER_GAP for _, ink in letters)
            if x > MARGIN and x + word_width + MARGIN > width:
                x, lines = MARGIN, lines + 1
            for char, ink in letters:
                left = ink.xy[0, :, 0].min() - ink.radius.max()
                baseline = -(MARGIN + TOP + lines * LINE_PITCH) + WANDER * rng.standard_normal()
                moved = ink.xy + np.array([x - left, baseline], np.float32)
                placed.append((char, Ink(moved, ink.radius, ink.pen_down)))
                x += span(ink) + LETTER_GAP * (1 + LETTER_SPREAD * abs(rng.standard_normal()))
            x += WORD_GAP * (1 + WORD_SPREAD * abs(rng.standard_normal())) - LETTER_GAP
        lines += 1
    return placed, lines


def to_pixels(ink: Ink, scale: float) -> Ink:
    """Scale ink from the tables' units to pixels (`scale` pixels each), with y downwards."""
    return Ink(ink.xy * np.array([scale, -scale], np.float32), ink.radius * np.float32(scale), ink.pen_down)


def draw_letters(characters: str, writer: Writer, rng: np.random.Generator) -> Iterator[Ink]:
    """Yield the ink of each character in the writer's hand, in the tables' units."""
    classes = np.array([CHARACTERS.index(char) for char in characters], np.int64)
    fresh = rng.standard_normal((len(classes), SHAPE_NUMBERS), np.float32)
    glyphs, style, shape = writer.numbers(classes, rng.random((len(classes), 2)), fresh)
    for i, glyph in enumerate(glyphs):
        yield write(writer.glyph(int(glyph)), style[i : i + 1], shape[i : i + 1])


def span(ink: Ink) -> float:
    """Return the width of a drawn letter, with the width of the pen."""
    return float(np.ptp(ink.xy[0, :, 0]) + 2 * ink.radius.max())


def ink_box(ink: Ink) -> Box:
    """Return the box of the pixels that a letter's ink can touch; the ink is in pixels."""
    reach = ink.radius.max() + 0.5  # half a pixel for the soft edge
    left, top = np.floor(ink.xy[0].min(axis=0) - reach)
    right, bottom = np.ceil(ink.xy[0].max(axis=0) + reach)
    return int(left), int(top), int(right), int(bottom)


def develop_page(inks: list[Ink], height: int, width: int, rng: np.random.Generator) -> Bytes:
    """Draw all letters into one picture, (height, width) uint8: dark on white paper, with a little noise."""
    steps: list[Floats] = [pen_steps(ink)[0] for ink in inks] or [np.empty((0, 6), np.float32)]
    segments = np.concatenate(steps)
    ink = _core.draw_strokes(segments, np.array([0, len(segments)], np.int64), height, width)[0]
    grey = PAPER + (INK - PAPER) / 255 * ink.astype(np.float32)
    grey += GRAIN * rng.standard_normal((height, width), np.float32)
    return np.asarray(np.clip(np.rint(grey), 0, 255), np.uint8)
