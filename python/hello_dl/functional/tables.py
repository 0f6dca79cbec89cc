"""Look rows up in a table, turn class numbers into vectors, and flatten."""

from __future__ import annotations

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL


def flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Join the axes from start_dim to end_dim into one: (n, c, h, w) with 1 and -1 gives (n, c*h*w)."""
    return x.flatten(start_dim, end_dim)


def embedding(index: Tensor, weight: Tensor) -> Tensor:
    """Look rows up in a table: index (...), weight (k, d) give (..., d). IndexError for an index outside."""
    if index.dtype == REAL:
        raise TypeError(f"embedding: needs integers as index, got {index.dtype}")
    if index.is_computed:
        _core._check_labels("embedding: index", index, weight.shape[0], -1 << 40, "rows")
    return _core.embedding(index, weight)


def one_hot(index: Tensor, num_classes: int = -1) -> Tensor:
    """Turn class numbers (...) into int64 (..., num_classes): 1 at the number, 0 elsewhere.

    num_classes is one more than the largest number by default. IndexError for a number that is no class.
    """
    labels = index.numpy()
    if labels.dtype.kind != "i":
        raise TypeError(f"one_hot: needs integers, got {index.dtype}")
    if num_classes == -1:
        if labels.size == 0:
            raise ValueError("one_hot: needs num_classes for an empty tensor")
        num_classes = int(labels.max()) + 1
    _core._check_labels("one_hot: label", index, num_classes, -1 << 40)
    return _core.from_numpy((labels[..., None] == np.arange(num_classes)).astype(np.int64))
