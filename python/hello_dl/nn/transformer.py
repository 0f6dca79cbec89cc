"""The transformer: layers of attention and position-wise networks, each added to its input (chapter 10)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.activations import Dropout
from hello_dl.nn.attention import MultiheadAttention
from hello_dl.nn.containers import ModuleList
from hello_dl.nn.linear import Linear, need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.norm import LayerNorm

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


def as_activation(activation: str | Callable[[Tensor], Tensor], who: str) -> Callable[[Tensor], Tensor]:
    """Return the function that a layer's `activation` names. ValueError for another name."""
    if not isinstance(activation, str):
        return activation
    if activation not in ACTIVATIONS:
        raise Refusal(f"{who}: activation needs 'relu', 'gelu' or a function, got {activation!r}")
    return ACTIVATIONS[activation]


class TransformerLayer(Module):
    """What layers of the encoder and of the decoder share: their parts, and the position-wise network."""

    reads_memory = False  # whether a second attention looks at an encoder's result

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        who = type(self).__name__
        need_place(who, device, dtype)
        need_sizes(who, d_model=d_model, nhead=nhead, dim_feedforward=dim_feedforward)
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        if self.reads_memory:
            self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        self.linear1 = Linear(d_model, dim_feedforward, bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        if self.reads_memory:
            self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        if self.reads_memory:
            self.dropout3 = Dropout(dropout)
        self.activation = as_activation(activation, who)
        self.norm_first = norm_first

    def _feed_forward(self, x: Tensor) -> Tensor:
        """Return the position-wise network's result: linear, activation, dropout, linear."""
        return self.linear2(self.dropout(self.activation(self.linear1(x))))  # type: ignore[no-any-return]


class TransformerEncoderLayer(TransformerLayer):
    """Attention between the steps of a sequence, then a network on each step alone (Vaswani et al., 2017).

    src (t, n, d_model), or (n, t, d_model) with batch_first; the result has the same shape. Both parts,
    attention and a position-wise network of two linear layers (dim_feedforward wide), are added to their
    input: x = norm(x + part(x)), or with norm_first x = x + part(norm(x)), which is easier to train with many
    layers (Xiong et al., 2020). activation is "relu", "gelu" or a function. src_mask, src_key_padding_mask
    and is_causal are as in MultiheadAttention. Parameters and defaults are PyTorch's.
    """

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the sequence after attention and the position-wise network."""

        def attend(x: Tensor) -> Tensor:
            y, _ = self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)
            return self.dropout1(y)  # type: ignore[no-any-return]

        if self.norm_first:
            x = src + attend(self.norm1(src))
            return x + self.dropout2(self._feed_forward(self.norm2(x)))  # type: ignore[no-any-return]
        x = self.norm1(src + attend(src))
        return self.norm2(x + self.dropout2(self._feed_forward(x)))  # type: ignore[no-any-return]


class TransformerEncoder(Module):
    """Several transformer layers in a row: num_layers copies of encoder_layer, which all start equal.

    norm, such as a LayerNorm, is applied to the last result. All arguments are as in the layers.
    enable_nested_tensor and mask_check, PyTorch's switches for speed, change nothing here.
    """

    norm: Module | None

    def __init__(
        self,
        encoder_layer: TransformerEncoderLayer,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        del enable_nested_tensor, mask_check
        need_sizes("TransformerEncoder", num_layers=num_layers)
        self.layers = ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the sequence after all layers."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)
