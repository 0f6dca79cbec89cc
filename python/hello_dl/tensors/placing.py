"""Numbers put, added or looked for at places that an index names. Each is a method of Tensor as well.

Which number comes to which place is found at once, by numpy; the numbers themselves may be computed later.
Where several numbers are added at one place, numpy adds them at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.outside import with_rule
from hello_dl.tensors.shapes import axis_of

Array = NDArray[Any]


def integers(who: str, index: Any) -> Array:
    """Return an index as an array of int64."""
    numbers = index.numpy() if isinstance(index, Tensor) else np.asarray(index)
    if numbers.dtype.kind != "i":
        raise TypeError(f"{who}: needs integers as index, got {numbers.dtype}")
    return np.asarray(numbers)


def inside(who: str, index: Array, length: int, negative: bool = False) -> Array:
    """Return an index counted from the front. IndexError for a place outside."""
    least = -length if negative else 0
    if index.size and not (least <= index.min() and index.max() < length):
        raise IndexError(
            f"{who}: needs places from {least} to {length - 1}, got {index.min()} to {index.max()}"
        )
    return np.where(index < 0, index + length, index)


def _like(x: Tensor, number: Any) -> Array:
    """Return a number as an array without axes, of x's dtype."""
    numbers = number.numpy() if isinstance(number, Tensor) else np.asarray(number)
    return np.asarray(numbers.astype(str.__str__(x.dtype)))


def replaced(x: Tensor, places: Array, source: Any) -> Tensor:
    """Return x with numbers at these places of the flattened x: one number, or one for each place."""
    if not places.size:
        return x.clone()
    flat = _core.reshape(x, (x.numel(),))
    if not isinstance(source, Tensor) or source.ndim == 0 < places.ndim:
        chosen = np.zeros(x.numel(), bool)
        chosen[places] = True
        value = (
            source if isinstance(source, Tensor) and x.dtype == REAL else _core.from_numpy(_like(x, source))
        )
        return _core.reshape(_core.where(_core.from_numpy(chosen), value, flat), x.shape)
    which = np.full(x.numel(), -1)
    which[places.reshape(-1)] = np.arange(places.size)
    new = _core.index_select(_core.reshape(source, (places.size,)), 0, _core.from_numpy(np.maximum(which, 0)))
    return _core.reshape(_core.where(_core.from_numpy(which >= 0), new, flat), x.shape)


def _same_dtype(who: str, x: Tensor, source: Tensor) -> None:
    if x.dtype != source.dtype:
        raise TypeError(f"{who}: needs numbers of the tensor's own dtype {x.dtype}, got {source.dtype}")


# ---- along an axis, a place for each number ---------------------------------------------------------------


def _grid(who: str, x: Tensor, dim: int, index: Any, source: Any) -> tuple[int, Array]:
    """Return the axis, and for each number of an index of x's number of axes its place in the flattened x."""
    axis = axis_of(dim, x.ndim, who)
    at = integers(who, index)
    sizes = x.shape or (1,)
    at = at.reshape(1) if at.ndim == 0 else at
    limit = source.shape or (1,) if isinstance(source, Tensor) and source.ndim else None
    fits = at.ndim == len(sizes) and all(
        (d == axis or a <= s) and (limit is None or (len(limit) == at.ndim and a <= limit[d]))
        for d, (a, s) in enumerate(zip(at.shape, sizes, strict=True))
    )
    if at.size and not fits:
        got = f"{x.shape}, {at.shape}" + (f" and {source.shape}" if isinstance(source, Tensor) else "")
        raise Refusal(
            f"{who}: needs an index no larger than the tensor beside axis {axis}, and src, got {got}"
        )
    if not at.size:
        return axis, np.zeros((0,), np.int64)
    at = inside(who, at, sizes[axis])
    grids = list(np.ogrid[tuple(slice(0, n) for n in at.shape)])
    grids[axis] = at
    return axis, np.ravel_multi_index(tuple(np.broadcast_arrays(*grids)), sizes)


