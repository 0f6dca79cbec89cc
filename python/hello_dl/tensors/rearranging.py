"""Functions that put numbers of a tensor into other places, and cut it into parts. Most are methods, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.clones import clone_of
from hello_dl.tensors.shapes import axis_of, is_integer, length_along, sizes_of


def tensors_of(tensors: Any) -> list[Tensor]:
    """Return tensors that were given one by one or as a list."""
    if len(tensors) == 1 and not isinstance(tensors[0], Tensor):
        return list(tensors[0])
    return list(tensors)


# ---- along axes -------------------------------------------------------------------------------------------


def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> Tensor:
    """Move the numbers along axes, or all in a row; what leaves at one end comes in at the other."""
    steps = sizes_of((shifts,), "roll", "shifts")
    if dims is None or dims == ():
        if len(steps) != 1:
            raise Refusal(f"roll: needs an axis for each of {len(steps)} shifts, got none")
        return (
            _core.reshape(roll(_core.reshape(input, (-1,)), steps[0], 0), input.shape)
            if input.numel()
            else input
        )
    axes = sizes_of((dims,), "roll", "axes")
    if len(axes) != len(steps):
        raise Refusal(f"roll: needs as many axes as shifts, got {dims} and {shifts}")
    for shift, dim in zip(steps, axes, strict=True):
        axis = axis_of(dim, input.ndim, "roll")
        size = input.shape[axis] if input.ndim else 1
        if size > 1 and shift % size:
            cut = size - shift % size
            parts = _core.slice(input, axis, cut, size), _core.slice(input, axis, 0, cut)
            input = _core.cat(parts, axis)
    return input


def tile(input: Tensor, *dims: Any) -> Tensor:
    """Return copies side by side, dims[i] of them along axis i, counted from the last axis."""
    counts = sizes_of(dims, "tile", "numbers of copies")
    return input.repeat((1,) * (input.ndim - len(counts)) + counts)


def ravel(input: Tensor) -> Tensor:
    """Return all numbers in a row."""
    return input.reshape(-1)


def fliplr(input: Tensor) -> Tensor:
    """Return a matrix with its columns in reverse order."""
    if input.ndim < 2:
        raise Refusal(f"fliplr: needs at least two axes, got {input.shape}")
    return input.flip(1)


def flipud(input: Tensor) -> Tensor:
    """Return a matrix with its rows in reverse order."""
    if input.ndim < 1:
        raise Refusal("flipud: needs at least one axis, got a number alone")
    return input.flip(0)


def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turn a matrix by k quarters, from the first of two axes to the second."""
    axes = [axis_of(d, input.ndim, "rot90") for d in dims]
    if len({*axes}) != 2 or len(axes) != 2 or input.ndim < 2:
        raise Refusal(f"rot90: needs two different axes, got {tuple(dims)} of {input.shape}")
    a, b = axes
    if k % 4 == 2:
        return input.flip(a, b)
    if k % 4 == 0:
        return clone_of(input)
    return input.flip(b).transpose(a, b) if k % 4 == 1 else input.transpose(a, b).flip(b)


def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Repeat each place along an axis `repeats` times, one number or one for each.

    Without dim of all numbers. Of repeats (n,) alone: 0 repeats[0] times, 1 repeats[1] times, and so on.
    """
    if repeats is None:
        return repeat_interleave(
            _core.from_numpy(np.arange(input.numel())), input, 0, output_size=output_size
        )
    if dim is None:
        input, dim = _core.reshape(input, (input.numel(),)), 0
    axis, length = length_along(input, dim, "repeat_interleave")
    counts = repeats.numpy() if isinstance(repeats, Tensor) else np.asarray(repeats)
    if counts.dtype.kind != "i" or counts.ndim > 1 or counts.size not in (1, length) or (counts < 0).any():
        raise Refusal(
            f"repeat_interleave: needs one whole number of 0 or more, or {length} of them, got {repeats}"
        )
    places = np.repeat(
        np.arange(length), counts.reshape(-1) if counts.size == length else int(counts.reshape(-1)[0])
    )
    if output_size is not None and output_size != len(places):
        raise Refusal(f"repeat_interleave: needs output_size {len(places)}, got {output_size}")
    return _core.index_select(input, axis, _core.from_numpy(places))


def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Return windows of `size` places along an axis, `step` apart: (n,) gives (windows, size); a copy.

    The windows take the axis's place, and what is in a window becomes the last axis.
    """
    axis = axis_of(dimension, input.ndim, "unfold")
    length = input.shape[axis] if input.ndim else 1
    if not 0 <= size <= length or step < 1:
        raise Refusal(
            f"unfold: needs a size from 0 to {length} and a step of at least 1, got {size} and {step}"
        )
    if input.ndim == 0:
        return _core.reshape(input, (1,))
    places = np.arange(0, length - size + 1, step)[:, None] + np.arange(size)
    y = _core.index_select(input, axis, _core.from_numpy(places))
    return _core.permute(y, [d for d in range(y.ndim) if d != axis + 1] + [axis + 1])


