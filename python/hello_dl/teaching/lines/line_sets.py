"""Keeps pictures of lines and what they say in files: safetensors, with the texts as JSON in the header."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines import HEIGHT
from hello_dl.files import MISSHAPEN, write_aside
from hello_dl.reading.image.arrays import Bytes
from hello_dl.reading.lines.alphabet import SIGNS
from hello_dl.weights.tensors import read_tensors

KEY = "hello_dl_lines"  # of the texts in the file's metadata
ENDING = ".lines.safetensors"  # a dot more than weights have, so that no name of weights means such a file


@dataclass(frozen=True)
class OwnLines:
    """Lines that one person wrote: pictures (48, w) uint8, 255 = ink, and the text of each."""

    pictures: tuple[Bytes, ...]
    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        for picture, text in zip(self.pictures, self.texts, strict=True):
            check_line(picture, text)
            if picture.ndim != 2 or picture.shape[0] != HEIGHT or picture.dtype != np.uint8:
                raise ValueError(
                    f"OwnLines: needs pictures ({HEIGHT}, w) uint8, got {picture.shape} {picture.dtype}"
                )

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, which: NDArray[np.integer]) -> OwnLines:
        """Return the lines of these numbers."""
        numbers = which.tolist()
        return OwnLines(tuple(self.pictures[i] for i in numbers), tuple(self.texts[i] for i in numbers))


def check_text(text: str) -> None:
    """Raise ValueError if a text is empty or has signs that the line reader lacks; the message names them."""
    lacking = sorted(set(text) - set(SIGNS))
    if lacking:
        names = ", ".join(repr(sign) for sign in lacking)
        raise ValueError(f"{text!r}: the line reader knows printable ASCII, and lacks {names}")
    if not text.strip():
        raise ValueError("the text of a line needs at least one letter, digit or mark, got none")


def check_line(picture: Bytes, text: str) -> None:
    """Raise ValueError if a line cannot have this text: as `check_text`, or if it is too short for it.

    The network gives an answer for every 2 pixels, and needs one for each sign, and one more between equal
    signs (Graves et al. 2006).
    """
    check_text(text)
    needed = len(text) + sum(a == b for a, b in pairwise(text))
    answers = -(-picture.shape[-1] // 2)
    if needed > answers:
        raise ValueError(
            f"{text!r}: needs a line of at least {2 * needed} pixels, this one has {picture.shape[-1]}"
        )


def join(parts: Sequence[OwnLines]) -> OwnLines:
    """Join several sets; lines that are in them twice, with the same text, are kept once."""
    found: dict[tuple[bytes, str], tuple[Bytes, str]] = {}
    for part in parts:
        for picture, text in zip(part.pictures, part.texts, strict=True):
            found.setdefault((picture.tobytes(), text), (picture, text))
    return OwnLines(tuple(p for p, _ in found.values()), tuple(t for _, t in found.values()))


def save_lines(path: Path, lines: OwnLines) -> None:
    """Write lines: tensors `pictures` (48, sum of w), side by side, and `widths` (n,)."""
    from safetensors.numpy import save

    widths = np.array([picture.shape[1] for picture in lines.pictures], np.int64)
    side_by_side = np.concatenate([np.zeros((HEIGHT, 0), np.uint8), *lines.pictures], axis=1)
    content = save({"pictures": side_by_side, "widths": widths}, {KEY: json.dumps(list(lines.texts))})
    with write_aside(path) as file:
        file.write(content)


def load_lines(path: Path) -> OwnLines:
    """Return the lines of a file that `save_lines` wrote. Raises OSError, or ValueError for another file."""
    metadata, arrays = read_tensors(path)
    try:
        texts = json.loads(metadata[KEY])
        pictures, widths = arrays["pictures"], arrays["widths"]
        if len(texts) != len(widths) or pictures.shape != (HEIGHT, int(widths.sum())) or (widths < 1).any():
            raise ValueError(f"{len(texts)} texts, {len(widths)} widths, pictures {pictures.shape}")
        parts = np.split(pictures, np.cumsum(widths)[:-1], axis=1) if len(widths) else []
        return OwnLines(tuple(np.ascontiguousarray(part) for part in parts), tuple(texts))
    except MISSHAPEN as error:
        raise ValueError(
            f"{path}: needs lines as `hello-dl label` and `hello-dl teach` write them ({error})"
        ) from None


def load_folder(folder: Path) -> OwnLines | None:
    """Return all lines that `hello-dl label` has saved in a folder; None if there are none."""
    files = sorted(folder.glob(f"*{ENDING}"))
    return join([load_lines(file) for file in files]) if files else None
