"""Functions of each number by itself, or of two numbers, composed of ops. Each is a method of Tensor as well.

Where two branches meet, the one that is taken has PyTorch's gradient; the other gets harmless numbers, since
0 times an infinite derivative would be NaN.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.arithmetic import rounded
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.outside import number_by_number


def _as_tensor(x: Any) -> Tensor:
    """Return a tensor, or a number as one."""
    return x if isinstance(x, Tensor) else _core.from_numpy(np.asarray(x))


def _real(x: Any) -> Tensor:
    """Return real numbers."""
    t = _as_tensor(x)
    return t if t.dtype == REAL else t.float()


def scalar_tensor(s: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of one number, without axes; real, unless dtype says otherwise."""
    return tensor(s, REAL if dtype is None else dtype, device, requires_grad)


def asinh(input: Tensor) -> Tensor:
    """Return the inverse of sinh, log(x + sqrt(x^2 + 1)), computed so that it is exact near 0."""
    x = _real(input)
    is_below = _core.lt(x, 0.0)
    size = _core.where(is_below, _core.neg(x), x)
    square = _core.mul(size, size)
    more = _core.div(square, _core.add(_core.sqrt(_core.add(square, 1.0)), 1.0))
    y = _core.log1p(_core.add(size, more))
    return _core.where(is_below, _core.neg(y), y)


def acosh(input: Tensor) -> Tensor:
    """Return the inverse of cosh, log(x + sqrt(x^2 - 1)), for x of at least 1."""
    more = _core.sub(_real(input), 1.0)
    return _core.log1p(_core.add(more, _core.sqrt(_core.mul(more, _core.add(more, 2.0)))))


def atanh(input: Tensor) -> Tensor:
    """Return the inverse of tanh, log((1 + x) / (1 - x)) / 2, for x from -1 to 1."""
    x = _real(input)
    return _core.mul(_core.sub(_core.log1p(x), _core.log1p(_core.neg(x))), 0.5)


def frac(input: Tensor) -> Tensor:
    """Return the decimals of each number, with its sign."""
    return _core.sub(input, _core.trunc(input))


def fmod(input: Tensor, other: Any) -> Tensor:
    """Return what remains of input when it is divided by other; it has the sign of input (C's fmod)."""
    if _as_tensor(input).dtype != REAL and _as_tensor(other).dtype != REAL:
        a, b = _as_tensor(input).numpy(), _as_tensor(other).numpy()
        if (b == 0).any():
            raise Refusal("fmod: an integer cannot be divided by 0")
        return _core.from_numpy(np.asarray(np.fmod(a, b)))
    x, size = _as_tensor(input), _core.abs(_as_tensor(other))
    is_below = _core.lt(x, 0)
    rest = _core.remainder(_core.where(is_below, _core.neg(x), x), size)
    return _core.where(is_below, _core.neg(rest), rest)


def floor_divide(input: Tensor, other: Any) -> Tensor:
    """Return input / other rounded down, without gradient. ValueError for an integer divided by 0."""
    return rounded(input, other, "floor").detach()


def logaddexp(input: Tensor, other: Tensor) -> Tensor:
    """Return log(e^input + e^other), computed without overflow."""
    difference = _core.where(_core.eq(input, other), 0.0, _core.sub(input, other))
    rest = _core.log1p(_core.exp(_core.neg(_core.abs(difference))))
    return _core.add(_core.maximum(input, other), rest)


def logaddexp2(input: Tensor, other: Tensor) -> Tensor:
    """Return log2(2^input + 2^other), computed without overflow."""
    difference = _core.where(_core.eq(input, other), 0.0, _core.sub(input, other))
    rest = _core.log1p(_core.exp2(_core.neg(_core.abs(difference))))
    return _core.add(_core.maximum(input, other), _core.mul(rest, 1 / math.log(2)))


def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """Return log(x / (1 - x)), the inverse of the sigmoid; with eps, x is first kept from eps to 1 - eps."""
    x = _real(input)
    if eps is not None:
        x = _core.clamp(x, eps, 1 - eps)
    return _core.sub(_core.log(x), _core.log1p(_core.neg(x)))


def float_power(input: Any, exponent: Any) -> Tensor:
    """Return the power of real numbers, also of integers. PyTorch computes it in float64."""
    return _core.pow(_real(input), _real(exponent) if isinstance(exponent, Tensor) else exponent)


def xlogy(input: Any, other: Any) -> Tensor:
    """Return input * log(other), and 0 where input is 0, whatever other is, except for NaN."""
    x, y = _real(input), _real(other)
    is_zero = _core.mul(_core.eq(x, 0.0), _core.logical_not(_core.isnan(y))).bool()
    product = _core.mul(x, _core.log(_core.where(is_zero, 1.0, y)))
    return _core.where(is_zero, 0.0, product)


