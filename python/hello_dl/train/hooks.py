"""Parts of fit that happen at each epoch or at the end: saving the best, the log, the progress bar."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn, weights
from hello_dl.data.images import Images
from hello_dl.evaluation import Data
from hello_dl.runlog import RunLog, RunWriter

if TYPE_CHECKING:
    from hello_dl.train.history import Epoch


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
