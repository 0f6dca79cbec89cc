"""MultiheadAttention: every step of a sequence looks at all others, with several heads (chapter 10)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.attention import as_mask
from hello_dl.nn import init
from hello_dl.nn.linear import Linear, need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty, ones, zeros


class MultiheadAttention(Module):
    """Project to queries, keys and values, attend with several heads, and project back (Vaswani et al. 2017).

    query (t, n, embed_dim), key (s, n, kdim), value (s, n, vdim); (n, t, ...) with batch_first; without n for
    one sequence. Gives the result in the query's shape and, with need_weights, the attention weights: (n, t,
    s), the mean over heads, or (n, heads, t, s) with average_attn_weights=False.

    attn_mask (t, s) or (n * heads, t, s): true where a query must NOT look (PyTorch's choice here, the
    opposite of scaled_dot_product_attention's), or numbers to add. key_padding_mask (n, s): true for keys
    that are padding. is_causal: each step sees itself and earlier steps; it needs no mask. Parameters are
    named and shaped as in PyTorch. dropout is the probability that a weight is left out in training.
    add_bias_kv adds a learned key and value to every sequence, add_zero_attn a key and value of zeros; every
    query may look at them. ValueError for shapes that do not fit.
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("MultiheadAttention", device, dtype)
        need_sizes("MultiheadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise Refusal(
                f"MultiheadAttention: needs heads that divide embed_dim {embed_dim}, got {num_heads}"
            )
        if not 0 <= dropout <= 1:
            raise Refusal(f"MultiheadAttention: needs a dropout from 0 to 1, got {dropout}")
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = (
            embed_dim,
            num_heads,
            dropout,
            batch_first,
        )
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        one = self.kdim == self.vdim == embed_dim
        self.in_proj_weight = Parameter(empty(3 * embed_dim, embed_dim)) if one else None
        self.q_proj_weight = None if one else Parameter(empty(embed_dim, embed_dim))
        self.k_proj_weight = None if one else Parameter(empty(embed_dim, self.kdim))
        self.v_proj_weight = None if one else Parameter(empty(embed_dim, self.vdim))
        self.in_proj_bias = Parameter(zeros(3 * embed_dim)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        self.bias_k = Parameter(init.xavier_normal_(empty(1, 1, embed_dim))) if add_bias_kv else None
        self.bias_v = Parameter(init.xavier_normal_(empty(1, 1, embed_dim))) if add_bias_kv else None
        self.add_zero_attn = add_zero_attn
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the result and the attention weights, or None for the weights without need_weights."""
        self._check(query, key, value)
        same = query is key and key is value
        single = query.ndim == 2
        query, key, value = (self._batch_first(x) for x in (query, key, value))
        q, k, v = self._project_together(query) if same else self._project(query, key, value)
        n, t, s = q.shape[0], q.shape[1], k.shape[1]
        mask = self._mask(attn_mask, key_padding_mask, n, t, s)
        causal = is_causal and attn_mask is None
        if self.bias_k is not None or self.add_zero_attn:
            if causal:  # the added keys come after the last step, and are seen by all
                steps = _core.from_numpy(np.tri(t, s, dtype=bool)[None, None])
                mask, causal = steps if mask is None else _both(steps, mask), False
            k, v, mask = self._added(k, v, mask)
        p = self.dropout if self.training else 0.0
        y = self.out_proj(F.heads_attention(q, k, v, self.num_heads, mask, p, causal))
        y = y.reshape(t, self.embed_dim) if single else y if self.batch_first else y.transpose(0, 1)
        if not need_weights:
            return y, None
        weights = F.attention_weights(q, k, self.num_heads, mask, causal)
        if average_attn_weights:
            weights = weights.mean(1)
        return y, weights[0] if single else weights

    def _check(self, query: Tensor, key: Tensor, value: Tensor) -> None:
        """Raise ValueError unless the shapes of query, key and value fit each other and the layer."""
        axes = (0, 1) if self.batch_first else (1, 0)
        dims = query.ndim
        fits = dims in (2, 3) and key.ndim == value.ndim == dims
        fits = fits and (query.shape[-1], key.shape[-1], value.shape[-1]) == (
            self.embed_dim,
            self.kdim,
            self.vdim,
        )
        fits = fits and key.shape[:-1] == value.shape[:-1]
        if not fits or (dims == 3 and key.shape[axes[0]] != query.shape[axes[0]]):
            mine, others = ("n, t", "n, s") if self.batch_first else ("t, n", "s, n")
            raise Refusal(
                f"MultiheadAttention: needs query ({mine}, {self.embed_dim}), key ({others}, {self.kdim}) and"
                f" value ({others}, {self.vdim}), got {query.shape}, {key.shape} and {value.shape}"
            )

    def _batch_first(self, x: Tensor) -> Tensor:
        """Return x as (n, t, features)."""
        if x.ndim == 2:
            return _core.reshape(x, (1, *x.shape))
        return x if self.batch_first else _core.permute(x, (1, 0, 2))

    def _project_together(self, x: Tensor) -> list[Tensor]:
        """Return queries, keys and values of one sequence x, by one matrix product."""
        assert self.in_proj_weight is not None
        e = self.embed_dim
        qkv = _core.linear(x, self.in_proj_weight, self.in_proj_bias)
        return [_core.slice(qkv, 2, i * e, (i + 1) * e) for i in range(3)]

    def _project(self, *inputs: Tensor) -> list[Tensor]:
        """Return queries, keys and values of three sequences, each by its own part of the weights."""
        e = self.embed_dim

        def part(whole: Tensor | None, i: int) -> Tensor | None:
            return None if whole is None else _core.slice(whole, 0, i * e, (i + 1) * e)

        own = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        weights = [w if (w := part(self.in_proj_weight, i)) is not None else own[i] for i in range(3)]
        return [
            _core.linear(x, w, part(self.in_proj_bias, i))
            for i, (x, w) in enumerate(zip(inputs, weights, strict=True))
            if w is not None
        ]

    def _added(self, k: Tensor, v: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return keys, values and mask with the learned key and value, and those of zeros, at the end."""
        n, _, e = k.shape
        ends: list[tuple[Tensor, Tensor]] = []
        if self.bias_k is not None and self.bias_v is not None:
            ends.append((self.bias_k, self.bias_v))
        if self.add_zero_attn:
            ends.append((zeros(1, 1, e), zeros(1, 1, e)))
        for key, value in ends:
            k = _core.cat([k, _core.expand(key, (n, 1, e))], 1)
            v = _core.cat([v, _core.expand(value, (n, 1, e))], 1)
            if mask is not None:
                column = (*mask.shape[:3], 1)
                seen = ones(column, dtype=mask.dtype) if mask.dtype == "bool" else zeros(column)
                mask = _core.cat([mask, seen], 3)
        return k, v, mask

    def _mask(
        self, attn_mask: Tensor | None, key_padding_mask: Tensor | None, n: int, t: int, s: int
    ) -> Tensor | None:
        """Return both masks as one for F.heads_attention: true where a query MAY look, or numbers to add."""
        masks = []
        if attn_mask is not None:
            mask = as_mask(attn_mask)
            if mask.shape not in ((t, s), (n * self.num_heads, t, s)):
                raise Refusal(
                    f"MultiheadAttention: needs attn_mask ({t}, {s}) or ({n * self.num_heads}, {t}, {s}),"
                    f" got {mask.shape}"
                )
            masks.append(mask.reshape((n, self.num_heads, t, s) if mask.ndim == 3 else (1, 1, t, s)))
        if key_padding_mask is not None:
            mask = as_mask(key_padding_mask)
            if mask.shape not in ((n, s), (s,) if n == 1 else (n, s)):
                raise Refusal(f"MultiheadAttention: needs key_padding_mask ({n}, {s}), got {mask.shape}")
            masks.append(mask.reshape(n, 1, 1, s))
        seen = [_core.logical_not(m) if m.dtype == "bool" else m for m in masks]
        return None if not seen else seen[0] if len(seen) == 1 else _both(seen[0], seen[1])

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.embed_dim}, {self.num_heads}, dropout={self.dropout}, batch_first={self.batch_first}"


def _both(a: Tensor, b: Tensor) -> Tensor:
    """Return two masks as one: each is true where a query may look, or numbers to add."""
    if a.dtype == b.dtype == "bool":
        return a & b
    a, b = (_core.where(m, 0.0, -math.inf) if m.dtype == "bool" else m for m in (a, b))
    return a + b
