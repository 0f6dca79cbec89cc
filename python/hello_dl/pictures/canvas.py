"""Puts pictures together: enlarges pixels, lays tiles out in a grid, writes captions, saves the result."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hello_dl.files import save_picture, write_aside
from hello_dl.pictures.colours import BLACK, PALE, RGB, WHITE, Colour

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
PALETTE_FRAMES = 8  # frames of an animation from which its colours are chosen


def font(size: float) -> Font:
    """Return the font that comes with Pillow, `size` pixels high."""
    return ImageFont.load_default(size=size)


def enlarged(pixels: RGB, scale: int) -> Image.Image:
    """Make a Pillow image of pixels (h, w, 3), each enlarged to a square of `scale` x `scale` pixels."""
    if scale < 1:
        raise ValueError(f"enlarged: needs a scale of at least 1, got {scale}")
    return Image.fromarray(np.repeat(np.repeat(pixels, scale, axis=0), scale, axis=1))


def grid(
    tiles: Sequence[RGB] | RGB,
    columns: int,
    *,
    scale: int = 1,
    gap: int = 2,
    captions: Sequence[str] | None = None,
    background: Colour = PALE,
) -> Image.Image:
    """Lay tiles (n, h, w, 3) out row by row, each enlarged `scale` times, `gap` pixels apart.

    `captions`, if given, holds the line of text above each tile. Raises ValueError for no tile or no column.
    """
    n = len(tiles)
    if n == 0 or columns < 1:
        raise ValueError(f"grid: needs at least one tile and one column, got {n} and {columns}")
    height, width = (scale * side for side in tiles[0].shape[:2])
    size = max(11.0, min(width, 120) / 5)  # of the captions, in pixels
    head = round(size * 1.5) if captions is not None else 0
    columns = min(columns, n)
    rows = -(-n // columns)
    sheet = Image.new("RGB", (columns * (width + gap) + gap, rows * (height + head + gap) + gap), background)
    draw, letters = ImageDraw.Draw(sheet), font(size)
    for i in range(n):
        x, y = gap + i % columns * (width + gap), gap + i // columns * (height + head + gap)
        sheet.paste(enlarged(tiles[i], scale), (x, y + head))
        if captions is not None:
            draw.text((x + width / 2, y + head / 2), captions[i], fill=BLACK, font=letters, anchor="mm")
    return sheet


def stacked(images: Sequence[Image.Image], *, gap: int = 12, background: Colour = WHITE) -> Image.Image:
    """Put images one below the other, centred, `gap` pixels apart and from the edge."""
    width = max(image.width for image in images) + 2 * gap
    sheet = Image.new("RGB", (width, sum(image.height + gap for image in images) + gap), background)
    y = gap
    for image in images:
        sheet.paste(image, ((width - image.width) // 2, y))
        y += image.height + gap
    return sheet


def beside(images: Sequence[Image.Image], *, gap: int = 0, background: Colour = WHITE) -> Image.Image:
    """Put images side by side, `gap` pixels apart, their upper edges in line."""
    width = sum(image.width + gap for image in images) - gap
    sheet = Image.new("RGB", (width, max(image.height for image in images)), background)
    x = 0
    for image in images:
        sheet.paste(image, (x, 0))
        x += image.width + gap
    return sheet


def heading(text: str, size: float = 16, *, width: int | None = None) -> Image.Image:
    """Return a line of text, `size` pixels high, as an image; `width` pixels wide if that is given."""
    letters = font(size)
    box = letters.getbbox(text)
    image = Image.new("RGB", (width or round(box[2]) + 1, round(size * 1.4)), WHITE)
    ImageDraw.Draw(image).text((0, size * 0.7), text, fill=BLACK, font=letters, anchor="lm")
    return image


def titled(image: Image.Image, text: str, size: float = 16) -> Image.Image:
    """Return the image with a line of text above it."""
    return stacked([heading(text, size, width=image.width), image], gap=6)


def save(picture: Image.Image, path: str | os.PathLike[str]) -> None:
    """Write an image whole or not at all, in the format that its name ends in.

    Raises ValueError for an ending that Pillow does not know, OSError if the file cannot be written.
    """
    save_picture(picture, Path(path))


def save_gif(
    frames: Sequence[Image.Image],
    path: str | os.PathLike[str],
    *,
    seconds: float = 0.06,
    hold: float = 1.5,
    colours: int = 128,
) -> None:
    """Write frames as a GIF that repeats: each is shown for `seconds`, the last one for `hold` seconds.

    All frames share one palette of `colours` colours, so that nothing flickers. Raises ValueError for no
    frame or a name that does not end in .gif, OSError if the file cannot be written.
    """
    if not frames:
        raise ValueError("save_gif: needs at least one frame")
    path = Path(path)
    if path.suffix.lower() != ".gif":
        raise ValueError(f"{path}: needs a name that ends in .gif")
    some = [frames[i] for i in np.linspace(0, len(frames) - 1, PALETTE_FRAMES).astype(int)]
    palette = stacked(some).quantize(colours, Image.Quantize.MAXCOVERAGE)  # rare colours count too
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    times = [round(1000 * seconds)] * (len(small) - 1) + [round(1000 * hold)]
    with write_aside(path) as file:
        small[0].save(
            file, format="GIF", save_all=True, append_images=small[1:], duration=times, loop=0, disposal=1
        )
