"""Teaches a network one person's hand, without letting it forget everybody else's.

New letters alone would make the network forget the old ones ("catastrophic forgetting", McCloskey and Cohen
1989). So each batch also holds letters by others, drawn by the embedded generator (rehearsal, Robins 1995),
and for these the network is asked to answer as it did before (Li and Hoiem, "Learning without forgetting",
2016). Letters by others that no batch holds are watched: when they suffer, teaching stops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl import functional as F
from hello_dl import nn, optim
from hello_dl.augment import HANDWRITING
from hello_dl.data import Images, load, normalise
from hello_dl.evaluation import evaluate, predict
from hello_dl.factories import tensor
from hello_dl.random import manual_seed
from hello_dl.train import cosine
from hello_dl.weights import Header

Floats = NDArray[np.float32]

OTHERS, WATCHED = 8_000, 2_000  # letters by others: to rehearse, and to watch
OWN_SHARE, BATCH = 24, 128  # of each batch, so many are one's own
RATE = 3e-4
CHECK = 50  # steps from one look at the others' letters to the next
MAY_LOSE = 0.004  # of the accuracy on the others' letters: more, and teaching stops
BELIEF = (
    1.0  # share of the target for others' letters that the network's old answer has; the rest is the label
)
FOLDS = 3  # of the cross-validation


@dataclass(frozen=True)
class Taught:
    """What teaching has done: accuracies (0 to 1) before and after, on one's own letters and on others'.

    `own_after` is cross-validated: each letter was judged by a network that was taught without it; it is None
    where there are too few letters for that. `stopped` tells that the others' letters began to suffer.
    """

    own_before: float
    own_after: float | None
    others_before: float
    others_after: float
    steps: int
    stopped: bool


class Teacher:
    """Teaches `model`, whose weights file has `header`, letters that one person has written.

    `own` are the letters, with the model's classes; `steps` says how long to teach.
    """

    def __init__(self, model: nn.Module, header: Header, seed: int = 0, steps: int = 200) -> None:
        if steps < 1:
            raise ValueError(f"teach: needs at least one step, got {steps}")
        self.model, self.normalisation, self.steps, self.seed = model, header.normalisation, steps, seed
        self.start = {name: t.numpy().copy() for name, t in model.state_dict().items()}
        n = max(2, min(OTHERS, steps * (BATCH - OWN_SHARE)))  # no more than will be drawn
        self.others = load(f"builtin:{n}", classes=header.classes, seed=seed)
        self.watched = load(f"builtin:{WATCHED}", classes=header.classes, seed=seed, split="test")
        # What the network thinks of the letters to rehearse, once as they are drawn and once disturbed.
        pictures = np.concatenate(
            [self.others.images[: n // 2], HANDWRITING(self.others.images[n // 2 :], seed=seed)]
        )
        chances = predict(model, pictures, normalisation=self.normalisation)
        self.pictures = pictures
        self.targets = BELIEF * chances + (1 - BELIEF) * _one_hot(self.others.labels, len(header.classes))

    def teach(self, own: Images, on_step: Callable[[int], object] | None = None) -> Taught:
        """Cross-validates, then teaches the model all of `own`, and leaves it with what it has learned."""
        own_before = evaluate(self.model, own, normalisation=self.normalisation).accuracy
        others_before = evaluate(self.model, self.watched, normalisation=self.normalisation).accuracy
        own_after = self._cross_validate(own, others_before, on_step)
        steps, stopped = self._learn(own, others_before, on_step)
        others_after = evaluate(self.model, self.watched, normalisation=self.normalisation).accuracy
        return Taught(own_before, own_after, others_before, others_after, steps, stopped)

    def _cross_validate(
        self, own: Images, others_before: float, on_step: Callable[[int], object] | None
    ) -> float | None:
        """Accuracy on letters left out of the teaching, each of FOLDS parts in turn; None if too few."""
        fold = _folds(own.labels)
        if (np.bincount(fold, minlength=FOLDS) == 0).any():
            return None
        right = 0.0
        for part in range(FOLDS):
            self._learn(own.take(np.flatnonzero(fold != part)), others_before, on_step)
            out = own.take(np.flatnonzero(fold == part))
            right += len(out) * evaluate(self.model, out, normalisation=self.normalisation).accuracy
        return right / len(own)

    def _learn(
        self, own: Images, others_before: float, on_step: Callable[[int], object] | None
    ) -> tuple[int, bool]:
        """Starts from the weights as they were; returns how many steps were taken, and whether it stopped."""
        manual_seed(self.seed)
        self.model.load_state_dict(self.start)
        self.model.eval()  # batch norms keep the statistics of everybody's letters
        optimizer = optim.Adam(self.model.parameters(), lr=RATE)
        good, taken = self.start, 0
        targets = _one_hot(own.labels, self.targets.shape[1])
        rng = np.random.Generator(np.random.Philox(self.seed))
        for step in range(1, self.steps + 1):
            x, y = self._batch(own, targets, step, rng)
            for group in optimizer.param_groups:
                group["lr"] = RATE * cosine((step - 1) / self.steps)
            loss = F.cross_entropy(self.model(tensor(x)), tensor(y))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if on_step is not None:
                on_step(step)
            if step % CHECK == 0 or step == self.steps:
                now = evaluate(self.model, self.watched, normalisation=self.normalisation).accuracy
                if now < others_before - MAY_LOSE and step > self.steps // 2:
                    break
                if now >= others_before - MAY_LOSE:
                    good, taken = {n: t.numpy().copy() for n, t in self.model.state_dict().items()}, step
        self.model.load_state_dict(good)
        return taken, taken < self.steps

    def _batch(
        self, own: Images, targets: Floats, step: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Draws a batch: inputs (BATCH, 1, 28, 28) and the probabilities that are wanted (BATCH, classes)."""
        mine = rng.integers(0, len(own), OWN_SHARE)
        theirs = rng.integers(0, len(self.pictures), BATCH - OWN_SHARE)
        pictures = HANDWRITING(own.images[mine], seed=self.seed, step=step)
        x = normalise(np.concatenate([pictures, self.pictures[theirs]]), *self.normalisation)
        y = np.concatenate([targets[mine], self.targets[theirs]])
        return x, y


def _one_hot(labels: NDArray[np.int64], classes: int) -> Floats:
    return np.eye(classes, dtype=np.float32)[labels]


def _folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deals the letters of each class round the folds, so that each class is in all of them, if it can."""
    fold = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        fold[places] = (np.arange(len(places)) + label) % FOLDS
    return fold
