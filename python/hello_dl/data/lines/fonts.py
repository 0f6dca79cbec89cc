"""Handwriting fonts: what they can write, how tall their letters are, and pictures of texts in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from hello_dl.data.lines.distort import Bytes
from hello_dl.data.lines.form import CAPITAL
from hello_dl.files import read_text

DRAWN = 22.0  # pixels: x-height at which a font's glyphs are drawn before they are bent and made smaller
LEAST = 0.02  # em: x-height and height of capitals below which a font counts as one without letters
MEASURED = 200.0  # size of a font, in pixels to the em, at which its letters are measured
UNSEEN = ("Zeyada", "HomemadeApple", "Meddon", "Caveat", "RockSalt")  # fonts kept for testing
WEIGHT = {"5": 6.0, "4": 3.0}  # how often a font is chosen, by its realism; others 1
COLUMNS = (
    "file",
    "joined(J joined,P partly,N separate,C capitals only)",
    "realism1-5",
    "in_folder",
    "lacks_ascii",
)


class Writing(Protocol):
    """What writes texts: a font, or a hand (hands.py)."""

    @property
    def joined(self) -> bool:
        """Whether its letters are joined, at least partly."""

    @property
    def weight(self) -> float:
        """How often it is chosen, relative to others."""

    @property
    def advance(self) -> float:
        """How far it is from a letter to the next, in x-heights, roughly."""

    def written(self, text: str) -> str:
        """Return the text as this one can write it."""

    def factor(self, text: str) -> float:
        """Return by how much to enlarge a text."""

    def draw(
        self, text: str, gap: float, space: float, drifts: Sequence[float], rng: np.random.Generator
    ) -> tuple[Bytes, float]:
        """Return a picture (h, w) of a text, 255 = ink, and the row of its baseline in it."""


@dataclass(frozen=True)
class Font:
    """A handwriting font.

    size      pixels to the em at which its x-height is DRAWN
    tall      height of its capitals in x-heights
    signs     what it can write
    joined    whether its letters are joined, at least partly
    capitals  whether it has no small letters
    weight    how often it is chosen, relative to others
    """

    path: Path
    size: float
    tall: float
    signs: frozenset[str]
    joined: bool = False
    capitals: bool = False
    weight: float = 1.0
    advance: float = 0.95  # x-heights from a letter to the next, roughly

    def written(self, text: str) -> str:
        """Return the text as this font can write it: without missing signs, maybe in capitals."""
        text = text.upper() if self.capitals else text
        return " ".join("".join(c for c in text if c in self.signs).split())

    def factor(self, text: str) -> float:
        """Return by how much to enlarge a text: without small letters it is CAPITAL x-heights tall."""
        return 1.0 if any(c.islower() for c in text) else CAPITAL / self.tall

    def draw(
        self, text: str, gap: float, space: float, drifts: Sequence[float], rng: np.random.Generator
    ) -> tuple[Bytes, float]:
        """Return a picture (h, w) of a text, 255 = ink, and the row of its baseline in it.

        Joined fonts are drawn word by word, others letter by letter. `gap` is the room added between letters
        that are not joined, `space` between words, and drifts (at least as many as characters) are how much
        lower each word or letter stands; all in pixels of a font whose x-height is DRAWN. A font draws the
        same letters every time, and asks nothing of `rng`.
        """
        del rng
        parts: list[tuple[Bytes, float, float]] = []  # pictures with their left and top edges
        x = 0.0
        for word in text.split():
            for piece in [word] if self.joined else word:
                picture, left, top, advance = _glyphs(self.path, self.size, self.joined, piece)
                parts.append((picture, x + left, top + drifts[len(parts)]))
                x += advance + gap
            x += space - gap
        left = min(part[1] for part in parts)
        top = min(part[2] for part in parts)
        right = max(part[1] + part[0].shape[1] for part in parts)
        bottom = max(part[2] + part[0].shape[0] for part in parts)
        whole = np.zeros((int(bottom - top) + 2, int(right - left) + 2), np.uint8)
        for picture, at, row in parts:
            r, c = int(row - top), int(at - left)
            view = whole[r : r + picture.shape[0], c : c + picture.shape[1]]
            np.maximum(view, picture, out=view)
        return whole, -top


@lru_cache(maxsize=256)
def _load(path: Path, size: float, joined: bool) -> ImageFont.FreeTypeFont:
    """Return a font of Pillow; joined ones with their joins, if this Pillow has Raqm."""
    raqm = joined and features.check("raqm")
    return ImageFont.truetype(
        path, size, layout_engine=ImageFont.Layout.RAQM if raqm else ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=20000)
def _glyphs(path: Path, size: float, joined: bool, text: str) -> tuple[Bytes, float, float, float]:
    """Return a picture of a word or letter, its left and top edges from the origin, and its advance."""
    font = _load(path, size, joined)
    margin = int(2 * size)  # more than any letter reaches out
    try:
        advance = font.getlength(text)
        if not 0 <= advance <= margin * len(text):
            raise ValueError(f"{advance:g} pixels wide")
        image = Image.new("L", (int(advance) + 2 * margin, 2 * margin))
        ImageDraw.Draw(image).text((margin, margin), text, fill=255, font=font, anchor="ls")
    except (OSError, ValueError, OverflowError, MemoryError) as error:
        raise ValueError(
            f"{path}: needs a font that can draw {text!r}, got a damaged one ({error})"
        ) from None
    box = image.getbbox() or (margin, margin, margin + 1, margin + 1)
    return np.asarray(image.crop(box)), box[0] - margin, box[1] - margin, advance


def measure(
    path: Path, *, joined: bool = False, capitals: bool = False, lacks: str = "", weight: float = 1.0
) -> Font:
    """Return a font with its letters measured: the median height of small letters, and of capitals.

    Raises ValueError if the file is no font, or has no letters of a usual height.
    """
    try:
        font = _load(path, MEASURED, False)
        high = float(np.median([-font.getbbox(c, anchor="ls")[1] for c in "HEITNDA"]))
        small = float(np.median([-font.getbbox(c, anchor="ls")[1] for c in "xzvuneoa"]))
    except (OSError, ValueError, OverflowError, MemoryError) as error:
        raise ValueError(
            f"{path}: needs a TrueType or OpenType font, got something else ({error})"
        ) from error
    x_height = high / CAPITAL if capitals else small
    least = MEASURED * LEAST
    if not (high >= least and x_height >= least):
        raise ValueError(
            f"{path}: needs a font with letters at least {LEAST} em high, got {x_height / MEASURED:g} em"
        )
    signs = frozenset(chr(i) for i in range(32, 127)) - frozenset(lacks)
    return Font(path, MEASURED * DRAWN / x_height, high / x_height, signs, joined, capitals, weight)


def read_fonts(folder: str | Path, *, without: Sequence[str] = UNSEEN) -> list[Font]:
    """Read the fonts of a folder that its table fonts.tsv lists, but those whose names are in `without`.

    Raises FileNotFoundError without the table, ValueError if it lacks a column or lists no font, or if a file
    is no font.
    """
    folder = Path(folder)
    table = folder / "fonts.tsv"
    if not table.exists():
        raise FileNotFoundError(f"{table}: needs the table of the fonts, got no such file")
    head, *rows = [line.split("\t") for line in read_text(table, "a table").split("\n") if line] or [[]]
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise ValueError(f"{table}: needs a column {missing[0]}, got {head}")
    name, join, realism, there, lacks = (head.index(c) for c in COLUMNS)
    files = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in (".ttf", ".otf")}
    found = []
    for short in rows:
        row = short + [""] * (len(head) - len(short))
        if row[there] != "yes" or row[name] in without:
            continue
        if row[name] not in files:
            raise ValueError(f"{table}: needs a file {row[name]}.ttf or .otf beside it, got none")
        kind = {"joined": row[join] in ("J", "P"), "capitals": row[join] == "C"}
        weight = WEIGHT.get(row[realism], 1.0)
        found.append(measure(files[row[name]], lacks=row[lacks], weight=weight, **kind))
    if not found:
        raise ValueError(f"{table}: needs fonts with in_folder = yes, got none")
    return found
