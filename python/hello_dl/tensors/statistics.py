"""Statistics: medians and quantiles, means without NaN, covariances. Most are methods of Tensor as well."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Dim, Refusal, ValuesAndIndices
from hello_dl.tensors.dtypes import REAL, check_dtype
from hello_dl.tensors.shapes import axis_of


class Extremes(NamedTuple):
    """The smallest and the largest number."""

    min: Tensor
    max: Tensor


def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Extremes:
    """Return the smallest and the largest number, of all or along an axis: (min, max)."""
    return Extremes(_core.amin(input, dim, keepdim), _core.amax(input, dim, keepdim))


def std_mean(input: Tensor, *arguments: Any, **named: Any) -> tuple[Tensor, Tensor]:
    """Return the standard deviation and the mean; the arguments are those of std."""
    return input.std(*arguments, **named), _mean_for(input, arguments, named)


def var_mean(input: Tensor, *arguments: Any, **named: Any) -> tuple[Tensor, Tensor]:
    """Return the variance and the mean; the arguments are those of var."""
    return input.var(*arguments, **named), _mean_for(input, arguments, named)


def _mean_for(x: Tensor, arguments: tuple[Any, ...], named: dict[str, Any]) -> Tensor:
    """Return the mean along the axes of a variance with these arguments."""
    given = dict(zip(("dim", "unbiased", "keepdim"), arguments, strict=False)) | named
    dim = given.get("dim", given.get("axis"))
    return x.mean(None if isinstance(dim, bool) else dim, bool(given.get("keepdim") or given.get("keepdims")))


def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """Return how many numbers are not 0, of all or along axes."""
    return _core.sum(_core.ne(input, 0), dim)


def nansum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return the sum of all numbers that are not NaN."""
    x = input if dtype is None else input.to(check_dtype(dtype, "nansum"))
    return (_core.where(_core.isnan(x), 0.0, x) if x.dtype == REAL else x).sum(dim, keepdim)


def nanmean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return the mean of all numbers that are not NaN."""
    known = _core.logical_not(_core.isnan(input))
    return _core.div(nansum(input, dim, keepdim, dtype=dtype), _core.sum(known, dim, keepdim))


# ---- by order ---------------------------------------------------------------------------------------------


def _taken(x: Tensor, axis: int, places: NDArray[np.int64], keepdim: bool) -> ValuesAndIndices[Tensor]:
    """Return one number of each line along an axis, and its place."""
    if x.ndim == 0:
        return ValuesAndIndices(x.clone(), _core.from_numpy(np.zeros((), np.int64)))
    index = _core.from_numpy(places)
    values = _core.gather(x, axis, index)
    if keepdim:
        return ValuesAndIndices(values, index)
    shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    return ValuesAndIndices(_core.reshape(values, shape), _core.reshape(index, shape))


def _sorted_place(x: Tensor, axis: int, rank: Any) -> NDArray[np.int64]:
    """Return where in each line the number of this rank is; rank is one number, or one for each line."""
    numbers = x.numpy()
    if numbers.ndim == 0:
        return np.zeros((), np.int64)
    order = np.argsort(numbers, axis=axis, kind="stable")
    shape = [1 if d == axis else s for d, s in enumerate(numbers.shape)]
    return np.take_along_axis(order, np.broadcast_to(np.asarray(rank), shape), axis)


def _median(who: str, x: Tensor, dim: int | None, keepdim: bool, skips: bool) -> Any:
    if dim is None:
        flat = _core.reshape(x, (x.numel(),))
        if not x.numel():
            return _core.from_numpy(np.array(math.nan))
        return _median(who, flat, 0, False, skips)[0]
    axis = axis_of(dim, x.ndim, who)
    numbers = x.numpy()
    if numbers.ndim and numbers.shape[axis] == 0:
        raise Refusal(f"{who}: needs numbers along axis {axis}, got {x.shape}")
    is_nan = np.isnan(numbers) if numbers.dtype.kind == "f" else np.zeros(numbers.shape, bool)
    unknown = is_nan.sum(axis, keepdims=True) if numbers.ndim else is_nan
    length = numbers.shape[axis] if numbers.ndim else 1
    if skips:
        rank = np.maximum(length - unknown - 1, 0) // 2
    else:  # with a NaN the median is NaN: the first of those behind all numbers
        rank = np.where(unknown > 0, length - unknown, (length - 1) // 2)
    return _taken(x, axis, _sorted_place(x, axis, rank), keepdim)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the number in the middle, the lower of two, NaN if there is one.

    Along an axis: (values, indices).
    """
    return _median("median", input, dim, keepdim, False)


