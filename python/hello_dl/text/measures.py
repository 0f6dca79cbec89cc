"""How well a network predicts text: nats a token, perplexity, bits a character."""

from __future__ import annotations

import math

import numpy as np

from hello_dl import functional as F
from hello_dl import nn
from hello_dl._core import Tensor, from_numpy
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.text.characters import Ids
from hello_dl.text.corpus import Streams, need_length


def next_token_loss(scores: Tensor, y: Ids, reduction: str = "mean") -> Tensor:
    """Return how surprised the network is by what comes next, in nats: scores (B, T, k), y (B, T)."""
    flat = scores.reshape(-1, scores.shape[-1])
    return F.cross_entropy(flat, from_numpy(np.ascontiguousarray(y).reshape(-1)), reduction=reduction)


def perplexity(nats: float) -> float:
    """Return e^nats: among how many equally probable tokens the network is as undecided (chapter 9)."""
    return math.exp(nats) if nats < 700 else math.inf


def bits_per_character(nats: float, tokens: int, characters: int) -> float:
    """Return how many bits a character costs, if `tokens` tokens of so many nats each are so many characters.

    Unlike nats a token it does not depend on the tokeniser.
    """
    return nats * tokens / characters / math.log(2)


def windows_loss(model: nn.Module, ids: Ids, length: int, batch: int = 64) -> float:
    """Return nats a token over a whole text, read in windows of `length` that each begin with nothing before.

    Every token but the first is predicted exactly once, with 1 to `length` tokens before it; the last window
    is as short as it has to be.
    """
    need_length(ids, 1, "windows_loss")
    n = (len(ids) - 1) // length
    x, y = ids[: n * length].reshape(n, length), ids[1 : n * length + 1].reshape(n, length)
    parts = [(x[i : i + batch], y[i : i + batch]) for i in range(0, n, batch)]
    if n * length < len(ids) - 1:
        parts.append((ids[None, n * length : -1], ids[None, n * length + 1 :]))
    model.eval()
    with no_grad():
        total = sum(next_token_loss(model(from_numpy(x)), y, "sum").item() for x, y in parts)
    return float(total / (len(ids) - 1))


def stream_loss(model: nn.Module, ids: Ids, length: int = 256, batch: int = 1) -> float:
    """Return nats a token over a text that a recurrent network reads from its beginning to its end.

    The state is carried through; with `batch` above 1 the text is read in so many streams at once, each of
    which begins with nothing before. At most `batch` tokens at the end are left out.
    """
    per_stream = (len(ids) - 1) // batch
    need_length(ids, 1, "stream_loss")
    streams = Streams(ids, batch, min(length, per_stream))
    model.eval()
    total, count, state = 0.0, 0, None
    n = streams.per_stream
    x, y = ids[: n * batch].reshape(batch, n), ids[1 : n * batch + 1].reshape(batch, n)
    with no_grad():
        for start in range(0, n, streams.length):
            part = slice(start, start + streams.length)
            scores, state = model(from_numpy(np.ascontiguousarray(x[:, part])), state)
            total += next_token_loss(scores, y[:, part], "sum").item()
            count += y[:, part].size
    return total / count
