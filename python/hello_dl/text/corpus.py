"""Corpora: text to learn from, and how it is cut into sequences."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hello_dl.files import read_text
from hello_dl.tensors.random import Generator
from hello_dl.text.characters import Ids


def read_corpus(path: str | os.PathLike[str]) -> str:
    """Return the text of a file. Raises OSError, or ValueError if it is empty or no text in UTF-8 or 16."""
    path = Path(path)
    if not path.is_file():
        kind = "this is a folder" if path.is_dir() else "there is no such file"
        raise FileNotFoundError(f"{path}: {kind}; needs a file of text to learn from")
    text = read_text(path)
    if not text.strip():
        raise ValueError(f"{path}: needs text to learn from, the file is empty")
    return text


def split(ids: Ids, part: float = 0.9) -> tuple[Ids, Ids]:
    """Cut a corpus (n,) in two: the first `part` of it, to learn from, and the rest, for validation."""
    n = int(len(ids) * part)
    return ids[:n], ids[n:]


def need_length(ids: Ids, length: int, caller: str) -> None:
    """Raise ValueError if a corpus is too short for one sequence of `length` and the token after it."""
    if length < 1:
        raise ValueError(f"{caller}: needs sequences of at least 1, got {length}")
    if len(ids) < length + 1:
        raise ValueError(
            f"{caller}: needs more than {length} tokens for one sequence of {length}, got {len(ids)};"
            " take a longer text or shorter sequences"
        )


def random_windows(ids: Ids, batch: int, length: int, generator: Generator) -> tuple[Ids, Ids]:
    """Return sequences x from random places of a corpus, and y: for each token of x the token after it.

    ids (n,), x and y (batch, length). For networks that keep no state between sequences, such as a GPT.
    """
    need_length(ids, length, "random_windows")
    starts = generator.numpy.integers(0, len(ids) - length, batch)
    windows = ids[starts[:, None] + np.arange(length + 1)]
    return windows[:, :-1], windows[:, 1:]


@dataclass(frozen=True)
class Streams:
    """A corpus cut into `batch` long streams, which are read in parallel, `length` tokens at a time.

    Each step continues where the step before it stopped, so a recurrent network can keep its state from step
    to step, while gradients end at the border between two steps: truncated back-propagation through time
    (Williams, Peng 1990). Iterating gives (x, y), both (batch, length): y holds the token after each of x.
    Tokens at the end that do not fill a step are left out.
    """

    ids: Ids
    batch: int
    length: int

    def __post_init__(self) -> None:
        need_length(self.ids, self.length, "Streams")
        if self.batch < 1 or self.per_stream < self.length:
            raise ValueError(
                f"Streams: {len(self.ids):,} tokens are too few for {self.batch} streams of sequences of"
                f" {self.length}; take a longer text, shorter sequences or a smaller batch"
            )

    @property
    def per_stream(self) -> int:
        """The number of tokens in each stream."""
        return (len(self.ids) - 1) // self.batch if self.batch > 0 else 0

    def __len__(self) -> int:
        return self.per_stream // self.length

    def __iter__(self) -> Iterator[tuple[Ids, Ids]]:
        n = self.per_stream * self.batch
        x, y = self.ids[:n].reshape(self.batch, -1), self.ids[1 : n + 1].reshape(self.batch, -1)
        for start in range(0, len(self) * self.length, self.length):
            part = slice(start, start + self.length)
            yield x[:, part], y[:, part]