def _cut(source: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the first places of source along each axis, as many as the index has."""
    for axis, size in enumerate(shape):
        if source.ndim and source.shape[axis] != size:
            source = _core.slice(source, axis, 0, size)
    return source


def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """Return y with y[index[i, j], j] = src[i, j] for dim=0, and likewise along other axes.

    src is a tensor or one number. reduce "add" or "multiply" joins it with what is there. Of several numbers
    at one place the last is taken (PyTorch: any).
    """
    source = value if src is None else src
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise Refusal(f"scatter: reduce needs 'add' or 'multiply', got {reduce!r}")
        if not isinstance(source, Tensor):
            source = _core.from_numpy(np.full(index.shape, source, np.dtype(str.__str__(input.dtype))))
        return scatter_reduce(input, dim, index, source, "sum" if reduce == "add" else "prod")
    _, places = _grid("scatter", input, dim, index, source)
    if isinstance(source, Tensor) and source.ndim:
        _same_dtype("scatter", input, source)
        source = _cut(source, index.shape)
    return replaced(input, places, source)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """Return input with src[i, j] added at [index[i, j], j] for dim=0, and likewise along other axes."""
    _same_dtype("scatter_add", input, src)
    _, places = _grid("scatter_add", input, dim, index, src)
    return added(input, places, _cut(src, index.shape), "scatter_add")


def added(x: Tensor, places: Array, source: Tensor, who: str) -> Tensor:
    """Return x with each number of source added at its place of the flattened x."""
    if not places.size:
        return x.clone()
    flat = places.reshape(-1)
    if x.dtype == REAL:  # the quicker of two ways, in double precision
        sums = np.bincount(flat, source.numpy().reshape(-1), x.numel())
        numbers = x.numpy().reshape(-1) + sums
    else:
        numbers = x.numpy().astype(np.int64).reshape(-1)
        np.add.at(numbers, flat, source.numpy().reshape(-1))
    total = numbers.reshape(x.shape).astype(bool if x.dtype == "bool" else numbers.dtype)

    def again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        taken = _core.index_select(_core.reshape(G, (-1,)), 0, _core.from_numpy(flat))
        return [G, _core.reshape(taken, source.shape)]

    return with_rule(who, total, [x, source], lambda g: [g, g.reshape(-1)[flat]], again)


_JOINS: dict[str, Any] = {"prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """Return input joined with src[i, j] at [index[i, j], j] for dim=0, and likewise along other axes.

    reduce is "sum", "prod", "mean", "amax" or "amin". Without include_self only the numbers of src count,
    where there are any.
    """
    _same_dtype("scatter_reduce", input, src)
    if reduce not in ("sum", "mean", *_JOINS):
        raise Refusal(f"scatter_reduce: needs 'sum', 'prod', 'mean', 'amax' or 'amin', got {reduce!r}")
    _, places = _grid("scatter_reduce", input, dim, index, src)
    return _joined(input, places, _cut(src, index.shape), reduce, include_self, "scatter_reduce")


def _joined(x: Tensor, places: Array, source: Tensor, reduce: str, include_self: bool, who: str) -> Tensor:
    """Return x joined with each number of source at its place of the flattened x."""
    if not places.size:
        return x.clone()
    if reduce in ("sum", "mean"):
        counts = np.bincount(places.reshape(-1), minlength=x.numel()).reshape(x.shape)
        kept = x if include_self else _core.where(_core.from_numpy(np.asarray(counts > 0)), _like(x, 0), x)
        y = added(kept, places, source, who)
        if reduce == "sum":
            return y
        number = _core.from_numpy(np.asarray(np.maximum(counts + bool(include_self), 1)))
        return _core.div(y, number) if x.dtype == REAL else y.div(number, rounding_mode="floor")
    flat, join = places.reshape(-1), _JOINS[reduce]
    wide = np.float64 if x.dtype == REAL else np.int64
    old, new = x.numpy().astype(wide).reshape(-1), source.numpy().astype(wide).reshape(-1)
    touched = np.zeros(old.shape, bool)
    touched[flat] = True
    start = {
        "prod": 1,
        "amax": -np.inf if wide is np.float64 else -(2**63),
        "amin": np.inf if wide is np.float64 else 2**63 - 1,
    }
    best = old.copy() if include_self else np.where(touched, start[reduce], old).astype(wide)
    join.at(best, flat, new)
    rule = _product_rule if reduce == "prod" else _extreme_rule
    total = best.reshape(x.shape).astype(bool if x.dtype == "bool" else wide)
    return with_rule(who, total, [x, source], rule(old, new, best, flat, touched, include_self))


def _product_rule(old: Array, new: Array, _: Array, flat: Array, touched: Array, include_self: bool) -> Any:
    """Return the gradients of products: of each factor, the product of all others."""
    own = old if include_self else np.where(touched, 1.0, old)
    zeros = np.bincount(flat, new == 0, len(old)) + (own == 0)
    others = np.where(own == 0, 1.0, own)
    np.multiply.at(others, flat, np.where(new == 0, 1.0, new))

    def without(factor: Array, at: Any) -> Array:
        alone = (zeros[at] == 1) & (factor == 0)
        rest = others[at] / np.where(factor == 0, 1.0, factor)
        return np.where(alone, others[at], np.where(zeros[at] > 0, 0.0, rest))

    def rule(g: Array) -> list[Array]:
        g = g.reshape(-1)
        mine = g * without(own, slice(None))
        return [mine if include_self else np.where(touched, 0.0, mine), g[flat] * without(new, flat)]

    return rule


def _extreme_rule(old: Array, new: Array, y: Array, flat: Array, touched: Array, include_self: bool) -> Any:
    """Return the gradients of extremes: those that are equal to the result share it."""
    is_new, is_old = new == y[flat], (old == y) & (include_self | ~touched)
    count = np.bincount(flat, is_new, len(old)) + is_old

    def rule(g: Array) -> list[Array]:
        share = g.reshape(-1) / np.maximum(count, 1)
        return [share * is_old, share[flat] * is_new]

    return rule


# ---- along an axis, a place for each slice ----------------------------------------------------------------


def _slices(who: str, x: Tensor, dim: int, index: Any, source: Any = None) -> Array:
    """Return the places in the flattened x of the slices that an index (n,) names along an axis."""
    axis = axis_of(dim, x.ndim, who)
    at = integers(who, index)
    if at.ndim > 1:
        raise Refusal(f"{who}: needs an index (n,), got {at.shape}")
    sizes = x.shape or (1,)
    at = inside(who, at.reshape(-1), sizes[axis], negative=True)
    places = np.take(np.arange(x.numel()).reshape(sizes), at, axis)
    if isinstance(source, Tensor) and source.numel() != places.size:
        raise Refusal(f"{who}: needs numbers of shape {places.shape}, got {source.shape}")
    return places


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    """Return input with the slices alpha * source[i] added at the places index[i] along an axis."""
    _same_dtype("index_add", input, source)
    places = _slices("index_add", input, dim, index, source)
    return added(input, places, source if alpha == 1 else _core.mul(source, alpha), "index_add")


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """Return input with the slices source[i] at the places index[i] along an axis."""
    _same_dtype("index_copy", input, source)
    return replaced(input, _slices("index_copy", input, dim, index, source), source)


def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """Return input with one number at the places index[i] along an axis."""
    return replaced(input, _slices("index_fill", input, dim, index).reshape(-1), value)


def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """Return input joined with the slices of source along an axis: "prod", "mean", "amax" or "amin"."""
    _same_dtype("index_reduce", input, source)
    if reduce not in ("mean", *_JOINS):
        raise Refusal(f"index_reduce: needs 'prod', 'mean', 'amax' or 'amin', got {reduce!r}")
    places = _slices("index_reduce", input, dim, index, source)
    return _joined(input, places, source, reduce, include_self, "index_reduce")
