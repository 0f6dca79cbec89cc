"""Layers of features: Linear and Embedding; Identity and Flatten, which compute nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal, check_device
from hello_dl.nn import init
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty
from hello_dl.tensors.dtypes import REAL, check_dtype


def need_sizes(layer: str, least: int = 1, **sizes: int) -> None:
    """Raise ValueError for the first size that is not a whole number of at least `least`, by its name."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < least:
            raise Refusal(f"{layer}: needs {name} of at least {least}, got {size!r}")


def need_place(layer: str, device: Any, dtype: Any) -> None:
    """Raise ValueError for another device than the CPU, TypeError for parameters of another dtype."""
    check_device(device, layer)
    if dtype is not None and check_dtype(dtype, layer) != REAL:
        raise TypeError(f"{layer}: parameters are {REAL}, got dtype {dtype}")


class Identity(Module):
    """A layer that returns its input. It ignores all arguments of its constructor."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        del args, kwargs

    def forward(self, input: Tensor) -> Tensor:
        """Return x."""
        return input


class Linear(Module):
    """y = x W' + b: every output is a weighted sum of all inputs.

    x (..., in_features), weight (out_features, in_features), bias (out_features), y (..., out_features).
    Starts uniformly between +-1/sqrt(in_features). Chapter 2 of Hello Deep Learning builds networks of it.
    """

    bias: Parameter | None

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        need_place("Linear", device, dtype)
        need_sizes("Linear", least=0, in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty(out_features, in_features))
        self.bias = Parameter(empty(out_features)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        start_evenly(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return x W' + b."""
        return _core.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        )


def start_evenly(weight: Parameter, bias: Parameter | None) -> None:
    """Draw weight and bias uniformly between +-1/sqrt(fan_in), as PyTorch does; without inputs all are 0."""
    if 0 in weight.shape:
        if bias is not None:
            init.zeros_(bias)
        return
    init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        bound = 1 / math.sqrt(init.fans(weight)[0])
        init.uniform_(bias, -bound, bound)


class Flatten(Module):
    """Join several axes into one: (n, c, h, w) becomes (n, c h w)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        """Return x with the axes from start_dim to end_dim joined."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Embedding(Module):
    """A table of vectors, looked up by number: int64 (...) becomes (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts normally distributed. Each row is what the network has
    learned about one number, such as that of a letter. The row padding_idx, counted from the end if negative,
    starts at 0 and gets no gradient. max_norm, norm_type and scale_grad_by_freq are as in F.embedding, sparse
    changes nothing here. IndexError for a number outside the table.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("Embedding", device, dtype)
        need_sizes("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise Refusal(f"Embedding: needs a padding_idx within {num_embeddings}, got {padding_idx}")
        if _weight is not None and _weight.shape != (num_embeddings, embedding_dim):
            wanted = (num_embeddings, embedding_dim)
            raise Refusal(f"Embedding: needs a _weight {wanted}, got {_weight.shape}")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        weight = init.normal_(empty(num_embeddings, embedding_dim)) if _weight is None else _weight
        if self.padding_idx is not None and _weight is None:
            weight[self.padding_idx] = 0.0
        self.weight = Parameter(weight, not _freeze)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Embedding:
        """Make a table of these vectors (k, d); frozen ones are not trained."""
        if embeddings.ndim != 2:
            raise Refusal(f"Embedding.from_pretrained: needs vectors (k, d), got {embeddings.shape}")
        k, d = embeddings.shape
        return cls(
            k, d, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, embeddings, _freeze=freeze
        )

    def forward(self, input: Tensor) -> Tensor:
        """Return the rows of weight at these numbers."""
        if self.max_norm is None and not self.scale_grad_by_freq:
            return F.embedding(input, self.weight, self.padding_idx)
        options = self.max_norm, self.norm_type, self.scale_grad_by_freq
        return F.embedding(input, self.weight, self.padding_idx, *options)

    def extra_repr(self) -> str:
        """Return the settings."""
        s = f"{self.num_embeddings}, {self.embedding_dim}"
        s += f", padding_idx={self.padding_idx}" * (self.padding_idx is not None)
        s += f", max_norm={self.max_norm}" * (self.max_norm is not None)
        s += f", norm_type={self.norm_type}" * (self.norm_type != 2)
        return s + f", scale_grad_by_freq={self.scale_grad_by_freq}" * self.scale_grad_by_freq
