"""The methods of Tensor that make few numbers of many: sums, means, the largest, the order."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Dim, ValuesAndIndices
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.shapes import axis_of


def _real(x: Tensor) -> Tensor:
    return x if x.dtype == REAL else _core.mul(x, 1.0)


class Reducing(Tensor):
    """These methods are moved to Tensor itself (methods.py). `axis` is numpy's word for `dim`."""

    def sum(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Add up all numbers, or those along the axes `dim`."""
        return _core.sum(self, axis if dim is None else dim, keepdim)

    def mean(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return the mean of all numbers, or along the axes `dim`."""
        return _core.mean(self, axis if dim is None else dim, keepdim)

    def var(
        self, dim: Dim = None, correction: int | bool = 1, keepdim: bool = False, *, axis: Dim = None
    ) -> Tensor:
        """Return the variance: squared distances from the mean, added up and divided by n - correction."""
        dim = axis if dim is None else dim
        centred = _core.sub(self, _core.mean(self, dim, True))
        total = _core.sum(_core.mul(centred, centred), dim, keepdim)
        dims = range(self.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
        n = 1
        for d in dims:
            n *= self.shape[d]
        left = n - int(correction)
        return _core.mul(total, 1 / left if left > 0 else float("nan"))

    def std(
        self, dim: Dim = None, correction: int | bool = 1, keepdim: bool = False, *, axis: Dim = None
    ) -> Tensor:
        """Return the standard deviation, the root of the variance."""
        return _core.sqrt(self.var(dim, correction, keepdim, axis=axis))

    def norm(self, p: float | str = 2, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return the length of a vector: the p-th root of the sum of |x|^p; p = inf is the largest |x|."""
        dim = axis if dim is None else dim
        if p in (2, "fro"):
            return _core.sqrt(_core.sum(_core.mul(self, self), dim, keepdim))
        if not isinstance(p, int | float) or p <= 0:
            raise ValueError(f"norm: needs p above 0 or 'fro', got {p}")
        if p == float("inf"):
            return _core.amax(_core.abs(self), dim, keepdim)
        size = _core.abs(self)
        return (
            size.sum(dim, keepdim)
            if p == 1
            else _core.pow(_core.sum(_core.pow(size, p), dim, keepdim), 1 / p)
        )

    def argmax(self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None) -> Tensor:
        """Return the place of the largest number, int64; along one axis, or in the flattened tensor."""
        return _core.argmax(self, axis if dim is None else dim, keepdim)

    def argmin(self, dim: int | None = None, keepdim: bool = False, *, axis: int | None = None) -> Tensor:
        """Return the place of the smallest number, int64; along one axis, or in the flattened tensor."""
        return _core.argmin(self, axis if dim is None else dim, keepdim)

    def max(self, dim: Any = None, keepdim: bool = False, *, axis: int | None = None) -> Any:
        """Return the largest number; max(dim) gives (values, indices), max(other) the larger of two."""
        return _extreme(self, axis if dim is None else dim, keepdim, _core.amax, _core.argmax, _core.maximum)

    def min(self, dim: Any = None, keepdim: bool = False, *, axis: int | None = None) -> Any:
        """Return the smallest number; min(dim) gives (values, indices), min(other) the smaller of two."""
        return _extreme(self, axis if dim is None else dim, keepdim, _core.amin, _core.argmin, _core.minimum)

    def all(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return whether all are true (not zero), as a bool tensor."""
        return _core.ne(_core.amin(_core.ne(self, 0), axis if dim is None else dim, keepdim), 0)

    def any(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None) -> Tensor:
        """Return whether at least one is true (not zero), as a bool tensor."""
        return _core.ne(_core.amax(_core.ne(self, 0), axis if dim is None else dim, keepdim), 0)

    def argsort(self, dim: int = -1, descending: bool = False) -> Tensor:
        """Return the indices that would sort along an axis. The numbers are computed for it."""
        numbers = self.numpy()
        numbers = np.asarray(numbers, np.int8 if numbers.dtype == bool else None)
        axis = axis_of(dim, self.ndim, "argsort")
        return _core.from_numpy(np.argsort(-numbers if descending else numbers, axis=axis, kind="stable"))

    def sort(self, dim: int = -1, descending: bool = False) -> ValuesAndIndices[Tensor]:
        """Sort along an axis: (values, indices); equal numbers keep their order."""
        indices = self.argsort(dim, descending)
        return ValuesAndIndices(_core.gather(self, axis_of(dim, self.ndim, "sort"), indices), indices)

    def topk(
        self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> ValuesAndIndices[Tensor]:
        """Return the k largest (or smallest) along an axis, in order: (values, indices)."""
        axis = axis_of(dim, self.ndim, "topk")
        if not 0 <= k <= self.shape[axis]:
            raise ValueError(f"topk: needs k from 0 to {self.shape[axis]}, the length of the axis, got {k}")
        indices = self.argsort(axis, largest)[(slice(None),) * axis + (slice(0, k),)]
        return ValuesAndIndices(_core.gather(self, axis, indices), indices)

    def nonzero(self) -> Tensor:
        """Return the places of what is not zero: int64 (count, axes). The numbers are computed for it."""
        return _core.from_numpy(np.argwhere(self.numpy()))

    def unique(self) -> Tensor:
        """Return each number that occurs, once, in rising order. The numbers are computed for it."""
        return _core.from_numpy(np.unique(self.numpy()))

    def bincount(self, weights: None = None, minlength: int = 0) -> Tensor:
        """Count how often each integer 0, 1, 2, ... occurs in a list of them."""
        return _core.from_numpy(np.bincount(self.numpy(), minlength=minlength))


def _extreme(x: Tensor, dim: Any, keepdim: bool, reduce: Any, place: Any, pairwise: Any) -> Any:
    if dim is None:
        return reduce(x)
    if isinstance(dim, int):
        places = place(x, dim, True)
        values = _core.gather(x, axis_of(dim, x.ndim, "max"), places)
        if keepdim:
            return ValuesAndIndices(values, places)
        return ValuesAndIndices(values.squeeze(dim), places.squeeze(dim))
    return pairwise(x, dim)
