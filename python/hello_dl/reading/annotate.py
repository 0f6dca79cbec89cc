"""Draws what was read onto the picture: a box round each letter, its name above, coloured by probability."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hello_dl.reading.image.load import Source, open_image
from hello_dl.reading.page import Character, Page

UNSURE, HALF, SURE = (205, 25, 25), (225, 145, 0), (0, 135, 45)  # red, amber, green


def annotate(picture: Source, page: Page) -> Image.Image:
    """Return the picture in colour, with a box around each character and its best guess above the box.

    Boxes are green for probability 1, amber for one half, red for 0. Lines and letters grow with the writing.
    The picture is turned upright by its EXIF note as in reading, so that the boxes fit. Raises as
    `load_picture`.
    """
    image = open_image(picture)
    draw = ImageDraw.Draw(image)
    characters = page.characters
    if not characters:
        return image
    tall = float(np.median([c.box[3] - c.box[1] for c in characters]))
    width = max(1, round(max(tall / 25, max(image.size) / 1200)))
    font = ImageFont.load_default(size=max(10.0, tall * 0.45))
    for character in characters:
        _mark(draw, character, image.size, font, width)
    return image


def colour(probability: float) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) for a probability: red at 0, amber at 0.5, green at 1."""
    p = min(max(probability, 0.0), 1.0)
    start, end, part = (UNSURE, HALF, 2 * p) if p < 0.5 else (HALF, SURE, 2 * p - 1)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
    return red, green, blue


def _mark(
    draw: ImageDraw.ImageDraw,
    character: Character,
    size: tuple[int, int],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    width: int,
) -> None:
    """Draw the box, `width` pixels wide and just outside the ink, and the name of one character."""
    left, top, right, bottom = character.box
    paint = colour(character.probability)
    draw.rectangle(
        (left - width, top - width, right + width - 1, bottom + width - 1), outline=paint, width=width
    )
    x, y = (left + right) / 2, top - 2 * width
    box = draw.textbbox((x, y), character.text, font=font, anchor="mb")
    dx = max(0, -box[0]) - max(0, box[2] - size[0])  # moved into the picture
    dy = max(0, -box[1])
    draw.text((x + dx, y + dy), character.text, fill=paint, font=font, anchor="mb")
