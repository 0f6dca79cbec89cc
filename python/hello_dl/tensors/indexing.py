"""x[...] and x[...] = y: numbers, slices, None, ..., integer arrays and masks, as in numpy and PyTorch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors import view_changes, view_steps
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.view_steps import Steps
from hello_dl.tensors.views import same, view_of

Key = tuple[Any, ...]


class _Places(NamedTuple):
    """What a key means for a tensor of a known shape: first slices and a new shape, then arrays."""

    steps: Steps  # of the view that the numbers, slices and None of the key take
    shape: tuple[int, ...]  # of that view
    arrays: Key  # for each axis of that view an array or a full slice; () if the key has no arrays


def _plain_key(key: Any) -> Key:
    """Return the key as a tuple in which tensors and lists are numpy arrays. Tensors are computed for it.

    IndexError for an array of real numbers, ValueError for a slice with a step of 0 or less.
    """
    if type(key) is int or (type(key) is slice and key.step is None):
        return (key,)
    if isinstance(key, list) and any(isinstance(part, list | tuple | slice | Tensor) for part in key):
        key = tuple(key)  # PyTorch and older numpy: a list of lists has one part for each axis
    parts = key if isinstance(key, tuple) else (key,)
    plain: list[Any] = []
    for part in parts:
        if isinstance(part, Tensor):
            part = part.numpy()
        elif isinstance(part, list | tuple | range):
            part = np.asarray(part, np.int64) if not len(part) else np.asarray(part)
        elif isinstance(part, bool | np.bool_):
            part = np.asarray(part)
        if isinstance(part, np.ndarray):
            if part.dtype.kind not in "iub":
                raise IndexError(f"index: needs integers or truth values, got an array of {part.dtype}")
            if part.ndim == 0 and part.dtype.kind != "b":
                part = int(part)
        elif isinstance(part, slice):
            if part.step is not None and part.step <= 0:
                raise Refusal(f"index: needs a step above 0, got {part.step}; x.flip(0) turns an axis round")
        elif not (part is None or part is Ellipsis or hasattr(part, "__index__")):
            raise IndexError(f"index: needs integers, slices, None, ... or arrays, got {type(part).__name__}")
        plain.append(part)
    return tuple(plain)


def _places(key: Key, sizes: tuple[int, ...]) -> _Places:
    """Return what a key means for a tensor of these sizes. IndexError if it does not fit."""
    if len(key) == 1 and sizes:
        part, size, rest = key[0], sizes[0], sizes[1:]
        if type(part) is int:  # x[i] and x[i:j] are by far the most frequent
            i = _in_range(part, size, 0)
            return _Places((("slices", ((i, i + 1, 1),), sizes), ("reshape", rest)), rest, ())
        if type(part) is slice:
            cut, count = _cut(part, size)
            if count != size:
                return _Places((("slices", (cut,), sizes),), (count, *rest), ())
    return _places_of_any(key, sizes)


def _places_of_any(key: Key, sizes: tuple[int, ...]) -> _Places:
    """Return what _places does, for a key of any kind."""
    ranges: list[tuple[int, int, int]] = []
    cut: list[int] = []  # the sizes after the ranges
    shape: list[int] = []
    arrays: list[Any] = []
    with_arrays = False
    for part in _one_for_each_axis(key, len(sizes)):
        dim = len(ranges)
        if part is None:
            shape.append(1)
            arrays.append(slice(None))
        elif isinstance(part, slice):
            places, count = _cut(part, sizes[dim])
            ranges.append(places)
            cut.append(count)
            shape.append(count)
            arrays.append(slice(None))
        elif isinstance(part, np.ndarray):
            with_arrays = True
            axes = sizes[dim : dim + _axes_of(part)]
            if part.dtype.kind == "b" and part.shape != axes:
                raise IndexError(f"index: a mask of shape {part.shape} does not fit axes of the sizes {axes}")
            ranges.extend((0, size, 1) for size in axes)
            cut.extend(axes)
            shape.extend(axes)
            arrays.append(part if part.dtype.kind == "b" else _checked(part, sizes[dim], dim))
        else:
            i = _in_range(part.__index__(), sizes[dim], dim)
            ranges.append((i, i + 1, 1))
            cut.append(1)
    steps: Steps = (("slices", tuple(ranges), sizes),)
    if cut != shape or (tuple(cut) == sizes and not with_arrays):
        steps += (("reshape", tuple(shape)),)
    return _Places(steps, tuple(shape), tuple(arrays) if with_arrays else ())


def _cut(part: slice, size: int) -> tuple[tuple[int, int, int], int]:
    """Return start, stop and step of a slice of an axis, and the count of its places."""
    start, stop, step = part.indices(size)
    count = len(range(start, stop, step))
    return ((start, max(start, stop), step) if count != size else (0, count, 1)), count


def _in_range(i: int, size: int, axis: int) -> int:
    """Return an index, counted from the front. IndexError if it is out of range."""
    if not -size <= i < size:
        raise IndexError(f"index: {i} is out of range for axis {axis} of size {size}")
    return i + size if i < 0 else i


def _axes_of(array: NDArray[Any]) -> int:
    """Return how many axes of a tensor an array stands for: a mask for as many as it has itself."""
    return array.ndim if array.dtype.kind == "b" else 1


def _one_for_each_axis(key: Key, dims: int) -> Key:
    """Put full slices in place of ..., or at the end, so that every axis has its part of the key.

    IndexError for more parts than axes, or more than one "...".
    """
    used, dots = 0, -1
    for i, part in enumerate(key):
        if part is Ellipsis:
            if dots >= 0:
                raise IndexError("index: needs at most one '...'")
            dots = i
        elif part is not None:
            used += _axes_of(part) if isinstance(part, np.ndarray) else 1
    if used > dims:
        raise IndexError(f"index: too many indices, {used} for a tensor of {dims} axes")
    rest = (slice(None),) * (dims - used)
    return key + rest if dots < 0 else key[:dots] + rest + key[dots + 1 :]


def _checked(index: NDArray[Any], size: int, axis: int) -> NDArray[Any]:
    """Return indices with negative ones counted from the end. IndexError for one out of range."""
    if index.size and not (-size <= index.min() and index.max() < size):
        wrong = index.min() if index.min() < -size else index.max()
        raise IndexError(f"index: {wrong} is out of range for axis {axis} of size {size}")
    return np.where(index < 0, index + size, index)


def _numbered(places: _Places, sizes: tuple[int, ...]) -> NDArray[Any]:
    """Return the places of the picked numbers in the flattened tensor."""
    numbers = np.arange(int(np.prod(sizes)), dtype=np.int64).reshape(sizes)
    return _picked(view_steps.in_array(numbers, places.steps), places)


def _picked(array: NDArray[Any], places: _Places) -> NDArray[Any]:
    """Return what the arrays of a key pick from a numpy array. IndexError if they do not fit each other."""
    if not places.arrays:
        return array
    try:
        return array[places.arrays]
    except IndexError as error:
        raise IndexError(f"index: {error}") from None


def get(x: Tensor, key: Any) -> Tensor:
    """Return x[key]: a view of x, or, if arrays are in the key, new numbers."""
    plain = _plain_key(key)
    places = _places(plain, x.shape)
    if x.is_computed and not x.requires_grad:  # the numbers are there, so numpy can pick at once
        array = x._raw() if x.dtype == REAL else x.numpy()
        picked = _picked(view_steps.in_array(array, places.steps), places) if places.arrays else array[plain]
        y = _core.from_numpy(np.asarray(picked))
    else:
        y = view_steps.take(x, places.steps)
        if places.arrays:
            y = _picked_later(y, places.arrays)
    return y if places.arrays else view_of(x, y, *places.steps)


def _picked_later(x: Tensor, arrays: Key) -> Tensor:
    """Return what arrays pick, one for each axis of x or a full slice, as an expression."""
    at = [i for i, part in enumerate(arrays) if isinstance(part, np.ndarray)]
    if len(at) == 1 and arrays[at[0]].dtype.kind != "b":
        return _core.index_select(x, at[0], _core.from_numpy(arrays[at[0]]))
    if _picks_one_of_each_row(x, arrays):
        return _core.pick(x, _core.from_numpy(arrays[1]))
    places = _numbered(_Places((), x.shape, arrays), x.shape)
    return _core.index_select(_core.reshape(x, (-1,)), 0, _core.from_numpy(places))


def _picks_one_of_each_row(x: Tensor, arrays: Key) -> bool:
    """Whether the key is x[arange(n), labels], for which the engine has an op that runs row by row."""
    return (
        x.ndim == 2
        and len(arrays) == 2
        and all(isinstance(part, np.ndarray) and part.dtype.kind != "b" for part in arrays)
        and arrays[0].shape == arrays[1].shape == (x.shape[0],)
        and bool((arrays[0] == np.arange(x.shape[0])).all())
    )


def put(x: Tensor, key: Any, value: Any) -> None:
    """Do x[key] = value. If gradients are recorded, the object x then stands for a new expression.

    ValueError for a leaf that requires a gradient, except under no_grad, and for a value that does not fit.
    """
    who = "x[...] = y"
    places = _places(_plain_key(key), x.shape)
    if isinstance(value, Tensor):
        if not places.arrays and same(x, value, places.steps):
            return  # the end of x[i] += 1, which has changed x already
    else:
        value = _as_numbers(value)
    flows = isinstance(value, Tensor) and value.requires_grad
    records = _core.is_grad_enabled() and (flows or x.requires_grad)
    view_changes.check(x, who, records, places.steps)
    if not records:
        numbers = value.numpy() if isinstance(value, Tensor) else value
        if view_changes.edit(x, lambda array: _write(array, places, numbers)):
            return
    value = value if isinstance(value, Tensor) else _core.from_numpy(value)
    view_changes.change(x, view_steps.recording(records, _replaced, x, places, value), records)


def _as_numbers(value: Any) -> NDArray[Any]:
    """Return a number, array or list as an array. TypeError for anything else."""
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "fiub":
        raise TypeError(f"x[...] = y: needs a tensor, a number or an array, got {type(value).__name__}")
    return numbers


def _fitted(shape: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of what is assigned, without first axes of size 1 that are too many.

    ValueError if it does not broadcast to the wanted shape even so.
    """
    extra = max(0, len(shape) - len(wanted))
    fitted = shape[extra:]
    pairs = zip(reversed(fitted), reversed(wanted), strict=False)
    if any(size != 1 for size in shape[:extra]) or any(size not in (1, want) for size, want in pairs):
        raise Refusal(f"x[...] = y: needs shape {wanted}, or one that broadcasts to it, got {shape}")
    return fitted


