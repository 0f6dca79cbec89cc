"""Datasets with PyTorch's names: anything with a length and items.

A dataset may also have a method `batch(indices)`, which returns many items at once. The DataLoader uses it if
it is there: one indexing operation is faster than a Python loop over items.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.collate import Items, as_array, default_collate, items_at, take_batch, to_tensor
from hello_dl.data.shuffle import Epochs, random_bits, shuffled

if TYPE_CHECKING:
    from hello_dl.data.images import Images


class Dataset:
    """Base class for your own data: define `__len__` and `__getitem__`, and `batch` if it can be fast.

    `one + two` is a ConcatDataset of both.
    """

    __class_getitem__: Any = classmethod(GenericAlias)  # Dataset[T] means Dataset, as in PyTorch

    def __len__(self) -> int:
        raise TypeError(f"{type(self).__name__} needs a __len__")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a __getitem__")

    def __add__(self, other: Items) -> Dataset:
        return ConcatDataset([self, other])

    def batch(self, indices: NDArray[np.int64]) -> Any:
        """Return the items at `indices` (b,) as one batch: tensors (b, ...)."""
        return default_collate(items_at(self, indices.tolist()))


class TensorDataset(Dataset):
    """Arrays or tensors with the same number of rows; item i is the tuple of their rows i.

    Raises ValueError for no array, and for different numbers of rows.
    """

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise ValueError("TensorDataset: needs at least one array or tensor")
        self.arrays = tuple(as_array(array) for array in arrays)
        for array in self.arrays:
            if array.ndim == 0 or len(array) != len(self.arrays[0]):
                shapes = " and ".join(str(a.shape) for a in self.arrays)
                raise ValueError(f"TensorDataset: needs the same number of rows in each, got {shapes}")

    @property
    def tensors(self) -> tuple[Any, ...]:
        """The arrays as tensors."""
        return tuple(to_tensor(array) for array in self.arrays)

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return tuple(to_tensor(array[index]) for array in self.arrays)

    def batch(self, indices: NDArray[np.int64]) -> list[Any]:
        """Return the rows at `indices` (b,) of each array, as tensors (b, ...)."""
        return [to_tensor(array[indices]) for array in self.arrays]


class ImageDataset(Dataset):
    """Labelled images in the form that networks take: x (n, 1, 28, 28) float32, y (n,) int64.

    Pixels are divided by 255, then `mean` is subtracted and the result divided by `std`. `augment`, if given,
    is called with the images (b, 28, 28) uint8 of each batch, and returns the images to use instead. Raises
    ValueError unless mean and std are finite and std is above 0.
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

    def batch(self, indices: NDArray[np.int64]) -> list[Any]:
        """Return images (b, 1, 28, 28) and labels (b,) at `indices` (b,), as tensors."""
        return [to_tensor(array) for array in self.arrays(indices)]

    def arrays(self, indices: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return images (b, 1, 28, 28) and labels (b,) at `indices` (b,), as numpy arrays."""
        pixels = self.images.images[indices]
        if self.augment is not None:
            pixels = self.augment(pixels)
        return normalise(pixels, self.mean, self.std), self.images.labels[indices]


def normalise(pixels: NDArray[np.uint8], mean: float, std: float) -> NDArray[np.float32]:
    """Turn pixels (n, h, w) from 0 to 255 into a network's input (n, 1, h, w): (pixel / 255 - mean) / std."""
    x = pixels[:, None].astype(np.float32)
    x *= np.float32(1 / (255 * std))
    x -= np.float32(mean / std)
    return x


class Subset(Dataset):
    """The items of another dataset at `indices`, in that order. Raises IndexError for one out of range."""

    def __init__(self, dataset: Items, indices: Sequence[int] | NDArray[Any]) -> None:
        self.dataset, self.indices = dataset, np.asarray(indices, dtype=np.int64)
        check_indices("Subset", self.indices, len(dataset))

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[int(self.indices[index])]

    def batch(self, indices: NDArray[np.int64]) -> Any:
        """Return the items at `indices` (b,), counted within this subset, as one batch."""
        return take_batch(self.dataset, self.indices[indices])


class ConcatDataset(Dataset):
    """The items of several datasets, one dataset after the other.

    Raises ValueError for no dataset, TypeError for an IterableDataset, whose items have no index.
    """

    def __init__(self, datasets: Iterable[Items]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: needs at least one dataset")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise TypeError("ConcatDataset: the items of an IterableDataset have no index; use ChainDataset")
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        i = _from_the_end(index, len(self), "ConcatDataset")
        k = bisect_right(self.cumulative_sizes, i)
        return self.datasets[k][i - (self.cumulative_sizes[k - 1] if k else 0)]


class StackDataset(Dataset):
    """Datasets of one length side by side: item i is a tuple of their items i, or a dict if they have names.

    Raises ValueError for no dataset, for some with names and some without, and for different lengths.
    """

    def __init__(self, *datasets: Items, **named: Items) -> None:
        if bool(datasets) == bool(named):
            raise ValueError("StackDataset: needs datasets, either all with names or all without")
        self.datasets: tuple[Items, ...] | dict[str, Items] = datasets or named
        self._parts = list(datasets or named.values())
        lengths = [len(part) for part in self._parts]
        if len(set(lengths)) > 1:
            raise ValueError(f"StackDataset: needs datasets of one length, got {lengths}")

    def __len__(self) -> int:
        return len(self._parts[0])

    def __getitem__(self, index: int) -> Any:
        items = tuple(part[index] for part in self._parts)
        return dict(zip(self.datasets, items, strict=True)) if isinstance(self.datasets, dict) else items


class IterableDataset(Dataset):
    """Base class for data that are read from beginning to end, such as a stream: define `__iter__`.

    A DataLoader cuts the items into batches in the order in which they come; it cannot shuffle them.
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} needs an __iter__")

    def __add__(self, other: Any) -> ChainDataset:
        return ChainDataset([self, other])


class ChainDataset(IterableDataset):
    """The items of several IterableDatasets, one dataset after the other. TypeError for other datasets."""

    def __init__(self, datasets: Iterable[IterableDataset]) -> None:
        self.datasets: Sequence[IterableDataset] = list(datasets)
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise TypeError(f"ChainDataset: needs IterableDatasets, got {type(dataset).__name__}")

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self.datasets)

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self.datasets)


def random_split(dataset: Items, lengths: Sequence[float], generator: Any = None) -> list[Subset]:
    """Cut a dataset into random parts of the given lengths, or of fractions that add up to 1.

    `generator` is a hello_dl.Generator, None for the global one, or a seed, a whole number, which always
    gives the same parts. Raises ValueError if the lengths add up neither to that of the dataset nor to 1.
    """
    n, sizes = len(dataset), list(lengths)
    if sizes and all(0 <= size <= 1 for size in sizes) and math.isclose(sum(sizes), 1):
        sizes = [math.floor(n * size) for size in sizes]
        for i in range(
            n - int(sum(sizes))
        ):  # items left over by rounding go to the first parts, as in PyTorch
            sizes[i % len(sizes)] += 1
    if not sizes or min(sizes) < 0 or sum(sizes) != n or any(size != int(size) for size in sizes):
        raise ValueError(
            f"random_split: needs lengths that add up to {n}, or fractions to 1; got {list(lengths)}"
        )
    order = shuffled(n, random_bits(Epochs(generator, None, "random_split").next_key()))
    ends = np.cumsum(sizes).astype(int)
    return [Subset(dataset, order[end - int(size) : end]) for size, end in zip(sizes, ends, strict=True)]


def check_indices(who: str, indices: NDArray[np.int64], n: int) -> None:
    """Raise IndexError, in the name of `who`, if an index is not one of 0 to n - 1."""
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        raise IndexError(f"{who}: needs indices from 0 to {n - 1}, got {indices.min()} to {indices.max()}")


def _from_the_end(index: int, n: int, who: str) -> int:
    """Return an index from 0 to n - 1; a negative one counts from the end. IndexError out of range."""
    if not -n <= index < n:
        raise IndexError(f"{who}: needs an index from {-n} to {n - 1}, got {index}")
    return index % n
