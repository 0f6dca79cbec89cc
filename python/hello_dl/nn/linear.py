"""Layers of features: Linear and Embedding; Identity and Flatten, which compute nothing."""

from __future__ import annotations

import math

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl.nn import init
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty


def need_sizes(layer: str, **sizes: int) -> None:
    """Raise ValueError for the first size that is not a whole number of at least 1, by its name."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"{layer}: needs {name} of at least 1, got {size!r}")


class Identity(Module):
    """A layer that returns its input. It ignores all arguments of its constructor."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        del args, kwargs

    def forward(self, x: Tensor) -> Tensor:
        """Return x."""
        return x


class Linear(Module):
    """y = x W' + b: every output is a weighted sum of all inputs.

    x (..., in_features), weight (out_features, in_features), bias (out_features), y (..., out_features).
    Starts uniformly between +-1/sqrt(in_features). Chapter 2 of Hello Deep Learning builds networks of it.
    """

    bias: Parameter | None

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        need_sizes("Linear", in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty(out_features, in_features))
        self.bias = Parameter(empty(out_features)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        start_evenly(self.weight, self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return x W' + b."""
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        )


def start_evenly(weight: Parameter, bias: Parameter | None) -> None:
    """Draw weight and bias uniformly between +-1/sqrt(fan_in), as PyTorch's layers start."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        bound = 1 / math.sqrt(init.fans(weight)[0])
        init.uniform_(bias, -bound, bound)


class Flatten(Module):
    """Join several axes into one: (n, c, h, w) becomes (n, c h w)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        """Return x with the axes from start_dim to end_dim joined."""
        return x.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Embedding(Module):
    """A table of vectors, looked up by number: int64 (...) becomes (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts normally distributed. Each row is what the network has
    learned about one number, such as that of a letter. IndexError for a number outside the table.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        need_sizes("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight = Parameter(init.normal_(empty(num_embeddings, embedding_dim)))

    def forward(self, index: Tensor) -> Tensor:
        """Return the rows of weight at index."""
        return F.embedding(index, self.weight)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.num_embeddings}, {self.embedding_dim}"
