"""The steps that lead from a tensor to a view of it, and back: slices, another shape, another order of axes.

A step is a tuple of its kind and of how it is done:
("slices", ranges, sizes before): a (start, stop, step) for each of the first axes; the others are kept whole;
("reshape", shape), ("permute", order of the axes, sizes before) and ("expand", shape, sizes before);
("detach", a number), another number each time, because what follows a detach() has a gradient of its own;
("part", None), which leads nowhere, but marks what split, chunk, unbind or a loop over a tensor returns.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor

Step: TypeAlias = tuple[Any, ...]
Steps: TypeAlias = tuple[Step, ...]
Ranges: TypeAlias = tuple[tuple[int, int, int], ...]
Layout: TypeAlias = tuple[
    tuple[int, ...], tuple[int, ...]
]  # of each axis: its size, and its stride in numbers

_detaches = itertools.count()
_ALWAYS = _core.from_numpy(np.asarray(True))
_detached_now = Tensor.detach  # the engine's own method; it computes the numbers first


PART: Step = ("part", None)


def new_detach() -> Step:
    """Return the step of one call of detach()."""
    return "detach", next(_detaches)


def after_detach(steps: Steps) -> int:
    """Return how many of these steps there are up to the last detach and with it; 0 without one."""
    return max((i + 1 for i, step in enumerate(steps) if step[0] == "detach"), default=0)


def _moves(steps: Steps) -> Steps:
    """Return the steps without those that leave all numbers in their places."""
    return tuple(step for step in steps if step[0] not in ("detach", "part"))


def recording(enabled: bool, function: Any, *arguments: Any) -> Any:
    """Call a function while gradients are recorded, or are not."""
    before = _core.is_grad_enabled()
    _core.set_grad_enabled(enabled)
    try:
        return function(*arguments)
    finally:
        _core.set_grad_enabled(before)


def detached(x: Tensor) -> Tensor:
    """Return the same numbers without gradient. Nothing is computed for it; computed numbers are shared."""
    if x.is_computed:
        return _detached_now(x)
    if not _core.is_grad_enabled():
        return _core.reshape(x, x.shape)
    _core.set_grad_enabled(False)
    try:
        return _core.reshape(x, x.shape)
    finally:
        _core.set_grad_enabled(True)


def keep_gradient(x: Tensor, value: Tensor) -> Tensor:
    """Return a tensor with the numbers of `value` and the gradient of x, as after a change under no_grad."""
    value = detached(value)
    if not x.requires_grad:
        return value
    zeros = recording(True, _core.sub, x, detached(x))  # NaN where x is infinite
    return recording(True, _core.add, value, recording(True, _core.where, _core.eq(zeros, 0), zeros, 0.0))


def instead_of(x: Tensor, value: Tensor) -> Tensor:
    """Return `value`; if x records a gradient, so does the result: a gradient of 0."""
    return _core.where(_ALWAYS, value, x) if x.requires_grad and _core.is_grad_enabled() else value


# ---- from a tensor to its view -----------------------------------------------------------------------------


def take(x: Tensor, steps: Steps) -> Tensor:
    """Return the view of x that these steps lead to, as an expression."""
    for step in steps:
        kind, how = step[:2]
        if kind == "slices":
            x = sliced(x, how)
        elif kind == "reshape":
            x = _core.reshape(x, how)
        elif kind == "permute":
            x = _core.permute(x, how)
        elif kind == "expand":
            x = _core.expand(x, how)
        elif kind == "detach":
            x = detached(x)
    return x


def sliced(x: Tensor, ranges: Ranges) -> Tensor:
    """Return every step-th place from start to stop - 1 along each of the first axes."""
    sizes = x.shape
    for dim, (start, stop, step) in enumerate(ranges):
        if step != 1 or stop - start != sizes[dim]:
            x = _core.slice(x, dim, start, stop, step)
    return x


def in_array(array: NDArray[Any], steps: Steps) -> NDArray[Any]:
    """Return the view of a numpy array that these steps lead to. It shares the array's memory."""
    for step in steps:
        kind, how = step[:2]
        if kind == "slices":
            array = array[(*(slice(*part) for part in how), ...)]
        elif kind == "reshape":
            array = array.reshape(how)
        elif kind == "permute":
            array = array.transpose(how)
        elif kind == "expand":
            strides = _expanded(array.shape, array.strides, how)
            array = as_strided(array, how, strides)
    return array


# ---- from a changed view back to the tensor ----------------------------------------------------------------


def put(x: Tensor, steps: Steps, view: Tensor) -> Tensor:
    """Return x with the numbers of `view` in the places that these steps lead to, as an expression."""
    if not steps:
        return view
    kind, how = steps[0][:2]
    if len(steps) > 1:
        view = put(take(x, steps[:1]), steps[1:], view)
    if kind == "slices":
        sizes = x.shape
        cuts = [(dim, *cut) for dim, cut in enumerate(how) if cut != (0, sizes[dim], 1)]
        return _put_slices(x, cuts, view)
    if kind == "reshape":
        return _core.reshape(view, x.shape)
    if kind == "permute":
        return _core.permute(view, sorted(range(len(how)), key=how.__getitem__))
    if kind == "detach":
        return keep_gradient(x, view)
    if kind == "part":
        return view
    raise ValueError(
        "an expanded tensor cannot be changed in place while gradients are recorded; change a copy"
    )


