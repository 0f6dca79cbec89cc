"""Weighted sums, rows of a table, vectors for class numbers, and flatten."""

from __future__ import annotations

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.grad_mode import no_grad


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
    max_norm first scales each row that is looked up down to this p-norm, p = norm_type, in the table itself.
    scale_grad_by_freq divides a row's gradient by how often it is looked up.
    """
    del sparse  # a gradient of PyTorch's sparse kind has equal numbers
    if input.dtype == REAL:
        raise TypeError(f"embedding: needs integers as index, got {input.dtype}")
    if weight.ndim != 2:
        raise Refusal(f"embedding: needs a weight (rows, features), got {weight.shape}")
    if input.is_computed:
        _core._check_labels("embedding: index", input, weight.shape[0], -1 << 40, "rows")
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    if scale_grad_by_freq:
        return _by_frequency(input, weight, padding_idx)
    if padding_idx is None:
        return _core.embedding(input, weight)
    rows = weight.shape[0]
    if not -rows <= padding_idx < rows:
        raise Refusal(f"embedding: needs a padding_idx from {-rows} to {rows - 1}, got {padding_idx}")
    is_padding = _core.eq(input, padding_idx % rows)
    still = _core.embedding(input, weight.detach())
    return _core.where(_core.reshape(is_padding, (*input.shape, 1)), still, _core.embedding(input, weight))


def _shorten(weight: Tensor, index: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale the rows of weight at `index` that are longer than max_norm down to it, in place."""
    rows = _core.from_numpy(np.unique(index.numpy()))
    with no_grad():
        found = _core.index_select(weight.detach(), 0, rows)
        norms = found.norm(norm_type, 1, True)
        # 1e-7 keeps a length of 0 from dividing; a row becomes shorter by that share only.
        scale = _core.where(_core.gt(norms, max_norm), max_norm / (norms + 1e-7), 1.0)
        weight[rows] = _core.mul(found, scale)


def _by_frequency(index: Tensor, weight: Tensor, padding_idx: int | None) -> Tensor:
    """Return embedding(index, weight), the gradient of each row divided by how often it is in `index`."""
    counts = np.bincount(index.numpy().reshape(-1), minlength=weight.shape[0])
    share = (1 / np.maximum(counts, 1)).astype(np.float32)[index.numpy()][..., None]
    y = embedding(index, weight, padding_idx)
    still = y.detach()
    nothing = _core.mul(_core.sub(y, still), _core.from_numpy(share))  # 0, with a gradient
    return _core.add(still, nothing)


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
            raise Refusal("one_hot: needs num_classes for an empty tensor")
        num_classes = int(labels.max()) + 1
    if num_classes < 1:
        raise Refusal(f"one_hot: needs num_classes of 1 or more, or -1 for the largest, got {num_classes}")
    _core._check_labels("one_hot: label", tensor, num_classes, -1 << 40)
    return _core.from_numpy((labels[..., None] == np.arange(num_classes)).astype(np.int64))
