"""Says how sure the reader is of each word: a calibrated probability that the whole word is right.

The network's answers give a word's probability on its own piece of the line: CTC adds up all ways to write it
there (Graves et al. 2006). Networks are surer than they should be, and a page off the beaten track is worse
than the lines that one learned from. So a logistic regression on three numbers of each word (Platt 1999)
makes the probability of it; `training/line_decoding.py` fits it on made-up pages by writers whom the network
has not learned from.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from hello_dl import functional as F
from hello_dl.reading.image.arrays import Floats, Ints
from hello_dl.reading.lines.alphabet import concatenated
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

SHIPPED = Path(__file__).parents[2] / "shipped" / "line_decoding.json"
NEVER = -50.0  # natural logarithm: less likely words are as unlikely as this


@dataclass(frozen=True)
class WordEvidence:
    """What is known of a word.

    `chance` is the natural logarithm of its probability on its piece of the line, `worst` that of its least
    sure sign, `letters` the number of its signs.
    """

    chance: float
    worst: float
    letters: int

    @property
    def features(self) -> list[float]:
        """The numbers of the logistic regression, with logarithms of the doubt."""
        return [1.0, _doubt(self.chance), _doubt(self.worst), float(np.log(self.letters))]


def _doubt(chance: float) -> float:
    """Return log(-log(probability)), between limits."""
    return float(np.log(np.clip(-chance, 1e-4, -NEVER)))


def words_of(text: str) -> list[tuple[int, int]]:
    """Return the first sign and the one after the last of each word of a text."""
    return [match.span() for match in re.finditer("[^ ]+", text)]


def evidence(log_probs: Floats, text: str, places: Ints, sure: Floats) -> list[WordEvidence]:
    """Return what is known of each word of a line.

    `log_probs` (answers, classes) are the network's, `places` (n, 2) and `sure` (n,) where its n signs stand
    and how sure the network is of each (align.py).
    """
    words = words_of(text)
    if not words:
        return []
    # From the blank before a word to the one behind it, or to the line's ends.
    starts = [int(places[a - 1, 1]) if a else 0 for a, _ in words]
    ends = [int(places[b, 0]) if b < len(text) else len(log_probs) for _, b in words]
    pieces = [log_probs[start:end] for start, end in zip(starts, ends, strict=True)]
    longest = max(len(piece) for piece in pieces)
    batch = np.zeros((len(words), longest, log_probs.shape[1]), np.float32)
    for row, piece in zip(batch, pieces, strict=True):
        row[: len(piece)] = piece
    numbers, lengths = concatenated([text[a:b] for a, b in words])
    with no_grad():
        losses = F.ctc_loss(
            tensor(batch), tensor(numbers), [len(piece) for piece in pieces], lengths.tolist(),
            reduction="none", batch_first=True,
        ).numpy()  # fmt: skip
    return [
        WordEvidence(max(-float(loss), NEVER), float(np.log(max(sure[a:b].min(), 1e-20))), b - a)
        for loss, (a, b) in zip(losses, words, strict=True)
    ]


class Certainty:
    """A logistic regression: how probable it is that a word is right. `weights` (4,) are of the features."""

    def __init__(self, weights: list[float]) -> None:
        if len(weights) != 4 or not np.isfinite(weights).all():
            raise ValueError(f"Certainty: needs 4 finite weights, got {weights}")
        self.weights = np.array(weights, np.float64)

    def of(self, word: WordEvidence) -> float:
        """Return the probability, 0 to 1, that a word is right."""
        return float(1 / (1 + np.exp(-np.clip(self.weights @ np.array(word.features), -30, 30))))


def fit(words: list[WordEvidence], right: list[bool], rounds: int = 30) -> Certainty:
    """Return the regression that fits words of which is known whether they are right (Newton's method)."""
    x = np.array([word.features for word in words])
    y = np.array(right, np.float64)
    w = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        curvature = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(w))
        w += np.linalg.solve(curvature, x.T @ (y - p) - 1e-3 * w)
    return Certainty(w.tolist())


@cache
def shipped() -> Certainty:
    """Return the regression of the package, read once."""
    return Certainty(json.loads(SHIPPED.read_text(encoding="ascii"))["certainty"])
