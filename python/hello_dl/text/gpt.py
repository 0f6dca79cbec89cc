"""GPT: the transformer that writes, in the architecture of GPT-2 at any size (chapter 10).

Radford et al. 2019, section 2.3: token and position embeddings; blocks of attention and a small network, each
behind a layer normalisation and beside a path that passes by ("pre-norm"); and an output layer that shares
its weights with the token embedding. Names of the parts are those of GPT-2's published weights.

One alphabet throughout: B sequences, T tokens each, C features (the width).
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
from hello_dl.text.token_reader import Reader

START = 0.02  # standard deviation of the weights at the start, GPT-2's


class KeyValueCache:
    """What attention needs of the tokens before: their keys and values (B, T, C), for each block.

    With it a new token costs one step instead of a reading of all that was written so far.
    """

    def __init__(self) -> None:
        self.blocks: list[tuple[Tensor, Tensor]] = []

    @property
    def length(self) -> int:
        """How many tokens have been read."""
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
    """Every token gathers from those before it (and itself) what fits: Vaswani et al. 2017, section 3.2.2.

    c_attn makes query, key and value of all heads at once, c_proj mixes what the heads have found.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        self.heads, self.dropout = heads, dropout
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, cache: KeyValueCache | None = None, block: int = 0) -> Tensor:
        """Return what each token gathers: x (B, T, C), y (B, T, C)."""
        T = x.shape[1]
        q, k, v = self.c_attn(x).chunk(3, -1)  # each (B, T, C): the heads side by side
        before = 0
        if cache is not None:
            k, v = cache.extend(block, k, v)  # (B, before + T, C)
            before = k.shape[1] - T
        # Token t of the new ones may look at all that came before them, and at the new ones up to itself.
        mask = arange(before + T) <= arange(before, before + T).reshape(T, 1) if before and T > 1 else None
        dropout = self.dropout if self.training else 0.0
        y = heads_attention(q, k, v, self.heads, mask, dropout, is_causal=before == 0)
        gathered: Tensor = self.c_proj(y)
        return gathered


class MLP(nn.Module):
    """Every token thinks for itself: four times the width, GELU (in its tanh form, as GPT-2), and back."""

    def __init__(self, width: int) -> None:
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Return x (B, T, C) thought over."""
        y: Tensor = self.c_proj(F.gelu(self.c_fc(x), "tanh"))
        return y


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
        x = x + self.drop(self.mlp(self.ln_2(x)))
        return x


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

    def reader(self) -> Reader:
        """Return what reads text token by token with this network."""
        return GPTReader(self)

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


class GPTReader(Reader):
    """Reads token by token in the engine itself (cpp/gpt_reader.cc), keys and values kept between calls.

    At batch 1 a graph costs more to build and plan than to compute; there is none here, so nothing can be
    learned this way. GPT.forward with a KeyValueCache computes the same, for who wants to read how.

    When the context is full, the last half of it is read anew, as if the text began there: positions are
    learned for their place in the context, so keys and values of old places are of no use elsewhere. A token
    so costs two readings at most.
    """

    def __init__(self, model: GPT) -> None:
        self._parameters = list(model.parameters())
        self._heads, self._context = model.heads, model.context
        self._cache = zeros(len(model.h), 2, model.context, model.width)
        self._ids: list[int] = []  # those whose keys and values are in the cache

    def read(self, ids: Sequence[int]) -> np.ndarray[Any, Any]:
        """Return the scores of what follows these tokens, (vocabulary,), after all that were read before."""
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
