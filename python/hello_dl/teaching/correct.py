"""Labels the letters of a reading by the text that the user says is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading import Line, Page, Reader
from hello_dl.reading.image.load import Source
from hello_dl.reading.score import edit_distances


@dataclass(frozen=True)
class ReadPage:
    """A page as it was read, and the glyphs (n, 28, 28) of its characters, in reading order."""

    page: Page
    glyphs: NDArray[np.uint8]


def read_with_glyphs(reader: Reader, picture: Source) -> ReadPage:
    """Read a picture and keep the glyphs that the network was shown. Raises as `reading.read`."""
    glyphs = np.zeros((0, 28, 28), np.uint8)

    def keep(name: str, shown: NDArray[Any]) -> None:
        nonlocal glyphs
        if name == "glyphs":  # a page that is turned and read again shows them twice: the last ones count
            glyphs = shown

    return ReadPage(reader.read(picture, trace=keep), glyphs)


def align(read_text: str, right_text: str, case: bool = True) -> list[str | None]:
    """Return which character each letter of `read_text` should be; None if it is none, or cannot be told.

    The texts are without blanks; if `case` is False, case does not count. They are aligned by the shortest
    way from one to the other (edit distance). Where a letter was left out or added, one letter may have been
    read as two or two as one: their glyphs are no letters, so its neighbours are None as well, unless they
    were read right.
    """
    a, b = (read_text, right_text) if case else (read_text.lower(), right_text.lower())
    cost = edit_distances(a, b)  # followed back from its end
    meant: list[str | None] = [None] * len(a)
    unsure: set[int] = set()
    i, j = len(a), len(b)
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]):
            i, j = i - 1, j - 1
            meant[i] = right_text[j]
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            unsure |= {i - 1, i, i + 1}
        else:
            j -= 1
            unsure |= {i - 1, i}
    return [
        None if k in unsure and (m is None or m.lower() != read_text[k].lower()) else m
        for k, m in enumerate(meant)
    ]


def letters_of(line: Line) -> str:
    """Return the characters of a line without its blanks."""
    return "".join(word.text for word in line.words)
