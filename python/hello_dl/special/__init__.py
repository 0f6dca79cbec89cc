"""Special functions, named as torch.special: most are those of hello_dl under other names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import hello_dl
from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.gamma import digamma, erfinv, i0, mvlgamma, polygamma
from hello_dl.tensors.gamma import lgamma as gammaln
from hello_dl.tensors.instead import lacks
from hello_dl.tensors.outside import number_by_number
from hello_dl.tensors.pointwise import erfc, logit, sinc, xlogy

__all__ = [
    "digamma",
    "entr",
    "erfc",
    "erfinv",
    "expit",
    "gammaln",
    "i0",
    "log_ndtr",
    "logit",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "sinc",
    "xlog1py",
    "xlogy",
]

multigammaln, psi, expit = mvlgamma, digamma, _core.sigmoid

_OF_THE_PACKAGE = ("erf", "exp2", "expm1", "log1p", "log_softmax", "logsumexp", "round", "softmax")


def entr(input: Tensor) -> Tensor:
    """Return -x log(x), the part of a probability in an entropy: 0 for 0, -inf below 0."""
    y = _core.neg(xlogy(input, input))
    return _core.where(_core.lt(input, 0.0), -math.inf, y)


def xlog1py(input: Any, other: Any) -> Tensor:
    """Return input * log(1 + other), and 0 where input is 0."""
    return xlogy(input, other + 1)


def ndtr(input: Tensor) -> Tensor:
    """Return the distribution function of the normal distribution: the probability of at most x."""
    return _core.mul(erfc(_core.mul(input, -math.sqrt(0.5))), 0.5)


def ndtri(input: Tensor) -> Tensor:
    """Return the inverse of ndtr, the quantile of a probability."""
    return _core.mul(erfinv(_core.sub(_core.mul(input, 2.0), 1.0)), math.sqrt(2))


def log_ndtr(input: Tensor) -> Tensor:
    """Return the logarithm of ndtr, exact for very negative numbers, too."""

    def value(x: Any) -> Any:
        small = 0.5 * np.vectorize(math.erfc, otypes=[np.float64])(-x * math.sqrt(0.5))
        size = np.maximum(-x, 1.0)
        far = -size * size / 2 - np.log(size * math.sqrt(2 * math.pi)) + np.log1p(-1 / size**2 + 3 / size**4)
        return np.where(x > -10, np.log(np.where(small > 0, small, 1)), far)

    return number_by_number(
        "log_ndtr",
        input,
        value,
        lambda x: np.exp(-x * x / 2 - value(x)) / math.sqrt(2 * math.pi),
        lambda x: (-x * x / 2 - log_ndtr(x)).exp() / math.sqrt(2 * math.pi),
    )


def __getattr__(name: str) -> Any:
    """Return a function that hello_dl has under the same name, or name what is missing."""
    if name in _OF_THE_PACKAGE:
        return getattr(hello_dl, name)
    raise AttributeError(f"hello_dl.special has no '{name}': {lacks(f'torch.special.{name}')}")
