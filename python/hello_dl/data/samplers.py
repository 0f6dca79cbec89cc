"""Samplers: they choose which items a DataLoader takes in an epoch, and in what order, with PyTorch's names.

The random ones follow `hello_dl.manual_seed`, or the `generator` that they are given. With `seed` instead,
epoch 0, 1, 2, ... of a sampler always has the same order, on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from types import GenericAlias
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.shuffle import Epochs, Key, random_bits, shuffled

CHUNK = 4096  # most indices that are drawn at once, so that an epoch may have any number of them


class Sampler:
    """Base class for your own samplers: define `__iter__`, and `__len__` if the number of draws is known."""

    __class_getitem__: Any = classmethod(GenericAlias)  # Sampler[int] means Sampler, as in PyTorch

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} needs an __iter__")


class SequentialSampler(Sampler):
    """The indices 0, 1, 2, ... of a dataset."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))


class RandomSampler(Epochs, Sampler):
    """The indices of a dataset in random order, each once, or drawn with replacement.

    data_source   the dataset; only its length counts
    replacement   whether an index may come several times
    num_samples   draws in an epoch (default: as many as there are items); without replacement, further draws
                  begin another random order
    generator, seed   where the random numbers come from (see Epochs)

    Raises ValueError if there is nothing to draw, TypeError for arguments of another kind.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Any = None,
        *,
        seed: int | None = None,
    ) -> None:
        super().__init__(generator, seed, "RandomSampler")
        self.data_source, self.replacement = data_source, replacement
        self._num_samples = None if num_samples is None else _at_least_1(num_samples, "RandomSampler")
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: replacement must be True or False, got {replacement!r}")
        if len(data_source) == 0:
            raise ValueError("RandomSampler: the dataset is empty")

    @property
    def num_samples(self) -> int:
        """The number of draws in an epoch."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        return islice(self._draws(self.next_key()), self.num_samples)

    def _draws(self, key: Key) -> Iterator[int]:
        """Yield indices without end."""
        stream, n = random_bits(key), len(self.data_source)
        while True:
            if self.replacement:
                yield from (stream.random_raw(CHUNK) % np.uint64(n)).tolist()
            else:
                yield from shuffled(n, stream).tolist()


class SubsetRandomSampler(Epochs, Sampler):
    """The given indices in random order, each once; `generator` and `seed` are as in Epochs."""

    def __init__(self, indices: Sequence[int], generator: Any = None, *, seed: int | None = None) -> None:
        super().__init__(generator, seed, "SubsetRandomSampler")
        self.indices = indices

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[int]:
        order = shuffled(len(self), random_bits(self.next_key())).tolist()
        return (self.indices[i] for i in order)


class WeightedRandomSampler(Epochs, Sampler):
    """Indices that are drawn in proportion to their weights.

    weights       (items,), none negative, not all 0
    num_samples   draws in an epoch
    replacement   whether an index may come several times; if not, each draw leaves the others in proportion
    generator, seed   where the random numbers come from (see Epochs)

    Raises ValueError for other arguments, and for more draws without replacement than weights above 0.
    """

    def __init__(
        self,
        weights: Sequence[float] | NDArray[np.floating],
        num_samples: int,
        replacement: bool = True,
        generator: Any = None,
        *,
        seed: int | None = None,
    ) -> None:
        super().__init__(generator, seed, "WeightedRandomSampler")
        numbers = np.asarray(weights, np.float64)
        if numbers.ndim != 1 or not (np.isfinite(numbers).all() and (numbers >= 0).all() and numbers.any()):
            raise ValueError(
                "WeightedRandomSampler: needs weights (items,), none negative and not all 0, got shape"
                f" {numbers.shape}"
            )
        self.num_samples = _at_least_1(num_samples, "WeightedRandomSampler")
        if not isinstance(replacement, bool):
            raise ValueError(f"WeightedRandomSampler: replacement must be True or False, got {replacement!r}")
        if not replacement and num_samples > np.count_nonzero(numbers):
            raise ValueError(
                f"WeightedRandomSampler: needs {num_samples} weights above 0 for {num_samples} draws without"
                f" replacement, got {np.count_nonzero(numbers)}"
            )
        self.weights, self.replacement = numbers, replacement

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        stream = random_bits(self.next_key())
        return self._with_replacement(stream) if self.replacement else self._without(stream)

    def _with_replacement(self, stream: np.random.Philox) -> Iterator[int]:
        """Yield draws: a random place from 0 to 1 falls into the part of one of the items."""
        ends = (
            np.cumsum(self.weights) / self.weights.sum()
        )  # where each item's part of the interval 0..1 ends
        last = np.flatnonzero(self.weights)[-1]
        for start in range(0, self.num_samples, CHUNK):
            chance = _uniform(stream, min(CHUNK, self.num_samples - start))
            yield from np.searchsorted(ends, chance, side="right").clip(max=last).tolist()

    def _without(self, stream: np.random.Philox) -> Iterator[int]:
        """Yield the items in the order of exponential waiting times whose rates are the weights.

        It is that of weighted draws without replacement (Efraimidis, Spirakis 2006).
        """
        some = np.flatnonzero(self.weights)
        waiting = -np.log1p(-_uniform(stream, len(some))) / self.weights[some]
        return iter(some[np.argsort(waiting, kind="stable")[: self.num_samples]].tolist())


