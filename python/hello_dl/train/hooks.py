"""What `fit` does besides training, between steps and after epochs: functions made of its settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn, optim, weights
from hello_dl.data.images import Images
from hello_dl.evaluation import Data
from hello_dl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from hello_dl.runlog import RunLog, RunWriter
from hello_dl.train.history import Epoch
from hello_dl.train.place import epoch_of, epoch_state
from hello_dl.train.steps import Step

Schedule: TypeAlias = Callable[[float], float] | LRScheduler | ReduceLROnPlateau


@dataclass
class Hooks:
    """The functions that a training calls, in the order in which it does."""

    before_step: Callable[[int], object] | None = None  # gets the step's number; sets the learning rate
    on_gradients: Callable[[], object] | None = None  # when a step's gradients are there; clips them
    after_step: list[Callable[[Step], object]] = field(default_factory=list)
    weights_to_judge: Callable[[], AbstractContextManager[object]] = nullcontext  # the averaged ones, if any
    judged: list[Callable[[Epoch], object]] = field(default_factory=list)  # the model has those weights
    after_epoch: list[Callable[[Epoch], object]] = field(default_factory=list)


# ---- the learning rate -------------------------------------------------------------------------------------


def choose_optimizer(
    model: nn.Module, optimizer: optim.Optimizer | None, schedule: Schedule | None, lr: float
) -> optim.Optimizer:
    """Return the optimizer to use: the one given, else the schedule's, else Adam."""
    scheduled = schedule.optimizer if isinstance(schedule, LRScheduler | ReduceLROnPlateau) else None
    if optimizer is not None and scheduled is not None and scheduled is not optimizer:
        raise ValueError("fit: the schedule was made for another optimizer than the one given")
    return optimizer or scheduled or optim.Adam(model.parameters(), lr=lr)


def set_rates(
    optimizer: optim.Optimizer, schedule: Callable[[float], float], steps: int
) -> Callable[[int], None]:
    """Return a function of a step's number that sets the learning rates for it.

    They are the optimizer's present ones, multiplied by `schedule` at the share of the `steps` that is done.
    """
    rates = [group["lr"] for group in optimizer.param_groups]

    def set_for(number: int) -> None:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * schedule((number - 1) / steps)

    return set_for


# ---- the best weights --------------------------------------------------------------------------------------


class KeepBest:
    """After each epoch, keeps the model's weights if they are the best so far, and writes them to `path`.

    Best is the highest validation accuracy, then the lowest validation loss; without validation data the
    latest. `describe` holds what the weights file is to say besides (see `weights.save`).
    """

    def __init__(self, model: nn.Module, path: str | os.PathLike[str] | None, **describe: Any) -> None:
        self.model, self.path, self.describe = model, path, describe
        self.best: Epoch | None = None
        self.state: dict[str, NDArray[Any]] = {}

    def __call__(self, epoch: Epoch) -> None:
        """Compare this epoch with the best so far."""
        if self.best is not None and not _better(epoch, self.best):
            return
        self.best = epoch
        self.state = self._weights()
        self._save()

    def _weights(self) -> dict[str, NDArray[Any]]:
        return {name: t.numpy().copy() for name, t in self.model.state_dict().items()}

    def _save(self) -> None:
        """Write the weights that the model has, which are the best, if there is a file for them."""
        if self.path is None or self.best is None:
            return
        accuracy = None if self.best.validation is None else self.best.validation.accuracy
        weights.save(
            self.path,
            self.model,
            step=self.best.step,
            accuracy=accuracy,
            epoch=self.best.epoch,
            **self.describe,
        )

    def state_dict(self) -> dict[str, Any]:
        """Return the best weights and their epoch."""
        return {"epoch": None if self.best is None else epoch_state(self.best), "weights": self.state}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from what state_dict returned; the weights file is written once more."""
        if state_dict["epoch"] is None:
            return
        self.best, self.state = epoch_of(state_dict["epoch"]), dict(state_dict["weights"])
        present = self._weights()
        self.model.load_state_dict(self.state)
        self._save()
        self.model.load_state_dict(present)


def _better(new: Epoch, old: Epoch) -> bool:
    if new.validation is None or old.validation is None:
        return True
    return (new.validation.accuracy, -new.validation.loss) > (old.validation.accuracy, -old.validation.loss)


def described(data: Data, normalisation: tuple[float, float], seed: int) -> dict[str, Any]:
    """Return what a weights file says about the data that its network was trained on."""
    known: dict[str, Any] = {"normalisation": normalisation, "seed": seed}
    if isinstance(data, Images):
        return known | {
            "classes": data.classes,
            "merged": data.merged,
            "trained_on": _short_name(data.name),
        }
    return known | {"trained_on": type(data).__name__}


def _short_name(name: str) -> str:
    """Shorten each path in a data set's name to its last two parts: folders above tell of the user alone."""
    return " + ".join("/".join(Path(part).parts[-2:]) for part in name.split(" + "))


# ---- the run log, and what is said of an epoch -------------------------------------------------------------


def begin_run(
    log: RunLog | None,
    settings: dict[str, Any],
    seed: int,
    steps: int,
    epoch_steps: int,
    continued: Mapping[str, Any] | None = None,
) -> AbstractContextManager[RunWriter | None]:
    """Begin to log a run, if there is a log, or go on with the run whose state `continued` is."""
    if log is None:
        return nullcontext()
    data = settings["train"]
    return log.run(
        settings["model"],
        hyperparameters=settings,
        seed=seed,
        steps=steps,
        epoch_steps=epoch_steps,
        classes=data.classes if isinstance(data, Images) else (),
        continued=continued,
    )


def log_step(run: RunWriter, optimizer: optim.Optimizer, epoch_steps: int) -> Callable[[Step], None]:
    """Return a function that logs a step; an epoch has `epoch_steps` of them."""

    def write(step: Step) -> None:
        epoch = (step.number - 1) // epoch_steps + 1
        run.step(step.number, epoch, step.loss, optimizer.param_groups[0]["lr"], step.scores, step.y)

    return write


def log_validation(run: RunWriter, data: Data) -> Callable[[Epoch], None]:
    """Return a function that logs the result on the validation data, with the worst mistakes of images."""
    pictures: NDArray[np.uint8] | None = data.images if isinstance(data, Images) else None

    def write(epoch: Epoch) -> None:
        assert epoch.validation is not None
        run.validated(epoch.step, epoch.epoch, epoch.validation, pictures)

    return write


def epoch_line(epoch: Epoch) -> str:
    """Return an epoch's number, loss and validation accuracy in a few words."""
    words = f"epoch {epoch.epoch}, loss {epoch.loss:.3f}"
    if epoch.validation is not None:
        words += f", validation {epoch.validation.accuracy:.2%}"
    return words
