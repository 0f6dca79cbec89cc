"""The methods of Tensor that make few numbers of many: sums, means, norms, the largest and their places."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Dim, Refusal, ValuesAndIndices
from hello_dl.tensors.dtypes import check_dtype
from hello_dl.tensors.shapes import axis_of, sizes_of

# For each direction: the op over axes, the one that finds the place, the one that compares two tensors.
_EXTREMES: dict[str, tuple[Callable[..., Tensor], ...]] = {
    "max": (_core.amax, _core.argmax, _core.maximum),
    "min": (_core.amin, _core.argmin, _core.minimum),
}


class ReductionMethods(Tensor):
    """Methods that reduce. methods.py moves them to Tensor itself.

    `dim` is one axis, several, or None for all; `axis` is numpy's word for it. With keepdim (keepdims) a
    reduced axis stays, with length 1. TypeError if both dim and axis are given, IndexError if there is no
    such axis. dtype converts the numbers before they are reduced.
    """

    def sum(
        self,
        dim: Dim = None,
        keepdim: bool = False,
        *,
        dtype: Any = None,
        axis: Dim = None,
        keepdims: bool = False,
    ) -> Tensor:
        """Add up all numbers, or those along the axes `dim`."""
        x = self if dtype is None else self.to(check_dtype(dtype, "sum"))
        return _core.sum(x, _either("sum", dim, axis), keepdim or keepdims)

    def mean(
        self,
        dim: Dim = None,
        keepdim: bool = False,
        *,
        dtype: Any = None,
        axis: Dim = None,
        keepdims: bool = False,
    ) -> Tensor:
        """Return the mean of all numbers, or along the axes `dim`; NaN of no numbers."""
        x = self if dtype is None else self.to(check_dtype(dtype, "mean"))
        return _mean("mean", x, _either("mean", dim, axis), keepdim or keepdims)

    def prod(self, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
        """Multiply all numbers, or those along one axis; 1 of no numbers."""
        x = self if dtype is None else self.to(check_dtype(dtype, "prod"))
        y = _product(x.long() if x.dtype == "bool" else x, dim, keepdim)
        return y if dtype is None or x.dtype != "bool" else y.bool()

    def var(
        self,
        dim: Dim | bool = None,
        unbiased: bool = True,
        keepdim: bool = False,
        *,
        correction: float | None = None,
        axis: Dim = None,
        keepdims: bool = False,
    ) -> Tensor:
        """Return the variance: squared distances from the mean, added up and divided by n - correction.

        correction is 1 by default (Bessel's correction), or 0 for unbiased=False. x.var(False) is PyTorch's
        short form for unbiased=False over all numbers.
        """
        dim, correction = _correction("var", _either("var", dim, axis), unbiased, correction)
        return _variance("var", self, dim, correction, keepdim or keepdims)

    def std(
        self,
        dim: Dim | bool = None,
        unbiased: bool = True,
        keepdim: bool = False,
        *,
        correction: float | None = None,
        axis: Dim = None,
        keepdims: bool = False,
    ) -> Tensor:
        """Return the standard deviation, the square root of the variance; its gradient is 0 where it is 0."""
        dim, correction = _correction("std", _either("std", dim, axis), unbiased, correction)
        return _root(_variance("std", self, dim, correction, keepdim or keepdims))

    def norm(
        self,
        p: float | str | None = "fro",
        dim: Dim = None,
        keepdim: bool = False,
        dtype: Any = None,
        *,
        axis: Dim = None,
    ) -> Tensor:
        """Return the length of a vector: the p-th root of the sum of |x|^p, by default with p = 2 ("fro").

        p = inf gives the largest |x|, p = -inf the smallest, p = 0 counts what is not zero. The gradient at
        zero is 0, as in PyTorch. "nuc" is of matrices: the sum of the singular values. ValueError for
        another word.
        """
        x = self if dtype is None else self.to(check_dtype(dtype, "norm"))
        if p == "nuc":
            from hello_dl.tensors.spectra import nuclear_norm  # loaded when it is first used

            return nuclear_norm(x, _either("norm", dim, axis), keepdim)
        return _norm(x, 2.0 if p in (None, "fro") else p, _either("norm", dim, axis), keepdim)

    def logsumexp(
        self, dim: Any = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False
    ) -> Tensor:
        """Return log(sum(e^x)) along the axes `dim`, computed without overflow; -inf of no numbers."""
        dim = _either("logsumexp", dim, axis)
        if dim is None:
            raise TypeError("logsumexp: needs an axis, as in x.logsumexp(0)")
        if 0 in self.shape:
            return _core.log(_named("logsumexp", _core.sum, self, dim, keepdim or keepdims))
        return _core.logsumexp(self, dim, keepdim or keepdims)

    def cumsum(self, dim: Any = None, dtype: Any = None, *, axis: int | None = None) -> Tensor:
        """Return running sums along an axis."""
        x = self if dtype is None else self.to(check_dtype(dtype, "cumsum"))
        return _core.cumsum(x, _either("cumsum", dim, axis))

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

    def all(
        self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False
    ) -> Tensor:
        """Return whether all numbers are true (not zero), as a bool tensor; true of no numbers."""
        zeros = _named("all", _core.sum, _core.eq(self, 0), _either("all", dim, axis), keepdim or keepdims)
        return _core.eq(zeros, 0)

    def any(
        self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False
    ) -> Tensor:
        """Return whether at least one number is true (not zero), as a bool tensor; false of no numbers."""
        others = _named("any", _core.sum, _core.ne(self, 0), _either("any", dim, axis), keepdim or keepdims)
        return _core.ne(others, 0)


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


def _correction(who: str, dim: Any, unbiased: bool, correction: float | None) -> tuple[Dim, float]:
    """Return the axes and the correction of a variance. TypeError if it is given in two ways."""
    if isinstance(dim, bool):  # PyTorch's x.var(False)
        dim, unbiased = None, dim
    if not isinstance(unbiased, bool):
        raise TypeError(f"{who}: needs unbiased to be True or False, got {unbiased}; or name correction=")
    if correction is not None and not unbiased:
        raise TypeError(f"{who}: needs unbiased or correction, got both")
    return dim, (1 if unbiased else 0) if correction is None else correction


def _axes_of(who: str, x: Tensor, dim: Dim) -> tuple[int, ...]:
    """Return the axes that `dim` names, counted from the front: all for None, and for no axes, as PyTorch."""
    named = () if dim is None else sizes_of((dim,), who, "axes")
    return tuple(axis_of(d, x.ndim, who) for d in named) or tuple(range(x.ndim))


def _mean(who: str, x: Tensor, dim: Dim, keepdim: bool) -> Tensor:
    """Return the mean along the axes `dim`, NaN of no numbers."""
    try:
        return _named(who, _core.mean, x, dim, keepdim)
    except ValueError:
        if 0 not in x.shape:
            raise
        return _core.mul(_core.sum(x, _axes_of(who, x, dim), keepdim), math.nan)


def _product(x: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    """Return the product along an axis: one half times the other, until one number is left.

    The gradient of a number is the product of all others; found so, it needs no division by the number.
    """
    if dim is None or x.ndim == 0:
        shape = (1,) * x.ndim if keepdim else ()
        axis_of(0 if dim is None else dim, x.ndim, "prod")
        return _core.reshape(_product(_core.reshape(x, (-1,)), 0, True), shape)
    axis = axis_of(dim, x.ndim, "prod")
    n = x.shape[axis]
    while n > 1:
        half = n // 2
        pairs = _core.mul(_core.slice(x, axis, 0, half), _core.slice(x, axis, half, 2 * half))
        x = _core.cat([pairs, _core.slice(x, axis, 2 * half, n)], axis) if n % 2 else pairs
        n -= half
    if n == 0:
        x = _core.add(_core.sum(x, axis, True), 1)
    return x if keepdim else x.squeeze(axis)


def _variance(who: str, x: Tensor, dim: Dim, correction: float, keepdim: bool) -> Tensor:
    """Return the variance along the axes `dim`; with n <= correction it is NaN, or inf if they differ."""
    mean = _mean(who, x, dim, True)
    centred = _core.sub(x, mean)
    total = _named(who, _core.sum, _core.mul(centred, centred), dim, keepdim)
    shape = x.shape or (1,)
    n = math.prod(shape[axis] for axis in _axes_of(who, x, dim))
    return _core.mul(total, 1 / (n - correction) if n > correction else math.inf)  # 0 * inf is NaN


def _root(x: Tensor, exponent: float = 0.5) -> Tensor:
    """Return x to the power of 0 < exponent < 1, for x of 0 or more, with a gradient of 0 where x is 0.

    There the derivative is infinite, and 0 * inf, the gradient of what x was made of, would be NaN.
    """
    is_zero = _core.eq(x, 0.0)
    safe = _core.where(is_zero, 1.0, x)
    root = _core.sqrt(safe) if exponent == 0.5 else _core.pow(safe, exponent)
    return _core.where(is_zero, 0.0, root)


def _norm(x: Tensor, p: Any, dim: Dim, keepdim: bool) -> Tensor:
    """Return the p-norm along the axes `dim`."""
    if not isinstance(p, int | float) or p != p:
        raise Refusal(f"norm: needs a number, 'fro' or 'nuc' as p, got {p!r}")
    if p == 2:
        return _root(_named("norm", _core.sum, _core.mul(x, x), dim, keepdim))
    if p == 0:  # 1 for what is not zero; the numbers take part, so that there is a gradient, which is 0
        is_zero = _core.eq(x, 0.0)
        ones = _core.where(is_zero, 0.0, _core.where(is_zero, x, 1.0))
        return _named("norm", _core.sum, ones, dim, keepdim)
    size = _core.abs(x)
    if p == 1:
        return _named("norm", _core.sum, size, dim, keepdim)
    if math.isinf(p):
        return _named("norm", _core.amax if p > 0 else _core.amin, size, dim, keepdim)
    if p >= 1:  # |x|^p has a derivative of 0 at 0
        return _root(_named("norm", _core.sum, _core.pow(size, p), dim, keepdim), 1 / p)
    is_zero = _core.eq(size, 0.0)
    powers = _core.where(is_zero, 0.0 if p > 0 else math.inf, _core.pow(_core.where(is_zero, 1.0, size), p))
    total = _named("norm", _core.sum, powers, dim, keepdim)
    if p > 0:
        return _core.pow(total, 1 / p)
    is_infinite = _core.eq(total, math.inf)  # one number is 0, and so is the norm
    return _core.where(is_infinite, 0.0, _core.pow(_core.where(is_infinite, 1.0, total), 1 / p))


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
