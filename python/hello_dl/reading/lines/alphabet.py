"""The signs that the line reader knows, and the numbers that stand for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

SIGNS = "".join(map(chr, range(32, 127)))  # all printable ASCII, the blank between words among them
BLANK = 0  # CTC's blank: "no sign here". The sign SIGNS[i] has the number i + 1
CLASSES = len(SIGNS) + 1

_NUMBER = {sign: number for number, sign in enumerate(SIGNS, 1)}


def encode(text: str) -> NDArray[np.int64]:
    """Return the numbers (n,) of a text's n signs. ValueError names the first that the reader lacks."""
    for sign in text:
        if sign not in _NUMBER:
            raise ValueError(f"the line reader knows printable ASCII, but {text!r} holds {sign!r}")
    return np.array([_NUMBER[sign] for sign in text], np.int64)


def decode(numbers: Iterable[int]) -> str:
    """Return the text of some numbers; blanks are left out."""
    return "".join(SIGNS[number - 1] for number in numbers if number != BLANK)


def concatenated(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of several texts, one after the other, and the length of each: for ctc_loss."""
    parts = [encode(text) for text in texts]
    lengths = np.array([len(part) for part in parts], np.int64)
    return np.concatenate(parts) if parts else np.zeros(0, np.int64), lengths
