"""Layers and networks, with PyTorch's names, shapes and meanings.

Read module.py first (what a module is), then linear.py, conv.py and containers.py.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hello_dl.nn import functional, init, utils
from hello_dl.nn.activations import (
    ELU,
    GELU,
    Dropout,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from hello_dl.nn.attention import MultiheadAttention
from hello_dl.nn.cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from hello_dl.nn.containers import ModuleDict, ModuleList, Residual, Sequential
from hello_dl.nn.conv import Conv1d, Conv2d, Conv3d
from hello_dl.nn.linear import Embedding, Flatten, Identity, Linear
from hello_dl.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    CTCLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from hello_dl.nn.lstm import LSTM
from hello_dl.nn.module import Module
from hello_dl.nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, LayerNorm, RMSNorm
from hello_dl.nn.parameter import Parameter, UninitializedParameter
from hello_dl.nn.pools import (
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from hello_dl.nn.position import LearnedPositions, RotaryPositions, SinusoidalPositions
from hello_dl.nn.recurrent import GRU, RNN, RNNBase
from hello_dl.nn.transformer import TransformerEncoder, TransformerEncoderLayer
from hello_dl.tensors.instead import refusing

if TYPE_CHECKING:
    from hello_dl.nn.adaptive_pools import *  # noqa: F403
    from hello_dl.nn.adaptive_softmax import *  # noqa: F403
    from hello_dl.nn.bags import *  # noqa: F403
    from hello_dl.nn.channel_norms import *  # noqa: F403
    from hello_dl.nn.conv_transpose import *  # noqa: F403
    from hello_dl.nn.decoder import *  # noqa: F403
    from hello_dl.nn.distances import *  # noqa: F403
    from hello_dl.nn.distribution_losses import *  # noqa: F403
    from hello_dl.nn.dropouts import *  # noqa: F403
    from hello_dl.nn.fractional_pools import *  # noqa: F403
    from hello_dl.nn.hard_activations import *  # noqa: F403
    from hello_dl.nn.lazy import *  # noqa: F403
    from hello_dl.nn.margin_losses import *  # noqa: F403
    from hello_dl.nn.padding import *  # noqa: F403
    from hello_dl.nn.parameter_containers import *  # noqa: F403
    from hello_dl.nn.resizing import *  # noqa: F403
    from hello_dl.nn.smooth_activations import *  # noqa: F403

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "CTCLoss",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "HuberLoss",
    "Identity",
    "L1Loss",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "LearnedPositions",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "NLLLoss",
    "Parameter",
    "RMSNorm",
    "RNNBase",
    "RNNCell",
    "RNNCellBase",
    "ReLU",
    "Residual",
    "RotaryPositions",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SinusoidalPositions",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Tanh",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "UninitializedParameter",
    "functional",
    "init",
    "utils",
]

# Layers that are imported when a program first names one, so that `import hello_dl.nn` stays fast.
_LATER_BY_FILE = {
    "adaptive_pools": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d "
        "AdaptiveMaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d"
    ),
    "adaptive_softmax": "AdaptiveLogSoftmaxWithLoss",
    "bags": "EmbeddingBag",
    "channel_norms": "CrossMapLRN2d GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LocalResponseNorm",
    "conv_transpose": "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "decoder": "Transformer TransformerDecoder TransformerDecoderLayer",
    "distances": "Bilinear CosineSimilarity PairwiseDistance",
    "distribution_losses": "GaussianNLLLoss KLDivLoss NLLLoss2d PoissonNLLLoss",
    "dropouts": "AlphaDropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    "fractional_pools": "FractionalMaxPool2d FractionalMaxPool3d",
    "hard_activations": "Hardshrink Hardsigmoid Hardswish Hardtanh ReLU6 Softshrink Threshold",
    "lazy": (
        "LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d "
        "LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d "
        "LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear"
    ),
    "margin_losses": (
        "CosineEmbeddingLoss HingeEmbeddingLoss MarginRankingLoss MultiLabelMarginLoss "
        "MultiLabelSoftMarginLoss MultiMarginLoss SoftMarginLoss TripletMarginLoss "
        "TripletMarginWithDistanceLoss"
    ),
    "padding": (
        "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
        "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
        "ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d"
    ),
    "parameter_containers": "ParameterDict ParameterList",
    "resizing": (
        "ChannelShuffle Fold PixelShuffle PixelUnshuffle Unflatten Unfold Upsample "
        "UpsamplingBilinear2d UpsamplingNearest2d"
    ),
    "smooth_activations": "CELU GLU LogSigmoid Mish PReLU RReLU SELU Softmax2d Softmin Softsign Tanhshrink",
}
_LATER = {name: file for file, names in _LATER_BY_FILE.items() for name in names.split()}
__all__ += list(_LATER)
_missing = refusing("hello_dl.nn", "torch.nn")


def __getattr__(name: str) -> Any:
    """Import a layer when it is first named, or say what hello_dl lacks of PyTorch."""
    if name not in _LATER:
        return _missing(name)
    found = getattr(importlib.import_module(f"hello_dl.nn.{_LATER[name]}"), name)
    globals()[name] = found  # the next time Python finds it without asking here
    return found


def __dir__() -> list[str]:
    """Return all names, also those not imported yet."""
    return sorted({*globals(), *__all__})
