"""Activations, softmax and dropout: functions of single numbers, or of the numbers along one axis.

Their gradients are composed of those of their parts, so each part is chosen for its gradient at 0 as well:
relu's is 0 there, that of max(x, 0) is 1/2 (both are largest), and that of where(x > 0, a, b) is b's.
"""

from __future__ import annotations

import warnings
from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.in_place import change
from hello_dl.tensors.random import Generator, next_key


def _axis(dim: int | None, dims: int, who: str) -> int:
    """Return `dim`, or the axis that PyTorch takes if none is named: 0 for 0, 1 or 3 axes, else 1."""
    if dim is None:
        dim = 0 if dims in (0, 1, 3) else 1
        warnings.warn(f"{who}: name the axis, as in {who}(x, dim=-1); axis {dim} is taken", stacklevel=3)
    return dim


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Turn scores into probabilities along an axis: e^x / sum(e^x) (chapter 4). The shape stays.

    Without `dim` the axis is PyTorch's choice, and a warning says which one. dtype converts the input first.
    """
    del _stacklevel  # PyTorch's third argument, which only its warning uses
    return input.softmax(_axis(dim, input.ndim, "softmax"), dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Return the logarithms of softmax, computed without overflow or log(0) (chapter 4)."""
    del _stacklevel
    return input.log_softmax(_axis(dim, input.ndim, "log_softmax"), dtype)


def sigmoid(input: Tensor) -> Tensor:
    """Return 1 / (1 + e^-x), between 0 and 1."""
    return _core.sigmoid(input)


def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent, between -1 and 1."""
    return _core.tanh(input)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """Return x Phi(x), with the normal distribution function Phi (Hendrycks and Gimpel, 2016).

    approximate="tanh" uses the paper's approximation.
    """
    return _core.gelu(input, approximate)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return max(x, 0): negative numbers become 0. inplace changes `input` itself."""
    y = _core.relu(input)
    return change(input, y, "relu") if inplace else y


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return x where it is positive, negative_slope * x elsewhere. inplace changes `input` itself."""
    y = _core.where(_core.gt(input, 0.0), input, _core.mul(input, negative_slope))
    return change(input, y, "leaky_relu") if inplace else y


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """Return x where it is positive, alpha * (e^x - 1) elsewhere (Clevert et al., 2015).

    inplace changes `input` itself.
    """
    is_below = _core.le(input, 0.0)
    below = _core.mul(_core.expm1(_core.where(is_below, input, 0.0)), alpha)
    y = _core.where(is_below, below, input)
    return change(input, y, "elu") if inplace else y


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return x * sigmoid(x), also called swish. inplace changes `input` itself."""
    y = _core.mul(input, _core.sigmoid(input))
    return change(input, y, "silu") if inplace else y


def log1p_of_exp_of_minus_size(x: Tensor) -> Tensor:
    """Return log(1 + e^-|x|), the part that softplus(x) and softplus(-x) have in common.

    |x| is x or -x, with slope 1 at 0. That of abs(x) is 0 there, and so would be the second derivative.
    """
    return _core.log1p(_core.exp(_core.mul(x, _core.where(_core.lt(x, 0.0), 1.0, -1.0))))


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return log(1 + e^(beta x)) / beta, a smooth relu; where beta x is above the threshold, return x.

    Computed as max(x, 0) + log(1 + e^-|beta x|) / beta, which cannot overflow. At 0 these have the slopes 1
    and -1/2: together sigmoid(0), the right one. ValueError for a beta of 0.
    """
    if beta == 0:
        raise Refusal("softplus: needs a beta other than 0")
    scaled = input if beta == 1 else _core.mul(input, beta)
    rest = log1p_of_exp_of_minus_size(scaled)
    larger = _core.where(_core.lt(scaled, 0.0), 0.0, input)  # for a beta below 0, the smaller one
    y = _core.add(larger, rest if beta == 1 else _core.mul(rest, 1 / beta))
    # From 20 on both agree to the last digit of a float.
    return y if threshold >= 20 else _core.where(_core.gt(scaled, threshold), input, y)


def logsigmoid(input: Tensor) -> Tensor:
    """Return log(sigmoid(x)) = -softplus(-x), computed as min(x, 0) - log(1 + e^-|x|)."""
    return _core.sub(_core.where(_core.lt(input, 0.0), input, 0.0), log1p_of_exp_of_minus_size(input))


def dropout(
    input: Tensor,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Set each number to 0 with probability p and divide the others by 1 - p (Srivastava et al., 2014).

    Outside training `input` is returned as it is; inplace changes `input` itself. ValueError for a p that is
    no probability.
    """
    if not 0 <= p <= 1:
        raise Refusal(f"dropout: needs a probability from 0 to 1, got {p}")
    if not training or p == 0:
        return input
    y = _core.dropout(input, p, next_key(generator))
    return change(input, y, "dropout") if inplace else y
