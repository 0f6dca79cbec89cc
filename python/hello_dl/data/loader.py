"""Datasets and the DataLoader that cuts them into batches, in PyTorch's shape.

A dataset is anything with a length and items. One that can also give many items at once, by a method
`batch(indices)`, is asked for whole batches: one indexing operation instead of a Python loop over items.
"""

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

    With `shuffle`, epoch e of seed s always has the same order, on every machine. `sampler` is an iterable of
    indices to take instead of all in order, `collate_fn` makes a batch of a list of items, `drop_last` leaves
    out a last batch that is not full. There are no workers: a batch is one indexing operation, and the cores
    are busy with the network. Raises ValueError for an empty dataset, a batch size below 1 or an index out of
    range.
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
        self.epoch = 0  # the next one

    def __len__(self) -> int:
        n = len(self.dataset) if self.sampler is None else len(self.sampler)  # type: ignore[arg-type]
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        order, self.epoch = self._order(self.epoch), self.epoch + 1
        return self._batches(order)

    def _order(self, epoch: int) -> NDArray[np.int64]:
        if self.sampler is not None:
            order = np.fromiter(self.sampler, np.int64)
            check_indices("DataLoader: sampler", order, len(self.dataset))
            return order
        n = len(self.dataset)
        return permutation(n, self.seed, epoch) if self.shuffle else np.arange(n)

    def _batches(self, order: NDArray[np.int64]) -> Iterator[Any]:
        for start in range(0, len(order), self.batch_size):
            indices = order[start : start + self.batch_size]
            if self.drop_last and len(indices) < self.batch_size:
                return
            if self.collate_fn is not None:
                yield self.collate_fn([self.dataset[int(i)] for i in indices])
            else:
                yield take_batch(self.dataset, indices)
