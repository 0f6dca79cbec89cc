"""Makes one batch of tensors out of the items of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Items(Protocol):
    """What a dataset must have: a length, and an item for each index from 0 to length - 1."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: Any, /) -> Any: ...


def take_batch(dataset: Items, indices: NDArray[np.int64]) -> Any:
    """Return the items at `indices` (b,) as one batch: by the dataset's own `batch` if it has one."""
    batch = getattr(dataset, "batch", None)
    return collate([dataset[int(i)] for i in indices]) if batch is None else batch(indices)


def collate(items: list[Any]) -> Any:
    """Make one batch of a list of b items.

    Numbers and arrays of shape s become one tensor (b, *s); tuples and dicts become a tuple or a dict of
    batches; texts stay a list. Raises ValueError for items of different shapes or lengths.
    """
    first = items[0]
    if isinstance(first, str | bytes):
        return items
    if isinstance(first, Mapping):
        return {key: collate([item[key] for item in items]) for key in first}
    if isinstance(first, tuple | list):
        if any(len(item) != len(first) for item in items):
            raise ValueError(f"collate: items of a batch have {sorted({len(item) for item in items})} parts")
        return tuple(collate(list(part)) for part in zip(*items, strict=True))
    arrays = [as_array(item) for item in items]
    if any(array.shape != arrays[0].shape for array in arrays):
        shapes = ", ".join(map(str, sorted({array.shape for array in arrays})))
        raise ValueError(f"collate: needs items of one shape in a batch, got {shapes}; give a collate_fn")
    return to_tensor(np.stack(arrays))


def to_tensor(array: NDArray[Any]) -> Any:
    """Return an array as a tensor of the same shape: float32 for any float, int64 for any integer."""
    import hello_dl

    array = np.asarray(array)
    if array.dtype.kind == "f":
        return hello_dl.tensor(array.astype(np.float32, copy=False))
    if array.dtype.kind in "iu":
        return hello_dl.tensor(array.astype(np.int64, copy=False))
    return hello_dl.tensor(array)


def as_array(value: Any) -> NDArray[Any]:
    """Return a tensor, an array or a number as a numpy array."""
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)
