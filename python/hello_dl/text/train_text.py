"""Learning to write: the training loop of networks that guess the next token."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hello_dl import nn, optim
from hello_dl._core import from_numpy
from hello_dl.nn.utils import clip_grad_norm_
from hello_dl.optim.schedules import cosine
from hello_dl.tensors.random import Generator
from hello_dl.text.characters import Ids
from hello_dl.text.corpus import Streams, random_windows
from hello_dl.text.gpt import GPT
from hello_dl.text.measures import next_token_loss, stream_loss, windows_loss
from hello_dl.text.model_files import TextModel
from hello_dl.text.recurrent_text import detached


@dataclass(frozen=True)
class Step:
    """One training step: its number from 1, the loss in nats a token, how much of the training is over."""

    number: int
    loss: float
    progress: float


@dataclass(frozen=True)
class Recipe:
    """How to learn: for so many steps, or for so many seconds.

    batch sequences of `length` tokens a step; the learning rate rises to `lr` over the first `warmup` part,
    then falls along a cosine to lr * final. AdamW with these betas; weights (not biases, not normalisations)
    decay. A gradient longer than `clip` is shortened to it.
    """

    steps: int | None = 2000
    seconds: float | None = None
    batch: int = 12
    length: int = 64
    lr: float = 1e-3
    warmup: float = 0.05
    final: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.1
    clip: float = 1.0

    def rate(self, progress: float) -> float:
        """Return the learning rate when this part of the training is over, 0 to 1."""
        if progress < self.warmup:
            return self.lr * progress / self.warmup
        rest = cosine((progress - self.warmup) / (1 - self.warmup))
        return self.lr * (self.final + (1 - self.final) * rest)


def learn(model: TextModel, ids: Ids, recipe: Recipe, seed: int = 0) -> Iterator[Step]:
    """Train a network on a text; yields after each step, so the caller may look, measure, save or stop.

    A GPT sees windows cut out at random; a recurrent network reads streams from beginning to end, its state
    carried over. The same seed gives the same weights on any number of threads, if the recipe counts steps.
    Raises ValueError if the text is too short, or naming the step at which the loss is no longer finite.
    """
    generator = Generator().manual_seed(seed)
    parameters = list(model.parameters())
    optimizer = _optimizer(parameters, recipe)
    batches = _windows(ids, recipe, generator) if isinstance(model, GPT) else _streams(ids, recipe, generator)
    start, number, state = time.monotonic(), 0, None
    while (progress := _progress(recipe, number, time.monotonic() - start)) < 1:
        x, y, fresh = next(batches)
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate(max(progress, 0.5 / (recipe.steps or 1000)))
        if not model.training:
            model.train()
        if isinstance(model, GPT):
            scores = model(from_numpy(x))
        else:
            scores, state = model(from_numpy(x), None if fresh else state)
        loss = next_token_loss(scores, y)
        optimizer.zero_grad()
        loss.backward()
        number += 1
        nats = loss.item()
        if not math.isfinite(nats):
            raise ValueError(f"learn: step {number}: the loss is {nats}; use a smaller learning rate")
        clip_grad_norm_(parameters, recipe.clip)
        optimizer.step()
        if state is not None:
            state = detached(state)  # back-propagation is truncated here, the memory is not
        yield Step(number, nats, _progress(recipe, number, time.monotonic() - start))


def judge(model: TextModel, ids: Ids, length: int) -> float:
    """Return nats a token over a whole text, read in the way the network was trained to (see measures.py).

    A recurrent network reads a long text in up to 16 streams of at least 1,000 tokens, to be done sooner.
    """
    if isinstance(model, GPT):
        return windows_loss(model, ids, min(length, model.context))
    return stream_loss(model, ids, batch=max(1, min(16, len(ids) // 1000)))


def _progress(recipe: Recipe, steps: int, seconds: float) -> float:
    parts = [steps / recipe.steps] if recipe.steps else []
    parts += [seconds / recipe.seconds] if recipe.seconds else []
    if not parts:
        raise ValueError("learn: needs a number of steps or of seconds above 0")
    return max(parts)


def _optimizer(parameters: list[nn.Parameter], recipe: Recipe) -> optim.AdamW:
    groups: list[dict[str, Any]] = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas)


Batch = tuple[Ids, Ids, bool]  # x, y, and whether x begins with nothing before it


def _windows(ids: Ids, recipe: Recipe, generator: Generator) -> Iterator[Batch]:
    while True:
        x, y = random_windows(ids, recipe.batch, recipe.length, generator)
        yield x, y, True


def _streams(ids: Ids, recipe: Recipe, generator: Generator) -> Iterator[Batch]:
    """Read the text again and again, each time from another of its first tokens, so that borders move."""
    spare = len(ids) - 1 - recipe.batch * recipe.length
    while True:
        offset = int(generator.numpy.integers(0, max(1, min(recipe.length, spare))))
        for i, (x, y) in enumerate(Streams(ids[offset:], recipe.batch, recipe.length)):
            yield x, y, i == 0
