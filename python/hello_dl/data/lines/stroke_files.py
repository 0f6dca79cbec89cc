"""Reads files of pen strokes, as UNIPEN's words and lines are kept: NAME.npz, and NAME.tsv with the texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.band import Ints
from hello_dl.files import read_text, zip_errors

JOINED = 0.6  # strokes for each letter, below which writing counts as joined
ARRAYS = ("delta", "stroke", "item", "writer", "held")
COLUMNS = ("text", "writer", "set", "strokes_per_letter")


@dataclass(frozen=True)
class StrokeFile:
    """What a file of n items holds: their strokes, and what they say.

    xy (m, 2)  points, x to the right and y downwards
    stroke     first point of each stroke, and m
    item       first stroke of each item, and the number of strokes
    text       of each item
    writer     (n,) its number; held (n,) kept for testing; joined (n,) its letters are joined
    """

    xy: NDArray[np.int16]
    stroke: Ints
    item: Ints
    text: list[str]
    writer: Ints
    held: NDArray[np.bool_]
    joined: NDArray[np.bool_]


def read_file(path: Path) -> StrokeFile:
    """Read NAME.npz and NAME.tsv.

    npz   delta (m, 2) int16: x right and y down, differences that start anew with each stroke; stroke, item,
          writer, held as in StrokeFile
    tsv   columns text, writer, set, strokes_per_letter, a row for each item

    Raises FileNotFoundError if one of them is missing, ValueError that says what is wrong with a file.
    """
    arrays = _arrays(path)
    delta, n = arrays["delta"], len(arrays["writer"])
    stroke, item = arrays["stroke"].astype(np.int64), arrays["item"].astype(np.int64)
    _check_offsets(path, "stroke", stroke, len(delta))
    _check_offsets(path, "item", item, len(stroke) - 1)
    text, joined = _texts(path.with_suffix(".tsv"), n)
    total = np.cumsum(delta, axis=0, dtype=np.int32)
    before = total[stroke[:-1]] - delta[stroke[:-1]]
    xy = (total - np.repeat(before, np.diff(stroke), axis=0)).astype(np.int16)
    held = arrays["held"].astype(np.bool_)
    return StrokeFile(xy, stroke, item, text, arrays["writer"].astype(np.int64), held, joined)


def _arrays(path: Path) -> dict[str, NDArray[np.int16]]:
    """Read the arrays of an npz file and check their shapes."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as z:
            arrays = {name: z[name] for name in ARRAYS if name in z}
    except FileNotFoundError:
        raise
    except zip_errors() as error:
        raise ValueError(f"{path}: needs an npz file of pen strokes, got something else ({error})") from error
    # numpy gives a member that is no array as bytes.
    missing = [name for name in ARRAYS if not isinstance(arrays.get(name), np.ndarray)]
    if missing:
        wanted = ", ".join(ARRAYS)
        raise ValueError(f"{path}: needs the arrays {wanted}, got none named {', '.join(missing)}")
    delta, n = arrays["delta"], len(arrays["writer"])
    if delta.ndim != 2 or delta.shape[1] != 2 or delta.dtype.kind != "i":
        raise ValueError(f"{path}: needs delta of integers (m, 2), got {delta.dtype} {delta.shape}")
    if len(arrays["item"]) != n + 1 or len(arrays["held"]) != n:
        sizes = f"{len(arrays['item'])} and {len(arrays['held'])}"
        raise ValueError(
            f"{path}: needs {n + 1} numbers in item and {n} in held for {n} writers, got {sizes}"
        )
    return arrays


def _check_offsets(path: Path, name: str, offsets: Ints, end: int) -> None:
    """Raise ValueError if the offsets do not rise from 0 to `end`."""
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != end or (np.diff(offsets) <= 0).any():
        raise ValueError(f"{path}: needs {name} to rise from 0 to {end}, got other numbers")


def _texts(path: Path, n: int) -> tuple[list[str], NDArray[np.bool_]]:
    """Read the texts of a tsv file, and whether each item is joined."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: needs the texts of the strokes beside them, got no such file")
    head, *rows = [line.split("\t") for line in read_text(path, "a table").rstrip("\n").split("\n")]
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
