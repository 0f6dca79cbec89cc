"""Datasets with PyTorch's names: anything with a length and items.

A dataset may also have a method `batch(indices)`, which returns many items at once. The DataLoader uses it if
it is there: one indexing operation is faster than a Python loop over items.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.collate import Items, as_array, collate, take_batch, to_tensor
from hello_dl.data.shuffle import permutation, seed_of

if TYPE_CHECKING:
    from hello_dl.data.images import Images


class Dataset:
    """Base class for your own data: define `__len__` and `__getitem__`, and `batch` if it can be fast."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} needs a __len__")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} needs a __getitem__")

    def batch(self, indices: NDArray[np.int64]) -> Any:
        """Return the items at `indices` (b,) as one batch: tensors (b, ...)."""
        return collate([self[int(i)] for i in indices])


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

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return tuple(to_tensor(array[index]) for array in self.arrays)

    def batch(self, indices: NDArray[np.int64]) -> tuple[Any, ...]:
        """Return the rows at `indices` (b,) of each array, as tensors (b, ...)."""
        return tuple(to_tensor(array[indices]) for array in self.arrays)


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

    def batch(self, indices: NDArray[np.int64]) -> tuple[Any, Any]:
        """Return images (b, 1, 28, 28) and labels (b,) at `indices` (b,), as tensors."""
        x, y = self.arrays(indices)
        return to_tensor(x), to_tensor(y)

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


def random_split(dataset: Items, lengths: Sequence[float], generator: Any = 0) -> list[Subset]:
    """Cut a dataset into random parts of the given lengths, or of fractions that add up to 1.

    `generator` is a seed, or a generator with an `initial_seed()`; the same seed gives the same parts. Raises
    ValueError if the lengths do not add up to the length of the dataset, nor to 1.
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
    order = permutation(n, seed_of(generator))
    ends = np.cumsum(sizes).astype(int)
    return [Subset(dataset, order[end - int(size) : end]) for size, end in zip(sizes, ends, strict=True)]


def check_indices(who: str, indices: NDArray[np.int64], n: int) -> None:
    """Raise IndexError, in the name of `who`, if an index is not one of 0 to n - 1."""
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        raise IndexError(f"{who}: needs indices from 0 to {n - 1}, got {indices.min()} to {indices.max()}")