def _write(array: NDArray[Any], places: _Places, numbers: NDArray[Any]) -> None:
    """Overwrite the numbers at these places of an array."""
    target = view_steps.in_array(array, places.steps)
    wanted = _picked(target, places).shape
    with np.errstate(invalid="ignore"):  # NaN becomes an integer somehow, as in PyTorch
        target[places.arrays or ...] = numbers.reshape(_fitted(numbers.shape, wanted))


def _replaced(x: Tensor, places: _Places, value: Tensor) -> Tensor:
    """Return x with the numbers at these places taken from value."""
    if not places.arrays:
        value = _core.reshape(value, _fitted(value.shape, places.shape))
        value = value.to(dtype=x.dtype)
        return view_steps.put(x, places.steps, _core.expand(value, places.shape))
    at = _numbered(places, x.shape)
    numbered = np.arange(int(np.prod(value.shape))).reshape(_fitted(value.shape, at.shape))
    source, chosen = np.zeros(x.shape, np.int64), np.zeros(x.shape, bool)
    source.reshape(-1)[at] = np.broadcast_to(numbered, at.shape)
    chosen.reshape(-1)[at] = True
    if not at.size:
        return _core.reshape(x, x.shape)
    new = _core.index_select(_core.reshape(value, (-1,)), 0, _core.from_numpy(source))
    return _core.where(_core.from_numpy(chosen), new.to(dtype=x.dtype), x)
