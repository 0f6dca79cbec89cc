"""Trains networks that predict the next token of a text."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from hello_dl import nn, optim
from hello_dl._core import Tensor, from_numpy
from hello_dl.nn.utils import clip_grad_norm_
from hello_dl.optim.schedules import cosine
from hello_dl.tensors.random import Generator
from hello_dl.text.characters import Ids
from hello_dl.text.corpus import Streams, random_windows
from hello_dl.text.gpt import GPT
from hello_dl.text.measures import next_token_loss, stream_loss, windows_loss
from hello_dl.text.model_files import TextModel
from hello_dl.text.recurrent_text import detached
from hello_dl.train.checkpoint import Checkpoint, Part
from hello_dl.train.steps import steps


@dataclass(frozen=True)
class Step:
    """One training step: its number from 1, the loss in nats per token, the share that is over (0 to 1)."""

    number: int
    loss: float
    progress: float


@dataclass(frozen=True)
class Recipe:
    """The settings of a training.

    steps, seconds  how long it takes: so many steps or so many seconds, whichever ends first; None: no limit
    batch, length   a step sees `batch` sequences of `length` tokens
    lr              the highest learning rate of AdamW
    warmup          share of the training in which the learning rate rises from 0 to lr, along a line
    final           the learning rate ends at lr * final; after the warm-up it falls to that along a cosine
    betas           AdamW's decay rates of the means of gradients and of squared gradients
    weight_decay    of matrices; biases and the parameters of normalisations do not decay
    clip            a gradient whose norm is larger is scaled down to this norm

    The defaults are those of nanoGPT's network for a CPU.
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
        """Return the learning rate when the share `progress` (0 to 1) of the training is over."""
        if progress < self.warmup:
            return self.lr * progress / self.warmup
        rest = cosine((progress - self.warmup) / (1 - self.warmup))
        return self.lr * (self.final + (1 - self.final) * rest)


def learn(
    model: TextModel,
    ids: Ids,
    recipe: Recipe,
    seed: int = 0,
    *,
    checkpoint: Checkpoint | None = None,
    **parts: Part,
) -> Iterator[Step]:
    """Train a network on a text; yield after each step, so that the caller can measure, save or stop.

    A GPT sees windows cut out of the text at random; a recurrent network reads the text as parallel streams,
    and keeps its state from one batch to the next. The same seed gives the same weights on any number of
    threads, if the recipe counts steps. Raises ValueError if the text is too short, or if a loss is NaN or
    infinite; the message names the step.

    `checkpoint` keeps the whole state, with `parts` of the caller's own, and a training that is resumed goes
    on with the step after it.
    """
    optimizer = _optimizer(list(model.parameters()), recipe)
    batches, forward = _Batches(model, ids, recipe, seed), _Forward(model)
    clock = _Clock()
    if checkpoint is not None:
        own = {"model": model, "optimizer": optimizer, "batches": batches, "forward": forward}
        checkpoint.keep(**own, clock=clock, **parts)
    progress = _progress(recipe, clock.step, clock.seconds)  # the share of the training that is over

    def set_rate(_: int) -> None:
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate(max(progress, 0.5 / (recipe.steps or 1000)))

    def until_the_end() -> Iterator[tuple[Any, Ids]]:
        for batch in batches:
            if progress >= 1:
                return
            if not model.training:
                model.train()
            yield batch

    for step in steps(
        forward,
        until_the_end(),
        next_token_loss,
        optimizer,
        before=set_rate,
        on_gradients=partial(clip_grad_norm_, list(model.parameters()), recipe.clip),
        first=clock.step + 1,
        where="learn:",
    ):
        forward.cut_off()
        clock.tell(step.number)
        progress = _progress(recipe, step.number, clock.seconds)
        yield Step(step.number, step.loss, progress)
        if checkpoint is not None:
            checkpoint.offer()
    if checkpoint is not None:
        checkpoint.save(wait=True)


