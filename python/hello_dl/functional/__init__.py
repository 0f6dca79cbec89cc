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
from hello_dl.functional.adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
)
from hello_dl.functional.attention import (
    attention_weights,
    heads_attention,
    rotary,
    scaled_dot_product_attention,
    sinusoidal_positions,
)
from hello_dl.functional.bags import embedding_bag
from hello_dl.functional.channel_norms import instance_norm, local_response_norm
from hello_dl.functional.class_losses import cross_entropy, nll_loss
from hello_dl.functional.convolutions import (
    conv1d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from hello_dl.functional.ctc import ctc_loss
from hello_dl.functional.distances import bilinear, cosine_similarity, pairwise_distance
from hello_dl.functional.distribution_losses import gaussian_nll_loss, kl_div, poisson_nll_loss
from hello_dl.functional.dropouts import alpha_dropout, dropout1d, dropout2d, dropout3d, feature_alpha_dropout
from hello_dl.functional.hard_activations import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    hardtanh_,
    relu6,
    softshrink,
    threshold,
    threshold_,
)
from hello_dl.functional.images import avg_pool2d, conv2d, max_pool2d
from hello_dl.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    huber_loss,
    l1_loss,
    mse_loss,
    smooth_l1_loss,
)
from hello_dl.functional.margin_losses import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from hello_dl.functional.norm_pools import lp_pool1d, lp_pool2d, lp_pool3d
from hello_dl.functional.normalisation import batch_norm, group_norm, layer_norm, normalize, rms_norm
from hello_dl.functional.padding import pad
from hello_dl.functional.pooling import avg_pool1d, avg_pool3d, max_pool1d, max_pool3d
from hello_dl.functional.resizing import (
    affine_grid,
    grid_sample,
    interpolate,
    upsample,
    upsample_bilinear,
    upsample_nearest,
)
from hello_dl.functional.smooth_activations import (
    celu,
    celu_,
    elu_,
    glu,
    gumbel_softmax,
    leaky_relu_,
    mish,
    prelu,
    relu_,
    rrelu,
    rrelu_,
    selu,
    selu_,
    softmin,
    softsign,
    tanhshrink,
)
from hello_dl.functional.tables import embedding, flatten, linear, one_hot
from hello_dl.functional.unpooling import max_unpool1d, max_unpool2d, max_unpool3d
from hello_dl.functional.windows import channel_shuffle, fold, pixel_shuffle, pixel_unshuffle, unfold

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "affine_grid",
    "alpha_dropout",
    "attention_weights",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "celu_",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "flatten",
    "fold",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "heads_attention",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rms_norm",
    "rotary",
    "rrelu",
    "rrelu_",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "sinusoidal_positions",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]


def __getattr__(name: str) -> Any:
    """Name what is missing, as hello_dl and hello_dl.nn do; PyTorch is named for public names only."""
    pytorch = "" if name.startswith("_") else f" (it does not have PyTorch's torch.nn.functional.{name})"
    raise AttributeError(f"hello_dl.functional has no '{name}'{pytorch}")
