"""Layers and networks, with PyTorch's names, shapes and meanings.

Read module.py first (what a module is), then linear.py, conv.py and containers.py.
"""

from hello_dl.nn import init
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
from hello_dl.nn.containers import ModuleDict, ModuleList, Residual, Sequential
from hello_dl.nn.conv import AvgPool2d, Conv2d, MaxPool2d
from hello_dl.nn.linear import Embedding, Flatten, Identity, Linear
from hello_dl.nn.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss
from hello_dl.nn.module import Module
from hello_dl.nn.norm import BatchNorm1d, BatchNorm2d, LayerNorm
from hello_dl.nn.parameter import Parameter

from . import functional, utils

__all__ = [
    "ELU",
    "GELU",
    "AvgPool2d",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "Identity",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "functional",
    "init",
    "utils",
]


def __getattr__(name: str) -> object:
    if name.startswith("_"):
        raise AttributeError(f"hello_dl.nn has no {name!r}")
    raise AttributeError(f"hello_dl.nn has no {name!r} yet; it has {', '.join(__all__)}")
