"""Measures of how well a network predicts text: nats per token, perplexity, bits per character."""

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
    """Return the cross entropy in nats of the next tokens y (B, T) under scores (B, T, k)."""
    flat = scores.reshape(-1, scores.shape[-1])
    return F.cross_entropy(flat, from_numpy(np.ascontiguousarray(y).reshape(-1)), reduction=reduction)


def perplexity(nats: float) -> float:
    """Return e^nats: a choice among so many equally probable tokens is as uncertain (chapter 9)."""
    return math.exp(nats) if nats < 700 else math.inf


def bits_per_character(nats: float, tokens: int, characters: int) -> float:
    """Return bits per character of a text of so many tokens and characters, from nats per token.

    Unlike nats per token it can be compared between tokenisers.
    """
    return nats * tokens / characters / math.log(2)


def windows_loss(model: nn.Module, ids: Ids, length: int, batch: int = 64) -> float:
    """Return the mean loss in nats per token over a text (n,), read in separate windows of `length` tokens.

    Every token but the first is predicted exactly once, from the 1 to `length` tokens before it in its
    window; the last window may be shorter. `batch` windows are computed at once.
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
    """Return the mean loss in nats per token over a text (n,) that a recurrent network reads in one go.

    The state is kept from each `length` tokens to the next. With `batch` above 1 the text is cut into so many
    streams, read in parallel, each from an empty state; at most `batch` tokens at the end are left out.
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
