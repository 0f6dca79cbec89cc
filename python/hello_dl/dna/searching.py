"""Using trained networks on new DNA: the probabilities of one piece, and the junctions in a long sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.dna.sequences import CLASSES, windows
from hello_dl.dna.train_splice import Ensemble
from hello_dl.evaluation import predict


@dataclass(frozen=True)
class Junction:
    """A junction found behind the base number `position` (from 1): which it is, how sure, what is there.

    `around` are ten bases on each side, with "|" at the junction.
    """

    position: int
    kind: str
    probability: float
    around: str


def classify(ensemble: Ensemble, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of EI, IE and N in the middle of x (n, length, 4): (n, 3).

    ValueError if the networks learned from sequences of another length.
    """
    if x.shape[1] != ensemble.length:
        raise ValueError(f"these networks need sequences of {ensemble.length} bases, got {x.shape[1]}")
    return predict(ensemble, np.ascontiguousarray(x))


def search(ensemble: Ensemble, text: str, threshold: float = 0.9) -> list[Junction]:
    """Find junctions anywhere in a sequence by sliding the networks over it, one base at a time.

    A place counts if a donor or an acceptor is at least as probable as `threshold`, and no neighbour within
    three bases is a more probable one of the same kind. Half a network's length at either end cannot be
    judged. Half of what the networks learned from were junctions; in a genome they are far rarer, so even
    sure answers are often wrong. ValueError if the sequence is shorter than the networks' length.
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
