"""Attention, and encodings of the positions in a sequence (chapter 10)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.random import next_key


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Return softmax(scale Q K' + mask) V: for each query, a mean of the values weighted by how keys fit.

    query (..., t, d), key (..., s, d), value (..., s, e) give (..., t, e) (Vaswani et al. 2017, equation 1);
    scale is 1/sqrt(d) by default. attn_mask, which broadcasts to (..., t, s), is true where a query may look
    at a key, or is added to the scores; a query that may look at no key gives zeros. is_causal lets each step
    look at itself and earlier steps. dropout_p is the probability with which a weight is left out, also
    outside training: pass 0 there. The weights (t, s) are never stored whole, so memory grows with t, not
    with its square. The axes before the last two broadcast. enable_gqa: several heads of queries (n, heads,
    t, d) share one of keys and values (Ainslie et al., 2023). ValueError if shapes do not fit, or attn_mask
    comes with is_causal.
    """
    if is_causal and attn_mask is not None:
        raise Refusal("scaled_dot_product_attention: needs attn_mask or is_causal, got both")
    mask = None if attn_mask is None else as_mask(attn_mask)
    if key.ndim > 1 and key.shape[-2] == 0:  # no query may look anywhere
        return _core.matmul(_core.matmul(query, key.mT), value)
    if enable_gqa:
        key, value = (_repeated_heads(x, query) for x in (key, value))
    if not query.shape[:-2] == key.shape[:-2] == value.shape[:-2]:
        query, key, value = _of_one_batch(query, key, value)
    shape = query.shape
    if len(shape) not in (3, 4):
        if len(shape) < 2 or (mask is not None and mask.ndim > 2):
            raise Refusal(
                "scaled_dot_product_attention: needs a query (..., t, d), and of more than four axes a mask"
                f" (t, s); got {shape}{'' if mask is None else f' and a mask {mask.shape}'}"
            )
        query, key, value = (_four_axes(x) for x in (query, key, value))
    drop = next_key() if dropout_p > 0 else 0
    y = _core.attention(query, key, value, mask, is_causal, scale, None, dropout_p, drop)
    return y if len(shape) in (3, 4) else _core.reshape(y, (*shape[:-1], y.shape[-1]))


def _repeated_heads(x: Tensor, query: Tensor) -> Tensor:
    """Return keys or values (n, few heads, s, d) with each head repeated once for each query head."""
    if x.ndim != 4 or query.ndim != 4 or x.shape[1] == 0 or query.shape[1] % x.shape[1]:
        raise Refusal(
            "scaled_dot_product_attention: enable_gqa needs (n, heads, t, d), and keys and values whose heads"
            f" divide those of the queries, got {query.shape} and {x.shape}"
        )
    n, heads, steps, size = x.shape
    times = query.shape[1] // heads
    wide = _core.expand(_core.reshape(x, (n, heads, 1, steps, size)), (n, heads, times, steps, size))
    return _core.reshape(wide, (n, heads * times, steps, size))


def _of_one_batch(*tensors: Tensor) -> list[Tensor]:
    """Return tensors (..., t, d) repeated so that all axes before the last two are equal."""
    try:
        lead = np.broadcast_shapes(*(x.shape[:-2] for x in tensors))
    except ValueError:
        raise Refusal(
            "scaled_dot_product_attention: needs queries, keys and values whose axes before the last two are"
            f" equal or 1, got {', '.join(f'{x.shape}' for x in tensors)}"
        ) from None
    return [x.expand(*lead, *x.shape[-2:]) for x in tensors]


def _four_axes(x: Tensor) -> Tensor:
    """Return x (..., t, d) as (n, heads, t, d), the form that the engine takes."""
    lead = x.shape[:-2]
    return _core.reshape(x, (math.prod(lead[:-1]), lead[-1] if lead else 1, *x.shape[-2:]))


def as_mask(mask: Any) -> Tensor:
    """Return a mask, a tensor or an array, as a tensor. TypeError unless it holds truth values or floats."""
    t = mask if isinstance(mask, Tensor) else _core.from_numpy(np.asarray(mask))
    if t.dtype not in ("bool", REAL):
        raise TypeError(f"attention: needs a mask of truth values or floats, got {t.dtype}")
    return t


