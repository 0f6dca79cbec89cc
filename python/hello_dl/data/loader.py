"""The DataLoader, which cuts a dataset into batches, with PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import index
from types import GenericAlias
from typing import Any

import numpy as np

from hello_dl.data.collate import Items, default_collate, default_convert, items_at, take_batch
from hello_dl.data.datasets import IterableDataset, check_indices
from hello_dl.data.samplers import BatchSampler, RandomSampler, SequentialSampler, full_batches
from hello_dl.data.shuffle import Epochs


class DataLoader:
    """Iterate over a dataset in batches of tensors; each iteration is one epoch.

    dataset        has a length and items, or is an IterableDataset, whose items come in their own order
    batch_size     items in a batch; the last one may have fewer. None: single items, not batches
    shuffle        whether the order is random, another one in each epoch
    sampler        indices to take, in this order, instead of all
    batch_sampler  lists of indices, one for each batch, instead of batch_size, shuffle, sampler and drop_last
    collate_fn     makes a batch of a list of items, instead of `default_collate`
    drop_last      whether to leave out a last batch that is not full
    generator      where shuffling has its random numbers from: a hello_dl.Generator, or None for the global
                   one, which `manual_seed` seeds. Equal states of it give equal orders
    seed           instead of a generator: epoch 0, 1, 2, ... of a seed always has the same order, on every
                   machine. `epoch` is the number of the next one

    There are no workers. A thread that made batches ahead was 0.9 to 1.1 times as fast, measured with images
    that Pillow turns and a small convolutional network: the network keeps all cores busy. Random changes of
    images could then not be repeated, since the order of threads is chance. So num_workers, pin_memory,
    timeout, worker_init_fn (which is never called), multiprocessing_context, prefetch_factor,
    persistent_workers, pin_memory_device and in_order are accepted, but change nothing.

    Raises ValueError for an empty dataset and for arguments that contradict each other, TypeError for a
    dataset of another kind; IndexError, when iterated, for an index of the sampler that is out of range.
    """

    __class_getitem__: Any = classmethod(GenericAlias)  # DataLoader[T] means DataLoader

    def __init__(
        self,
        dataset: Items | IterableDataset,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Iterable[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
        seed: int | None = None,
    ) -> None:
        _check_workers(num_workers, timeout, multiprocessing_context, prefetch_factor, persistent_workers)
        is_stream = isinstance(dataset, IterableDataset)
        order = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
        _check_order(is_stream, [*(name for name, value in order.items() if value is not None)])
        _check_batches(batch_size, drop_last, batch_sampler is not None)
        self.seed = Epochs(generator, seed, "DataLoader").seed  # TypeError for another kind of generator
        self.dataset: Any = dataset
        if not is_stream:
            _check_length(dataset, needed=sampler is None and batch_sampler is None)
            if sampler is None and shuffle:
                sampler = RandomSampler(self.dataset, generator=generator, seed=seed)
            elif sampler is None:
                sampler = SequentialSampler(self.dataset)
        if batch_sampler is not None:
            batch_size = None
        elif batch_size is not None and sampler is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        is_batched = batch_sampler is not None or batch_size is not None

        self.batch_size, self.drop_last, self.generator = batch_size, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.collate_fn = collate_fn or (default_collate if is_batched else default_convert)
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.pin_memory, self.pin_memory_device, self.in_order = pin_memory, pin_memory_device, in_order
        self.prefetch_factor, self.persistent_workers = prefetch_factor, persistent_workers
        self.multiprocessing_context = multiprocessing_context

    @property
    def epoch(self) -> int:
        """The number of the next epoch of a `seed`."""
        number: int = getattr(self.sampler, "epoch", 0)
        return number

    @epoch.setter
    def epoch(self, number: int) -> None:
        self.sampler.epoch = number  # type: ignore[union-attr]

    def __len__(self) -> int:
        batches: Any = self.sampler if self.batch_sampler is None else self.batch_sampler
        if batches is not None:
            return len(batches)
        n, size = len(self.dataset), self.batch_size or 1
        return n // size if self.drop_last else -(-n // size)

    def __iter__(self) -> Iterator[Any]:
        if isinstance(self.sampler, Sequence | np.ndarray):
            self._checked(self.sampler)  # an index out of range is told before the first batch
        if self.batch_sampler is not None:
            return map(self._batch, iter(self.batch_sampler))
        if self.sampler is not None:
            return (self.collate_fn(self.dataset[self._checked([i])[0]]) for i in iter(self.sampler))
        items = iter(self.dataset)
        if self.batch_size is not None:
            items = full_batches(items, self.batch_size, self.drop_last)
        return map(self.collate_fn, items)

    def starting_at(self, batch: int) -> Iterator[Any]:
        """Return an iteration that passes over so many batches; items with indices are not loaded."""
        if self.batch_sampler is not None:
            return map(self._batch, _without_first(iter(self.batch_sampler), batch))
        return _without_first(iter(self), batch)

    def _batch(self, indices: Iterable[Any]) -> Any:
        """Return the batch of the items at `indices`."""
        checked = self._checked(indices)
        if self.collate_fn is default_collate and all(type(i) is int for i in checked):
            return take_batch(self.dataset, np.array(checked, np.int64))
        return self.collate_fn(items_at(self.dataset, checked))

    def _checked(self, indices: Iterable[Any]) -> list[Any]:
        """Return indices as ints, and other keys as they are. IndexError if one is out of range."""
        plain = [index(i) if hasattr(i, "__index__") else i for i in indices]
        whole = [i for i in plain if type(i) is int]
        if (n := _length(self.dataset)) is not None and not isinstance(self.dataset, Mapping):
            check_indices("DataLoader: sampler", np.array(whole, np.int64), n)
        return plain


def get_worker_info() -> None:
    """Return None, as PyTorch does outside of a worker process: there are no workers here."""


def _without_first(items: Iterator[Any], n: int) -> Iterator[Any]:
    """Return the iterator, after n items were taken from it at once."""
    for _ in islice(items, n):
        pass
    return items


def _length(dataset: Any) -> int | None:
    """Return the length of a dataset, None if it has none."""
    try:
        return len(dataset)
    except (TypeError, NotImplementedError):
        return None


def _check_length(dataset: Any, needed: bool) -> None:
    """Raise ValueError for an empty dataset, TypeError for one without a length, if that is needed."""
    n = _length(dataset)
    if n is None and needed:
        kind = type(dataset).__name__
        raise TypeError(f"DataLoader: needs a dataset with a length, or an IterableDataset, got {kind}")
    if n == 0:
        raise ValueError("DataLoader: the dataset is empty")


def _check_order(is_stream: bool, given: list[str]) -> None:
    """Raise ValueError unless at most one argument, and none for an IterableDataset, sets the order."""
    if is_stream and given:
        raise ValueError(f"DataLoader: an IterableDataset comes in its own order, so it takes no {given[0]}")
    if given == ["shuffle", "sampler"]:
        raise ValueError("DataLoader: takes a sampler or shuffle=True, not both; the sampler sets the order")
    if len(given) > 1:
        raise ValueError(f"DataLoader: takes a batch_sampler or {given[0]}, not both")


def _check_batches(batch_size: Any, drop_last: bool, has_batch_sampler: bool) -> None:
    """Raise ValueError for a batch size below 1, and for arguments that need a batch size but have none."""
    is_whole = isinstance(batch_size, int | np.integer) and not isinstance(batch_size, bool)
    if batch_size is not None and not (is_whole and batch_size >= 1):
        raise ValueError(f"DataLoader: needs a batch size of at least 1, got {batch_size!r}")
    if has_batch_sampler and (batch_size != 1 or drop_last):
        raise ValueError("DataLoader: a batch_sampler makes the batches; leave out batch_size and drop_last")
    if batch_size is None and drop_last:
        raise ValueError("DataLoader: batch_size=None gives single items, so there is no last batch to drop")


def _check_workers(
    workers: int, timeout: float, context: Any, prefetch: int | None, persistent: bool
) -> None:
    """Raise ValueError for settings of workers that PyTorch refuses."""
    for name, number in (("num_workers", workers), ("timeout", timeout), ("prefetch_factor", prefetch or 0)):
        if number < 0:
            raise ValueError(f"DataLoader: needs {name} of 0 or more, got {number}")
    used = {
        "prefetch_factor": prefetch is not None,
        "persistent_workers": persistent,
        "multiprocessing_context": context is not None,
    }
    for name in (name for name, is_used in used.items() if is_used and workers == 0):
        raise ValueError(f"DataLoader: {name} needs num_workers above 0; leave it out")
