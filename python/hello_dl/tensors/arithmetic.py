"""The methods of Tensor that take PyTorch's further arguments, and hand the work to ops of the engine.

Operators such as x + y do not come here: they are the engine's ops themselves.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL, check_dtype
from hello_dl.tensors.shapes import axis_of


class ArithmeticMethods(Tensor):
    """Sums, quotients, limits, choices and softmax. methods.py moves the methods to Tensor itself."""

    def add(self, other: Any, *, alpha: float = 1) -> Tensor:
        """Return self + alpha * other, with broadcasting."""
        return _core.add(self, other if alpha == 1 else _times("add", self, other, alpha))

    def sub(self, other: Any, *, alpha: float = 1) -> Tensor:
        """Return self - alpha * other, with broadcasting."""
        return _core.sub(self, other if alpha == 1 else _times("sub", self, other, alpha))

    def subtract(self, other: Any, *, alpha: float = 1) -> Tensor:
        """Return self - alpha * other, as sub does."""
        return self.sub(other, alpha=alpha)

    def div(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Return self / other, with broadcasting; rounding_mode "floor" rounds down, "trunc" towards 0.

        A rounded quotient is computed at once; its gradient is 0. ValueError for an integer divided by 0.
        """
        return _core.div(self, other) if rounding_mode is None else rounded(self, other, rounding_mode)

    def divide(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Return self / other, as div does."""
        return self.div(other, rounding_mode=rounding_mode)

    def true_divide(self, other: Any) -> Tensor:
        """Return self / other; the result is never an integer."""
        return _core.div(self, other)

    def remainder(self, other: Any) -> Tensor:
        """Return self % other: what remains of a division; it has the sign of `other`."""
        return remainder(self, other)

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """Return the numbers, but at least min and at most max, which are numbers or tensors.

        The gradient goes to the number that is returned; to self if it is equal to a limit.
        """
        if isinstance(min, Tensor) or isinstance(max, Tensor):
            return _within(self, min, max)
        if min != min or max != max:  # a limit of NaN: all is NaN, and the gradient is 0
            return _core.where(_core.from_numpy(np.zeros((), bool)), self, math.nan)
        if self.dtype != REAL and (isinstance(min, float) or isinstance(max, float)):
            return _core.clamp(self.to(REAL), min, max)  # integers within real limits are real, as in PyTorch
        return _core.clamp(self, min, max)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Return the numbers, but at least min and at most max, as clamp does."""
        return self.clamp(min, max)

    def where(self, condition: Tensor, other: Any) -> Tensor:
        """Return self where the condition holds, `other` elsewhere, as the function where does."""
        return _chosen(condition, self, other)

    def masked_fill(self, mask: Tensor, value: Any) -> Tensor:
        """Return the tensor with `value`, one number, where the mask is true; the dtype stays.

        Mask and tensor broadcast. In a tensor of integers the decimals of value are cut off. TypeError for a
        mask that holds no truth values, ValueError for a value of several numbers or one that does not fit.
        """
        if not isinstance(mask, Tensor) or mask.dtype != "bool":
            got = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
            raise TypeError(f"masked_fill: needs a mask of truth values (bool), got {got}")
        if isinstance(value, Tensor):
            if value.ndim:
                raise Refusal(f"masked_fill: needs one number as value, got a tensor of shape {value.shape}")
            if self.dtype != REAL:
                value = value.item()
        if self.dtype == "bool":
            value = bool(value)
        elif self.dtype != REAL:
            if not math.isfinite(value):
                raise Refusal(f"masked_fill: a tensor of {self.dtype} cannot hold {value}")
            value = int(value)
        return _core.where(mask, value, self)

    def gather(self, dim: int, index: Tensor) -> Tensor:
        """Return y[i, j] = x[i, index[i, j]] for dim=1, and likewise along other axes.

        index has as many axes as x, and along the others than dim at most x's length.
        """
        axis = axis_of(dim, self.ndim, "gather")
        x, places = (_core.reshape(t, (1,)) if t.ndim == 0 else t for t in (self, index))
        sizes = [x.shape[i] if i == axis else size for i, size in enumerate(places.shape)]
        if x.ndim == places.ndim and all(a <= b for a, b in zip(sizes, x.shape, strict=True)):
            for i, size in enumerate(sizes):
                if size != x.shape[i]:
                    x = _core.slice(x, i, 0, size)
        y = _core.gather(x, axis, places)
        return y if index.ndim else _core.reshape(y, ())

    def index_select(self, dim: int, index: Tensor) -> Tensor:
        """Return the places `index` (n,) along an axis, which then has the length n."""
        axis = axis_of(dim, self.ndim, "index_select")
        if index.ndim > 1:
            raise Refusal(f"index_select: needs an index (n,), got {index.shape}; or use x[index]")
        if self.ndim:
            return _core.index_select(self, axis, _core.reshape(index, (1,)) if index.ndim == 0 else index)
        return _core.reshape(_core.index_select(_core.reshape(self, (1,)), 0, index), ())

    def softmax(self, dim: Any = None, dtype: Any = None, *, axis: int | None = None) -> Tensor:
        """Return e^x / sum(e^x) along an axis: scores become probabilities (chapter 4)."""
        return _along("softmax", self, dim if axis is None else axis, dtype)

    def log_softmax(self, dim: Any = None, dtype: Any = None, *, axis: int | None = None) -> Tensor:
        """Return the logarithms of softmax, computed without overflow or log(0) (chapter 4)."""
        return _along("log_softmax", self, dim if axis is None else axis, dtype)


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """Return `input` where the condition holds, `other` elsewhere, with broadcasting.

    Both are tensors or numbers; the result has the dtype that holds both. The condition alone gives the
    places where it holds, as condition.nonzero(as_tuple=True). TypeError for one without truth values.
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    return _chosen(condition, input, other)


def _chosen(condition: Any, x: Any, other: Any) -> Tensor:
    """Return x where the condition holds, `other` elsewhere. TypeError for one without truth values."""
    if not isinstance(condition, Tensor) or condition.dtype != "bool":
        got = condition.dtype if isinstance(condition, Tensor) else type(condition).__name__
        raise TypeError(f"where: needs a condition of truth values (bool), got {got}; compare, as in x > 0")
    return _core.where(condition, x, other)


def _times(who: str, x: Tensor, other: Any, alpha: float) -> Tensor:
    """Return alpha * other. TypeError for a real alpha among integers, whose result would be real."""
    if isinstance(alpha, float) and not any(_is_real(t) for t in (x, other)):
        raise TypeError(f"{who}: integers need an integer as alpha, got {alpha}")
    return _core.mul(other, alpha)


def _is_real(t: Any) -> bool:
    """Whether a tensor, an array or a number is real."""
    return t.dtype == REAL if isinstance(t, Tensor) else np.asarray(t).dtype.kind == "f"


def rounded(x: Tensor, other: Any, mode: str) -> Tensor:
    """Return the quotient rounded down ("floor") or towards 0 ("trunc"), with a gradient of 0."""
    if mode not in ("floor", "trunc"):
        raise Refusal(f"div: rounding_mode needs None, 'floor' or 'trunc', got {mode!r}")
    a, b = (t.detach().numpy() if isinstance(t, Tensor) else np.asarray(t) for t in (x, other))
    integers = a.dtype.kind in "iub" and b.dtype.kind in "iub"
    if integers and (b == 0).any():
        raise Refusal("div: an integer cannot be divided by 0")
    if not integers:
        a, b = a.astype(REAL), b.astype(REAL)
    with np.errstate(all="ignore"):
        down = np.floor_divide(a, b)
        if mode == "floor":
            quotient = down
        elif integers:  # one more where rounding down has gone away from 0
            quotient = down + ((down < 0) & (down * b != a))
        else:
            quotient = np.trunc(a / b)
    y = _core.from_numpy(np.asarray(quotient))
    for t in (x, other):  # where(false, t, y) is y, and gives t a gradient of 0
        if isinstance(t, Tensor) and t.requires_grad:
            y = _core.where(_core.from_numpy(np.zeros((), bool)), t, y)
    return y


def remainder(x: Any, other: Any) -> Tensor:
    """Return x % other: x - floor(x / other) * other. ValueError for an integer divided by 0."""
    if _is_real(x) or _is_real(other):
        return _core.remainder(x, other)
    a, b = (t.numpy() if isinstance(t, Tensor) else np.asarray(t) for t in (x, other))
    if (b == 0).any():
        raise Refusal("remainder: an integer cannot be divided by 0")
    return _core.from_numpy(np.asarray(np.remainder(a, b)))


def _within(x: Tensor, least: Any, most: Any) -> Tensor:
    """Return x, but at least `least` and at most `most`, which may be tensors; of NaN and a limit, NaN."""
    if least is not None:
        x = _core.where(_core.ge(x, least), x, _core.maximum(x.detach(), least))
    if most is not None:
        x = _core.where(_core.le(x, most), x, _core.minimum(x.detach(), most))
    return x


def _along(who: str, x: Tensor, dim: Any, dtype: Any) -> Tensor:
    """Return softmax or log_softmax along an axis. TypeError without an axis, or for integers."""
    if dim is None:
        raise TypeError(f"{who}: needs an axis, as in x.{who}(-1)")
    if dtype is not None:
        x = x.to(check_dtype(dtype, who))
    if x.dtype != REAL:
        raise TypeError(f"{who}: needs real numbers, got {x.dtype}; use .float() first, or dtype=")
    try:
        return _core.softmax(x, dim) if who == "softmax" else _core.log_softmax(x, dim)
    except ValueError:
        if 0 not in x.shape:
            raise
        return _core.mul(x, 1.0)  # the softmax of nothing is nothing