def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """Return the differences of neighbours along an axis, n times over.

    prepend and append are joined to it first.
    """
    axis, _ = length_along(input, dim, "diff")
    if n == 0:
        return input
    parts = [t for t in (prepend, input, append) if t is not None]
    y = _core.cat(parts, axis) if len(parts) > 1 else input
    if n < 0:
        raise Refusal(f"diff: needs an n of 0 or more, got {n}")
    for _ in range(min(n, y.shape[axis])):
        length = y.shape[axis]
        later, earlier = (
            _core.slice(y, axis, min(1, length), length),
            _core.slice(y, axis, 0, max(length - 1, 0)),
        )
        y = _core.ne(later, earlier) if y.dtype == "bool" else _core.sub(later, earlier)
    return y


def msort(input: Tensor) -> Tensor:
    """Return the tensor sorted along its first axis."""
    values: Tensor = input.sort(0)[0]
    return values


def broadcast_to(input: Tensor, size: Any, *sizes: int) -> Tensor:
    """Repeat axes of length 1 up to these sizes, as expand."""
    return input.expand(sizes_of((size, *sizes), "broadcast_to"))


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """Return the shape that tensors of these shapes have together. ValueError if they do not fit."""
    plain = [(s,) if is_integer(s) else tuple(s) for s in shapes]
    try:
        return tuple(int(size) for size in np.broadcast_shapes(*plain))
    except ValueError:
        raise Refusal(f"broadcast_shapes: needs shapes that broadcast, got {plain}") from None


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Repeat axes of length 1 until all tensors have one shape."""
    given = tensors_of(tensors)
    shape = broadcast_shapes(*(t.shape for t in given))
    return tuple(t.expand(shape) for t in given)


# ---- apart -----------------------------------------------------------------------------------


def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Cut an axis into so many nearly equal parts, or in front of these places."""
    axis, length = length_along(input, dim, "tensor_split")
    where = indices_or_sections.tolist() if isinstance(indices_or_sections, Tensor) else indices_or_sections
    if is_integer(where):
        if where < 1:
            raise Refusal(f"tensor_split: needs at least 1 part, got {where}")
        sizes = [length // where + (i < length % where) for i in range(where)]
        return input.split(sizes, axis)
    ends = [range(length)[:i].stop for i in where] + [length]
    starts = [0, *ends[:-1]]
    return tuple(input.narrow(axis, min(a, length), max(b - a, 0)) for a, b in zip(starts, ends, strict=True))


def split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cut an axis into pieces of these sizes."""
    return input.split(list(split_sizes), dim)


def _split_along(who: str, x: Tensor, where: Any, axis: int) -> tuple[Tensor, ...]:
    if x.ndim <= min(axis, 2) and not (axis == 1 and x.ndim == 1):
        raise Refusal(f"{who}: needs more axes, got {x.shape}")
    axis = min(axis, x.ndim - 1)
    if isinstance(where, str):
        raise TypeError(f"{who}: needs a number of parts or places, got {where!r}")
    if is_integer(where) and (where < 1 or x.shape[axis] % where):
        raise Refusal(f"{who}: needs a number of parts that divides {x.shape[axis]}, got {where}")
    return tensor_split(x, where, axis)


def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut a matrix into columns, a vector into parts; as tensor_split along axis 1 (or 0)."""
    return _split_along("hsplit", input, indices_or_sections, 1)


def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut a matrix into rows; as tensor_split along axis 0."""
    if input.ndim < 2:
        raise Refusal(f"vsplit: needs at least two axes, got {input.shape}")
    return _split_along("vsplit", input, indices_or_sections, 0)


def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Cut along axis 2; as tensor_split."""
    return _split_along("dsplit", input, indices_or_sections, 2)