def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Replace NaN by `nan` (0), infinite numbers by posinf and neginf, by default the largest there are."""
    if input.dtype != REAL:
        return input.clone()
    most = float(np.finfo(np.dtype(str.__str__(REAL))).max)
    for at, number in (
        (_core.isnan(input), 0.0 if nan is None else nan),
        (_core.eq(input, math.inf), most if posinf is None else posinf),
        (_core.eq(input, -math.inf), -most if neginf is None else neginf),
    ):
        input = _core.where(at, number, input)
    return input


def signbit(input: Tensor) -> Tensor:
    """Return whether each number has a minus sign; -0.0 has one, too."""
    if input.dtype != REAL:
        return _core.lt(input, 0)
    return _core.from_numpy(np.asarray(np.signbit(input.numpy())))


def copysign(input: Tensor, other: Any) -> Tensor:
    """Return input with the signs of other."""
    size, source = _core.abs(_real(input)), _as_tensor(other)
    y = _core.where(signbit(source.detach()), _core.neg(size), size)
    return _core.where(_core.from_numpy(np.zeros((), bool)), source, y)  # source has a gradient: 0


def hypot(input: Tensor, other: Tensor) -> Tensor:
    """Return sqrt(input^2 + other^2), the hypotenuse of a right triangle."""
    return _core.sqrt(_core.add(_core.mul(input, input), _core.mul(other, other)))


def sinc(input: Tensor) -> Tensor:
    """Return sin(pi x) / (pi x), and 1 at 0."""
    x = _core.mul(input, math.pi)
    is_zero = _core.eq(x, 0.0)
    safe = _core.where(is_zero, 1.0, x)
    return _core.where(is_zero, 1.0, _core.div(_core.sin(safe), safe))


def deg2rad(input: Tensor) -> Tensor:
    """Turn degrees into radians."""
    return _core.mul(input, math.pi / 180)


def rad2deg(input: Tensor) -> Tensor:
    """Turn radians into degrees."""
    return _core.mul(input, 180 / math.pi)


def positive(input: Tensor) -> Tensor:
    """Return the tensor itself. TypeError for truth values."""
    if input.dtype == "bool":
        raise TypeError("positive: needs numbers, got bool")
    return input


def rsub(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """Return other - alpha * input."""
    return _core.sub(other, input if alpha == 1 else _core.mul(input, alpha))


def _larger_known(input: Tensor, other: Tensor, is_better: Any) -> Tensor:
    """Return input where it is better or other is NaN, else other."""
    x, y = _as_tensor(input), _as_tensor(other)
    return _core.where(_core.maximum(is_better(x, y), _core.isnan(y)).bool(), x, y)


def fmax(input: Tensor, other: Tensor) -> Tensor:
    """Return the larger of two numbers, and of NaN and a number the number."""
    return _larger_known(input, other, _core.ge)


def fmin(input: Tensor, other: Tensor) -> Tensor:
    """Return the smaller of two numbers, and of NaN and a number the number."""
    return _larger_known(input, other, _core.le)


def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """Return 0 below 0, 1 above, and `values` at 0; without gradient."""
    if not isinstance(values, Tensor) or input.dtype != values.dtype:
        got = getattr(values, "dtype", type(values).__name__)
        raise TypeError(f"heaviside: needs two tensors of one dtype, got {input.dtype} and {got}")
    x, at_zero = input.detach(), values.detach()
    step = _core.gt(x, 0).to(input.dtype)
    return _core.where(_core.isnan(x), x, _core.where(_core.eq(x, 0), at_zero, step))


def clamp_min(input: Tensor, min: Any) -> Tensor:
    """Return the numbers, but at least min."""
    return input.clamp(min=min)


def clamp_max(input: Tensor, max: Any) -> Tensor:
    """Return the numbers, but at most max."""
    return input.clamp(max=max)


def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Return where two numbers differ by at most rtol * |other| + atol."""
    if rtol < 0 or atol < 0:
        raise Refusal(f"isclose: needs rtol and atol of 0 or more, got {rtol} and {atol}")
    if not isinstance(other, Tensor) or input.dtype != other.dtype:
        got = getattr(other, "dtype", type(other).__name__)
        raise TypeError(f"isclose: needs two tensors of one dtype, got {input.dtype} and {got}")
    return _core.from_numpy(np.asarray(np.isclose(input.numpy(), other.numpy(), rtol, atol, equal_nan)))


def isposinf(input: Tensor) -> Tensor:
    """Return which numbers are infinite and positive."""
    return _core.eq(input, math.inf)


def isneginf(input: Tensor) -> Tensor:
    """Return which numbers are infinite and negative."""
    return _core.eq(input, -math.inf)


def isreal(input: Tensor) -> Tensor:
    """Return true for each number: there are no complex ones."""
    return _core.from_numpy(np.ones(input.shape, bool))


def sgn(input: Tensor) -> Tensor:
    """Return 1 for each number above 0, -1 for each one below, 0 for 0."""
    return _core.sign(input)


def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """Return input * 2^other."""
    return _core.mul(input, _core.exp2(_real(other)))


def erfc(input: Tensor) -> Tensor:
    """Return 1 - erf(x), exact where it is near 0, too."""
    function = np.vectorize(math.erfc, otypes=[np.float64])
    return number_by_number(
        "erfc",
        input,
        function,
        lambda x: -2 / math.sqrt(math.pi) * np.exp(-x * x),
        lambda x: -2 / math.sqrt(math.pi) * (-x * x).exp(),
    )
