"""Makes one batch of tensors out of the items of a dataset, as PyTorch's default_collate does."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

NUMBERS = "biuf"  # kinds of numpy's dtypes that a tensor can hold


class Items(Protocol):
    """What a dataset must have: a length, and an item for each index from 0 to length - 1."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: Any, /) -> Any: ...


def take_batch(dataset: Items, indices: NDArray[np.int64]) -> Any:
    """Return the items at `indices` (b,) as one batch: by the dataset's own `batch` if it has one."""
    if _has_batch(type(dataset)):
        return dataset.batch(indices)  # type: ignore[attr-defined]
    return default_collate(items_at(dataset, indices.tolist()))


def items_at(dataset: Items, indices: Sequence[Any]) -> list[Any]:
    """Return a list of the items at `indices`: by the dataset's own `__getitems__` if it has one."""
    if (several := getattr(dataset, "__getitems__", None)) is not None:
        return list(several(indices))
    return [dataset[i] for i in indices]


def _has_batch(kind: type) -> bool:
    """Return whether a dataset of this class makes batches by itself, by a method `batch`.

    A class that derives from one with `batch`, but says anew what its items are, does not.
    """
    for parent in kind.__mro__:
        if callable(vars(parent).get("batch")):
            return True
        if {"__getitem__", "__getitems__"} & vars(parent).keys():
            return False
    return False


def default_collate(batch: Sequence[Any]) -> Any:
    """Make one batch of a list of b items.

    Numbers, arrays and tensors of shape s become one tensor (b, *s); tuples, lists and dicts become a list, a
    tuple with names or a dict of batches; texts stay a list. Raises TypeError for items of another kind,
    ValueError for items of different shapes or lengths, or for no item.
    """
    if len(batch) == 0:
        raise ValueError("default_collate: needs at least one item, got none")
    first = batch[0]
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([item[key] for item in batch]) for key in first})
    if isinstance(first, Sequence):
        if any(len(item) != len(first) for item in batch):
            lengths = sorted({len(item) for item in batch})
            raise ValueError(f"default_collate: items of a batch have {lengths} parts")
        parts = [default_collate(part) for part in zip(*batch, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else parts
    return _stacked(batch)


collate = default_collate


def default_convert(data: Any) -> Any:
    """Return one item with its arrays, and numpy's numbers, as tensors; all else stays as it is.

    It is used where a DataLoader makes no batches: `batch_size=None`.
    """
    if isinstance(data, np.ndarray | np.generic):
        return to_tensor(np.asarray(data)) if np.asarray(data).dtype.kind in NUMBERS else data
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        parts = [default_convert(part) for part in data]
        return type(data)(*parts) if hasattr(data, "_fields") else parts
    return data


def _like(mapping: Mapping[Any, Any], values: dict[Any, Any]) -> Any:
    """Return a mapping of the same class with other values, or a dict if that class cannot be copied."""
    if type(mapping) is dict or not isinstance(mapping, MutableMapping):
        return values
    try:
        other = copy.copy(mapping)
        other.update(values)
    except TypeError:
        return values
    return other


def _stacked(batch: Sequence[Any]) -> Any:
    """Return b numbers, arrays or tensors of one shape s as one tensor (b, *s)."""
    if any(getattr(item, "requires_grad", False) for item in batch):
        import hello_dl

        return hello_dl.stack(list(batch))
    arrays = [as_array(item) for item in batch]
    for item, array in zip(batch, arrays, strict=True):
        if array.dtype.kind not in NUMBERS:
            got = f"an array of {array.dtype}" if isinstance(item, np.ndarray) else type(item).__name__
            raise TypeError(
                f"default_collate: needs tensors, arrays, numbers, texts, lists or dicts as items, got {got};"
                " give a collate_fn"
            )
    if any(array.shape != arrays[0].shape for array in arrays):
        shapes = ", ".join(map(str, sorted({array.shape for array in arrays})))
        raise ValueError(
            f"default_collate: needs items of one shape in a batch, got {shapes}; give a collate_fn"
        )
    return to_tensor(np.stack(arrays))


def to_tensor(array: NDArray[Any]) -> Any:
    """Return an array as a tensor of the same shape: float32 for any float, int64 for any integer."""
    import hello_dl

    return hello_dl.tensor(np.asarray(array))


def as_array(value: Any) -> NDArray[Any]:
    """Return a tensor, an array or a number as a numpy array."""
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)
