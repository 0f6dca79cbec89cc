"""Trains networks that find splice junctions: an ensemble, cross-validation, and its weights file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import functional as F
from hello_dl import nn, optim, weights
from hello_dl._core import Tensor
from hello_dl.data import Dataset
from hello_dl.dna.networks import SpliceConv, SpliceGRU
from hello_dl.dna.sequences import CLASSES
from hello_dl.evaluation import confusion_matrix, predict
from hello_dl.files import MISSHAPEN
from hello_dl.optim.schedules import one_cycle
from hello_dl.train import Checkpoint, fit

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
KINDS: Mapping[str, Callable[[int], nn.Module]] = {"gru": SpliceGRU, "conv": SpliceConv}
# These were chosen on folds made with another seed than those whose results are reported.
EPOCHS = 15
BATCH = {"gru": 32, "conv": 64}  # sequences in a batch
LR = {"gru": 5e-3, "conv": 2e-3}  # learning rate of AdamW
ROTATED = 0.3  # share of each batch that is rotated (see RotatedSequences)
MOST, LONGEST = 1000, 1_000_000  # networks in a file, and bases of a sequence, that are believed
MOST_ROTATED = 20  # bases that a sequence is rotated by, at most


class RotatedSequences(Dataset):
    """Sequences x (n, length, 4) and labels y (n,); of each batch a share `p` is rotated and labelled N.

    Rotated by 1 to MOST_ROTATED bases either way, a junction is no longer in the middle, so the sequence is
    of class N. Most of the N that look like junctions are like that, and the data have too few of them for a
    network to learn that only the middle counts.
    """

    def __init__(self, x: Floats, y: Ints, p: float, seed: int) -> None:
        self.x, self.y, self.p, self.seed, self.batches = x, y, p, seed, 0

    def __len__(self) -> int:
        return len(self.y)

    def batch(self, indices: Ints) -> tuple[Tensor, Tensor]:
        """Return the sequences at `indices`, some of them rotated, and their labels."""
        random = np.random.Generator(np.random.Philox(key=np.array([self.seed, self.batches], np.uint64)))
        self.batches += 1
        x, y = self.x[indices], self.y[indices]
        for i in np.flatnonzero(random.random(len(y)) < self.p):
            x[i] = np.roll(x[i], random.integers(1, MOST_ROTATED + 1) * random.choice([-1, 1]), axis=0)
            y[i] = CLASSES.index("N")
        return hello_dl.tensor(x), hello_dl.tensor(y)


class Ensemble(nn.Module):
    """An ensemble of networks: the logarithm of the mean of their probabilities.

    Errors that single networks make by chance differ from one to the next and average out. x (n, length, 4),
    y (n, 3): log-probabilities of EI, IE and N. `kinds` has a name for each network, "gru" or "conv".
    """

    def __init__(self, length: int, kinds: Sequence[str]) -> None:
        super().__init__()
        self.length, self.kinds = length, tuple(kinds)
        self.members = nn.ModuleList([KINDS[kind](length) for kind in kinds])

    def forward(self, x: Tensor) -> Tensor:
        """Return the logarithm of the mean probability of each class."""
        votes = [F.log_softmax(member(x), 1) for member in self.members]
        return hello_dl.stack(votes, 1).logsumexp(1) - float(np.log(len(votes)))


class Trained:
    """The networks of a long work that are trained already, for a checkpoint: their states by name."""

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        self.checkpoint: Checkpoint | None = None

    def add(self, name: str, network: nn.Module) -> None:
        """Keep a network that has been trained, and write the checkpoint if there is one."""
        self.states[name] = {key: t.numpy().copy() for key, t in network.state_dict().items()}
        if self.checkpoint is not None:
            self.checkpoint.save(wait=True)

    def state_dict(self) -> dict[str, Any]:
        """Return all states."""
        return self.states

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what state_dict returned."""
        self.states = dict(state_dict)