class BalancedSampler(Epochs, Sampler):
    """Indices that draw every class equally often, with replacement.

    labels   (items,) whole numbers: the class of each item
    n        draws in an epoch (default: as many as there are items)
    seed, generator   where the random numbers come from (see Epochs)

    Raises ValueError for labels of another kind, and for n below 1.
    """

    def __init__(
        self,
        labels: NDArray[np.int64],
        seed: int | None = None,
        n: int | None = None,
        *,
        generator: Any = None,
    ) -> None:
        super().__init__(generator, seed, "BalancedSampler")
        labels = np.asarray(labels)
        if labels.ndim != 1 or len(labels) == 0 or labels.dtype.kind not in "iu":
            raise ValueError(
                f"BalancedSampler: needs labels (n,) of whole numbers, got {labels.dtype} {labels.shape}"
            )
        if n is not None and n < 1:
            raise ValueError(f"BalancedSampler: needs to draw at least 1, got {n}")
        self.by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        self.n = len(labels) if n is None else n

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[int]:
        seed, epoch = self.next_key()
        # Each class n / classes times, shuffled; then a random member of the class for each draw.
        turn = shuffled(self.n, random_bits((seed, 2 * epoch))) % len(self.by_class)
        chance = random_bits((seed, 2 * epoch + 1)).random_raw(self.n)
        order = np.empty(self.n, np.int64)
        for c, members in enumerate(self.by_class):
            draws = turn == c
            order[draws] = members[(chance[draws] % np.uint64(len(members))).astype(np.int64)]
        return iter(order.tolist())


class BatchSampler(Sampler):
    """Lists of `batch_size` indices, cut from what another sampler gives; with `drop_last` only full ones."""

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        self.sampler, self.drop_last = sampler, drop_last
        self.batch_size = _at_least_1(batch_size, "BatchSampler", "a batch size of at least 1")

    def __len__(self) -> int:
        n = len(self.sampler)  # type: ignore[arg-type]
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[list[Any]]:
        return full_batches(iter(self.sampler), self.batch_size, self.drop_last)


def full_batches(items: Iterator[Any], batch_size: int, drop_last: bool) -> Iterator[list[Any]]:
    """Yield lists of `batch_size` items; the last one may have fewer, unless `drop_last`."""
    while batch := list(islice(items, batch_size)):
        if len(batch) == batch_size or not drop_last:
            yield batch


def _uniform(stream: np.random.Philox, n: int) -> NDArray[Any]:
    """Return n random numbers from 0 to 1, below 1."""
    chance: NDArray[Any] = (stream.random_raw(n) >> np.uint64(11)) * 2.0**-53
    return chance


def _at_least_1(n: Any, who: str, what: str = "to draw at least 1") -> int:
    """Return a number of draws or of items as an int. ValueError unless it is whole and at least 1."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"{who}: needs {what}, got {n!r}")
    return int(n)
