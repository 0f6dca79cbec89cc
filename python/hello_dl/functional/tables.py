"""Weighted sums, rows of a table, vectors for class numbers, and flatten."""

from __future__ import annotations

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Join the axes from start_dim to end_dim into one: (n, c, h, w) with 1 and -1 gives (n, c*h*w)."""
    return input.flatten(start_dim, end_dim)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return x W' + b: input (..., in), weight (out, in), bias (out,) give (..., out) (chapter 3).

    A weight (in,) is one output whose axis is left out; bias is then one number.
    """
    if weight.dtype == REAL:
        try:
            return _core.linear(input, weight, bias)
        except ValueError:
            if weight.ndim != 1:
                raise
    y = _core.matmul(input, weight if weight.ndim == 1 else _core.permute(weight, (1, 0)))
    return y if bias is None else _core.add(y, bias)


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Look rows up in a table: input (...), weight (k, d) give (..., d). IndexError for a number outside.

    The row padding_idx, counted from the end if negative, gets no gradient. sparse changes nothing here.
    ValueError for max_norm and scale_grad_by_freq, which hello_dl does not have.
    """
    del (
        norm_type,
        sparse,
    )  # the first belongs to max_norm; a gradient of PyTorch's sparse kind has equal numbers
    if input.dtype == REAL:
        raise TypeError(f"embedding: needs integers as index, got {input.dtype}")
    if max_norm is not None or scale_grad_by_freq:
        raise ValueError("embedding: hello_dl has neither max_norm nor scale_grad_by_freq")
    if weight.ndim != 2:
        raise ValueError(f"embedding: needs a weight (rows, features), got {weight.shape}")
    if input.is_computed:
        _core._check_labels("embedding: index", input, weight.shape[0], -1 << 40, "rows")
    if padding_idx is None:
        return _core.embedding(input, weight)
    rows = weight.shape[0]
    if not -rows <= padding_idx < rows:
        raise ValueError(f"embedding: needs a padding_idx from {-rows} to {rows - 1}, got {padding_idx}")
    is_padding = _core.eq(input, padding_idx % rows)
    still = _core.embedding(input, weight.detach())
    return _core.where(_core.reshape(is_padding, (*input.shape, 1)), still, _core.embedding(input, weight))


def lookup(weight: Tensor, indices: Tensor, padding_idx: int = -1) -> Tensor:
    """Look rows up in a table: weight (k, d), indices (...) give (..., d). padding_idx -1 stands for none.

    This is torch.embedding, whose arguments have another order than those of functional.embedding.
    """
    return embedding(indices, weight, None if padding_idx == -1 else padding_idx)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Turn class numbers (...) into int64 (..., num_classes): 1 at the number, 0 elsewhere.

    num_classes is one more than the largest number by default. IndexError for a number that is no class.
    """
    labels = tensor.numpy()
    if labels.dtype.kind != "i":
        raise TypeError(f"one_hot: needs integers, got {tensor.dtype}")
    if num_classes == -1:
        if labels.size == 0:
            raise ValueError("one_hot: needs num_classes for an empty tensor")
        num_classes = int(labels.max()) + 1
    if num_classes < 1:
        raise ValueError(f"one_hot: needs num_classes of 1 or more, or -1 for the largest, got {num_classes}")
    _core._check_labels("one_hot: label", tensor, num_classes, -1 << 40)
    return _core.from_numpy((labels[..., None] == np.arange(num_classes)).astype(np.int64))