def train(
    x: Floats,
    y: Ints,
    kinds: Sequence[str],
    *,
    epochs: int | None = None,
    seed: int = 0,
    trained: Trained | None = None,
    name: str = "all",
) -> Ensemble:
    """Train a network for each of `kinds` on x (n, length, 4) and labels y (n,), and return their ensemble.

    There is no validation set: the number of epochs is fixed, the learning rate falls to 0 (EPOCHS, LR).
    The same seed gives the same networks. With `trained`, networks in it under `name` are not trained again,
    and those that are get into it.
    """
    trained = trained or Trained()
    hello_dl.manual_seed(seed)
    ensemble = Ensemble(x.shape[1], kinds)
    for i, (kind, member) in enumerate(zip(kinds, ensemble.members, strict=True)):
        known = f"{name}, network {i + 1}"
        if known in trained.states:
            member.load_state_dict(trained.states[known])
            continue
        fit(
            member,
            RotatedSequences(x, y, ROTATED, seed + i),
            epochs=epochs or EPOCHS,
            batch_size=BATCH[kind],
            optimizer=optim.AdamW(member.parameters(), lr=LR[kind]),
            schedule=one_cycle,
            seed=seed + i,
            progress=False,
        )
        trained.add(known, member)
    return ensemble.eval()


def cross_validate(
    x: Floats,
    y: Ints,
    fold: Ints,
    kinds: Sequence[str],
    *,
    epochs: int | None = None,
    seed: int = 0,
    on_fold: Callable[[int, dict[str, Floats]], object] | None = None,
    trained: Trained | None = None,
) -> dict[str, Floats]:
    """Predict each fold by networks trained on all others: probabilities (n, 3) of items never learned from.

    The result holds those of each kind of network by itself, and of all together as "both" if there are
    several kinds. `on_fold` is called with the number of each fold that is done and the probabilities so far.
    `trained` is as in `train`.
    """
    names = sorted(set(kinds), key=list(kinds).index)
    found = {name: np.zeros((len(y), len(CLASSES)), np.float32) for name in names}
    for k in range(int(fold.max()) + 1):
        out = fold == k
        here = f"fold {k + 1}"
        ensemble = train(
            x[~out], y[~out], kinds, epochs=epochs, seed=seed + 1000 * k, trained=trained, name=here
        )
        for name in names:
            votes = [
                predict(member, x[out])
                for kind, member in zip(kinds, ensemble.members, strict=True)
                if kind == name
            ]
            found[name][out] = np.mean(votes, axis=0)
        if len(names) > 1:
            found.setdefault("both", np.zeros((len(y), len(CLASSES)), np.float32))
            found["both"][out] = np.mean([found[kind][out] for kind in kinds], axis=0)
        if on_fold is not None:
            on_fold(k, found)
    return found


def confusion(y: Ints, probabilities: Floats) -> Ints:
    """Return the confusion matrix (3, 3): row i, column j counts sequences of class i called class j."""
    return confusion_matrix(y, probabilities.argmax(axis=1), len(CLASSES))


def precision_recall(table: Ints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each class the share of its predictions that are right, and of its items that are found.

    0 where nothing was predicted, or there is nothing to find.
    """
    right = np.diag(table).astype(float)
    return right / np.maximum(table.sum(axis=0), 1), right / np.maximum(table.sum(axis=1), 1)


def save(path: str | os.PathLike[str], ensemble: Ensemble, **notes: Any) -> None:
    """Write the networks to a weights file, whole or not at all. Raises as `weights.save`."""
    description = {"type": "splice", "length": ensemble.length, "networks": list(ensemble.kinds)}
    weights.save(path, ensemble, architecture=description, classes=CLASSES, **notes)


def load(path: str | os.PathLike[str]) -> Ensemble:
    """Read networks that `save` wrote. Raises as `weights.load`, and ValueError for other networks."""
    description = weights.read_header(path).architecture
    try:
        if description["type"] != "splice":
            raise KeyError(description["type"])
        length, networks = int(description["length"]), list(description["networks"])
        if not (0 < length <= LONGEST and 0 < len(networks) <= MOST):
            raise ValueError(f"{len(networks)} networks for {length} bases; at most {MOST} and {LONGEST}")
        ensemble = Ensemble(length, networks)
    except MISSHAPEN as error:
        raise ValueError(
            f"{Path(path)}: needs networks as `hello-dl splice --out` writes them, got others ({error})"
        ) from None
    return weights.load(path, ensemble)[0]  # type: ignore[return-value]
