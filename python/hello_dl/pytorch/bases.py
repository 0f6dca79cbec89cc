"""The base classes of layers under PyTorch's inner names, from which programs inherit."""

from hello_dl.nn.activations import Dropout as _DropoutNd
from hello_dl.nn.channel_norms import _InstanceNorm
from hello_dl.nn.conv import _ConvNd
from hello_dl.nn.conv_transpose import _ConvTransposeNd
from hello_dl.nn.losses import Loss as _Loss
from hello_dl.nn.losses import WeightedLoss as _WeightedLoss
from hello_dl.nn.norm import _BatchNorm

_NormBase = _BatchNorm

__all__ = [
    "_BatchNorm",
    "_ConvNd",
    "_ConvTransposeNd",
    "_DropoutNd",
    "_InstanceNorm",
    "_Loss",
    "_NormBase",
    "_WeightedLoss",
]
