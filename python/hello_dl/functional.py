"""The functions behind the layers, named as in torch.nn.functional: F.relu, F.conv2d, F.cross_entropy.

What is an op of the engine is passed on; the rest is composed of ops, so its gradient needs no thought.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor, gelu, linear, relu, sigmoid, tanh
from hello_dl.attending import (
    attention_weights,
    heads_attention,
    rotary,
    scaled_dot_product_attention,
    sinusoidal_positions,
)
from hello_dl.dtypes import REAL
from hello_dl.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    l1_loss,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from hello_dl.normalising import batch_norm, group_norm, layer_norm, normalize, rms_norm
from hello_dl.random import Generator, next_key

__all__ = [
    "attention_weights",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "flatten",
    "gelu",
    "group_norm",
    "heads_attention",
    "huber_loss",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "max_pool2d",
    "mse_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "relu",
    "rms_norm",
    "rotary",
    "scaled_dot_product_attention",
    "sigmoid",
    "silu",
    "sinusoidal_positions",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "tanh",
]

Pair = int | Sequence[int]


# ---- activations -------------------------------------------------------------------------------------------


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Turn scores into probabilities along an axis: e^x / sum(e^x) (chapter 4)."""
    return _core.softmax(x, dim)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return the logarithms of softmax, without the detour through tiny numbers (chapter 4)."""
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
    """In training, zero numbers with probability p, divide the others by 1 - p (Srivastava et al., 2014)."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: needs a probability from 0 to 1, got {p}")
    if not training or p == 0:
        return x
    return _core.dropout(x, p, next_key(generator))


# ---- images ------------------------------------------------------------------------------------------------


def _pair(value: Pair, who: str, what: str) -> tuple[int, int]:
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) == 1:
        pair *= 2
    if len(pair) != 2:
        raise ValueError(f"{who}: {what} needs one or two numbers, got {value}")
    return pair[0], pair[1]


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair | str = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over images: x (n, c, h, w), weight (out, c / groups, kh, kw), bias (out,) (chapter 5).

    padding is the number of zeros around the image, or "valid" (none), or "same" (the result is as large as
    the image).
    """
    if not isinstance(padding, str):
        return _core.conv2d(x, weight, bias, stride, padding, dilation, groups)
    if padding == "valid":
        return _core.conv2d(x, weight, bias, stride, 0, dilation, groups)
    if padding != "same":
        raise ValueError(f"conv2d: needs a number, 'same' or 'valid' as padding, got '{padding}'")
    if _pair(stride, "conv2d", "stride") != (1, 1):
        raise ValueError(f"conv2d: padding 'same' needs a stride of 1, got {stride}")
    spread = _pair(dilation, "conv2d", "dilation")
    total = [d * (k - 1) for d, k in zip(spread, weight.shape[2:], strict=True)]
    for axis, t in zip((2, 3), total, strict=True):
        if t % 2:  # an even kernel: one more row of zeros at the end, as in PyTorch
            shape = list(x.shape)
            shape[axis] = 1
            x = _core.cat([x, _core.from_numpy(np.zeros(shape, np.float32))], axis)
    return _core.conv2d(x, weight, bias, 1, [t // 2 for t in total], dilation, groups)


def max_pool2d(
    x: Tensor,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """Return the largest number of each window: x (n, c, h, w) gives (n, c, oh, ow) (chapter 5)."""
    if dilation != 1 and _pair(dilation, "max_pool2d", "dilation") != (1, 1):
        raise ValueError(f"max_pool2d: hello_dl has no dilation here, got {dilation}")
    return _core.max_pool2d(x, kernel_size, stride, padding, ceil_mode)


def avg_pool2d(
    x: Tensor,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window: x (n, c, h, w) gives (n, c, oh, ow)."""
    return _core.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad)


def flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Join axes into one: flatten(x, 1) turns (n, c, h, w) into (n, c*h*w)."""
    return x.flatten(start_dim, end_dim)


# ---- tables ------------------------------------------------------------------------------------------------


def embedding(index: Tensor, weight: Tensor) -> Tensor:
    """Look rows up in a table: index (...), weight (k, d) give (..., d). IndexError beyond the table."""
    if index.dtype == REAL:
        raise TypeError(f"embedding: needs integers as index, got {index.dtype}")
    if index.is_computed:
        _core._check_labels("embedding: index", index, weight.shape[0], -1 << 40, "rows")
    return _core.embedding(index, weight)


def one_hot(index: Tensor, num_classes: int = -1) -> Tensor:
    """Turn class numbers (...) into int64 (..., num_classes): 1 at the number, 0 elsewhere."""
    labels = index.numpy()
    if labels.dtype.kind != "i":
        raise TypeError(f"one_hot: needs integers, got {index.dtype}")
    if num_classes == -1:
        if labels.size == 0:
            raise ValueError("one_hot: needs num_classes for an empty tensor")
        num_classes = int(labels.max()) + 1
    _core._check_labels("one_hot: label", index, num_classes, -1 << 40)
    return _core.from_numpy((labels[..., None] == np.arange(num_classes)).astype(np.int64))
