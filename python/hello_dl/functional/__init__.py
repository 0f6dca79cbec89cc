"""The functions behind the layers, named as in torch.nn.functional: F.relu, F.conv2d, F.cross_entropy.

Some are ops of the engine. The others are composed of ops, so they need no gradient rules of their own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from hello_dl.functional.adaptive import *  # noqa: F403
    from hello_dl.functional.bags import *  # noqa: F403
    from hello_dl.functional.channel_norms import *  # noqa: F403
    from hello_dl.functional.convolutions import *  # noqa: F403
    from hello_dl.functional.distances import *  # noqa: F403
    from hello_dl.functional.distribution_losses import *  # noqa: F403
    from hello_dl.functional.dropouts import *  # noqa: F403
    from hello_dl.functional.fractional import *  # noqa: F403
    from hello_dl.functional.hard_activations import *  # noqa: F403
    from hello_dl.functional.margin_losses import *  # noqa: F403
    from hello_dl.functional.norm_pools import *  # noqa: F403
    from hello_dl.functional.padding import *  # noqa: F403
    from hello_dl.functional.pooling import *  # noqa: F403
    from hello_dl.functional.resizing import *  # noqa: F403
    from hello_dl.functional.smooth_activations import *  # noqa: F403
    from hello_dl.functional.unpooling import *  # noqa: F403
    from hello_dl.functional.windows import *  # noqa: F403

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

# Functions that are imported when a program first names one, so that the rest starts fast.
_LATER_BY_FILE = {
    "adaptive": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
        "adaptive_max_pool2d adaptive_max_pool3d"
    ),
    "bags": "embedding_bag",
    "channel_norms": "instance_norm local_response_norm",
    "convolutions": "conv1d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    "distances": "bilinear cosine_similarity pairwise_distance pdist",
    "distribution_losses": "gaussian_nll_loss kl_div poisson_nll_loss",
    "dropouts": "alpha_dropout dropout1d dropout2d dropout3d feature_alpha_dropout",
    "fractional": "fractional_max_pool2d fractional_max_pool3d",
    "hard_activations": (
        "hardshrink hardsigmoid hardswish hardtanh hardtanh_ relu6 softshrink threshold threshold_"
    ),
    "margin_losses": (
        "cosine_embedding_loss hinge_embedding_loss margin_ranking_loss multi_margin_loss "
        "multilabel_margin_loss multilabel_soft_margin_loss soft_margin_loss triplet_margin_loss "
        "triplet_margin_with_distance_loss"
    ),
    "norm_pools": "lp_pool1d lp_pool2d lp_pool3d",
    "padding": "pad",
    "pooling": "avg_pool1d avg_pool3d max_pool1d max_pool3d",
    "resizing": "affine_grid grid_sample interpolate upsample upsample_bilinear upsample_nearest",
    "smooth_activations": (
        "celu celu_ elu_ glu gumbel_softmax leaky_relu_ mish prelu relu_ rrelu rrelu_ selu selu_ "
        "softmin softsign tanhshrink"
    ),
    "unpooling": "max_unpool1d max_unpool2d max_unpool3d",
    "windows": "channel_shuffle fold pixel_shuffle pixel_unshuffle unfold",
}
_LATER = {name: file for file, names in _LATER_BY_FILE.items() for name in names.split()}
__all__ += list(_LATER)


def __getattr__(name: str) -> Any:
    """Import a function when it is first named, or say what is missing; PyTorch is named for public names."""
    if name in _LATER:
        found = getattr(importlib.import_module(f"hello_dl.functional.{_LATER[name]}"), name)
        globals()[name] = found  # the next time Python finds it without asking here
        return found
    pytorch = "" if name.startswith("_") else f" (it does not have PyTorch's torch.nn.functional.{name})"
    raise AttributeError(f"hello_dl.functional has no '{name}'{pytorch}")


def __dir__() -> list[str]:
    """Return all names, also those not imported yet."""
    return sorted({*globals(), *__all__})
