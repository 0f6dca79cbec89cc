"""Parts of `train.fit`: what is checked beforehand, saved in between, and said when it goes wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np

from hello_dl import nn, optim
from hello_dl._core import Tensor
from hello_dl.data.images import Images
from hello_dl.evaluation import Augment, Data
from hello_dl.models import describe
from hello_dl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

Schedule: TypeAlias = Callable[[float], float] | LRScheduler | ReduceLROnPlateau


def check_data(train: Data, validation: Data | None, augment: Augment | None, balanced: bool) -> None:
    """Raise TypeError or ValueError for data that do not go with the settings or with each other."""
    if not isinstance(train, Images) and (augment is not None or balanced):
        raise TypeError(f"fit: augment and balanced need Images as training data, got {type(train).__name__}")
    if isinstance(train, Images) and isinstance(validation, Images) and train.classes != validation.classes:
        raise ValueError(
            f"fit: validation data {validation.name} have other classes than {train.name};"
            " use validation_data.only(train_data.classes)"
        )


def choose_optimizer(
    model: nn.Module, optimizer: optim.Optimizer | None, schedule: Schedule | None, lr: float
) -> optim.Optimizer:
    """Return the optimizer to use: the one given, else the schedule's, else Adam."""
    scheduled = schedule.optimizer if isinstance(schedule, LRScheduler | ReduceLROnPlateau) else None
    if optimizer is not None and scheduled is not None and scheduled is not optimizer:
        raise ValueError("fit: the schedule was made for another optimizer than the one given")
    return optimizer or scheduled or optim.Adam(model.parameters(), lr=lr)


def check_saving(model: nn.Module, path: Path) -> None:
    """Say before the training, not after it, that its result cannot be saved."""
    describe(model)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise OSError(f"{path}: cannot be written; choose a file in a folder that exists and is yours")


def finite(x: Tensor, data: Data) -> bool:
    """Whether an input has neither NaN nor infinity. Images are made of bytes, which are finite."""
    if isinstance(data, Images):
        return True
    numbers = x.numpy().reshape(-1)
    if numbers.dtype.kind != "f":
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(numbers @ numbers)) or bool(np.isfinite(numbers).all())


def not_finite(epoch: int, step: int, loss: float, x: Tensor) -> ValueError:
    """Return the error that says where the numbers went wrong, and whose fault it is."""
    where = f"fit: epoch {epoch}, step {step}"
    bad = int(np.size(x.numpy()) - np.isfinite(x.numpy()).sum())
    if bad:
        return ValueError(f"{where}: the input has {bad} numbers that are NaN or infinite; clean the data")
    return ValueError(f"{where}: the loss is {loss}; use a smaller learning rate, or look for log(0) and x/0")