def _put_slices(x: Tensor, cuts: list[tuple[int, int, int, int]], view: Tensor) -> Tensor:
    """Return x with `view` in the places given by (axis, start, stop, step) of some axes."""
    if not cuts:
        return instead_of(x, view)
    dim, start, stop, step = cuts[0]
    size = x.shape[dim]
    if len(cuts) > 1:
        view = _put_slices(_core.slice(x, dim, start, stop, step), cuts[1:], view)
    count = view.shape[dim]
    if step == 1 or count < 2:
        before, after = (0, start), (start + count, size)
        pieces = [_core.slice(x, dim, *part, 1) for part in (before, after) if part[0] < part[1]]
        return _core.cat([*pieces[: start > 0], view, *pieces[start > 0 :]], dim)
    chosen, source = np.zeros(size, bool), np.zeros(size, np.int64)
    chosen[start:stop:step] = True
    source[start:stop:step] = np.arange(count)
    spread = _core.index_select(view, dim, _core.from_numpy(source))
    return _core.where(_core.from_numpy(chosen.reshape(-1, *[1] * (x.ndim - dim - 1))), spread, x)


# ---- how a view lies in the memory of its tensor -----------------------------------------------------------


def layout(steps: Steps, shape: tuple[int, ...]) -> Layout:
    """Return the sizes and strides of the view of this shape that these steps make of a tensor."""
    moves = _moves(steps)
    return _layout(moves) if moves else (shape, plain_strides(shape))


def base_sizes(*views: tuple[Steps, tuple[int, ...]]) -> tuple[int, ...]:
    """Return sizes of a tensor that all these steps can begin at; with the steps, the shape of each view."""
    found: tuple[int, ...] = ()
    for steps, shape in views:
        first = next(iter(_moves(steps)), None)
        if first is None:
            return shape
        if first[0] != "reshape":
            return first[2]  # type: ignore[no-any-return]
        found = first[1]  # a reshape can begin at any sizes with as many numbers
    return found


@lru_cache(maxsize=4096)
def _layout(steps: Steps) -> Layout:
    """Return what layout does, for at least one step and none that leaves all numbers in their places."""
    sizes = steps[0][1] if steps[0][0] == "reshape" else steps[0][2]
    strides = plain_strides(sizes)
    for step in steps:
        kind, how = step[:2]
        if kind == "slices":
            rest = len(how)
            strides = (*(s * cut[2] for s, cut in zip(strides, how, strict=False)), *strides[rest:])
            sizes = (*(len(range(*cut)) for cut in how), *sizes[rest:])
        elif kind == "reshape":
            reshaped = strides_after((sizes, strides), how)
            assert reshaped is not None, "only a reshape that needs no copy is a view"
            sizes, strides = how, reshaped
        elif kind == "permute":
            sizes, strides = tuple(sizes[i] for i in how), tuple(strides[i] for i in how)
        else:
            sizes, strides = how, _expanded(sizes, strides, how)
    return sizes, strides


def plain_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of numbers that lie one after the other, the last axis side by side."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def _expanded(sizes: Sequence[int], strides: Sequence[int], shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides after an expand to `shape`: 0 along the axes that are repeated."""
    new = len(shape) - len(sizes)
    old = zip(sizes, strides, shape[new:], strict=True)
    return (*[0] * new, *(0 if size != wanted else stride for size, stride, wanted in old))


def strides_after(view: Layout, shape: Sequence[int]) -> tuple[int, ...] | None:
    """Return the strides of a view in another shape, or None if its numbers would have to be copied."""
    sizes, strides = view
    if 0 in sizes:
        return plain_strides(shape)
    runs: list[tuple[int, int]] = []  # axes that are one walk through memory: count of numbers, stride
    for size, stride in zip(sizes, strides, strict=True):
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
    """Whether the numbers lie one after the other in the order of the axes (PyTorch: contiguous)."""
    sizes, strides = view
    pairs = zip(sizes, strides, plain_strides(sizes), strict=True)
    return 0 in sizes or all(size == 1 or stride == plain for size, stride, plain in pairs)


def repeats(view: Layout) -> bool:
    """Whether one number is seen in several places, as after expand."""
    return any(stride == 0 and size > 1 for size, stride in zip(*view, strict=True))


def disjoint(a: Steps, b: Steps) -> bool:
    """Whether two views of one tensor are sure to have no number in common: they are slices side by side."""
    a, b, at = _moves(a), _moves(b), 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        at += 1
    if at >= len(a) or at >= len(b) or a[at][0] != "slices" or b[at][0] != "slices":
        return False
    return any(p[1] <= q[0] or q[1] <= p[0] for p, q in zip(a[at][1], b[at][1], strict=False))
