"""Datasets and the DataLoader that cuts them into batches, in PyTorch's shape.

A dataset is anything with a length and items. One that can also give many items at once, by a method
`batch(indices)`, is asked for whole batches: one indexing operation instead of a Python loop over items.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hello_dl.data.images import Images


class Items(Protocol):
    """What the DataLoader needs: a length, and an item for each index below it."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: Any, /) -> Any: ...


class Dataset:
    """Base class for your own data: give it `__len__` and `__getitem__`; `batch` only if you want speed."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} needs a __len__")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a __getitem__")

    def batch(self, indices: NDArray[np.int64]) -> Any:
        """Return the items at `indices` as one batch: tensors whose axis 0 counts the items."""
        return collate([self[int(i)] for i in indices])


class TensorDataset(Dataset):
    """Arrays or tensors of equal length side by side; item i is the tuple of their rows i."""

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise ValueError("TensorDataset: needs at least one array or tensor")
        self.arrays = tuple(_as_array(array) for array in arrays)
        for array in self.arrays:
            if array.ndim == 0 or len(array) != len(self.arrays[0]):
                shapes = " and ".join(str(a.shape) for a in self.arrays)
                raise ValueError(f"TensorDataset: needs the same number of rows in each, got {shapes}")

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return tuple(to_tensor(array[index]) for array in self.arrays)

    def batch(self, indices: NDArray[np.int64]) -> tuple[Any, ...]:
        """Return the rows at `indices` of each array, as tensors."""
        return tuple(to_tensor(array[indices]) for array in self.arrays)


class ImageDataset(Dataset):
    """Labelled images as a network takes them: x (n, 1, 28, 28) float32, y (n,) int64.

    Pixels are divided by 255, then `mean` is subtracted and the result divided by `std`. `augment`, if given,
    gets the uint8 images (n, 28, 28) of each batch and returns others in their place.
    """

    def __init__(
        self,
        images: Images,
        mean: float = 0.0,
        std: float = 1.0,
        augment: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None = None,
    ) -> None:
        if not (math.isfinite(mean) and math.isfinite(std) and std > 0):
            raise ValueError(
                f"ImageDataset: needs a finite mean and a std above 0, got mean {mean}, std {std}"
            )
        self.images, self.mean, self.std, self.augment = images, mean, std, augment

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        x, y = self.arrays(np.array([range(len(self))[index]]))
        return to_tensor(x[0]), int(y[0])

    def batch(self, indices: NDArray[np.int64]) -> tuple[Any, Any]:
        """Return images and labels at `indices`, as tensors."""
        x, y = self.arrays(indices)
        return to_tensor(x), to_tensor(y)

    def arrays(self, indices: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return images and labels at `indices`, as numpy arrays."""
        pixels = self.images.images[indices]
        if self.augment is not None:
            pixels = self.augment(pixels)
        return normalise(pixels, self.mean, self.std), self.images.labels[indices]


def normalise(pixels: NDArray[np.uint8], mean: float, std: float) -> NDArray[np.float32]:
    """Turn pixels (n, h, w), 0 to 255, into a network's input: (n, 1, h, w), (pixel / 255 - mean) / std."""
    x = pixels[:, None].astype(np.float32)
    x *= np.float32(1 / (255 * std))
    x -= np.float32(mean / std)
    return x


class Subset(Dataset):
    """The items of another dataset at `indices`, in that order."""

    def __init__(self, dataset: Items, indices: Sequence[int] | NDArray[Any]) -> None:
        self.dataset, self.indices = dataset, np.asarray(indices, dtype=np.int64)
        _check_indices("Subset", self.indices, len(dataset))

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[int(self.indices[index])]

    def batch(self, indices: NDArray[np.int64]) -> Any:
        """Return the items at `indices` of this subset as one batch."""
        return take_batch(self.dataset, self.indices[indices])


