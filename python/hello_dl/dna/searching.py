"""Applies trained networks to new DNA: probabilities of single pieces, junctions in a long sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.progress import progress_bar
from hello_dl.dna.sequences import CLASSES, windows
from hello_dl.dna.train_splice import Ensemble
from hello_dl.evaluation import predict

KINDS = ("EI", "IE")  # what `search` finds
BLOCK = 16_384  # places that are judged at once: their windows of 60 bases take 16 MB
ROUNDING = 1e-5  # by which sums of probabilities may be off


@dataclass(frozen=True)
class Junction:
    """A junction found between base number `position` (from 1) and the next one.

    `kind` is EI or IE, `probability` that of the networks, `around` ten bases on each side of the junction,
    which is written as "|".
    """

    position: int
    kind: str
    probability: float
    around: str


def classify(ensemble: Ensemble, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities (n, 3) of EI, IE and N in the middle of x (n, length, 4).

    ValueError if the networks learned from sequences of another length.
    """
    if x.shape[1] != ensemble.length:
        raise ValueError(f"these networks need sequences of {ensemble.length} bases, got {x.shape[1]}")
    return predict(ensemble, np.ascontiguousarray(x))


def search(ensemble: Ensemble, text: str, threshold: float = 0.9, progress: bool = False) -> list[Junction]:
    """Find junctions anywhere in a sequence by moving the networks over it, one base at a time.

    A position is returned if a donor or an acceptor has at least probability `threshold` there, and no
    position within three bases has a higher one for the same kind. Positions closer to an end than half the
    networks' length cannot be judged. Half of the training data were junctions; in a genome they are far
    rarer, so even confident answers are often wrong. ValueError if the sequence is shorter than the
    networks' length. `progress` shows a bar.
    """
    x = windows(text, ensemble.length)
    half = ensemble.length // 2
    p = np.empty((len(x), len(KINDS)), np.float32)
    with progress_bar(progress, total=len(x), unit=" bases", unit_scale=True, leave=False) as bar:
        for start in range(0, len(x), BLOCK):
            block = x[start : start + BLOCK]
            p[start : start + BLOCK] = _chances(ensemble, np.ascontiguousarray(block), threshold)
            bar.update(len(block))
    found = []
    for kind, column in zip(KINDS, p.T, strict=True):
        for i in np.flatnonzero(column >= threshold):
            if column[i] >= column[max(0, i - 3) : i + 4].max():
                place = int(i) + half
                around = f"{text[max(0, place - 10) : place]}|{text[place : place + 10]}"
                found.append(Junction(place, kind, float(column[i]), around))
    return sorted(found, key=lambda junction: junction.position)


def _chances(ensemble: Ensemble, x: NDArray[np.float32], least: float) -> NDArray[np.float64]:
    """Return the probabilities (n, 2) of KINDS for x (n, length, 4), 0 where none of them reaches `least`.

    They are means over the networks. Where the mean cannot reach `least` any more, even if all further
    networks were sure, these are not asked: most places in DNA are settled by the first few.
    """
    columns = [CLASSES.index(kind) for kind in KINDS]
    sums = np.zeros((len(x), len(KINDS)))
    left, count = np.arange(len(x)), len(ensemble.members)
    for asked, member in enumerate(ensemble.members, 1):
        sums[left] += predict(member, x[left])[:, columns]
        left = left[sums[left].max(axis=1) + (count - asked) >= least * count - ROUNDING]
        if len(left) == 0:
            break
    means = np.zeros_like(sums)
    means[left] = sums[left] / count
    return means
