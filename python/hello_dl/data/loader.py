"""The DataLoader, which cuts a dataset into batches, with PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.collate import Items, take_batch
from hello_dl.data.datasets import check_indices
from hello_dl.data.shuffle import permutation, seed_of


class DataLoader:
    """Iterate over a dataset in batches of tensors; each iteration is one epoch.

    batch_size    items in a batch; the last one may have fewer
    shuffle       whether the order is random. It depends on seed and epoch only, the same on every machine
    sampler       indices to take, in this order, instead of all
    drop_last     whether to leave out a last batch that is not full
    collate_fn    makes a batch of a list of items, instead of `collate`
    generator     a seed, or a generator with an `initial_seed()`; `seed` is the same and goes first
    num_workers   there are none: a batch is one indexing operation, and the network keeps all cores busy

    Raises ValueError for an empty dataset, a batch size below 1, a sampler together with shuffle, workers, or
    pinned memory; IndexError, when iterated, for an index of the sampler that is out of range.
    """

    def __init__(
        self,
        dataset: Items,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        sampler: Iterable[int] | None = None,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        generator: Any = None,
        seed: int | None = None,
        num_workers: int = 0,
        pin_memory: bool = False,
    ) -> None:
        if len(dataset) == 0:
            raise ValueError("DataLoader: the dataset is empty")
        if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or batch_size < 1:
            raise ValueError(f"DataLoader: needs a batch size of at least 1, got {batch_size!r}")
        if sampler is not None and shuffle:
            raise ValueError(
                "DataLoader: takes a sampler or shuffle=True, not both; the sampler sets the order"
            )
        if num_workers or pin_memory:
            raise ValueError(
                "DataLoader: there are no workers and no memory to pin, batches are made where they are used;"
                " leave num_workers and pin_memory out"
            )
        self.dataset, self.batch_size, self.shuffle, self.drop_last = (
            dataset,
            int(batch_size),
            shuffle,
            drop_last,
        )
        self.sampler, self.collate_fn = sampler, collate_fn
        self.seed = seed_of(generator if seed is None else seed)
        self.epoch = 0  # number of the next epoch

    def __len__(self) -> int:
        n = len(self.dataset) if self.sampler is None else len(self.sampler)  # type: ignore[arg-type]
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        order, self.epoch = self._order(self.epoch), self.epoch + 1
        return self._batches(order)

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """Return the indices of an epoch's items, in order, (n,)."""
        if self.sampler is not None:
            order = np.fromiter(self.sampler, np.int64)
            check_indices("DataLoader: sampler", order, len(self.dataset))
            return order
        n = len(self.dataset)
        return permutation(n, self.seed, epoch) if self.shuffle else np.arange(n)

    def _batches(self, order: NDArray[np.int64]) -> Iterator[Any]:
        """Yield the batches of an epoch."""
        for start in range(0, len(order), self.batch_size):
            indices = order[start : start + self.batch_size]
            if self.drop_last and len(indices) < self.batch_size:
                return
            if self.collate_fn is not None:
                yield self.collate_fn([self.dataset[int(i)] for i in indices])
            else:
                yield take_batch(self.dataset, indices)
