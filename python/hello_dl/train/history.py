"""What fit has done: its epochs, and the one whose weights it kept."""

from __future__ import annotations

from dataclasses import dataclass

from hello_dl.evaluation import Result


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data: its mean loss, and the result on validation data if there are any."""

    epoch: int  # counted from 1
    step: int  # training steps so far
    loss: float
    validation: Result | None
    seconds: float


@dataclass(frozen=True)
class History:
    """What `fit` has done: every epoch, the one whose weights the model has, and the normalisation used."""

    epochs: list[Epoch]
    best: Epoch
    normalisation: tuple[float, float]
