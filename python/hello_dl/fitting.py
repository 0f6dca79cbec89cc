"""Parts of `train.fit`: what is checked beforehand, saved in between, and said when it goes wrong."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn, optim, weights
from hello_dl._core import Tensor
from hello_dl.data.images import Images
from hello_dl.evaluation import Augment, Data, Loss
from hello_dl.factories import tensor
from hello_dl.models import describe
from hello_dl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from hello_dl.runlog import RunLog, RunWriter

if TYPE_CHECKING:
    from hello_dl.train import Epoch

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


def weighted(loss: Loss, class_weights: Sequence[float] | NDArray[Any]) -> Loss:
    """Return the loss with class weights, which it must know as `weight`, as cross_entropy does."""
    numbers = np.asarray(class_weights, np.float32)
    if numbers.ndim != 1 or not (np.isfinite(numbers).all() and (numbers > 0).all()):
        raise ValueError(
            f"fit: class_weights must be numbers above 0, one a class, got {list(class_weights)}"
        )
    with_weights: Callable[..., Tensor] = loss
    return partial(with_weights, weight=tensor(numbers))


def begin_run(
    log: RunLog | None, settings: dict[str, Any], seed: int, steps: int, epoch_steps: int
) -> AbstractContextManager[RunWriter | None]:
    """Begin to log a run, if there is a log."""
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
    )


def pictures(data: Data) -> NDArray[np.uint8] | None:
    """Return the images of data that are images."""
    return data.images if isinstance(data, Images) else None


def check_saving(model: nn.Module, path: Path) -> None:
    """Say before the training, not after it, that its result cannot be saved."""
    describe(model)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise OSError(f"{path}: cannot be written; choose a file in a folder that exists and is yours")


def save_best(
    path: str | os.PathLike[str],
    model: nn.Module,
    data: Data,
    epoch: Epoch,
    normalisation: tuple[float, float],
    seed: int,
) -> None:
    """Write the weights, and what has to be known to use them, into a file."""
    weights.save(
        path,
        model,
        classes=data.classes if isinstance(data, Images) else (),
        merged=data.merged if isinstance(data, Images) else (),
        normalisation=normalisation,
        seed=seed,
        step=epoch.step,
        accuracy=None if epoch.validation is None else epoch.validation.accuracy,
        epoch=epoch.epoch,
        trained_on=_short_name(data.name) if isinstance(data, Images) else type(data).__name__,
    )


def _short_name(name: str) -> str:
    """Return the names of data sources without the folders that are nobody's business: mnist/train."""
    return " + ".join("/".join(Path(part).parts[-2:]) for part in name.split(" + "))


def better(new: Epoch, old: Epoch) -> bool:
    """Whether more answers are right, or as many with less loss; without validation data, the later wins."""
    if new.validation is None or old.validation is None:
        return True
    return (new.validation.accuracy, -new.validation.loss) > (old.validation.accuracy, -old.validation.loss)


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


def in_words(epoch: Epoch) -> str:
    """Say in a few words how an epoch went."""
    words = f"epoch {epoch.epoch}, loss {epoch.loss:.3f}"
    if epoch.validation is not None:
        words += f", validation {epoch.validation.accuracy:.2%}"
    return words


def progress_bar(total: int, progress: bool) -> Any:
    """Return a progress bar; it stays silent where the output is no terminal."""
    from tqdm import tqdm

    return tqdm(total=total, unit="step", disable=None if progress else True)
