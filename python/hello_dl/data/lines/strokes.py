"""Pen strokes with their text: words or lines by many writers, with the place of each on its baseline."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.band import Bands, Floats, Ints, find_bands
from hello_dl.data.lines.stroke_files import StrokeFile, read_file

Flags = NDArray[np.bool_]

# Signs of a text in which spaces stand where the writer left none, such as "( 2 3 4 ) 5 6 7" or "dog ."
SPACED = re.compile(r"\S [,.;:!?)\]}%](\s|$)|(^|\s)[(\[{$] \S|\d \d \d|\d [/:-] \d")
APART = 0.02  # x-heights of white between two strokes, above which it is a gap between letters
BEHIND = 3.0  # x-heights: a stroke that ends so far left of the front of the writing was added later
MOST_BEHIND = 0.12  # share of an item's ink that may be added later; more is a second line
ADVANCE = (
    0.35,
    5.0,
)  # x-heights for each character: least and most width of an item that is what its text says
LEAST_CERTAINTY = -0.35  # least certainty of the band (see Bands)


@dataclass(frozen=True)
class Item:
    """One written word or line: `points` (n, 2), `starts` (strokes + 1,) and its text.

    Lengths are in x-heights: x to the right from the left edge of the ink, y downwards, 0 on the baseline.
    Points starts[k] up to, but not including, starts[k + 1] are stroke k. `slant` is how far it leans to the
    right for each x-height upwards.
    """

    points: Floats
    starts: Ints
    text: str
    slant: float = 0.0


def white_gaps(item: Item) -> tuple[Ints, Floats]:
    """Return the strokes' order from left to right, and the white before each but the first, in x-heights.

    White is a strip that leans as the writing does; it is negative where strokes overlap.
    """
    x = item.points[:, 0] + np.float32(item.slant) * item.points[:, 1]
    left = np.minimum.reduceat(x, item.starts[:-1])
    right = np.maximum.reduceat(x, item.starts[:-1])
    order = np.argsort(left, kind="stable")
    white: Floats = left[order][1:] - np.maximum.accumulate(right[order])[:-1]
    return order, white


@dataclass(frozen=True)
class Strokes:
    """Words or lines as pen strokes: `strokes[i]` is an `Item`.

    text      what each item says, in printable ASCII
    writer    (n,) number of the person who wrote it
    joined    (n,) whether its letters are joined
    width     (n,) in x-heights
    slant     (n,) x-heights to the right for each x-height upwards
    bands     where each item's writing stands
    """

    text: list[str]
    writer: Ints
    joined: Flags
    width: Floats
    slant: Floats
    bands: Bands
    _xy: NDArray[np.int16]  # all points
    _stroke: Ints  # first point of each stroke, and the end
    _first: Ints  # first stroke of each item
    _end: Ints  # stroke after the last of each item
    _left: Floats  # least x of each item
    _wide: Floats  # its width, in the unit of the points

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, i: int) -> Item:
        """Return item i with its lengths in x-heights."""
        stroke = self._stroke[self._first[i] : self._end[i] + 1]
        points = self._xy[stroke[0] : stroke[-1]].astype(np.float32)
        points[:, 0] -= self._left[i]
        u = points[:, 0] * (2 / self._wide[i]) - 1
        a, b, c = self.bands.bend[i]
        points[:, 1] -= self.bands.baseline[i] + u * (a + u * (b + u * c))
        points /= self.bands.x_height[i]
        return Item(points, stroke - stroke[0], self.text[i], float(self.slant[i]))

    def only(self, which: Ints) -> Strokes:
        """Return the items of these numbers."""
        b = self.bands
        return replace(
            self,
            text=[self.text[i] for i in which.tolist()],
            writer=self.writer[which],
            joined=self.joined[which],
            width=self.width[which],
            slant=self.slant[which],
            bands=Bands(b.baseline[which], b.x_height[which], b.bend[which], b.certainty[which]),
            _first=self._first[which],
            _end=self._end[which],
            _left=self._left[which],
            _wide=self._wide[which],
        )


def read_strokes(
    path: str | Path, *, held: bool = False, choose: Callable[[int], bool] | None = None
) -> Strokes:
    """Read a file of pen strokes, NAME.npz, with its texts in NAME.tsv beside it (see stroke_files.py).

    The writers that are held back for testing are left out. So are items that a network should not learn
    from: two lines in one, a text with spaces that were not written, a width that does not fit the text. With
    held=True all items of the writers that are held back are read, and no others. Items without a letter or
    digit are always left out, because nothing says where their baseline is, and so are texts that are not
    printable ASCII.

    Of these writers, `choose` may choose some by their numbers.

    Raises FileNotFoundError if one of the two is missing, ValueError that says what is wrong with a file.
    """
    file = read_file(Path(path))
    good = (file.held == held) & [_can_be_placed(text) for text in file.text]
    if choose is not None:
        chosen = {writer for writer in set(file.writer.tolist()) if choose(writer)}
        good &= np.isin(file.writer, sorted(chosen))
    if not good.any():
        raise ValueError(f"{path}: needs items with a letter or digit by writers with held={held}, got none")
    strokes = make_strokes(file, np.flatnonzero(good))
    return strokes if held else strokes.only(np.flatnonzero(to_learn_from(strokes)))


def _can_be_placed(text: str) -> bool:
    return any(c.isalnum() for c in text) and text.isascii() and text.isprintable()


def make_strokes(file: StrokeFile, kept: Ints) -> Strokes:
    """Return the items `kept` of a file, with their bands found."""
    strokes = _ranges(file.item[kept], file.item[kept + 1])
    points = _ranges(file.stroke[strokes], file.stroke[strokes + 1])
    stroke = np.concatenate([[0], np.cumsum(np.diff(file.stroke)[strokes])])
    item = np.concatenate([[0], np.cumsum(np.diff(file.item)[kept])])
    text = [" ".join(file.text[i].split()) for i in kept.tolist()]
    xy, first = file.xy[points], stroke[item][:-1]
    bands = find_bands(xy, stroke, item, text)
    x = xy[:, 0].astype(np.float32)
    left = np.minimum.reduceat(x, first)
    wide = np.maximum(np.maximum.reduceat(x, first) - left, 1)
    width = (wide / bands.x_height).astype(np.float32)
    writer, joined, slant = file.writer[kept], file.joined[kept], _slants(xy, stroke, item)
    return Strokes(text, writer, joined, width, slant, bands, xy, stroke, item[:-1], item[1:], left, wide)


def to_learn_from(strokes: Strokes) -> Flags:
    """Return which items are one line that says what its text says, as far as can be told without reading."""
    advance = strokes.width / np.array([len(text) for text in strokes.text])
    short = np.array([len(text) < 3 for text in strokes.text])
    good: Flags = (short | (advance > ADVANCE[0])) & (advance < ADVANCE[1])
    good &= strokes.bands.certainty > LEAST_CERTAINTY
    good &= ~np.array([SPACED.search(text) is not None for text in strokes.text])
    good &= _behind(strokes) < MOST_BEHIND
    return good


def _behind(strokes: Strokes) -> Floats:
    """Return the share of each item's ink that was added far left of the front of the writing."""
    first, n = strokes._first, len(strokes)
    xy, stroke = strokes._xy.astype(np.float32), strokes._stroke
    owner = np.repeat(np.arange(n), strokes._end - first)
    right = np.maximum.reduceat(xy[:, 0], stroke[:-1]) / strokes.bands.x_height[owner]
    step = np.sqrt((np.diff(xy, axis=0, append=xy[-1:]) ** 2).sum(axis=1))
    step[stroke[1:] - 1] = 0
    ink = np.add.reduceat(step, stroke[:-1])
    apart = 1e5 * owner.astype(
        np.float64
    )  # more than an item's width, so that each item has a front of its own
    front = np.maximum.accumulate(right + apart) - apart
    late = np.bincount(owner, ink * (right < front - BEHIND), minlength=n)
    share: Floats = (late / np.maximum(np.bincount(owner, ink, minlength=n), 1e-6)).astype(np.float32)
    return share


def _slants(xy: NDArray[np.int16], stroke: Ints, item: Ints) -> Floats:
    """Return the slant of each item: how far its strokes go to the right where they go up.

    It is the mean over all steep pieces of a stroke, weighted by their height.
    """
    step = np.diff(xy.astype(np.float32), axis=0, append=xy[-1:].astype(np.float32))
    step[stroke[1:] - 1] = 0
    steep = np.abs(step[:, 1]) > np.abs(step[:, 0])
    first = stroke[item][:-1]
    across = np.add.reduceat(np.where(steep, -step[:, 0] * np.sign(step[:, 1]), 0), first)
    up = np.add.reduceat(np.where(steep, np.abs(step[:, 1]), 0), first)
    slant: Floats = (across / np.maximum(up, 1)).astype(np.float32)
    return slant


def _ranges(begin: Ints, end: Ints) -> Ints:
    """Return the numbers begin[0] .. end[0] - 1, begin[1] .. end[1] - 1, and so on."""
    length = end - begin
    into = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    numbers: Ints = np.repeat(begin, length) + into
    return numbers
