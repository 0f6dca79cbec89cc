"""Reads pen strokes with their text from files of UNIPEN: words or lines, by many writers."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.band import Bands, Floats, Ints, find_bands

JOINED = 0.6  # strokes for each letter, below which writing counts as joined
ARRAYS = ("delta", "stroke", "item", "writer", "held")
COLUMNS = ("text", "writer", "set", "strokes_per_letter")


@dataclass(frozen=True)
class Item:
    """One written word or line: `points` (n, 2), `starts` (strokes + 1,) and its text.

    Lengths are in x-heights: x to the right from the left edge of the ink, y downwards, 0 on the baseline.
    Points starts[k] up to, but not including, starts[k + 1] are stroke k.
    """

    points: Floats
    starts: Ints
    text: str


class Strokes:
    """Words or lines as pen strokes: `strokes[i]` is an `Item`.

    text      list of what each item says, in printable ASCII
    writer    (n,) int64, number of the person who wrote it
    joined    (n,) bool, whether its letters are joined
    width     (n,) float32, in x-heights
    bands     where each item's writing stands
    """

    def __init__(
        self,
        xy: NDArray[np.int16],
        stroke: Ints,
        item: Ints,
        text: list[str],
        writer: Ints,
        joined: NDArray[np.bool_],
    ) -> None:
        self._xy, self._stroke, self._item = xy, stroke, item
        self.text, self.writer, self.joined = text, writer, joined
        self.bands: Bands = find_bands(xy, stroke, item, text)
        first = stroke[item][:-1]
        x = xy[:, 0].astype(np.float32)
        self._left = np.minimum.reduceat(x, first)
        width = (np.maximum.reduceat(x, first) - self._left) / self.bands.x_height
        self.width: Floats = width.astype(np.float32)

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, i: int) -> Item:
        """Return item i with its lengths in x-heights."""
        stroke = self._stroke[self._item[i] : self._item[i + 1] + 1]
        points = self._xy[stroke[0] : stroke[-1]].astype(np.float32)
        points[:, 0] -= self._left[i]
        points[:, 1] -= self.bands.baseline[i] + self.bands.slope[i] * (points[:, 0] + self._left[i])
        points /= self.bands.x_height[i]
        return Item(points, stroke - stroke[0], self.text[i])


def read_strokes(path: str | Path, *, held: bool = False) -> Strokes:
    """Read a file of pen strokes, NAME.npz, with its texts in NAME.tsv beside it.

    The writers that are held back for testing are left out; with held=True only they are read. Items without
    a letter or digit are left out, because nothing says where their baseline is, and so are texts that are
    not printable ASCII.

    npz   delta (m, 2) int16: x right and y down, differences that start anew with each stroke; stroke:
          first point of each stroke, and m; item: first stroke of each item, and the number of strokes;
          writer; held
    tsv   columns text, writer, set, strokes_per_letter, a row for each item

    Raises FileNotFoundError if one of the two is missing, ValueError that says what is wrong with a file.
    """
    path = Path(path)
    arrays = _arrays(path)
    text, joined = _texts(path.with_suffix(".tsv"), len(arrays["writer"]))
    stroke, item = arrays["stroke"].astype(np.int64), arrays["item"].astype(np.int64)
    _check_offsets(path, stroke, len(arrays["delta"]), "stroke")
    _check_offsets(path, item, len(stroke) - 1, "item")
    good = arrays["held"].astype(np.bool_) == held
    good &= [any(c.isalnum() for c in t) and t.isascii() and t.isprintable() for t in text]
    if not good.any():
        raise ValueError(f"{path}: needs items by writers with held={held}, got none")
    return _kept(arrays["delta"], stroke, item, np.flatnonzero(good), text, arrays["writer"], joined)


def _kept(
    delta: NDArray[np.int16],
    stroke: Ints,
    item: Ints,
    kept: Ints,
    text: list[str],
    writer: NDArray[np.int16],
    joined: NDArray[np.bool_],
) -> Strokes:
    """Return the items `kept`, copied out of a whole file."""
    total = np.cumsum(delta, axis=0, dtype=np.int32)
    before = total[stroke[:-1]] - delta[stroke[:-1]]
    xy = (total - np.repeat(before, np.diff(stroke), axis=0)).astype(np.int16)
    strokes = _ranges(item[kept], item[kept + 1])
    points = _ranges(stroke[strokes], stroke[strokes + 1])
    new_stroke = np.concatenate([[0], np.cumsum(np.diff(stroke)[strokes])])
    new_item = np.concatenate([[0], np.cumsum(np.diff(item)[kept])])
    texts = [" ".join(text[i].split()) for i in kept.tolist()]
    return Strokes(xy[points], new_stroke, new_item, texts, writer[kept].astype(np.int64), joined[kept])


def _ranges(begin: Ints, end: Ints) -> Ints:
    """Return the numbers begin[0] .. end[0] - 1, begin[1] .. end[1] - 1, and so on."""
    length = end - begin
    into = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    numbers: Ints = np.repeat(begin, length) + into
    return numbers


def _arrays(path: Path) -> dict[str, NDArray[np.int16]]:
    """Read the arrays of an npz file and check their shapes."""
    try:
        with np.load(path, allow_pickle=False) as z:
            arrays = {name: z[name] for name in ARRAYS if name in z}
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError, TypeError) as error:
        raise ValueError(f"{path}: needs an npz file of pen strokes, got something else ({error})") from error
    missing = [name for name in ARRAYS if name not in arrays]
    if missing:
        raise ValueError(f"{path}: needs the arrays {', '.join(ARRAYS)}, got none named {', '.join(missing)}")
    delta, n = arrays["delta"], len(arrays["writer"])
    if delta.ndim != 2 or delta.shape[1] != 2:
        raise ValueError(f"{path}: needs delta of shape (m, 2), got {delta.shape}")
    if len(arrays["item"]) != n + 1 or len(arrays["held"]) != n:
        sizes = f"{len(arrays['item'])} and {len(arrays['held'])}"
        raise ValueError(
            f"{path}: needs {n + 1} numbers in item and {n} in held for {n} writers, got {sizes}"
        )
    return arrays


def _check_offsets(path: Path, offsets: Ints, end: int, name: str) -> None:
    """Raise ValueError if the offsets do not rise from 0 to `end`."""
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != end or (np.diff(offsets) <= 0).any():
        raise ValueError(f"{path}: needs {name} to rise from 0 to {end}, got other numbers")


def _texts(path: Path, n: int) -> tuple[list[str], NDArray[np.bool_]]:
    """Read the texts of a tsv file, and whether each item is joined."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: needs the texts of the strokes beside them, got no such file")
    head, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")]
    if not set(COLUMNS) <= set(head):
        raise ValueError(f"{path}: needs the columns {', '.join(COLUMNS)} in its first line, got {head}")
    if len(rows) != n or any(len(row) != len(head) for row in rows):
        raise ValueError(f"{path}: needs {n} rows of {len(head)} columns, got {len(rows)} rows")
    where, how = head.index("text"), head.index("strokes_per_letter")
    try:
        joined = np.array([float(row[how]) < JOINED for row in rows])
    except ValueError as error:
        raise ValueError(f"{path}: needs numbers in strokes_per_letter, got another ({error})") from error
    return [row[where] for row in rows], joined
