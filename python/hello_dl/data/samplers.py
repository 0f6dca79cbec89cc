"""Samplers: they choose which items a DataLoader takes in an epoch, and in what order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.shuffle import permutation


class BalancedSampler:
    """Indices for a DataLoader's `sampler` that draw every class equally often, with replacement.

    labels   (items,) whole numbers: the class of each item
    seed     together with the number of the epoch, it determines the draws, the same on every machine
    n        draws in an epoch (default: as many as there are items)

    Each iteration is the next epoch. Raises ValueError for labels of another kind, and for n below 1.
    """

    def __init__(self, labels: NDArray[np.int64], seed: int = 0, n: int | None = None) -> None:
        labels = np.asarray(labels)
        if labels.ndim != 1 or len(labels) == 0 or labels.dtype.kind not in "iu":
            raise ValueError(
                f"BalancedSampler: needs labels (n,) of whole numbers, got {labels.dtype} {labels.shape}"
            )
        if n is not None and n < 1:
            raise ValueError(f"BalancedSampler: needs to draw at least 1, got {n}")
        self.by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        self.seed, self.n, self.epoch = seed, len(labels) if n is None else n, 0

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[int]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        return iter(self.draw(epoch).tolist())

    def draw(self, epoch: int) -> NDArray[np.int64]:
        """Return the indices of one epoch, (n,)."""
        classes = len(self.by_class)
        turn = permutation(self.n, self.seed, 2 * epoch) % classes  # each class n / classes times, shuffled
        chance = np.random.Philox(key=np.array([self.seed, 2 * epoch + 1], np.uint64)).random_raw(self.n)
        order = np.empty(self.n, np.int64)
        for c, members in enumerate(self.by_class):
            draws = turn == c
            order[draws] = members[(chance[draws] % np.uint64(len(members))).astype(np.int64)]
        return order


class WeightedRandomSampler:
    """Indices for a DataLoader's `sampler` that draw each item in proportion to its weight, with replacement.

    weights       (items,), none negative, not all 0
    num_samples   draws in an epoch
    replacement   must be True
    seed          together with the number of the epoch, it determines the draws, the same on every machine

    As PyTorch's, but each iteration is the next epoch. Raises ValueError for other arguments.
    """

    def __init__(
        self,
        weights: Sequence[float] | NDArray[np.floating],
        num_samples: int,
        replacement: bool = True,
        seed: int = 0,
    ) -> None:
        numbers = np.asarray(weights, np.float64)
        if numbers.ndim != 1 or not (np.isfinite(numbers).all() and (numbers >= 0).all() and numbers.any()):
            raise ValueError(
                "WeightedRandomSampler: needs weights (items,), none negative and not all 0, got shape"
                f" {numbers.shape}"
            )
        if num_samples < 1 or not replacement:
            raise ValueError(
                "WeightedRandomSampler: needs to draw at least 1, with replacement, got"
                f" num_samples={num_samples}, replacement={replacement}"
            )
        self.ends = np.cumsum(numbers) / numbers.sum()  # where each item's part of the interval 0..1 ends
        self.num_samples, self.seed, self.epoch = num_samples, seed, 0

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        bits = np.random.Philox(key=np.array([self.seed, epoch], np.uint64)).random_raw(self.num_samples)
        chance = (bits >> np.uint64(11)) * 2.0**-53  # uniform from 0 to 1, below 1
        return iter(np.searchsorted(self.ends, chance, side="right").clip(max=len(self.ends) - 1).tolist())
