"""Activations, softmax and dropout: functions of single numbers, or of the numbers along one axis."""

from __future__ import annotations

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.random import Generator, next_key


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Turn scores into probabilities along an axis: e^x / sum(e^x) (chapter 4). The shape stays."""
    return _core.softmax(x, dim)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return the logarithms of softmax, computed without overflow or log(0) (chapter 4)."""
    return _core.log_softmax(x, dim)


def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Return x where it is positive, negative_slope * x elsewhere."""
    return _core.sub(_core.relu(x), _core.mul(_core.relu(_core.mul(x, -1.0)), negative_slope))


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return x where it is positive, alpha * (e^x - 1) elsewhere (Clevert et al., 2015)."""
    below = _core.mul(_core.sub(_core.exp(_core.minimum(x, 0.0)), 1.0), alpha)
    return _core.add(_core.relu(x), below)


def silu(x: Tensor) -> Tensor:
    """Return x * sigmoid(x), also called swish."""
    return _core.mul(x, _core.sigmoid(x))


def softplus(x: Tensor, beta: float = 1.0) -> Tensor:
    """Return log(1 + e^(beta x)) / beta, a smooth relu, computed so that large x do not overflow."""
    scaled = x if beta == 1 else _core.mul(x, beta)
    rest = _core.log(_core.add(_core.exp(_core.mul(_core.abs(scaled), -1.0)), 1.0))
    return _core.mul(_core.add(_core.relu(scaled), rest), 1 / beta)


def logsigmoid(x: Tensor) -> Tensor:
    """Return log(sigmoid(x)) = -softplus(-x)."""
    return _core.mul(softplus(_core.mul(x, -1.0)), -1.0)


def dropout(
    x: Tensor, p: float = 0.5, training: bool = True, *, generator: Generator | None = None
) -> Tensor:
    """Set each number to 0 with probability p and divide the others by 1 - p (Srivastava et al., 2014).

    Outside training x is returned as it is. ValueError for a p that is no probability.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: needs a probability from 0 to 1, got {p}")
    if not training or p == 0:
        return x
    return _core.dropout(x, p, next_key(generator))
