"""Keeps the user's own letters in files, and draws them on a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hello_dl.data import CODES, Images, concatenate, read_pair, write_idx
from hello_dl.teaching.sheet.boxes import Filled

CLASSES = CODES["byclass62"].classes
END = "-images-idx3-ubyte.gz"  # of the names of files of pictures
CELL = 44  # pixels of a letter's side on the contact sheet
COLUMNS = 20  # letters in a row of it, at most
PAPER, INK = (255, 255, 255), (30, 30, 60)
FRAMES = {"written": (0, 150, 60), "empty": (200, 200, 200), "doubtful": (215, 40, 30)}


def to_images(glyphs: Sequence[NDArray[np.uint8]], characters: Sequence[str], name: str) -> Images:
    """Return glyphs (28, 28) uint8, labelled with their characters. Raises ValueError if there are none."""
    if not glyphs:
        raise ValueError(f"{name}: holds no letters")
    labels = np.array([CLASSES.index(char) for char in characters], np.int64)
    return Images(np.stack(glyphs), labels, CLASSES, name)


def join(parts: Sequence[Images]) -> Images:
    """Join several sets; pictures that are in them twice, with the same label, are kept once."""
    both = concatenate(parts)
    keys = np.column_stack([both.labels.astype(np.uint8), both.images.reshape(len(both), -1)])
    first = np.unique(keys, axis=0, return_index=True)[1]
    return both.take(np.sort(first))


def save_letters(prefix: Path, letters: Images) -> None:
    """Write letters as an idx pair, PREFIX-images-idx3-ubyte.gz and so on, with labels of byclass62."""
    write_idx(Path(f"{prefix}-images-idx3-ubyte.gz"), letters.images)
    write_idx(Path(f"{prefix}-labels-idx1-ubyte.gz"), letters.labels.astype(np.uint8))


def load_letters(prefix: Path) -> Images | None:
    """Return the letters kept under a prefix, or None if there are none. Raises as `data.read_pair`."""
    if not Path(f"{prefix}-images-idx3-ubyte.gz").is_file():
        return None
    return read_pair(prefix, "byclass62")


def has_letters(folder: Path) -> bool:
    """Whether `hello-dl label` has saved letters in a folder."""
    return any(folder.glob(f"*{END}"))


def load_folder(folder: Path) -> Images:
    """Return all letters that `hello-dl label` has saved in a folder; FileNotFoundError if it has none."""
    prefixes = sorted(str(path).removesuffix(END) for path in folder.glob(f"*{END}"))
    if not prefixes:
        raise FileNotFoundError(
            f"{folder}: holds no labelled letters (*{END}) and no lines (*.lines.safetensors);"
            f" `hello-dl label PICTURE --out {folder}` makes some"
        )
    return concatenate([read_pair(Path(prefix), "byclass62") for prefix in prefixes])


def contact_sheet(boxes: Sequence[Filled]) -> Image.Image:
    """Draw what was found in all boxes, a row for each character.

    Frames are green for letters that are taught, red for doubtful ones, grey for empty boxes.
    """
    rows: list[tuple[str, list[tuple[int, Filled]]]] = []
    for char in CLASSES:
        mine = [(number, box) for number, box in enumerate(boxes, 1) if box.slot.char == char]
        rows += [(char, mine[i : i + COLUMNS]) for i in range(0, len(mine), COLUMNS)]
    widest = max((len(mine) for _, mine in rows), default=1)
    sheet = Image.new("RGB", ((widest + 1) * CELL, max(1, len(rows)) * CELL), PAPER)
    draw = ImageDraw.Draw(sheet)
    large, small = ImageFont.load_default(size=26), ImageFont.load_default(size=10)
    for row, (char, mine) in enumerate(rows):
        top = row * CELL
        draw.text((CELL / 2, top + CELL / 2), char, font=large, anchor="mm", fill=INK)
        for column, (number, box) in enumerate(mine, 1):
            left = column * CELL
            ink = Image.fromarray(box.glyph).resize((CELL - 8, CELL - 8))
            sheet.paste(INK, (left + 4, top + 4), ink)
            wide = 3 if box.state == "doubtful" else 1
            frame = (left + 1, top + 1, left + CELL - 2, top + CELL - 2)
            draw.rectangle(frame, outline=FRAMES[box.state], width=wide)
            if box.state == "doubtful":
                draw.text((left + 5, top + 4), str(number), font=small, fill=FRAMES[box.state])
    return sheet
