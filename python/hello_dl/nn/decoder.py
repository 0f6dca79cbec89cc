"""The transformer's decoder, and both halves together: Transformer, as in the paper (chapter 10)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn import init
from hello_dl.nn.containers import ModuleList
from hello_dl.nn.linear import need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.norm import LayerNorm
from hello_dl.nn.transformer import TransformerEncoder, TransformerEncoderLayer, TransformerLayer
from hello_dl.tensors.creation import full


class TransformerDecoderLayer(TransformerLayer):
    """Attention within the target, attention to the memory, a network on each step (Vaswani et al., 2017).

    tgt (t, n, d_model) and memory (s, n, d_model), the encoder's result; (n, t, ...) with batch_first. Each
    of the three parts is added to its input, as in TransformerEncoderLayer, whose settings it has. Give
    tgt_mask, so that no step sees later ones. Parameters and defaults are PyTorch's.
    """

    reads_memory = True

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the target after both attentions and the position-wise network."""

        def within(x: Tensor) -> Tensor:
            y, _ = self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)
            return self.dropout1(y)  # type: ignore[no-any-return]

        def to_memory(x: Tensor) -> Tensor:
            y, _ = self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal
            )
            return self.dropout2(y)  # type: ignore[no-any-return]

        def feed_forward(x: Tensor) -> Tensor:
            return self.dropout3(self._feed_forward(x))  # type: ignore[no-any-return]

        x = tgt
        parts = ((self.norm1, within), (self.norm2, to_memory), (self.norm3, feed_forward))
        for norm, part in parts:
            x = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return x


class TransformerDecoder(Module):
    """Several decoder layers in a row: num_layers copies of decoder_layer, which all start equal.

    norm, such as a LayerNorm, is applied to the last result. All arguments are as in the layers.
    """

    norm: Module | None

    def __init__(
        self, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        need_sizes("TransformerDecoder", num_layers=num_layers)
        self.layers = ModuleList([copy.deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the target after all layers."""
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask,
                memory_mask,
                tgt_key_padding_mask,
                memory_key_padding_mask,
                bool(tgt_is_causal),
                memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder that reads src, and a decoder that writes tgt looking at it (Vaswani et al. 2017, figure 1).

    src (s, n, d_model), tgt (t, n, d_model), the result has tgt's shape; (n, s, ...) with batch_first. There
    are no embeddings, positions or output scores in it: those are yours. custom_encoder and custom_decoder
    take the place of the built ones. Parameters and defaults are PyTorch's.
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("Transformer", device, dtype)
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        settings: Any = (
            *(d_model, nhead, dim_feedforward, dropout, activation),
            *(layer_norm_eps, batch_first, norm_first, bias),
        )
        self.encoder, self.decoder = custom_encoder, custom_decoder
        if custom_encoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias)
            self.encoder = TransformerEncoder(TransformerEncoderLayer(*settings), num_encoder_layers, norm)
        if custom_decoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias)
            self.decoder = TransformerDecoder(TransformerDecoderLayer(*settings), num_decoder_layers, norm)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the decoder's result for tgt, from the encoder's for src."""
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise Refusal(
                f"Transformer: needs src and tgt of {self.d_model} features, got {src.shape} and {tgt.shape}"
            )
        batch = 0 if self.batch_first else 1
        if src.ndim == 3 and (tgt.ndim != 3 or src.shape[batch] != tgt.shape[batch]):
            raise Refusal(f"Transformer: needs one batch, got src {src.shape} and tgt {tgt.shape}")
        memory = self.encoder(src, src_mask, src_key_padding_mask, bool(src_is_causal))
        return self.decoder(  # type: ignore[no-any-return]
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal,
            memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
        """Return a mask (sz, sz) that hides later steps: -inf above the diagonal, 0 elsewhere."""
        need_place("generate_square_subsequent_mask", device, dtype)
        return full((sz, sz), float("-inf")).triu(1)
