"""The gamma function's kin, the inverse of erf, and a Bessel function, computed by numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.functions import stack
from hello_dl.tensors.outside import number_by_number

Array = NDArray[Any]

_LARGE = 8.0  # from here on the asymptotic series are exact to 1e-15; smaller numbers are moved up to it
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)  # B2, B4, ..., B14


def lgamma(input: Tensor) -> Tensor:
    """Return log(|gamma(x)|): of a whole number n, log((n - 1)!)."""
    return number_by_number("lgamma", input, _lgamma, psi, digamma)


def digamma(input: Tensor) -> Tensor:
    """Return the derivative of lgamma."""
    return number_by_number("digamma", input, psi, lambda x: _polygamma(1, x), lambda x: polygamma(1, x))


def polygamma(n: int | Tensor, input: Tensor | int) -> Tensor:
    """Return the n-th derivative of digamma; as a method x.polygamma(n)."""
    if isinstance(n, Tensor):
        n, input = input, n
    assert isinstance(input, Tensor)
    order = int(n)
    if order < 0:
        raise Refusal(f"polygamma: needs an order of 0 or more, got {n}")
    if order == 0:
        return digamma(input)
    return number_by_number(
        "polygamma",
        input,
        lambda x: _polygamma(order, x),
        lambda x: _polygamma(order + 1, x),
        lambda x: polygamma(order + 1, x),
    )


def mvlgamma(input: Tensor, p: int) -> Tensor:
    """Return the logarithm of the multivariate gamma function of p dimensions, for x above (p - 1) / 2."""
    if p < 1:
        raise Refusal(f"mvlgamma: needs at least one dimension, got {p}")

    def value(x: Array) -> Array:
        parts = sum(_lgamma(x - i / 2) for i in range(p))
        return np.asarray(parts + p * (p - 1) / 4 * math.log(math.pi))

    return number_by_number(
        "mvlgamma",
        input,
        value,
        lambda x: np.asarray(sum(psi(x - i / 2) for i in range(p))),
        lambda x: stack([digamma(x - i / 2) for i in range(p)]).sum(0),
    )


def erfinv(input: Tensor) -> Tensor:
    """Return the inverse of erf, for numbers from -1 to 1: infinite at both ends, NaN beyond."""
    return number_by_number(
        "erfinv",
        input,
        inverse_of_erf,
        lambda y: math.sqrt(math.pi) / 2 * np.exp(inverse_of_erf(y) ** 2),
        lambda y: math.sqrt(math.pi) / 2 * (erfinv(y) ** 2).exp(),
    )


def i0(input: Tensor) -> Tensor:
    """Return the modified Bessel function of the first kind of order 0."""
    return number_by_number("i0", input, lambda x: np.asarray(np.i0(x)), _i1, _bessel_1)


def _bessel_1(x: Tensor) -> Tensor:
    """Return the modified Bessel function of order 1, the derivative of i0."""

    def slope(x: Array) -> Array:
        return np.where(x == 0, 0.5, np.i0(x) - _i1(x) / np.where(x == 0, 1.0, x))

    return number_by_number("i1", x, _i1, slope)


def _one_lgamma(x: float) -> float:
    if math.isinf(x) or (x <= 0 and x == math.floor(x)):
        return math.inf
    return math.lgamma(x)


def _lgamma(x: Array) -> Array:
    return np.asarray(np.vectorize(_one_lgamma, otypes=[np.float64])(x))


def psi(x: Array) -> Array:
    """Return the digamma function: recurrence up to _LARGE, then its asymptotic series, reflected below 0."""
    below = x < 0.5
    up = np.where(below, 1 - x, x)
    y = np.zeros_like(up)
    for _ in range(int(_LARGE)):
        small = up < _LARGE
        y = y - np.where(small, 1 / up, 0)
        up = np.where(small, up + 1, up)
    square = 1 / (up * up)
    y += np.log(up) - 0.5 / up
    for i, b in enumerate(_BERNOULLI, 1):
        y -= b / (2 * i) * square**i
    y = np.where(below, y - math.pi / np.tan(math.pi * x), y)
    return np.where((x < 0) & (x == np.floor(x)), np.nan, np.where(x == 0, -np.copysign(np.inf, x), y))


def _polygamma(n: int, x: Array) -> Array:
    """Return the n-th derivative of psi, n >= 1, as a sum of 1 / (x + k)^(n + 1) and the rest of that sum."""
    y, up = np.zeros_like(x), x
    for _ in range(int(_LARGE) + int(-min(0.0, float(np.nanmin(x, initial=0))))):
        y = y + np.where(up < _LARGE, 1 / up ** (n + 1), 0)
        up = np.where(up < _LARGE, up + 1, up)
    rest = up ** (-n) / n + 0.5 * up ** (-n - 1)
    for i, b in enumerate(_BERNOULLI, 1):
        rest += (
            b
            * math.factorial(2 * i + n - 1)
            / (math.factorial(2 * i) * math.factorial(n))
            * up ** (-2 * i - n)
        )
    return np.asarray((-1) ** (n + 1) * math.factorial(n) * (y + rest))


def inverse_of_erf(y: Array) -> Array:
    """Return the inverse of erf: an approximation (Winitzki 2008), then Newton's method."""
    inside = np.abs(y) < 1
    safe = np.where(inside, y, 0.0)
    log = np.log1p(-safe * safe)
    half = 2 / (math.pi * 0.147) + log / 2
    x = np.copysign(np.sqrt(np.sqrt(half * half - log / 0.147) - half), safe)
    erf = np.vectorize(math.erf, otypes=[np.float64])
    for _ in range(4 if x.size else 0):
        x = x - (erf(x) - safe) * math.sqrt(math.pi) / 2 * np.exp(x * x)
    return np.where(inside, x, np.where(np.abs(y) == 1, np.copysign(np.inf, y), np.nan))


def _i1(x: Array) -> Array:
    """Return the modified Bessel function of order 1 by its integral: the mean of e^(x cos t) cos t."""
    t = (np.arange(200) + 0.5) * math.pi / 200
    return np.asarray(np.mean(np.exp(x[..., None] * np.cos(t)) * np.cos(t), -1))