def heads_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int,
    mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
) -> Tensor:
    """Return attention of several heads that lie side by side in the last axis, as a projection leaves them.

    query (n, t, heads * d), key (n, s, heads * d), value (n, s, heads * e) give (n, t, heads * e). The mask
    is that of scaled_dot_product_attention, for (n, heads, t, s), and may come with is_causal.
    """
    drop = next_key() if dropout_p > 0 else 0
    return _core.attention(query, key, value, mask, is_causal, None, heads, dropout_p, drop)


def attention_weights(
    query: Tensor, key: Tensor, heads: int, mask: Tensor | None = None, is_causal: bool = False
) -> Tensor:
    """Return how much each query looks at each key, (n, heads, t, s); each row sums to 1.

    query (n, t, heads * d), key (n, s, heads * d); mask as in heads_attention, which uses these weights
    but does not store them. Use it to draw them. A query that may look at no key has only zeros.
    """
    q, k = (x.reshape(*x.shape[:2], heads, x.shape[2] // heads).permute(0, 2, 1, 3) for x in (query, key))
    scores = (q @ k.permute(0, 1, 3, 2)) * (q.shape[-1] ** -0.5)
    if is_causal:
        scores = _core.where(_core.from_numpy(np.tri(*scores.shape[-2:], dtype=bool)), scores, -math.inf)
    if mask is not None:
        scores = _core.where(mask, scores, -math.inf) if mask.dtype == "bool" else scores + mask
        blind = _core.eq(
            _core.amax(scores, 3, True), -math.inf
        )  # these queries have no key; 0 / 0 is avoided
        weights = _core.softmax(_core.where(blind, 0.0, scores), 3)
        return _core.where(blind, 0.0, weights)
    return _core.softmax(scores, 3)


# ---- positions in the sequence -----------------------------------------------------------------------------


def _angles(length: int, pairs: int, offset: int, base: float) -> np.ndarray[Any, Any]:
    """Return the angles p / base^(i / pairs) in radians for positions p from `offset` on, (length, pairs)."""
    frequencies = base ** -(np.arange(pairs) / pairs)
    return np.arange(offset, offset + length)[:, None] * frequencies


def sinusoidal_positions(length: int, dim: int, offset: int = 0, base: float = 10000.0) -> Tensor:
    """Return a vector for each position, (length, dim): sines and cosines of falling frequency.

    P[p, 2i] = sin(p / base^(2i/dim)), P[p, 2i + 1] = cos(p / base^(2i/dim)) (Vaswani et al., 2017, section
    3.5). offset is the position of the first row. ValueError for an odd dim.
    """
    if length < 0 or dim < 2 or dim % 2:
        raise Refusal(f"sinusoidal_positions: needs an even dim of at least 2, got {length} x {dim}")
    angles = _angles(length, dim // 2, offset, base)
    return _core.from_numpy(
        np.stack([np.sin(angles), np.cos(angles)], 2).reshape(length, dim).astype(np.float32)
    )


def rotary(x: Tensor, offset: int = 0, base: float = 10000.0) -> Tensor:
    """Rotate each pair of neighbouring features by an angle that grows with the position in the sequence.

    x (..., t, d) with an even d keeps its shape; at position p pair i is rotated by p / base^(2i/d) radians.
    If queries and keys are rotated, their products depend on their distance alone (Su et al., 2021, equation
    34). offset is the position of the first step. ValueError for an odd d.
    """
    steps, dim = x.shape[-2:] if x.ndim >= 2 else (0, 1)
    if dim % 2:
        raise Refusal(f"rotary: needs x (..., t, d) with an even d, got {x.shape}")
    angles = _angles(steps, dim // 2, offset, base)
    cos, sin = (_core.from_numpy(f(angles).astype(np.float32)) for f in (np.cos, np.sin))
    a, b = x[..., 0::2], x[..., 1::2]
    turned: Sequence[Tensor] = (a * cos - b * sin, a * sin + b * cos)
    return _core.cat([t.unsqueeze(-1) for t in turned], x.ndim).reshape(x.shape)