def random_split(dataset: Items, lengths: Sequence[float], generator: Any = 0) -> list[Subset]:
    """Cut a dataset into random parts of the given lengths, or of fractions that add up to 1.

    `generator` is a seed, or a generator with an `initial_seed()`; the same seed gives the same parts.
    """
    n, sizes = len(dataset), list(lengths)
    if sizes and all(0 <= size <= 1 for size in sizes) and math.isclose(sum(sizes), 1):
        sizes = [math.floor(n * size) for size in sizes]
        for i in range(n - int(sum(sizes))):  # what rounding left over goes round, as in PyTorch
            sizes[i % len(sizes)] += 1
    if not sizes or min(sizes) < 0 or sum(sizes) != n or any(size != int(size) for size in sizes):
        raise ValueError(
            f"random_split: needs lengths that add up to {n}, or fractions to 1; got {list(lengths)}"
        )
    order = permutation(n, _seed(generator))
    ends = np.cumsum(sizes).astype(int)
    return [Subset(dataset, order[end - int(size) : end]) for size, end in zip(sizes, ends, strict=True)]


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
        self.seed = _seed(generator if seed is None else seed)
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
            _check_indices("DataLoader: sampler", order, len(self.dataset))
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


def take_batch(dataset: Items, indices: NDArray[np.int64]) -> Any:
    """Return the items at `indices` as one batch: at once if the dataset can, else one by one."""
    batch = getattr(dataset, "batch", None)
    return collate([dataset[int(i)] for i in indices]) if batch is None else batch(indices)


def collate(items: list[Any]) -> Any:
    """Make one batch of a list of items: numbers and arrays are stacked, tuples and dicts part by part."""
    first = items[0]
    if isinstance(first, str | bytes):
        return items
    if isinstance(first, Mapping):
        return {key: collate([item[key] for item in items]) for key in first}
    if isinstance(first, tuple | list):
        if any(len(item) != len(first) for item in items):
            raise ValueError(f"collate: items of a batch have {sorted({len(item) for item in items})} parts")
        return tuple(collate(list(part)) for part in zip(*items, strict=True))
    arrays = [_as_array(item) for item in items]
    if any(array.shape != arrays[0].shape for array in arrays):
        shapes = ", ".join(map(str, sorted({array.shape for array in arrays})))
        raise ValueError(f"collate: needs items of one shape in a batch, got {shapes}; give a collate_fn")
    return to_tensor(np.stack(arrays))


def to_tensor(array: NDArray[Any]) -> Any:
    """Return a tensor of this array: float32 for any float, int64 for any integer."""
    import hello_dl

    array = np.asarray(array)
    if array.dtype.kind == "f":
        return hello_dl.tensor(array.astype(np.float32, copy=False))
    if array.dtype.kind in "iu":
        return hello_dl.tensor(array.astype(np.int64, copy=False))
    return hello_dl.tensor(array)


def permutation(n: int, seed: int, epoch: int = 0) -> NDArray[np.int64]:
    """Return 0 to n - 1 in the random order that belongs to this seed and epoch, the same on every machine.

    Each index draws 64 bits from the counter-based generator Philox (Salmon et al., 2011); sorting the draws
    shuffles the indices. Nothing depends on what was drawn before.
    """
    draws = np.random.Philox(key=np.array([seed, epoch], np.uint64)).random_raw(n)
    return np.argsort(draws, kind="stable").astype(np.int64, copy=False)


def _seed(generator: Any) -> int:
    """Return the seed in a seed, None or a generator."""
    if generator is None:
        return 0
    seed = generator.initial_seed() if hasattr(generator, "initial_seed") else generator
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"data: needs a whole number or a generator as seed, got {type(generator).__name__}")
    return int(seed) % (1 << 64)


def _as_array(value: Any) -> NDArray[Any]:
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)


def _check_indices(who: str, indices: NDArray[np.int64], n: int) -> None:
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        raise IndexError(f"{who}: needs indices from 0 to {n - 1}, got {indices.min()} to {indices.max()}")
