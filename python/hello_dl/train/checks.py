"""What `fit` checks: settings and data before the training, the numbers of each batch during it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hello_dl import nn
from hello_dl.data.images import Images
from hello_dl.evaluation import Augment, Data
from hello_dl.models import describe


def check_data(train: Data, validation: Data | None, augment: Augment | None, balanced: bool) -> None:
    """Raise TypeError or ValueError for data that do not go with the settings or with each other."""
    if not isinstance(train, Images) and (augment is not None or balanced):
        raise TypeError(f"fit: augment and balanced need Images as training data, got {type(train).__name__}")
    if isinstance(train, Images) and isinstance(validation, Images) and train.classes != validation.classes:
        raise ValueError(
            f"fit: validation data {validation.name} have other classes than {train.name};"
            " use validation_data.only(train_data.classes)"
        )


def check_saving(model: nn.Module, path: Path) -> None:
    """Raise OSError or TypeError before the training if its result could not be saved at `path`."""
    describe(model)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise OSError(f"{path}: cannot be written; choose a file in a folder that exists and is yours")


def finite_batches(batches: Iterable[tuple[Any, Any]], first: int, where: str) -> Iterator[tuple[Any, Any]]:
    """Yield the batches; raise ValueError that names the step if an input x has NaN or infinite numbers.

    `first` is the number of the first step, `where` what the message begins with.
    """
    for number, (x, y) in enumerate(batches, first):
        numbers = x.numpy().reshape(-1)
        if numbers.dtype.kind == "f" and not _all_finite(numbers):
            bad = int(numbers.size - np.isfinite(numbers).sum())
            raise ValueError(
                f"{where} step {number}: the input has {bad} numbers that are NaN or infinite; clean the data"
            )
        yield x, y


def _all_finite(numbers: np.ndarray[Any, Any]) -> bool:
    """Whether no number is NaN or infinite. The sum of squares tells at once, unless it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(numbers @ numbers)) or bool(np.isfinite(numbers).all())
