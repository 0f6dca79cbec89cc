"""The steps that lead from a tensor to a view of it, and back: slices, another shape, another order of axes.

A step is a tuple of its kind and of how it is done:
("slices", ranges, sizes before): a (start, stop, step) for each of the first axes; the others are kept whole;
("reshape", shape), ("permute", order of the axes, sizes before) and ("expand", shape, sizes before);
("detach", a number), another number each time, because what follows a detach() has a gradient of its own;
("part", None), which leads nowhere, but marks what split, chunk, unbind or a loop over a tensor returns.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor

Step: TypeAlias = tuple[Any, ...]
Steps: TypeAlias = tuple[Step, ...]
Ranges: TypeAlias = tuple[tuple[int, int, int], ...]

PART: Step = ("part", None)

_detaches = itertools.count()
_detached_now = Tensor.detach  # the engine's own method; it computes the numbers first
_ALWAYS = _core.from_numpy(np.asarray(True))


def new_detach() -> Step:
    """Return the step of one call of detach()."""
    return "detach", next(_detaches)


def after_detach(steps: Steps) -> int:
    """Return how many of these steps there are up to the last detach and with it; 0 without one."""
    return max((i + 1 for i, step in enumerate(steps) if step[0] == "detach"), default=0)


def moves_of(steps: Steps) -> Steps:
    """Return the steps without those that leave all numbers in their places."""
    return tuple([step for step in steps if step[0] != "detach" and step[0] != "part"])


# ---- recording ---------------------------------------------------------------------------------------------


def recording(enabled: bool, function: Callable[..., Tensor], *arguments: Any) -> Tensor:
    """Call a function while gradients are recorded, or while they are not."""
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
    return recording(not x.requires_grad, _core.reshape, x, x.shape)


def keep_gradient(x: Tensor, value: Tensor) -> Tensor:
    """Return a tensor with the numbers of `value` and the gradient of x, as after a change under no_grad."""
    if value.requires_grad:
        value = detached(value)
    if not x.requires_grad:
        return value
    zeros = recording(True, _core.sub, x, detached(x))  # NaN where x is infinite
    return recording(True, _core.add, value, recording(True, _core.where, _core.eq(zeros, 0), zeros, 0.0))


def instead_of(x: Tensor, value: Tensor) -> Tensor:
    """Return `value`. If x records a gradient, so does the result: a gradient of 0."""
    return _core.where(_ALWAYS, value, x) if x.requires_grad and _core.is_grad_enabled() else value


# ---- from a tensor to its view -----------------------------------------------------------------------------


def take(x: Tensor, steps: Steps) -> Tensor:
    """Return the view of x that these steps lead to, as an expression."""
    for step in steps:
        kind, how = step[:2]
        if kind == "slices":
            x = _sliced(x, how)
        elif kind == "reshape":
            x = _core.reshape(x, how)
        elif kind == "permute":
            x = _core.permute(x, how)
        elif kind == "expand":
            x = _core.expand(x, how)
        elif kind == "detach":
            x = detached(x)
    return x


def _sliced(x: Tensor, ranges: Ranges) -> Tensor:
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
            key: Any = (*[slice(*part) for part in how], ...)
            array = array[key]
        elif kind == "reshape":
            array = array.reshape(how)
        elif kind == "permute":
            array = array.transpose(how)
        elif kind == "expand":
            array = _expanded(array, how)
    return array


def _expanded(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array that can be written to, repeated along axes of size 1."""
    new = len(shape) - array.ndim
    old = zip(array.shape, array.strides, shape[new:], strict=True)
    strides = (*[0] * new, *(0 if size != wanted else stride for size, stride, wanted in old))
    return as_strided(array, shape, strides)


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
    assert kind == "part", "an expanded tensor is only changed in memory"
    return view


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