def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the median of all numbers that are not NaN; along an axis: (values, indices)."""
    return _median("nanmedian", input, dim, keepdim, True)


def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices[Tensor]:
    """Return the k-th smallest number along an axis, counted from 1: (values, indices)."""
    axis = axis_of(dim, input.ndim, "kthvalue")
    length = input.shape[axis] if input.ndim else 1
    if not 1 <= k <= length:
        raise Refusal(f"kthvalue: needs k from 1 to {length}, got {k}")
    return _taken(input, axis, _sorted_place(input, axis, k - 1), keepdim)


def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices[Tensor]:
    """Return the number that occurs most along an axis, the smallest of several: (values, indices)."""
    axis = axis_of(dim, input.ndim, "mode")
    numbers = input.numpy()
    if numbers.ndim == 0:
        return _taken(input, 0, np.zeros((), np.int64), keepdim)
    if numbers.shape[axis] == 0:
        raise Refusal(f"mode: needs numbers along axis {axis}, got {input.shape}")

    def most_frequent(line: NDArray[Any]) -> int:
        found, counts = np.unique(line, return_counts=True)
        return int(np.flatnonzero(line == found[counts.argmax()])[-1])

    places = np.apply_along_axis(most_frequent, axis, numbers)
    return _taken(input, axis, np.expand_dims(places, axis), keepdim)


def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """Return the number below which the share q of all numbers lies; several q give a first axis.

    Between two numbers `interpolation` says what to take: "linear", "lower", "higher", "nearest" or
    "midpoint". NaN if one number is NaN.
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, False)


def nanquantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """Return the quantile of all numbers that are not NaN, as quantile."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, True)


_INTERPOLATIONS = ("linear", "lower", "higher", "nearest", "midpoint")


def _quantile(
    who: str, x: Tensor, q: Any, dim: Any, keepdim: bool, interpolation: str, skips: bool
) -> Tensor:
    shares = q.numpy() if isinstance(q, Tensor) else np.asarray(float(q))
    if interpolation not in _INTERPOLATIONS:
        raise Refusal(
            f"{who}: interpolation needs one of {', '.join(_INTERPOLATIONS)}, got {interpolation!r}"
        )
    if x.dtype != REAL:
        raise TypeError(f"{who}: needs real numbers, got {x.dtype}")
    if shares.ndim > 1 or not ((shares >= 0) & (shares <= 1)).all() or not x.numel():
        raise Refusal(f"{who}: needs numbers, and shares from 0 to 1, got {x.shape} and {q}")
    axis = axis_of(0 if dim is None else dim, 1 if dim is None else x.ndim, who)
    shape = ([1] * x.ndim if keepdim else []) if dim is None else (
        [1 if d == axis else s for d, s in enumerate(x.shape)] if keepdim
        else [s for d, s in enumerate(x.shape) if d != axis]
    )  # fmt: skip
    flat = _core.reshape(x, (x.numel(),)) if dim is None or x.ndim == 0 else x
    lines = _core.permute(flat, [d for d in range(flat.ndim) if d != axis] + [axis])
    y = _between(lines, q if isinstance(q, Tensor) else _core.from_numpy(shares), interpolation, skips)
    y = _core.permute(y, [y.ndim - 1, *range(y.ndim - 1)])
    return _core.reshape(y, [*shares.shape, *shape])


def _between(x: Tensor, q: Tensor, interpolation: str, skips: bool) -> Tensor:
    """Return the quantiles (..., shares) of lines (..., n)."""
    numbers, axis = x.numpy(), x.ndim - 1
    q = _core.reshape(q, (q.numel(),))
    n, unknown = x.shape[-1], np.isnan(numbers).sum(-1, keepdims=True)
    steps = np.maximum(n - unknown, 1) - 1 if skips else n - 1 + 0 * unknown
    rank = q.numpy().astype(np.float64) * steps
    if not skips:
        rank = np.where(unknown > 0, n - 1, rank)  # NaN is last
    if interpolation == "nearest":
        rank = np.rint(rank)
    low = np.ceil(rank) if interpolation == "higher" else np.floor(rank)
    order = np.argsort(numbers, axis=-1, kind="stable")
    below, above = (
        _core.gather(x, axis, _core.from_numpy(np.take_along_axis(order, at.astype(np.int64), -1)))
        for at in (low, np.ceil(rank))
    )
    if interpolation == "linear":
        exact = rank - low
        share = _core.from_numpy(exact)
        if q.requires_grad:  # the numbers stay those computed in double precision
            moved = _core.mul(_core.sub(q, q.detach()), _core.from_numpy(steps.astype(np.float64)))
            share = _core.add(share, moved)
        return _core.add(below, _core.mul(_core.sub(above, below), share))
    y = _core.mul(_core.add(below, above), 0.5) if interpolation == "midpoint" else below
    return _core.where(_core.from_numpy(np.zeros((), bool)), q, y) if q.requires_grad else y


# ---- of several variables ---------------------------------------------------------------------------------


def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """Return the covariances of variables, one a row: (k, n) gives (k, k); of a vector its variance.

    fweights says how often each observation counts, aweights how much.
    """
    if input.ndim > 2:
        raise Refusal(f"cov: needs at most two axes, got {input.shape}")
    x = _core.reshape(input, (1, input.numel())) if input.ndim < 2 else input
    x = x if x.dtype == REAL else x.float()
    n = x.shape[1]
    weights = None
    for given in (fweights, aweights):
        if given is not None:
            if given.shape != (n,) or (given.numpy() < 0).any():
                raise Refusal(f"cov: needs {n} weights of 0 or more, got {given.shape}")
            weights = given if weights is None else _core.mul(weights, given)
    total = _core.from_numpy(np.array(float(n))) if weights is None else _core.sum(weights)
    weighted = x if weights is None else _core.mul(x, weights)
    centred = _core.sub(x, _core.div(_core.sum(weighted, 1, True), total))
    if aweights is None or weights is None or correction == 0:
        norm = _core.sub(total, float(correction))
    else:
        lost = _core.div(_core.sum(_core.mul(weights, aweights)), total)
        norm = _core.sub(total, _core.mul(lost, float(correction)))
    other = centred if weights is None else _core.mul(centred, weights)
    y = _core.div(_core.matmul(other, _core.permute(centred, (1, 0))), _core.clamp(norm.float(), 0.0))
    return _core.reshape(y, ()) if len(x) == 1 else y


def corrcoef(input: Tensor) -> Tensor:
    """Return the correlation coefficients of variables, one a row: covariances over both deviations."""
    c = cov(input)
    if c.ndim == 0:
        return _core.div(c, c)
    deviation = _core.sqrt(
        _core.reshape(_core.gather(c, 1, _core.from_numpy(np.arange(len(c))[:, None])), (-1,))
    )
    scaled = _core.div(_core.div(c, _core.reshape(deviation, (-1, 1))), deviation)
    return _core.clamp(scaled, -1.0, 1.0)


def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Return the tensor with each slice along an axis shortened to a p-norm of at most maxnorm."""
    axis = axis_of(dim, input.ndim, "renorm")
    others = [d for d in range(input.ndim) if d != axis]
    norms = input.norm(p, others, True)
    factor = _core.where(_core.gt(norms, maxnorm), _core.div(maxnorm, _core.add(norms, 1e-7)), 1.0)
    return _core.mul(input, factor)
