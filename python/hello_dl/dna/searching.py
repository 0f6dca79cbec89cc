"""Applies trained networks to new DNA: probabilities of single pieces, junctions in a long sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.dna.sequences import CLASSES, windows
from hello_dl.dna.train_splice import Ensemble
from hello_dl.evaluation import predict


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


def search(ensemble: Ensemble, text: str, threshold: float = 0.9) -> list[Junction]:
    """Find junctions anywhere in a sequence by moving the networks over it, one base at a time.

    A position is returned if a donor or an acceptor has at least probability `threshold` there, and no
    position within three bases has a higher one for the same kind. Positions closer to an end than half the
    networks' length cannot be judged. Half of the training data were junctions; in a genome they are far
    rarer, so even confident answers are often wrong. ValueError if the sequence is shorter than the
    networks' length.
    """
    p = classify(ensemble, windows(text, ensemble.length))
    half = ensemble.length // 2
    found = []
    for kind in ("EI", "IE"):
        column = p[:, CLASSES.index(kind)]
        for i in np.flatnonzero(column >= threshold):
            if column[i] >= column[max(0, i - 3) : i + 4].max():
                place = int(i) + half
                around = f"{text[max(0, place - 10) : place]}|{text[place : place + 10]}"
                found.append(Junction(place, kind, float(column[i]), around))
    return sorted(found, key=lambda junction: junction.position)
