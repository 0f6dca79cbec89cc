"""Layers and networks, with PyTorch's names, shapes and meanings.

Read module.py first (what a module is), then linear.py, conv.py and containers.py.
"""

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
from hello_dl.nn.cells import GRUCell, LSTMCell, RNNCell
from hello_dl.nn.containers import ModuleDict, ModuleList, Residual, Sequential
from hello_dl.nn.conv import AvgPool2d, Conv2d, MaxPool2d
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
from hello_dl.nn.norm import BatchNorm1d, BatchNorm2d, LayerNorm, RMSNorm
from hello_dl.nn.parameter import Parameter
from hello_dl.nn.position import LearnedPositions, RotaryPositions, SinusoidalPositions
from hello_dl.nn.recurrent import GRU, RNN
from hello_dl.nn.transformer import TransformerEncoder, TransformerEncoderLayer
from hello_dl.tensors.instead import refusing

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "CTCLoss",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "HuberLoss",
    "Identity",
    "L1Loss",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "LearnedPositions",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "NLLLoss",
    "Parameter",
    "RMSNorm",
    "RNNCell",
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
    "functional",
    "init",
    "utils",
]

__getattr__ = refusing("hello_dl.nn", "torch.nn")
