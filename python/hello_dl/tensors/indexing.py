"""x[...] and x[...] = y: numbers, slices, None, ..., integer arrays and masks, as in numpy and PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL

Key = tuple[Any, ...]


def _plain_key(key: Any) -> Key:
    """Return the key as a tuple in which tensors and lists are numpy arrays. Tensors are computed for it.

    IndexError for an array of real numbers, ValueError for a slice with a step of 0 or less.
    """
    parts = key if isinstance(key, tuple) else (key,)
    plain: list[Any] = []
    for part in parts:
        if isinstance(part, Tensor):
            part = part.numpy()
        elif isinstance(part, list):
            part = np.asarray(part, np.int64) if not part else np.asarray(part)
        if isinstance(part, np.ndarray) and part.dtype.kind not in "iub":
            raise IndexError(f"index: needs integers or truth values, got an array of {part.dtype}")
        if isinstance(part, slice) and part.step is not None and part.step <= 0:
            raise ValueError(f"index: needs a step above 0, got {part.step}; use flip to turn an axis round")
        if isinstance(part, np.ndarray) and part.ndim == 0 and part.dtype.kind != "b":
            part = int(part)
        plain.append(part)
    return tuple(plain)


def _is_basic(part: Any) -> bool:
    """Whether a part of a key is a number, a slice, None or ..., which numpy calls basic indexing."""
    return part is None or part is Ellipsis or isinstance(part, slice) or _is_int(part)


def _is_int(part: Any) -> bool:
    """Whether a part of a key is one integer."""
    return hasattr(part, "__index__") and not isinstance(part, bool | np.bool_ | np.ndarray)


def _expand(key: Key, dims: int) -> list[Any]:
    """Put full slices in place of ..., or at the end, so that every axis has its part of the key.

    IndexError for more parts than axes, or more than one "...".
    """
    used = sum(1 for part in key if part is not None and part is not Ellipsis)
    if used > dims:
        raise IndexError(f"index: too many indices, {used} for a tensor of {dims} axes")
    dots = [i for i, part in enumerate(key) if part is Ellipsis]
    if len(dots) > 1:
        raise IndexError("index: needs at most one '...'")
    at = dots[0] if dots else len(key)
    return [*key[:at], *[slice(None)] * (dims - used), *key[at + 1 :]]


def _basic(x: Tensor, key: Key) -> Tensor:
    """Return x[key] for slices, integers and None: slices along one axis after the other, then a reshape."""
    shape: list[int] = []
    dim = 0
    sizes = x.shape
    for part in _expand(key, len(sizes)):
        if part is None:
            shape.append(1)
            continue
        size = sizes[dim]
        if isinstance(part, slice):
            start, stop, step = part.indices(size)
            count = len(range(start, stop, step))
            if count != size:
                x = _core.slice(x, dim, start, max(start, stop), step)
            shape.append(count)
        else:
            i = part.__index__()
            if not -size <= i < size:
                raise IndexError(f"index: {i} is out of range for axis {dim} of size {size}")
            i %= size
            if size != 1:
                x = _core.slice(x, dim, i, i + 1, 1)
        dim += 1
    return x if x.shape == tuple(shape) else _core.reshape(x, shape)


def _single_array(x: Tensor, key: Key) -> tuple[int, NDArray[Any]] | None:
    """Return the axis and the array if the key is one integer array among full slices, else None."""
    parts = _expand(key, x.ndim)
    arrays = [i for i, part in enumerate(parts) if isinstance(part, np.ndarray)]
    others = [part for part in parts if not isinstance(part, np.ndarray)]
    if len(arrays) != 1 or parts[arrays[0]].dtype.kind == "b" or any(part != slice(None) for part in others):
        return None
    return arrays[0], parts[arrays[0]]


def _checked(index: NDArray[Any], size: int, axis: int) -> NDArray[Any]:
    """Return indices with negative ones counted from the end. IndexError for one out of range."""
    if index.size and not (-size <= index.min() and index.max() < size):
        wrong = index.min() if index.min() < -size else index.max()
        raise IndexError(f"index: {wrong} is out of range for axis {axis} of size {size}")
    return np.where(index < 0, index + size, index)


def _places(shape: tuple[int, ...], key: Key) -> NDArray[Any]:
    """Return the places in the flattened tensor of the numbers that numpy would pick."""
    return np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)[key]


def get(x: Tensor, key: Any) -> Tensor:
    """Return x[key]."""
    plain = _plain_key(key)
    if x.is_computed and not x.requires_grad:  # the numbers are there, so numpy can pick at once
        return _core.from_numpy(np.asarray(x._raw()[plain]))._as_dtype(x.dtype)
    if all(_is_basic(part) for part in plain):
        return _basic(x, plain)
    single = _single_array(x, plain)
    if single is not None:
        axis, index = single
        return _core.index_select(x, axis, _core.from_numpy(_checked(index, x.shape[axis], axis)))
    if _picks_one_of_each_row(x, plain):
        return _core.pick(x, _core.from_numpy(_checked(plain[1], x.shape[1], 1)))
    places = _places(x.shape, plain)
    return _core.index_select(_core.reshape(x, (-1,)), 0, _core.from_numpy(places))


def _picks_one_of_each_row(x: Tensor, key: Key) -> bool:
    """Whether the key is x[arange(n), labels], for which the engine has an op that runs row by row."""
    return (
        x.ndim == 2
        and len(key) == 2
        and all(isinstance(part, np.ndarray) and part.dtype.kind != "b" for part in key)
        and key[0].shape == key[1].shape == (x.shape[0],)
        and bool((key[0] == np.arange(x.shape[0])).all())
    )


def put(x: Tensor, key: Any, value: Any) -> None:
    """Do x[key] = value. If gradients are recorded, the object x then stands for a new expression.

    ValueError for a leaf that requires a gradient, except under no_grad.
    """
    plain = _plain_key(key)
    recording = _core.is_grad_enabled()
    if recording and x.requires_grad and x.is_leaf:
        raise ValueError(
            "x[...] = y: a leaf that requires a gradient can only be changed inside `with no_grad():`"
        )
    flows = recording and isinstance(value, Tensor) and value.requires_grad
    if flows or (recording and x.requires_grad):
        x._become(_replaced(x, plain, value))
        return
    x._settle()
    if not x.is_leaf:
        raise ValueError(
            f"x[...] = y: x is the result of '{x.op}' and its gradient is recorded; change x.detach() instead"
        )
    numbers = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
    if x.dtype != REAL:  # the engine stores integers and truth values as real numbers
        numbers = numbers != 0 if x.dtype == "bool" else np.trunc(numbers)
    x._raw()[plain] = numbers
    x._assign(x)  # tells the expressions made of x that it has changed


def _replaced(x: Tensor, key: Key, value: Any) -> Tensor:
    """Return x with the numbers at `key` taken from value: where(chosen, value[source], x)."""
    places = _places(x.shape, key)
    value = value if isinstance(value, Tensor) else _core.from_numpy(np.asarray(value))
    source = np.zeros(x.shape, np.int64)
    chosen = np.zeros(x.shape, bool)
    numbered = np.arange(int(np.prod(value.shape))).reshape(value.shape)
    source.reshape(-1)[places] = np.broadcast_to(numbered, places.shape)
    chosen.reshape(-1)[places] = True
    new = _core.index_select(_core.reshape(value, (-1,)), 0, _core.from_numpy(source))
    return _core.where(_core.from_numpy(chosen), new, x)
