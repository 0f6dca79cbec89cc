"""The methods of Tensor that make few numbers of many: sums, means, the largest, their places, the order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Dim, ValuesAndIndices
from hello_dl.tensors.shapes import axis_of, length_along

# For each direction: the op over axes, the one that finds the place, the one that compares two tensors.
_EXTREMES: dict[str, tuple[Callable[..., Tensor], ...]] = {
    "max": (_core.amax, _core.argmax, _core.maximum),
    "min": (_core.amin, _core.argmin, _core.minimum),
}


class ReductionMethods(Tensor):
    """Methods that reduce. methods.py moves them to Tensor itself.

    `dim` is one axis, several, or None for all; `axis` is numpy's word for it. With keepdim a reduced axis
    stays, with length 1. TypeError if both dim and axis are given, IndexError if there is no such axis.
    """

    def sum(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Add up all numbers, or those along the axes `dim`."""
        return _core.sum(self, _either("sum", dim, axis), keepdim)

    def mean(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return the mean of all numbers, or along the axes `dim`."""
        return _core.mean(self, _either("mean", dim, axis), keepdim)

    def var(
        self, dim: Dim = None, correction: int | bool = 1, keepdim: bool = False, *, axis: Dim = None
    ) -> Tensor:
        """Return the variance: squared distances from the mean, added up and divided by n - correction."""
        return _variance("var", self, _either("var", dim, axis), correction, keepdim)

    def std(
        self, dim: Dim = None, correction: int | bool = 1, keepdim: bool = False, *, axis: Dim = None
    ) -> Tensor:
        """Return the standard deviation, the square root of the variance."""
        return _core.sqrt(_variance("std", self, _either("std", dim, axis), correction, keepdim))

    def norm(self, p: float | str = 2, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return the length of a vector: the p-th root of the sum of |x|^p; p = inf is the largest |x|."""
        dim = _either("norm", dim, axis)
        if p in (2, "fro"):
            return _core.sqrt(_named("norm", _core.sum, _core.mul(self, self), dim, keepdim))
        if not isinstance(p, int | float) or p <= 0:
            raise ValueError(f"norm: needs p above 0 or 'fro', got {p}")
        size = _core.abs(self)
        if p == math.inf:
            return _named("norm", _core.amax, size, dim, keepdim)
        if p == 1:
            return _named("norm", _core.sum, size, dim, keepdim)
        return _core.pow(_named("norm", _core.sum, _core.pow(size, p), dim, keepdim), 1 / p)

    def argmax(self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None) -> Tensor:
        """Return the place of the largest number, int64; along one axis, or in the flattened tensor."""
        return _core.argmax(self, _either("argmax", dim, axis), keepdim)

    def argmin(self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None) -> Tensor:
        """Return the place of the smallest number, int64; along one axis, or in the flattened tensor."""
        return _core.argmin(self, _either("argmin", dim, axis), keepdim)

    def max(self, dim: Any = None, keepdim: bool = False, *, axis: int | None = None) -> Any:
        """Return the largest number. With an axis: (values, indices); with a tensor: the larger of two."""
        return _extreme("max", self, _either("max", dim, axis), keepdim)

    def min(self, dim: Any = None, keepdim: bool = False, *, axis: int | None = None) -> Any:
        """Return the smallest number. With an axis: (values, indices); with a tensor: the smaller of two."""
        return _extreme("min", self, _either("min", dim, axis), keepdim)

    def all(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return whether all numbers are true (not zero), as a bool tensor."""
        least = _named("all", _core.amin, _core.ne(self, 0), _either("all", dim, axis), keepdim)
        return _core.ne(least, 0)

    def any(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return whether at least one number is true (not zero), as a bool tensor."""
        most = _named("any", _core.amax, _core.ne(self, 0), _either("any", dim, axis), keepdim)
        return _core.ne(most, 0)

    def argsort(self, dim: int = -1, descending: bool = False) -> Tensor:
        """Return the indices that would sort along an axis. The numbers are computed for it."""
        return _order("argsort", self, dim, descending)

    def sort(self, dim: int = -1, descending: bool = False) -> ValuesAndIndices[Tensor]:
        """Sort along an axis: (values, indices); equal numbers keep their order."""
        indices = _order("sort", self, dim, descending)
        return ValuesAndIndices(_core.gather(self, axis_of(dim, self.ndim, "sort"), indices), indices)

    def topk(
        self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> ValuesAndIndices[Tensor]:
        """Return the k largest (or smallest) along an axis, in order: (values, indices)."""
        del sorted  # they are in order either way
        axis, length = length_along(self, dim, "topk")
        if not 0 <= k <= length:
            raise ValueError(f"topk: needs k from 0 to {length}, the length of the axis, got {k}")
        indices = _order("topk", self, axis, largest)[(slice(None),) * axis + (slice(0, k),)]
        return ValuesAndIndices(_core.gather(self, axis, indices), indices)

    def nonzero(self) -> Tensor:
        """Return the places of what is not zero: int64 (count, axes). The numbers are computed for it."""
        return _core.from_numpy(np.argwhere(self.numpy()))

    def unique(self) -> Tensor:
        """Return each number that occurs, once, in rising order. The numbers are computed for it."""
        return _core.from_numpy(np.unique(self.numpy()))

    def bincount(self, weights: Any = None, minlength: int = 0) -> Tensor:
        """Count how often each integer 0, 1, 2, ... occurs, or add up its weights: (n,) gives (largest + 1,).

        weights (n,), a tensor, array or list, make the result real. The result has at least minlength
        numbers. The numbers are computed for it, so no gradient flows.
        """
        numbers = self.numpy()
        if numbers.dtype.kind not in "ib":
            raise TypeError(f"bincount: needs integers, got {self.dtype}")
        if numbers.ndim != 1 or (numbers < 0).any():
            got = numbers.min() if numbers.ndim == 1 else f"shape {self.shape}"
            raise ValueError(f"bincount: needs a list of integers of 0 or more, got {got}")
        if minlength < 0:
            raise ValueError(f"bincount: needs a minlength of 0 or more, got {minlength}")
        if weights is not None:
            weights = weights.numpy() if isinstance(weights, Tensor) else np.asarray(weights)
            if weights.shape != numbers.shape:
                wanted = f"a weight for each of {len(numbers)} integers"
                raise ValueError(f"bincount: needs {wanted}, got shape {weights.shape}")
        return _core.from_numpy(np.bincount(numbers, weights, minlength))


def _either(who: str, dim: Any, axis: Any) -> Any:
    """Return whichever of `dim` and `axis` was given, None for neither. TypeError for both."""
    if axis is None:
        return dim
    if dim is not None:
        raise TypeError(f"{who}: needs dim or axis, got both")
    return axis


def _named(who: str, op: Callable[..., Tensor], *arguments: Any) -> Tensor:
    """Call an op of the engine; an error message begins with `who`, the method that the user called."""
    try:
        return op(*arguments)
    except (ValueError, TypeError, IndexError) as error:
        raise type(error)(who + str(error).removeprefix(op.__name__)) from None


def _variance(who: str, x: Tensor, dim: Dim, correction: int, keepdim: bool) -> Tensor:
    """Return the variance of x along the axes `dim`, NaN if there are no more than `correction` numbers."""
    mean = _named(who, _core.mean, x, dim, True)
    centred = _core.sub(x, mean)
    total = _core.sum(_core.mul(centred, centred), dim, keepdim)
    n = math.prod(size for size, kept in zip(x.shape, mean.shape, strict=True) if size != kept)
    left = n - int(correction)
    return _core.mul(total, 1 / left if left > 0 else math.nan)


def _extreme(who: str, x: Tensor, dim: Any, keepdim: bool) -> Any:
    """Return the largest or smallest number of all, along one axis with its place, or of two tensors."""
    extreme, place, pairwise = _EXTREMES[who]
    if dim is None:
        return _named(who, extreme, x, None, keepdim)
    if not isinstance(dim, int | np.integer):
        if keepdim:
            raise TypeError(f"{who}: keepdim needs an axis, got a tensor to compare with")
        return _named(who, pairwise, x, dim)
    axis = axis_of(dim, x.ndim, who)
    places = _named(who, place, x, axis, True)
    values = _core.gather(x, axis, places)
    if keepdim:
        return ValuesAndIndices(values, places)
    return ValuesAndIndices(values.squeeze(axis), places.squeeze(axis))


def _order(who: str, x: Tensor, dim: int, descending: bool) -> Tensor:
    """Return the indices that sort x along an axis, in x's shape; equal numbers keep their order."""
    axis = axis_of(dim, x.ndim, who)
    numbers = x.numpy()
    if numbers.ndim == 0:
        return _core.from_numpy(np.zeros((), np.int64))
    numbers = np.asarray(numbers, np.int8 if numbers.dtype == bool else None)
    return _core.from_numpy(np.argsort(-numbers if descending else numbers, axis=axis, kind="stable"))
