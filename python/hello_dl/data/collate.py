"""Makes one batch of a list of items: what the DataLoader asks of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Items(Protocol):
    """What the DataLoader needs: a length, and an item for each index below it."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: Any, /) -> Any: ...


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
    arrays = [as_array(item) for item in items]
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


def as_array(value: Any) -> NDArray[Any]:
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)
