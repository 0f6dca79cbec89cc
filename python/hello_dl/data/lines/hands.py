"""Hands: single characters by one person, set side by side as print is: what forms, labels and capitals need.

Files of words hold few words in capitals, few numbers and few letters that stand far apart. Characters that
people wrote one by one do for these. A `Hand` writes texts as a font does (fonts.py); but for each character
it takes another one by the same person.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.data.idx import read_idx
from hello_dl.data.lines.distort import Bytes
from hello_dl.data.lines.fonts import DRAWN
from hello_dl.data.lines.form import CAPITAL

CLASSES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# x-heights from the top of a small character to its foot, and from the baseline down to the foot.
TALL = dict.fromkeys("bdfhkl", (1.6, 0.0)) | dict.fromkeys("gpqy", (1.6, 0.6))
TALL |= {"i": (1.45, 0.0), "j": (2.05, 0.6), "t": (1.4, 0.0)}
SMALL, LARGE = (1.0, 0.0), (CAPITAL, 0.0)
LARGER = (0.9, 1.25)  # by which all large characters of a line are larger than usual
UNEVEN = 0.08  # standard deviation of the logarithm of a character's size
BESIDE = 0.22  # x-heights of paper between two characters that stand close
ROOMS = ((0.0, 1.0), (0.5, 0.5), (1.6, 0.3))  # x-heights between characters more than that, and how often
FEWEST = 45  # characters that a person must have written to write texts
ALIKE = 3  # of the 20 nearest characters by others: with fewer of the same class, a character is left out
INK = 40  # of 255: paler pixels are not part of a character


class Hand:
    """Characters by one person: pictures (n, 28, 28), 0 = paper, of each of `signs`.

    `room` is how much farther apart they stand than usual, in x-heights; `weight` how often the hand is
    chosen, relative to fonts.
    """

    joined = False

    @property
    def advance(self) -> float:
        """How far it is from a character to the next, in x-heights, roughly."""
        return 1.2 + self.room

    def __init__(
        self, pictures: dict[str, NDArray[np.uint8]], room: float = 0.0, weight: float = 1.0
    ) -> None:
        self._pictures, self.room, self.weight = pictures, room, weight
        self.signs = frozenset(pictures) | {" "}

    def written(self, text: str) -> str:
        """Return the text as this hand can write it: without missing signs."""
        return " ".join("".join(c for c in text if c in self.signs).split())

    def factor(self, text: str) -> float:
        """Return by how much to enlarge a text: not at all."""
        del text
        return 1.0

    def draw(
        self, text: str, gap: float, space: float, drifts: Sequence[float], rng: np.random.Generator
    ) -> tuple[Bytes, float]:
        """Return a picture (h, w) of a text, 255 = ink, and its baseline's row; lengths as in Font.draw."""
        close = gap + (BESIDE + self.room) * DRAWN
        large = float(rng.uniform(*LARGER))
        parts: list[tuple[Bytes, float, float]] = []
        x = 0.0
        for sign, drift in zip(text, drifts, strict=False):
            if sign == " ":
                x += space + 2 * self.room * DRAWN
                continue
            some = self._pictures[sign]
            size = float(np.exp(rng.normal(0, UNEVEN))) * DRAWN
            tall, foot = _form(sign)
            picture = _cut(some[int(rng.integers(len(some)))], (tall if tall == 1 else tall * large) * size)
            parts.append((picture, x, foot * size + drift))
            x += picture.shape[1] + close * float(rng.uniform(0.6, 1.4))
        top = max(picture.shape[0] - foot for picture, _, foot in parts)
        below = max(max(foot for _, _, foot in parts), 0.0)
        width = max(int(left) + picture.shape[1] for picture, left, _ in parts)
        whole = np.zeros((int(top + below) + 3, width + 1), np.uint8)
        for picture, left, foot in parts:
            row = max(int(top + foot) - picture.shape[0] + 1, 0)
            view = whole[row : row + picture.shape[0], int(left) : int(left) + picture.shape[1]]
            np.maximum(view, picture[: view.shape[0], : view.shape[1]], out=view)
        return whole, top + 1


def _form(sign: str) -> tuple[float, float]:
    """Return how tall a character is, and how far it reaches below the baseline, in x-heights."""
    return TALL.get(sign, SMALL if sign.islower() else LARGE)


def _cut(picture: NDArray[np.uint8], tall: float) -> Bytes:
    """Return a character without its margins, `tall` pixels high."""
    ink = picture > INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.zeros((1, 1), np.uint8)
    part = Image.fromarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    up = tall / max(part.height, 0.6 * part.width)  # a dash is not stretched to a letter's height
    size = max(1, round(up * part.width)), max(1, round(up * part.height))
    return np.asarray(part.resize(size, Image.Resampling.BICUBIC))


def read_hands(folder: str | Path, *, without: int = 0) -> list[Hand]:
    """Read the hands of a folder: train-images, -labels, -writers and -agreement as idx files.

    Writers whose number `without` divides are left out. Raises FileNotFoundError if a file is missing.
    """
    folder = Path(folder)
    images, labels, agreement = (
        read_idx(folder / f"train-{kind}-idx{axes}-ubyte.gz")
        for kind, axes in (("images", 3), ("labels", 1), ("agreement", 1))
    )
    writers = read_idx(folder / "train-writers-idx1-short.gz")
    good = agreement >= ALIKE
    hands = []
    for writer in np.unique(writers).tolist():
        if without and writer % without == 0:
            continue
        mine = np.flatnonzero((writers == writer) & good)
        pictures = {CLASSES[k]: images[mine[labels[mine] == k]] for k in np.unique(labels[mine]).tolist()}
        if len(pictures) >= FEWEST:
            hands += [Hand(pictures, room, weight) for room, weight in ROOMS]
    return hands
