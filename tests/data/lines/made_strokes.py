"""Pen strokes for the tests: a hand that writes letters as boxes of known height, and files of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.strokes import Item

UP, DOWN = 1.9, 0.8  # x-heights above and below the baseline that the tall and the low letters reach
TALL, LOW = set("bdfhklABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), set("gjpqy")
UNIT = 40.0  # units of the strokes to an x-height


def letter(c: str, capitals: bool) -> NDArray[np.float64]:
    """Return a letter as a zigzag in x-heights, y upwards, which turns where its shape says."""
    top = 1.5 if capitals else UP if c in TALL else 1.0
    low = -DOWN if c in LOW else 0.0
    return np.array(
        [[0, 0.9 * top], [0.1, top], [0.25, 0], [0.4, 1.5 if capitals else 1], [0.6, low], [0.75, 0.1]]
    )


def written(text: str, *, slope: float = 0.0) -> list[NDArray[np.float64]]:
    """Return the strokes of a text, a stroke for each letter, y downwards in UNITs."""
    capitals = not any(c.islower() for c in text)
    strokes = []
    for i, c in enumerate(text):
        if c != " ":
            points = letter(c, capitals) * [1, -1] + [i, 0]
            fine = np.stack([np.interp(np.linspace(0, 5, 26), np.arange(6), points[:, k]) for k in (0, 1)], 1)
            fine[:, 1] += slope * fine[:, 0]
            strokes.append(fine * UNIT)
    return strokes


def write_file(folder: Path, items: list[tuple[str, int, bool]], **how: float) -> Path:
    """Write NAME.npz and NAME.tsv of (text, writer, held), as UNIPEN's files are; return the npz's path."""
    delta, stroke, item = [], [0], [0]
    rows = ["item\ttext\twriter\tset\tstrokes_per_letter\twidth_over_height"]
    for number, (text, writer, held) in enumerate(items):
        for points in written(text, **how):
            whole = np.round(points).astype(np.int16)
            delta.append(np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int16)))
            stroke.append(stroke[-1] + len(whole))
        item.append(len(stroke) - 1)
        rows.append(f"{number}\t{text}\tu{writer:03}\t{'held' if held else 'train'}\t1.00\t2.0")
    arrays = {
        "delta": np.concatenate(delta),
        "stroke": np.array(stroke, np.int32),
        "item": np.array(item, np.int32),
        "writer": np.array([writer for _, writer, _ in items], np.int16),
        "held": np.array([held for _, _, held in items]),
    }
    path = folder / "words.npz"
    np.savez(path, **arrays)
    path.with_suffix(".tsv").write_text("\n".join(rows) + "\n")
    return path


def item_of(text: str) -> Item:
    """Return a text as an Item, in x-heights."""
    strokes = [points / UNIT for points in written(text)]
    starts = np.cumsum([0, *map(len, strokes)])
    return Item(np.concatenate(strokes).astype(np.float32), starts, text)


TEXTS = ["hand", "paper", "minimum", "BOX", "1905", "joy", "sea", "The end", "lamp", "zebra", "go", "a"]


def some_items(writers: int = 3, held: int = 1) -> list[tuple[str, int, bool]]:
    """Return all TEXTS by so many writers, the last of whom are held back."""
    return [(text, w, w >= writers - held) for w in range(writers) for text in TEXTS]
