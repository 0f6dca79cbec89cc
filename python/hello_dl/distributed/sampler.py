"""A sampler that gives each process its own part of a data set, with PyTorch's name and meaning."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sized

import numpy as np

from hello_dl.data.samplers import Sampler
from hello_dl.data.shuffle import permutation
from hello_dl.distributed.world import rank as this_rank
from hello_dl.distributed.world import world_size


class DistributedSampler(Sampler):
    """Every process's own indices of a data set: number rank, rank + p, rank + 2 p, ... of p processes.

    num_replicas, rank   how many processes there are, and which one this is (default: as they are)
    shuffle, seed        a random order, by seed and epoch; call `set_epoch` before each epoch for another one
    drop_last            leave out what is left over, so that all have equally many; else some come twice

    With it you write a loop of your own, in which processes differ in their batches; `fit(distributed=True)`
    needs no sampler. Raises ValueError for a rank outside 0 to num_replicas - 1.
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        self.num_replicas = world_size() if num_replicas is None else num_replicas
        self.rank = this_rank() if rank is None else rank
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(
                f"DistributedSampler: needs a rank from 0 to {self.num_replicas - 1}, got {self.rank}"
            )
        self.dataset, self.shuffle, self.seed, self.drop_last = dataset, shuffle, seed, drop_last
        self.epoch = 0
        share = len(dataset) / self.num_replicas
        self.num_samples = math.floor(share) if drop_last else math.ceil(share)

    def set_epoch(self, epoch: int) -> None:
        """Set the number of the epoch, which decides the order."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        n = len(self.dataset)
        order = permutation(n, self.seed, self.epoch) if self.shuffle else np.arange(n)
        filled = np.resize(order, self.num_samples * self.num_replicas)  # repeats or cuts
        return iter(filled[self.rank :: self.num_replicas].tolist())
