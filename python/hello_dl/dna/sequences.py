"""Reads DNA from UCI's splice file or FASTA, and encodes it as four numbers for each base."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.files import read_text

BASES = "ACGT"
FORMS = "FASTA, or lines of 'label, name, sequence'"  # what `read` understands
MIN_LENGTH = 32  # bases; half of that holds the 15 bases of the acceptor consensus before the junction
CLASSES = ("EI", "IE", "N")  # donor (exon to intron), acceptor (intron to exon), neither
# The bases that each letter may stand for (Cornish-Bowden 1985, table 1); U is T in RNA.
IUPAC = {
    "A": "A",
    "C": "C",
    "G": "G",
    "T": "T",
    "U": "T",
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}
LETTERS = "".join(IUPAC)
_ROWS = np.array([[(base in meant) / len(meant) for base in BASES] for meant in IUPAC.values()], np.float32)
_CODES = np.full(256, -1, np.int8)
for _i, _letter in enumerate(LETTERS):
    _CODES[[ord(_letter), ord(_letter.lower())]] = _i


@dataclass(frozen=True, eq=False)
class Sequences:
    """Named sequences of DNA; `labels` (n,) index CLASSES, -1 for an unknown one; `name` is the file's."""

    names: tuple[str, ...]
    texts: tuple[str, ...]  # in capitals, with U written as T
    labels: NDArray[np.int64]
    name: str = "sequences"

    def __len__(self) -> int:
        return len(self.texts)

    def one_hot(self) -> NDArray[np.float32]:
        """Return all sequences as (n, length, 4), see the function `one_hot`. ValueError as there."""
        return one_hot(self.texts)


def one_hot(texts: Sequence[str]) -> NDArray[np.float32]:
    """Encode n sequences of one length as (n, length, 4): the share of A, C, G and T in each letter.

    A letter that stands for several bases is spread evenly over them: D = A, G or T is 1/3, 0, 1/3, 1/3.
    ValueError for other letters, different lengths, no sequence or length 0.
    """
    lengths = {len(text) for text in texts}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(f"one_hot: needs sequences of one length, got lengths {sorted(lengths)}")
    codes = [_CODES[np.frombuffer(text.encode("latin-1", "replace"), np.uint8)] for text in texts]
    y = np.stack(codes)
    if y.min() < 0:
        i, place = np.argwhere(y < 0)[0]
        raise ValueError(f"one_hot: needs letters of {LETTERS}, got {texts[i][place]!r} in sequence {i}")
    x: NDArray[np.float32] = _ROWS[y]
    return x


def read(path: str | os.PathLike[str]) -> Sequences:
    """Read a file of sequences: FASTA if it begins with ">", else UCI's form, "label, name, sequence".

    FASTA may label a sequence by a word EI, IE or N after its name; lines that begin with ";" are comments.
    Raises OSError if the file cannot be read, ValueError that names the file and the line of a mistake, or if
    it holds no sequence.
    """
    path = Path(path)
    text = read_text(path, FORMS, latin1=True)  # names may have letters of any language, sequences may not
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith(";")]
    if not lines:
        raise ValueError(f"{path}: is empty; needs {FORMS}")
    records = list((_fasta if lines[0][1].startswith(">") else _uci)(path, lines))
    names, labels, texts = zip(*records, strict=True)
    return Sequences(names, texts, np.array(labels, np.int64), str(path))


def _uci(path: Path, lines: list[tuple[int, str]]) -> Iterator[tuple[str, int, str]]:
    """Yield name, label and sequence of each line: `EI,  ATRINS-DONOR-521,  CCAGCTG...`."""
    for number, line in lines:
        fields = [field.strip() for field in line.split(",")]
        if len(fields) != 3:
            raise ValueError(f"{path}, line {number}: needs 'label, name, sequence', got {line[:40]!r}")
        label, name, text = fields
        if label not in CLASSES:
            raise ValueError(f"{path}, line {number}: needs EI, IE or N as label, got {label!r}")
        yield name, CLASSES.index(label), _checked(text, path, number)


def _fasta(path: Path, lines: list[tuple[int, str]]) -> Iterator[tuple[str, int, str]]:
    """Yield name, label (-1 for none) and sequence of each record."""
    starts = [i for i, (_, line) in enumerate(lines) if line.startswith(">")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        number, header = lines[start]
        name, *words = header[1:].split() or [f"line-{number}"]
        label = next((CLASSES.index(word) for word in words if word in CLASSES), -1)
        text = "".join(_checked(line, path, i) for i, line in lines[start + 1 : end])
        if not text:
            raise ValueError(f"{path}, line {number}: needs a sequence below '>{name}', got none")
        yield name, label, text


def _checked(text: str, path: Path, number: int) -> str:
    """Return the letters as capitals, U as T; ValueError for any that is not in IUPAC's code."""
    text = re.sub(r"\s", "", text).upper()
    if wrong := re.search(f"[^{LETTERS}]", text):
        raise ValueError(
            f"{path}, line {number}: needs the letters of DNA, {LETTERS}, got {wrong[0]!r} at place"
            f" {wrong.start() + 1}"
        )
    if not text:
        raise ValueError(f"{path}, line {number}: needs a sequence, got none")
    return text.replace("U", "T")


def training_set(sequences: Sequences) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return x (n, length, 4) and labels y (n,) to learn from.

    A junction is in the middle of its sequence, so the length has to be even. ValueError if the lengths
    differ, are odd or below MIN_LENGTH, or if a label is missing.
    """
    wanted = len(sequences.texts[0])
    for name, text, label in zip(sequences.names, sequences.texts, sequences.labels, strict=True):
        if len(text) != wanted:
            raise ValueError(
                f"{sequences.name}: needs sequences of one length to learn from, {wanted} as the first has,"
                f" got {len(text)} in {name}"
            )
        if label < 0:
            raise ValueError(f"{sequences.name}: needs a label, EI, IE or N, behind the name {name}")
    if wanted < MIN_LENGTH or wanted % 2:
        raise ValueError(
            f"{sequences.name}: needs an even number of bases, at least {MIN_LENGTH}, with the junction in"
            f" the middle, got {wanted}"
        )
    return sequences.one_hot(), sequences.labels


def windows(text: str, width: int) -> Any:
    """Return every piece of `width` bases as x (len(text) - width + 1, width, 4), a view of one array.

    ValueError if the sequence is shorter than `width`.
    """
    if len(text) < width:
        raise ValueError(f"windows: needs at least {width} bases, got {len(text)}")
    x = one_hot([text])[0]
    return np.lib.stride_tricks.sliding_window_view(x, width, axis=0).transpose(0, 2, 1)
