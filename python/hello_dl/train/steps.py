"""The training loop, one step at a time. Every training in hello_dl goes through `steps`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hello_dl import optim
from hello_dl._core import Tensor


@dataclass(frozen=True)
class Step:
    """One training step that is done: its number, counted from 1, its loss, and what the loss was made of."""

    number: int
    loss: float
    x: Any
    y: Any
    scores: Tensor


def steps(
    model: Callable[[Any], Tensor],
    batches: Iterable[tuple[Any, Any]],
    loss: Callable[[Tensor, Any], Tensor],
    optimizer: optim.Optimizer,
    *,
    before: Callable[[int], object] | None = None,
    on_gradients: Callable[[], object] | None = None,
    first: int = 1,
    where: str = "training:",
) -> Iterator[Step]:
    """Train on one batch after the other; yield after each step, so that the caller can look, log or stop.

    model         makes scores of x: a module, or a function that calls one
    batches       pairs (x, y); the training ends when they end
    loss          makes one number of scores and y
    before        is called with the number of each step before it begins, such as to set the learning rate
    on_gradients  is called when a step's gradients are there and not yet used, such as to clip them
    first         the number of the first step
    where         what an error message begins with

    Raises ValueError that names the step if a loss is NaN or infinite; the parameters are then as they were
    before that step.
    """
    for number, (x, y) in enumerate(batches, first):
        if before is not None:
            before(number)
        scores = model(x)
        error = loss(scores, y)
        optimizer.zero_grad()
        error.backward()
        value = error.item()
        if not math.isfinite(value):
            raise ValueError(
                f"{where} step {number}: the loss is {value}; use a smaller learning rate, or look for log(0)"
                " and x/0"
            )
        if on_gradients is not None:
            on_gradients()
        optimizer.step()
        yield Step(number, value, x, y, scores)
