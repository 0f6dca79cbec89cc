"""GPT: the transformer that writes, in the architecture of GPT-2 at any size (chapter 10).

Radford et al. 2019, section 2.3: token and position embeddings, blocks of attention and a small network, each
behind a layer normalisation and beside a path that passes by ("pre-norm"), and an output layer that shares its
weights with the token embedding. Names of the parts are those of GPT-2's published weights.

One alphabet throughout: B sequences, T tokens each, C features (the width), H heads of D = C / H features.
"""

from __future__ import annotations

import math
from typing import Any

from hello_dl import functional as F
from hello_dl import nn
from hello_dl._core import Tensor, cat
from hello_dl.factories import arange
from hello_dl.nn import init

START = 0.02  # standard deviation of the weights at the start, GPT-2's


class KeyValueCache:
    """What attention needs of the tokens before: their keys and values (B, H, T, D), for each block.

    With it a new token costs one step instead of a reading of all that was written so far.
    """

    def __init__(self) -> None:
        self.blocks: list[tuple[Tensor, Tensor]] = []

    @property
    def length(self) -> int:
        """How many tokens have been read."""
        return int(self.blocks[0][0].shape[2]) if self.blocks else 0

    def extend(self, block: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new tokens; return those of all tokens."""
        if block < len(self.blocks):
            old_k, old_v = self.blocks[block]
            self.blocks[block] = cat([old_k, k], 2), cat([old_v, v], 2)
        else:
            self.blocks.append((k, v))
        return self.blocks[block]


class CausalSelfAttention(nn.Module):
    """Every token gathers from those before it (and itself) what fits: Vaswani et al. 2017, section 3.2.2.

    c_attn makes query, key and value of all heads at once, c_proj mixes what the heads have found.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        self.heads, self.dropout = heads, dropout
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, cache: KeyValueCache | None = None, block: int = 0) -> Tensor:
        """Return what each token gathers: x (B, T, C), y (B, T, C)."""
        B, T, C = x.shape
        q, k, v = (
            part.reshape(B, T, self.heads, C // self.heads).transpose(1, 2)  # (B, H, T, D)
            for part in self.c_attn(x).split(C, -1)
        )
        first = 0 if cache is None else cache.length if block == 0 else cache.length - T
        if cache is not None:
            k, v = cache.extend(block, k, v)
        dropout = self.dropout if self.training else 0.0
        if first == 0 or T == 1:  # a single token may look at everything there is
            y = F.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=T > 1)
        else:  # token i of the new ones may look at the `first` old ones, and at the new ones up to itself
            may_look = arange(first + T) <= arange(first, first + T).reshape(T, 1)
            y = F.scaled_dot_product_attention(q, k, v, may_look, dropout)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


class MLP(nn.Module):
    """Every token thinks for itself: four times the width, GELU (in its tanh form, as GPT-2), and back."""

    def __init__(self, width: int) -> None:
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return x (B, T, C) thought over."""
        return self.c_proj(F.gelu(self.c_fc(x), "tanh"))


class Block(nn.Module):
    """Attention, then a small network; what they find is added to the stream that passes by."""

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        self.ln_1 = nn.LayerNorm(width)
        self.attn = CausalSelfAttention(width, heads, dropout)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = MLP(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, cache: KeyValueCache | None = None, block: int = 0) -> Tensor:
        """Return the stream x (B, T, C) with this block's findings added."""
        x = x + self.drop(self.attn(self.ln_1(x), cache, block))
        return x + self.drop(self.mlp(self.ln_2(x)))


class GPT(nn.Module):
    """A network that reads tokens and says what comes next, for each of them.

    vocabulary tokens, a context of so many tokens at most, the width C, so many layers (blocks) and heads.
    ids int64 (B, T) with T <= context give scores (B, T, vocabulary). With a `cache` the ids are taken to
    follow those that it has seen. ValueError for a sequence longer than the context.
    """

    kind = "GPT"

    def __init__(
        self,
        vocabulary: int,
        context: int = 64,
        width: int = 128,
        layers: int = 4,
        heads: int = 4,
        dropout: float = 0.0,
    ) -> None:
        sizes = {"vocabulary": vocabulary, "context": context, "width": width, "layers": layers, "heads": heads}
        nn.linear.need_sizes("GPT", **sizes)
        if width % heads:
            raise ValueError(f"GPT: needs a width that its heads can share, got {width} and {heads} heads")
        self.settings: dict[str, Any] = {**sizes, "dropout": dropout}
        self.vocabulary, self.context, self.width, self.heads = vocabulary, context, width, heads
        self.wte = nn.Embedding(vocabulary, width)  # of tokens
        self.wpe = nn.Embedding(context, width)  # of positions
        self.drop = nn.Dropout(dropout)
        self.h = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start as GPT-2: weights of deviation 0.02, biases 0.

        Layers that add to the stream start smaller by 1/sqrt(2 layers), so that the stream's size does not
        depend on how many there are.
        """
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                added = name.endswith("c_proj.weight")
                init.normal_(parameter, 0, START / math.sqrt(2 * len(self.h)) if added else START)
            elif name.endswith(("c_attn.bias", "c_fc.bias", "c_proj.bias")):
                init.zeros_(parameter)

    def forward(self, ids: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """Return the scores of the token after each: ids (B, T), scores (B, T, vocabulary)."""
        T, first = ids.shape[1], 0 if cache is None else cache.length
        if first + T > self.context:
            raise ValueError(
                f"GPT: needs at most {self.context} tokens (its context), got {first + T};"
                " read the last ones only, or train with a longer context"
            )
        x = self.drop(self.wte(ids) + self.wpe.weight[first : first + T])  # (B, T, C)
        for i, block in enumerate(self.h):
            x = block(x, cache, i)
        return F.linear(self.ln_f(x), self.wte.weight)  # (B, T, vocabulary)
