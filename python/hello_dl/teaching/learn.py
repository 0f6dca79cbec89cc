"""Teaches a network one person's handwriting, without making it forget everybody else's.

New letters alone would make the network forget the old ones ("catastrophic forgetting", McCloskey and Cohen
1989). Three things are done against it:

- Each batch also holds letters by others, drawn by the embedded generator (rehearsal, Robins 1995). For these
  the target is what the network answered before (Li and Hoiem, "Learning without forgetting", 2016). Since
  no labels are needed for that, a third of them is distorted strongly: other people's writing varies more
  than what the generator draws.
- Some shapes are different letters in different hands: a plain stroke is this person's l and another's I. A
  network that is taught "l" for it misreads all others' I. So where the network gave the person's own label
  a fair probability before, its old answer stays the target (after Reed et al., "Training deep neural
  networks on noisy labels with bootstrapping", 2015); on a page, heights and neighbours tell them apart.
- Letters by others that are in no batch are watched. If the accuracy on them falls, the weights are moved
  back on the straight line from the new ones to the old, until it does not (Wortsman et al., "Robust
  fine-tuning of zero-shot models", 2022).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hello_dl import functional as F
from hello_dl import nn, optim
from hello_dl._core import Tensor
from hello_dl.data import Images, load, normalise
from hello_dl.data.augment import HANDWRITING, Augmentation
from hello_dl.evaluation import evaluate, predict
from hello_dl.optim.schedules import cosine
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.random import manual_seed
from hello_dl.train.hooks import set_rates
from hello_dl.train.steps import steps
from hello_dl.weights import Header

Floats = NDArray[np.float32]

OTHERS, WATCHED = 8_000, 4_000  # number of letters by others that are rehearsed, and that are watched
BATCH = 128  # letters in a batch
OWN_SHARE = 24  # letters of the person in a batch; the others are rehearsed
RATE = 1e-3  # learning rate of Adam at the beginning
POSSIBLE = 0.25  # least probability of the label before teaching at which the old answer stays the target
MAY_LOSE = 0.004  # accuracy (0 to 1) on the watched letters that may be lost; lower is stricter
MAY_LOSE_ONE = 0.1  # the same for each class: a loss on i must not hide behind a gain on l
STEPS_BACK = 10  # number of points that are tried on the line from the new weights to the old
FOLDS = 3  # parts of the cross-validation
# Much stronger than HANDWRITING: the network should keep its answers for unusual letters, too.
STRANGE = Augmentation(
    shift=3.0, degrees=20.0, shear=0.5, scale=(0.6, 1.3), elastic=1.0, thickness=1.5, contrast=0.3, noise=0.03
)


@dataclass(frozen=True)
class Taught:
    """Accuracies (0 to 1) before and after teaching, on the person's own letters and on letters by others.

    `own_after` is cross-validated: each letter is judged by a network that was taught without it; it is None
    if there are too few letters for that. `kept` (0 to 1) is how far the weights went from the old to the new
    ones: less than 1 if the accuracy on the others' letters would have fallen too much.
    """

    own_before: float
    own_after: float | None
    others_before: float
    others_after: float
    kept: float


class Teacher:
    """Teaches `model`, whose weights file has `header`, letters that one person has written.

    `steps` is the number of training steps of each training. Raises ValueError if it is below 1.
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

    def teach(self, own: Images, on_step: Callable[[int, float], object] | None = None) -> Taught:
        """Cross-validate, then teach the model all of `own`, and leave it with the weights it has learned.

        `own` are images with the model's classes; `on_step` is called with its number and its loss after each
        of the (FOLDS + 1) * `steps` steps.
        """
        self.model.load_state_dict(self.start)
        chances = predict(self.model, own, normalisation=self.normalisation)
        targets = own_targets(chances, own.labels)
        own_after = self._cross_validate(own, targets, on_step)
        kept = self._learn(own, targets, on_step)
        own_before = float((chances.argmax(axis=1) == own.labels).mean())
        return Taught(own_before, own_after, self._mean(self.before), self._mean(self._right()), kept)

    def _cross_validate(
        self, own: Images, targets: Floats, on_step: Callable[[int, float], object] | None
    ) -> float | None:
        """Return the accuracy on letters left out, each of FOLDS parts in turn; None if there are too few."""
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

    def _learn(self, own: Images, targets: Floats, on_step: Callable[[int, float], object] | None) -> float:
        """Train from the old weights; return the share (0 to 1) of the way to the new ones that is kept."""
        manual_seed(self.seed)
        self.model.load_state_dict(self.start)
        self.model.eval()  # batch norms keep their running statistics, which come from letters by many people
        optimizer = optim.Adam(self.model.parameters(), lr=RATE)
        rng = np.random.Generator(np.random.Philox(self.seed))
        batches = (self._batch(own, targets, step, rng) for step in range(1, self.steps + 1))
        rate = set_rates(optimizer, cosine, self.steps)
        for step in steps(self.model, batches, F.cross_entropy, optimizer, before=rate, where="teach:"):
            if on_step is not None:
                on_step(step.number, step.loss)
        return self._step_back()

    def _step_back(self) -> float:
        """Move from the new weights towards the old until accuracy on the watched letters is high enough."""
        new = {name: t.numpy().copy() for name, t in self.model.state_dict().items()}
        for share in np.linspace(1, 0, STEPS_BACK, endpoint=False):
            mixed = {n: (w + share * (new[n] - w)).astype(w.dtype) for n, w in self.start.items()}
            self.model.load_state_dict(mixed)
            if not self._suffers(self._right()):
                return float(share)
        self.model.load_state_dict(self.start)
        return 0.0

    def _right(self) -> NDArray[np.float64]:
        """Return how many of the watched letters of each class the model reads right, (classes,)."""
        result = evaluate(self.model, self.watched, normalisation=self.normalisation)
        return np.diag(result.confusion).astype(np.float64)

    def _mean(self, right: NDArray[np.float64]) -> float:
        """Return the accuracy (0 to 1) on all watched letters."""
        return float(right.sum()) / len(self.watched)

    def _suffers(self, right: NDArray[np.float64]) -> bool:
        """Whether accuracy has fallen too much, over all watched letters or for one class."""
        lost = self.before - right
        there = np.bincount(self.watched.labels, minlength=len(lost))
        return bool(lost.sum() > MAY_LOSE * there.sum() or (lost > MAY_LOSE_ONE * there).any())

    def _batch(
        self, own: Images, targets: Floats, step: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Draw a batch: inputs (BATCH, 1, 28, 28) and target probabilities (BATCH, classes)."""
        mine = rng.integers(0, len(own), OWN_SHARE)
        theirs = rng.integers(0, len(self.pictures), BATCH - OWN_SHARE)
        pictures = HANDWRITING(own.images[mine], seed=self.seed, step=step)
        x = normalise(np.concatenate([pictures, self.pictures[theirs]]), *self.normalisation)
        y = np.concatenate([targets[mine], self.targets[theirs]])
        return tensor(x), tensor(y)


def own_targets(chances: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return target probabilities (n, classes) for the person's own letters; each row adds up to 1.

    The target is the label's class alone; where the old network gave the label at least POSSIBLE, it is the
    old network's answer. `chances` (n, classes) are its probabilities, `labels` (n,) class numbers.
    """
    possible = chances[np.arange(len(labels)), labels] >= POSSIBLE
    return np.where(possible[:, None], chances, np.eye(chances.shape[1], dtype=np.float32)[labels])


def _vary(letters: Images, seed: int) -> Images:
    """Return the letters, a third as they are, a third distorted as hands do, a third more strongly."""
    parts = np.array_split(letters.images, 3)
    pictures = [parts[0], HANDWRITING(parts[1], seed=seed), STRANGE(parts[2], seed=seed)]
    return replace(letters, images=np.concatenate(pictures))


def _folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the fold (n,) of each letter: those of a class are dealt out in turn, so each fold has some."""
    fold = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        fold[places] = (np.arange(len(places)) + label) % FOLDS
    return fold
