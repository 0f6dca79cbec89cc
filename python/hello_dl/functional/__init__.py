"""The functions behind the layers, named as in torch.nn.functional: F.relu, F.conv2d, F.cross_entropy.

Some are ops of the engine. The others are composed of ops, so they need no gradient rules of their own.
"""

from __future__ import annotations

from typing import Any

from hello_dl.functional.activations import (
    dropout,
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    logsigmoid,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from hello_dl.functional.attention import (
    attention_weights,
    heads_attention,
    rotary,
    scaled_dot_product_attention,
    sinusoidal_positions,
)
from hello_dl.functional.class_losses import cross_entropy, nll_loss
from hello_dl.functional.ctc import ctc_loss
from hello_dl.functional.images import avg_pool2d, conv2d, max_pool2d
from hello_dl.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    huber_loss,
    l1_loss,
    mse_loss,
    smooth_l1_loss,
)
from hello_dl.functional.normalisation import batch_norm, group_norm, layer_norm, normalize, rms_norm
from hello_dl.functional.tables import embedding, flatten, linear, one_hot

__all__ = [
    "attention_weights",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "conv2d",
    "cross_entropy",
    "ctc_loss",
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


def __getattr__(name: str) -> Any:
    """Name what is missing, as hello_dl and hello_dl.nn do; PyTorch is named for public names only."""
    pytorch = "" if name.startswith("_") else f" (it does not have PyTorch's torch.nn.functional.{name})"
    raise AttributeError(f"hello_dl.functional has no '{name}'{pytorch}")
