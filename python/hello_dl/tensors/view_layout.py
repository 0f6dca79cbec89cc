"""Where the numbers of a view are in the memory of the tensor that it was taken from."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from hello_dl.tensors.view_steps import Steps, moves_of

Shape = tuple[int, ...]


class Layout(NamedTuple):
    """Where the numbers are, counted in numbers: neighbours along an axis are a stride of this axis apart."""

    sizes: Shape
    strides: tuple[int, ...]
    first: int


def plain(shape: Shape) -> Layout:
    """Return the layout of numbers one after the other, the last axis side by side (PyTorch: contiguous)."""
    return Layout(shape, tuple(math.prod(shape[i + 1 :]) for i in range(len(shape))), 0)


def layout_of(steps: Steps, shape: Shape) -> Layout:
    """Return the layout of the view of this shape that these steps make of a tensor."""
    moves = moves_of(steps)
    return _layout_of(moves) if moves else plain(shape)


@lru_cache(maxsize=4096)
def _layout_of(moves: Steps) -> Layout:
    """Return what layout_of does, for one step or more that each move numbers."""
    view = plain(moves[0][1] if moves[0][0] == "reshape" else moves[0][2])
    for kind, how, *_ in moves:
        sizes, strides, first = view
        if kind == "slices":
            cut = [len(range(*part)) for part in how]
            first += sum(stride * part[0] for stride, part in zip(strides, how, strict=False))
            steps = (stride * part[2] for stride, part in zip(strides, how, strict=False))
            view = Layout((*cut, *sizes[len(how) :]), (*steps, *strides[len(how) :]), first)
        elif kind == "permute":
            view = Layout(tuple(sizes[i] for i in how), tuple(strides[i] for i in how), first)
        elif kind == "expand":
            view = Layout(how, expanded(sizes, strides, how), first)
        else:
            reshaped = strides_after(view, how)
            assert reshaped is not None, "a reshape that copies is no view"
            view = Layout(how, reshaped, first)
    return view


def base_sizes(*views: tuple[Steps, Shape]) -> Shape:
    """Return sizes of a tensor that all these steps can begin at; a shape is that of the view."""
    found: Shape = ()
    for steps, shape in views:
        first = next(iter(moves_of(steps)), None)
        if first is None:
            return shape
        if first[0] != "reshape":
            return first[2]  # type: ignore[no-any-return]
        found = first[1]  # a reshape can begin at any sizes with as many numbers
    return found


def expanded(sizes: Shape, strides: tuple[int, ...], shape: Shape) -> tuple[int, ...]:
    """Return the strides after an expand to `shape`: 0 along the axes that are repeated."""
    new = len(shape) - len(sizes)
    old = zip(sizes, strides, shape[new:], strict=True)
    return (*[0] * new, *(0 if size != wanted else stride for size, stride, wanted in old))


def strides_after(view: Layout, shape: Shape) -> tuple[int, ...] | None:
    """Return the strides of a view in another shape, or None if its numbers would have to be copied."""
    if 0 in shape:
        return plain(shape).strides
    runs: list[tuple[int, int]] = []  # of axes that are one walk through memory: count of numbers, stride
    for size, stride in zip(view.sizes, view.strides, strict=True):
        if size == 1:
            continue
        if runs and runs[-1][1] == stride * size:
            runs[-1] = (runs[-1][0] * size, stride)
        else:
            runs.append((size, stride))
    result, left, stride = [], 1, 1
    for size in shape:
        if size == 1:
            result.append(1)
            continue
        if left == 1:
            left, stride = runs.pop(0)
        if left % size:
            return None
        left //= size
        result.append(stride * left)
    return tuple(result)


def is_plain(view: Layout) -> bool:
    """Whether the numbers lie one after the other in the order of the axes."""
    pairs = zip(view.sizes, view.strides, plain(view.sizes).strides, strict=True)
    return 0 in view.sizes or all(size == 1 or stride == wanted for size, stride, wanted in pairs)


def repeats(view: Layout) -> bool:
    """Whether one number is seen in several places, as after expand."""
    return any(stride == 0 and size > 1 for size, stride in zip(view.sizes, view.strides, strict=True))


def span_of(view: Layout) -> tuple[int, int]:
    """Return the places of the first and the last number; without numbers, the last is before the first."""
    sizes, strides, first = view
    if 0 in sizes:
        return first, first - 1
    return first, first + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))


def disjoint(a: Steps, b: Steps) -> bool:
    """Whether two views of one tensor are sure to have no number in common: they are slices side by side."""
    for one, other in zip(moves_of(a), moves_of(b), strict=False):
        if one != other:
            if one[0] != "slices" or other[0] != "slices":
                return False
            return any(p[1] <= q[0] or q[1] <= p[0] for p, q in zip(one[1], other[1], strict=False))
    return False
