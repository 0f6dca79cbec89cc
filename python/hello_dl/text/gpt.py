"""GPT: a transformer that writes text, with the architecture of GPT-2 at any size (chapter 10).

Radford et al. 2019, section 2.3: token and position embeddings; blocks of attention and an MLP, each with
layer normalisation before it and a residual connection around it ("pre-norm"); and an output layer that
shares its weights with the token embedding. The parts have the names of GPT-2's published weights.

Letters of shapes: B sequences, T tokens in each, C features (the width).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core, nn
from hello_dl import functional as F
from hello_dl._core import Tensor, cat
from hello_dl.functional.attention import heads_attention
from hello_dl.nn import init
from hello_dl.tensors.creation import arange, zeros

INITIAL_STD = 0.02  # standard deviation of the initial weights, as in GPT-2


class KeyValueCache:
    """The keys and values (B, T, C) of all tokens read so far, for each block.

    With it only a new token has to be computed, not the whole text again.
    """

    def __init__(self) -> None:
        self.blocks: list[tuple[Tensor, Tensor]] = []

    @property
    def length(self) -> int:
        """The number of tokens read so far."""
        return int(self.blocks[0][0].shape[1]) if self.blocks else 0

    def extend(self, block: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new tokens; return those of all tokens."""
        if block < len(self.blocks):
            old_k, old_v = self.blocks[block]
            self.blocks[block] = cat([old_k, k], 1), cat([old_v, v], 1)
        else:
            self.blocks.append((k, v))
        return self.blocks[block]


class CausalSelfAttention(nn.Module):
    """Multi-head attention of every token to itself and the tokens before it (Vaswani et al. 2017, 3.2.2).

    c_attn computes the queries, keys and values of all heads at once, c_proj combines the heads' results.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        self.heads, self.dropout = heads, dropout
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, cache: KeyValueCache | None = None, block: int = 0) -> Tensor:
        """Return the attention's result y (B, T, C) for x (B, T, C).

        With a cache, x continues the text whose keys and values it holds at index `block`; x's are added.
        """
        T = x.shape[1]
        q, k, v = self.c_attn(x).chunk(3, -1)  # each (B, T, C): the heads side by side
        before = 0  # tokens in the cache
        if cache is not None:
            k, v = cache.extend(block, k, v)  # (B, before + T, C)
            before = k.shape[1] - T
        # New token t attends to all tokens in the cache, and to the new ones up to itself.
        mask = arange(before + T) <= arange(before, before + T).reshape(T, 1) if before and T > 1 else None
        dropout = self.dropout if self.training else 0.0
        y = heads_attention(q, k, v, self.heads, mask, dropout, is_causal=before == 0)
        combined: Tensor = self.c_proj(y)
        return combined


class MLP(nn.Module):
    """Position-wise MLP: the same for every token; C to 4 C features, GELU (tanh form, as in GPT-2), to C."""

    def __init__(self, width: int) -> None:
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return the MLP's result y (B, T, C) for x (B, T, C)."""
        y: Tensor = self.c_proj(F.gelu(self.c_fc(x), "tanh"))
        return y


class Block(nn.Module):
    """A transformer block: attention, then an MLP, each added to its input (residual connections)."""

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        self.ln_1 = nn.LayerNorm(width)
        self.attn = CausalSelfAttention(width, heads, dropout)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = MLP(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, cache: KeyValueCache | None = None, block: int = 0) -> Tensor:
        """Return y (B, T, C) for x (B, T, C); `cache` and `block` as in CausalSelfAttention."""
        x = x + self.drop(self.attn(self.ln_1(x), cache, block))
        y: Tensor = x + self.drop(self.mlp(self.ln_2(x)))
        return y


class GPT(nn.Module):
    """A network that predicts, for every token of a text, the token after it.

    vocabulary  number of different tokens
    context     largest number of tokens in a sequence
    width       features of each token, C; heads share them, so it must be a multiple of `heads`
    layers      number of blocks
    dropout     probability that a feature is set to 0 in training

    ids int64 (B, T) with T <= context give scores (B, T, vocabulary). With a `cache` the ids continue the
    text that it holds. ValueError for a sequence longer than the context.
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
        sizes = {
            "vocabulary": vocabulary,
            "context": context,
            "width": width,
            "layers": layers,
            "heads": heads,
        }
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
        """Draw initial parameters as GPT-2 does: weights of standard deviation 0.02, biases 0.

        Weights of the layers whose results are added (residual connections) are smaller by 1/sqrt(2 layers),
        so that the size of the sum does not depend on the number of layers.
        """
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                added = name.endswith("c_proj.weight")
                init.normal_(parameter, 0, INITIAL_STD / math.sqrt(2 * len(self.h)) if added else INITIAL_STD)
            elif name.endswith(("c_attn.bias", "c_fc.bias", "c_proj.bias")):
                init.zeros_(parameter)

    def reader(self) -> GPTReader:
        """Return a reader of one text, token by token."""
        return GPTReader(self)

    def forward(self, ids: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """Return the scores (B, T, vocabulary) of the token after each of ids (B, T)."""
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


class GPTReader:
    """Reads a text token by token in C++ (cpp/outside_graph/gpt_reader.cc); keeps keys and values.

    For one token a graph takes longer to build and plan than to compute. Here is no graph, so there are no
    gradients. GPT.forward with a KeyValueCache computes the same scores, and shows how.

    When the context is full, its last half is read again as if the text began there: a position embedding
    belongs to a place in the context, so keys and values cannot be moved to another place. So a token is read
    at most twice.
    """

    def __init__(self, model: GPT) -> None:
        self._parameters = list(model.parameters())
        self._heads, self._context = model.heads, model.context
        self._cache = zeros(len(model.h), 2, model.context, model.width)
        self._ids: list[int] = []  # the tokens whose keys and values are in the cache

    def read(self, ids: Sequence[int]) -> np.ndarray[Any, Any]:
        """Return the scores (vocabulary,) of the token after `ids`, which follow all ids read before."""
        if not ids:
            raise ValueError("read: needs at least one token")
        first, new = len(self._ids), list(ids)
        if first + len(new) > self._context:
            kept = len(ids) if len(ids) <= self._context and not first else max(1, self._context // 2)
            first, new = 0, (self._ids + new)[-kept:]
            self._ids = []
        scores = _core.gpt_read(self._parameters, self._cache, self._heads, new, first)
        self._ids += new
        return scores
