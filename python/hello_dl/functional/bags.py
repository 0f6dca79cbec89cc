"""embedding_bag: rows of a table, added up by bag, such as the words of a sentence."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.tables import embedding
from hello_dl.tensors.dtypes import REAL


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Return the mean, sum or largest of the rows of weight (k, d) in each bag: (bags, d).

    input (bags, t): one bag a row; or (n,) with offsets (bags,), where each bag begins; with
    include_last_offset the last offset is n, the end. An empty bag gives zeros. per_sample_weights, in the
    shape of input, multiply the rows; mode needs to be "sum" then. padding_idx belongs to no bag. ValueError
    for shapes that do not fit. Old programs give the weight first: that is understood, with a warning.
    """
    if weight.dtype != REAL and input.dtype == REAL:
        warnings.warn("embedding_bag: give input first, then weight", DeprecationWarning, stacklevel=2)
        input, weight = weight, input
    if mode not in ("sum", "mean", "max"):
        raise Refusal(f"embedding_bag: mode needs 'sum', 'mean' or 'max', got {mode!r}")
    if per_sample_weights is not None and (mode != "sum" or per_sample_weights.shape != input.shape):
        raise Refusal(
            f"embedding_bag: needs mode 'sum' for per_sample_weights, in the shape of input {input.shape},"
            f" got {mode!r} and {per_sample_weights.shape}"
        )
    if input.dtype == REAL:
        raise TypeError(f"embedding_bag: needs integers as input, got {input.dtype}")
    places, inside = _bags(input, offsets, include_last_offset)
    rows = weight.shape[0]
    index = _core.reshape(input, (-1,)).numpy()[places] if input.numel() else places
    if padding_idx is not None:
        inside = np.logical_and(inside, index != padding_idx % rows)
    index = np.where(inside, index, 0)
    every = bool(inside.all())
    if index.size == 0:
        return _core.mul(_core.from_numpy(np.zeros((len(index), weight.shape[1]), np.float32)), 1.0)
    x = embedding(_core.from_numpy(index), weight, None, max_norm, norm_type, scale_grad_by_freq, sparse)
    mask = _core.from_numpy(inside[..., None])  # (bags, longest, 1)
    if per_sample_weights is not None:
        flat = _core.reshape(per_sample_weights, (-1,))
        x = _core.mul(
            x, _core.reshape(_core.index_select(flat, 0, _core.from_numpy(places)), (*places.shape, 1))
        )
    if mode == "max":
        largest = _core.amax(x if every else _core.where(mask, x, -math.inf), 1)
        return _core.where(_core.from_numpy(np.asarray(inside.any(1, keepdims=True))), largest, 0.0)
    total = _core.sum(x if every else _core.where(mask, x, 0.0), 1)
    if mode == "sum":
        return total
    counts = np.maximum(inside.sum(1, keepdims=True), 1).astype(np.float32)
    return _core.div(total, _core.from_numpy(counts))


def _bags(input: Tensor, offsets: Tensor | None, include_last: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return where in the flat input each bag's items are, (bags, longest), and which of these exist."""
    if input.ndim == 2:
        if offsets is not None:
            raise Refusal("embedding_bag: needs no offsets for bags (bags, t)")
        places = np.arange(input.numel()).reshape(input.shape)
        return places, np.ones(input.shape, bool)
    if input.ndim != 1 or offsets is None or offsets.ndim != 1:
        raise Refusal(f"embedding_bag: needs bags (bags, t), or (n,) with offsets, got {input.shape}")
    n = input.shape[0]
    starts = offsets.numpy().astype(np.int64)
    ends = starts[1:] if include_last else np.append(starts[1:], n)
    starts = starts[: len(ends)]
    lengths = ends - starts
    if len(starts) and (starts[0] != 0 or (lengths < 0).any() or ends.max() > n):
        raise Refusal(f"embedding_bag: needs offsets that rise from 0 to at most {n}, got {starts.tolist()}")
    steps = np.arange(lengths.max(initial=0))
    inside = steps < lengths[:, None]
    return np.where(inside, starts[:, None] + steps, 0), inside
