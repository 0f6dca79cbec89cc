"""Teaches a network one person's hand, without letting it forget everybody else's.

New letters alone would make the network forget the old ones ("catastrophic forgetting", McCloskey and Cohen
1989). Three things are done against it:

- Each batch also holds letters by others, drawn by the embedded generator (rehearsal, Robins 1995), and for
  these the network is asked to answer as it did before (Li and Hoiem, "Learning without forgetting", 2016).
  As only answers are asked for, not labels, a third of them is bent out of all proportion: what others write
  is more varied than what the generator draws.
- Some pictures are different letters in different hands: a plain stroke is this person's l and that one's I.
  Who teaches the network "l" makes it misread all others' I. So where it gave one's own label a fair chance
  already, its old answer stays the target (after Reed et al., "Training deep neural networks on noisy labels
  with bootstrapping", 2015); on a page, heights and neighbours tell such letters apart.
- Letters by others that no batch holds are watched. If they suffer, the weights step back from the new ones
  towards the old, on the straight line between them, until they do not (Wortsman et al., "Robust fine-tuning
  of zero-shot models", 2022).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hello_dl import functional as F
from hello_dl import nn, optim
from hello_dl.data import Images, load, normalise
from hello_dl.data.augment import HANDWRITING, Augmentation
from hello_dl.evaluation import evaluate, predict
from hello_dl.optim.schedules import cosine
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.random import manual_seed
from hello_dl.weights import Header

Floats = NDArray[np.float32]

OTHERS, WATCHED = 8_000, 4_000  # letters by others: to rehearse, and to watch
OWN_SHARE, BATCH = 24, 128  # of each batch, so many are one's own
RATE = 1e-3
POSSIBLE = 0.25  # a label with at least this chance before is nothing new: the old answer stays
MAY_LOSE = 0.004  # of the accuracy on the others' letters: more, and the weights step back
MAY_LOSE_ONE = 0.1  # the same for each single letter: what i loses must not hide behind what l gains
STEPS_BACK = 10  # from the new weights to the old
FOLDS = 3  # of the cross-validation
# Far beyond HANDWRITING: wherever the network has an opinion, it should keep it.
STRANGE = Augmentation(
    shift=3.0,
    degrees=20.0,
    shear=0.5,
    scale=(0.6, 1.3),
    elastic=1.0,
    thickness=1.5,
    contrast=0.3,
    noise=0.03,
)


@dataclass(frozen=True)
class Taught:
    """What teaching has done: accuracies (0 to 1) before and after, on one's own letters and on others'.

    `own_after` is cross-validated: each letter was judged by a network that was taught without it; it is None
    where there are too few letters for that. `kept` is the share of the way from the old weights to the new
    ones that was gone: less than 1 where the others' letters would have suffered.
    """

    own_before: float
    own_after: float | None
    others_before: float
    others_after: float
    kept: float


class Teacher:
    """Teaches `model`, whose weights file has `header`, letters that one person has written.

    `steps` says how long to teach. Raises ValueError if there are none.
    """

    def __init__(self, model: nn.Module, header: Header, seed: int = 0, steps: int = 200) -> None:
        if steps < 1:
            raise ValueError(f"teach: needs at least one step, got {steps}")
        self.model, self.normalisation, self.steps, self.seed = model, header.normalisation, steps, seed
        self.start = {name: t.numpy().copy() for name, t in model.state_dict().items()}
        n = max(3, min(OTHERS, steps * (BATCH - OWN_SHARE)))  # no more than will be drawn
        self.pictures = _vary(load(f"builtin:{n}", classes=header.classes, seed=seed), seed).images
        self.targets = predict(model, self.pictures, normalisation=self.normalisation)
        watched = load(f"builtin:{WATCHED}", classes=header.classes, seed=seed, split="test")
        self.watched = _vary(watched, seed + 1)
        self.before = self._right()

    def teach(self, own: Images, on_step: Callable[[int], object] | None = None) -> Taught:
        """Cross-validates, then teaches the model all of `own`, and leaves it with what it has learned.

        `own` has the model's classes; `on_step` is called after each step, of which there are (FOLDS + 1)
        times `steps`.
        """
        self.model.load_state_dict(self.start)
        chances = predict(self.model, own, normalisation=self.normalisation)
        targets = own_targets(chances, own.labels)
        own_after = self._cross_validate(own, targets, on_step)
        kept = self._learn(own, targets, on_step)
        own_before = float((chances.argmax(axis=1) == own.labels).mean())
        return Taught(own_before, own_after, self._mean(self.before), self._mean(self._right()), kept)

    def _cross_validate(
        self, own: Images, targets: Floats, on_step: Callable[[int], object] | None
    ) -> float | None:
        """Accuracy on letters left out of the teaching, each of FOLDS parts in turn; None if too few."""
        fold = _folds(own.labels)
        if (np.bincount(fold, minlength=FOLDS) == 0).any():
            return None
        right = 0.0
        for part in range(FOLDS):
            rest = np.flatnonzero(fold != part)
            self._learn(own.take(rest), targets[rest], on_step)
            out = own.take(np.flatnonzero(fold == part))
            right += len(out) * evaluate(self.model, out, normalisation=self.normalisation).accuracy
        return right / len(own)

    def _learn(self, own: Images, targets: Floats, on_step: Callable[[int], object] | None) -> float:
        """Starts from the weights as they were; returns which share of the way to the new ones is kept."""
        manual_seed(self.seed)
        self.model.load_state_dict(self.start)
        self.model.eval()  # batch norms keep the statistics of everybody's letters
        optimizer = optim.Adam(self.model.parameters(), lr=RATE)
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
        return self._step_back()

    def _step_back(self) -> float:
        """Goes from the new weights towards the old until the watched letters lose little enough."""
        new = {name: t.numpy().copy() for name, t in self.model.state_dict().items()}
        for share in np.linspace(1, 0, STEPS_BACK, endpoint=False):
            mixed = {n: (w + share * (new[n] - w)).astype(w.dtype) for n, w in self.start.items()}
            self.model.load_state_dict(mixed)
            if not self._suffers(self._right()):
                return float(share)
        self.model.load_state_dict(self.start)
        return 0.0

    def _right(self) -> NDArray[np.float64]:
        """How many of each class's watched letters the model reads right, (classes,)."""
        result = evaluate(self.model, self.watched, normalisation=self.normalisation)
        return np.diag(result.confusion).astype(np.float64)

    def _mean(self, right: NDArray[np.float64]) -> float:
        return float(right.sum()) / len(self.watched)

    def _suffers(self, right: NDArray[np.float64]) -> bool:
        """Whether the watched letters have lost too much, all together or any single one."""
        lost = self.before - right
        there = np.bincount(self.watched.labels, minlength=len(lost))
        return bool(lost.sum() > MAY_LOSE * there.sum() or (lost > MAY_LOSE_ONE * there).any())

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


def own_targets(chances: Floats, labels: NDArray[np.int64]) -> Floats:
    """What to answer to one's own letters: the label, or the old `chances` where it was POSSIBLE anyway.

    `chances` (n, classes) are the old network's, `labels` (n,); returns (n, classes), each row with sum 1.
    """
    possible = chances[np.arange(len(labels)), labels] >= POSSIBLE
    return np.where(possible[:, None], chances, np.eye(chances.shape[1], dtype=np.float32)[labels])


def _vary(letters: Images, seed: int) -> Images:
    """Leaves a third of the letters as they are, bends a third as hands do, and a third beyond that."""
    parts = np.array_split(letters.images, 3)
    pictures = [parts[0], HANDWRITING(parts[1], seed=seed), STRANGE(parts[2], seed=seed)]
    return replace(letters, images=np.concatenate(pictures))


def _folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deals the letters of each class round the folds, so that each class is in all of them, if it can."""
    fold = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        fold[places] = (np.arange(len(places)) + label) % FOLDS
    return fold