class _Clock:
    """The number of the last step, and the seconds that the training has taken, before a break, too."""

    def __init__(self) -> None:
        self.step, self.seconds, self._start = 0, 0.0, time.monotonic()

    def tell(self, step: int) -> None:
        """Take note of a step that is done."""
        self.step, self.seconds = step, time.monotonic() - self._start

    def state_dict(self) -> dict[str, Any]:
        return {"step": self.step, "seconds": self.seconds}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.step, self.seconds = state_dict["step"], state_dict["seconds"]
        self._start = time.monotonic() - self.seconds


class _Forward:
    """Compute the scores of a batch, and keep a recurrent network's state for the next batch."""

    def __init__(self, model: TextModel) -> None:
        self.model, self.state = model, None

    def __call__(self, batch: tuple[Ids, bool]) -> Tensor:
        """Return scores (batch, length, vocabulary) of ids (batch, length).

        The second part of `batch` is true where a text begins: the state then starts at zero.
        """
        ids, fresh = batch
        if isinstance(self.model, GPT):
            alone: Tensor = self.model(from_numpy(ids))
            return alone
        scores: Tensor
        scores, self.state = self.model(from_numpy(ids), None if fresh else self.state)
        return scores

    def state_dict(self) -> dict[str, Any]:
        return {"state": self.state}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.state = state_dict["state"]

    def cut_off(self) -> None:
        """Truncate back-propagation through time: keep the state's numbers, and drop its graph."""
        if self.state is not None:
            self.state = detached(self.state)


def judge(model: TextModel, ids: Ids, length: int) -> float:
    """Return the mean loss over a whole text in nats per token, read as in training (see measures.py).

    A recurrent network reads a long text as up to 16 parallel streams of at least 1,000 tokens; this is
    faster.
    """
    if isinstance(model, GPT):
        return windows_loss(model, ids, min(length, model.context))
    return stream_loss(model, ids, batch=max(1, min(16, len(ids) // 1000)))


def _progress(recipe: Recipe, steps: int, seconds: float) -> float:
    """Return the share of the training that is over. Raises ValueError if the recipe has no limit."""
    parts = [steps / recipe.steps] if recipe.steps else []
    parts += [seconds / recipe.seconds] if recipe.seconds else []
    if not parts:
        raise ValueError("learn: needs a number of steps or of seconds above 0")
    return max(parts)


def _optimizer(parameters: list[nn.Parameter], recipe: Recipe) -> optim.AdamW:
    """Return AdamW with two groups: matrices, whose weights decay, and vectors, which do not decay."""
    groups: list[dict[str, Any]] = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas)


Batch = tuple[tuple[Ids, bool], Ids]  # ids and whether a text begins with them; the ids that come next


class _Batches:
    """Batches without end: for a GPT windows cut out at random, else parallel streams (see corpus.py).

    Each pass of streams over the text starts at another of its first tokens, so that it is divided at other
    places.
    """

    def __init__(self, model: TextModel, ids: Ids, recipe: Recipe, seed: int) -> None:
        self.windows, self.ids, self.recipe = isinstance(model, GPT), ids, recipe
        self.generator = Generator().manual_seed(seed)
        self.offset, self.next = 0, 0  # where the present pass began, and the number of its next batch

    def __iter__(self) -> Iterator[Batch]:
        draw = self._windows if self.windows else self._streams
        while True:
            yield from draw()

    def _windows(self) -> Iterator[Batch]:
        """Yield a batch of windows; each window begins a text."""
        x, y = random_windows(self.ids, self.recipe.batch, self.recipe.length, self.generator)
        yield (x, True), y

    def _streams(self) -> Iterator[Batch]:
        """Yield the rest of a pass over the text."""
        batch, length = self.recipe.batch, self.recipe.length
        if self.next == 0:
            spare = len(self.ids) - 1 - batch * length
            self.offset = int(self.generator.numpy.integers(0, max(1, min(length, spare))))
        streams = Streams(self.ids[self.offset :], batch, length)
        for i, (x, y) in enumerate(islice(streams, self.next, None), self.next):
            self.next = (i + 1) % len(streams)
            yield (x, i == 0), y

    def state_dict(self) -> dict[str, Any]:
        return {"generator": self.generator.get_state(), "offset": self.offset, "next": self.next}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.generator.set_state(state_dict["generator"])
        self.offset, self.next = state_dict["offset"], state_dict["next"]
