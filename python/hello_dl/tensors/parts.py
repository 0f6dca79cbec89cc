"""The methods of Tensor that take it apart along an axis.

All but flip return views: tensors that share their numbers with the one they were taken from (views.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.clones import clone_of
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.shapes import is_integer, length_along, sizes_of
from hello_dl.tensors.view_steps import PART, Step, Steps, in_array, take
from hello_dl.tensors.views import view_of


def _part(x: Tensor, axis: int, start: int, stop: int, *more: Step) -> Tensor:
    """Return a view of the places from start to stop - 1 along an axis; `more` steps lead on from there."""
    sizes = x.shape
    ranges = (*[(0, size, 1) for size in sizes[:axis]], (start, stop, 1))
    steps: Steps = (("slices", ranges, sizes), *more)
    if x.is_computed and not x.requires_grad:
        array = x._raw() if x.dtype == REAL else x.numpy()
        return view_of(x, _core.from_numpy(in_array(array, steps)), *steps)
    if stop - start == sizes[axis] and more in ((), (PART,)):
        steps += (("reshape", sizes),)  # the engine returns x itself for a slice of everything
    return view_of(x, take(x, steps), *steps)


def row(x: Tensor, axis: int, i: int, *more: Step) -> Tensor:
    """Return a view of one place along an axis, without that axis."""
    sizes = x.shape
    return _part(x, axis, i, i + 1, ("reshape", (*sizes[:axis], *sizes[axis + 1 :])), *more)


class PartMethods(Tensor):
    """Methods that take a tensor apart. methods.py moves them to Tensor itself."""

    def flip(self, *axes: int | Sequence[int], dims: Sequence[int] = ()) -> Tensor:
        """Return a copy with the order turned round along these axes, which may also be given as `dims`."""
        y: Tensor = self
        for dim in sizes_of(axes or tuple(dims), "flip", "axes"):
            axis, length = length_along(self, dim, "flip")
            y = _core.index_select(y, axis, _core.from_numpy(np.arange(length)[::-1]))
        return clone_of(y) if y is self else y

    def split(self, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
        """Cut an axis into pieces of this size (the last may be smaller), or of these sizes.

        ValueError if the sizes do not add up to the axis's length.
        """
        axis, length = length_along(self, dim, "split")
        sizes = list(sizes_of((split_size,), "split"))
        if is_integer(split_size):
            if sizes[0] < 1:
                raise Refusal(f"split: needs pieces of at least 1, got {split_size}")
            sizes = [min(sizes[0], length - i) for i in range(0, length, sizes[0])] or [0]
        elif sum(sizes) != length or min(sizes, default=0) < 0:
            raise Refusal(f"split: needs sizes that add up to {length}, got {sizes}")
        stops = list(accumulate(sizes))
        return tuple(
            _part(self, axis, stop - size, stop, PART) for size, stop in zip(sizes, stops, strict=True)
        )

    def chunk(self, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
        """Cut an axis into at most this many pieces of equal size; the last may be smaller."""
        if chunks < 1:
            raise Refusal(f"chunk: needs at least 1 piece, got {chunks}")
        axis, length = length_along(self, dim, "chunk")
        if length == 0:
            return tuple(_part(self, axis, 0, 0, PART) for _ in range(chunks))
        return self.split(-(-length // chunks), axis)

    def unbind(self, dim: int = 0) -> tuple[Tensor, ...]:
        """Return the slices along one axis, without that axis."""
        axis, length = length_along(self, dim, "unbind")
        return tuple(row(self, axis, i, PART) for i in range(length))

    def select(self, dim: int, index: int) -> Tensor:
        """Return one slice along an axis, without that axis: x.select(1, 0) is x[:, 0]."""
        axis, size = length_along(self, dim, "select")
        if not -size <= index < size:
            raise IndexError(f"select: {index} is out of range for axis {axis} of size {size}")
        return row(self, axis, index % size)

    def narrow(self, dim: int, start: int, length: int) -> Tensor:
        """Return `length` places along an axis, from `start` on: x.narrow(1, 2, 3) is x[:, 2:5]."""
        axis, size = length_along(self, dim, "narrow")
        first = start + size if start < 0 else start
        if min(first, length) < 0 or first + length > size:
            raise IndexError(f"narrow: needs places within an axis of {size}, got {length} from {start} on")
        return _part(self, axis, first, first + length)
