"""Pages that tests of reading write themselves, and a classifier that knows their letters."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hello_dl.reading import Letter, find_ink, find_letters, ink, load_picture, read, to_glyph

LETTERS = "abcdefghijkmnopqrstuvwxyz"  # without l, which the font draws as it draws a straight i without dot
TEXT = "the quick\nbrown fox jumps\nover my big dog"


def write(
    text: str, size: int = 48, margin: int = 60, paper: Any = 255, pen: Any = 0, mode: str = "L"
) -> Image.Image:
    """Return a page with `text` in Pillow's own font, with gaps between all letters. Sizes are in pixels."""
    font = ImageFont.load_default(size=size)
    lines = text.split("\n")
    step, space, pitch = size * 0.14, size * 0.6, size * 1.5
    width = max(sum(space if c == " " else font.getlength(c) + step for c in line) for line in lines)
    page = Image.new(mode, (int(width) + 2 * margin, int(pitch * len(lines)) + 2 * margin), paper)
    draw = ImageDraw.Draw(page)
    for row, line in enumerate(lines):
        x = float(margin)
        for c in line:
            if c != " ":
                draw.text((x, margin + row * pitch), c, font=font, fill=pen)
            x += space if c == " " else font.getlength(c) + step
    return page


@cache
def templates() -> NDArray[np.float32]:
    """Return LETTERS as glyphs of both ways to find ink, (2, 25, 784), each a vector of length 1."""
    rows = []
    for find in (ink, find_ink):
        for c in LETTERS:
            written = find(load_picture(write(f"{c}  {c}  {c}", size=48)))
            (words,) = find_letters(written)
            letters = [letter for word in words for letter in word]
            rows.append(to_glyph(written, letters[1]).ravel().astype(np.float32))
    table = np.stack(rows).reshape(2, len(LETTERS), -1)
    return np.asarray(table / np.linalg.norm(table, axis=2, keepdims=True), np.float32)


def classify(glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return probabilities (n, 25), as a trained network does, from the likeness of glyphs and templates."""
    flat = glyphs.reshape(len(glyphs), -1).astype(np.float32)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1)
    alike = np.exp(30 * np.max(flat @ templates().transpose(0, 2, 1), axis=0))
    shares: NDArray[np.float32] = alike / alike.sum(axis=1, keepdims=True)
    return shares


def text_of(picture: Any) -> str:
    return read(picture, classify, LETTERS).text


def array(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image.convert("L"), dtype=np.float32) / 255


def letters_of(image: Any) -> list[Letter]:
    return [c for line in find_letters(ink(load_picture(image))) for word in line for c in word]
