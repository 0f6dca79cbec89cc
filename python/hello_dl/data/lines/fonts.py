"""Draws text with handwriting fonts, and bends and roughens it as lines of strokes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from hello_dl.data.lines.distort import Bytes, bend_picture, draw_bend, pick, roughen
from hello_dl.data.lines.form import BASELINE, CAPITAL, X_HEIGHT
from hello_dl.data.lines.pen import add_dirt
from hello_dl.data.lines.style import LineStyle

DRAWN = 22.0  # pixels: x-height at which a font's glyphs are drawn before they are bent and made smaller
UNSEEN = ("Zeyada", "HomemadeApple", "Meddon", "Caveat", "RockSalt")  # fonts kept for testing
WEIGHT = {"5": 6.0, "4": 3.0, "3": 1.0}  # how often a font is chosen, by its realism
COLUMNS = (
    "file",
    "joined(J joined,P partly,N separate,C capitals only)",
    "realism1-5",
    "in_folder",
    "lacks_ascii",
)


@dataclass(frozen=True)
class Font:
    """A handwriting font: its file, the size at which its x-height is DRAWN pixels, and the signs it has."""

    path: Path
    size: float
    signs: frozenset[str]
    joined: bool
    capitals: bool
    weight: float

    def draw(self, text: str) -> tuple[Bytes, float]:
        """Return a picture (h, w) of a text, 255 = ink, and the row of its baseline in it."""
        font = _load(self.path, self.size, self.joined)
        left, top, right, bottom = font.getbbox(text, anchor="ls")
        edge = 3
        size = (int(right - left) + 2 * edge, int(bottom - top) + 2 * edge)
        image = Image.new("L", size)
        ImageDraw.Draw(image).text((edge - left, edge - top), text, fill=255, font=font, anchor="ls")
        return np.asarray(image), edge - top


@lru_cache(maxsize=256)
def _load(path: Path, size: float, joined: bool) -> ImageFont.FreeTypeFont:
    """Return a font of Pillow; joined ones with their joins, if this Pillow has Raqm."""
    raqm = joined and features.check("raqm")
    return ImageFont.truetype(
        path, size, layout_engine=ImageFont.Layout.RAQM if raqm else ImageFont.Layout.BASIC
    )


def measure(
    path: Path, *, joined: bool = False, capitals: bool = False, lacks: str = "", weight: float = 1.0
) -> Font:
    """Return a font with its band measured: from its x, or from its H where it has no small letters."""
    try:
        font = _load(path, 200.0, joined)
    except OSError as error:
        raise ValueError(
            f"{path}: needs a TrueType or OpenType font, got something else ({error})"
        ) from error
    x_height = -np.mean([font.getbbox(c, anchor="ls")[1] for c in "xzvuneo"])
    if capitals:
        x_height = -np.mean([font.getbbox(c, anchor="ls")[1] for c in "HEITN"]) / CAPITAL
    if x_height <= 0:
        raise ValueError(f"{path}: needs a font with letters, got one whose x has no height")
    signs = frozenset(chr(i) for i in range(32, 127)) - frozenset(lacks)
    return Font(path, float(200 * DRAWN / x_height), signs, joined, capitals, weight)


def read_fonts(folder: str | Path, *, without: Sequence[str] = UNSEEN) -> list[Font]:
    """Read the fonts of a folder that its table fonts.tsv lists, but those whose names are in `without`.

    Raises FileNotFoundError without the table, ValueError if it lacks a column or lists no font, or if a file
    is no font.
    """
    folder = Path(folder)
    table = folder / "fonts.tsv"
    if not table.exists():
        raise FileNotFoundError(f"{table}: needs the table of the fonts, got no such file")
    head, *rows = [line.split("\t") for line in table.read_text(encoding="utf-8").split("\n") if line]
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise ValueError(f"{table}: needs a column {missing[0]}, got {head}")
    name, joined, realism, there, lacks = (head.index(c) for c in COLUMNS)
    files = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in (".ttf", ".otf")}
    found = []
    for short in rows:
        row = short + [""] * (len(head) - len(short))
        if row[there] != "yes" or row[name] in without:
            continue
        if row[name] not in files:
            raise ValueError(f"{table}: needs a file {row[name]}.ttf or .otf beside it, got none")
        weight = WEIGHT.get(row[realism], 0.5)
        kind = row[joined]
        found.append(
            measure(
                files[row[name]], joined=kind in "JP", capitals=kind == "C", lacks=row[lacks], weight=weight
            )
        )
    if not found:
        raise ValueError(f"{table}: needs fonts with in_folder = yes, got none")
    return found


def draw_font(
    font: Font, text: str, style: LineStyle, rng: np.random.Generator, limits: tuple[int, int]
) -> Bytes:
    """Return the picture (HEIGHT, w) of a text in a font; `limits` are the least and most of w, in pixels."""
    picture, baseline = font.draw(text)
    tall, wide = picture.shape
    scale = pick(rng, style.scale) * X_HEIGHT / DRAWN
    if not any(c.islower() for c in text) and not font.capitals:
        scale *= 1.0  # a font's own capitals keep their height
    slant, squeeze = pick(rng, style.slant), pick(rng, style.squeeze)
    left, right = pick(rng, style.margin), pick(rng, style.margin)
    if font.joined:
        slant *= 0.5
    # The font's pixel (x, y) goes to scale * (squeeze * (x - slant * (y - baseline)), y - baseline).
    above, below = slant * baseline, -slant * (tall - baseline)
    low, high = min(above, below, 0.0), wide + max(above, below, 0.0)
    room = max(limits[1] - left - right, 1.0)
    across = min(scale * squeeze, room / (high - low))
    fitting = min(max((high - low) * across + left + right, limits[0]), limits[1])
    width = int(fitting)
    first = left + max(0.0, fitting - (high - low) * across - left - right) * rng.random()
    row = BASELINE + pick(rng, style.offset)
    matrix = np.array([[1 / across, slant / scale], [0, 1 / scale]], np.float32)
    shift = np.array([low, baseline], np.float32) - matrix @ np.array([first, row], np.float32)
    bent = bend_picture(picture, draw_bend(width, style, rng), matrix, shift, width)
    return roughen(add_dirt(bent, style, rng), style, rng, grow=pick(rng, style.grow))
