"""Training: fit a model to data. `fit` reads in the order in which things happen."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hello_dl import functional as F
from hello_dl import nn, optim, weights
from hello_dl._core import Tensor
from hello_dl.data.images import Images
from hello_dl.evaluation import Augment, Data, Loss, Result, batches, evaluate, predict, using
from hello_dl.models import describe
from hello_dl.random import manual_seed

__all__ = ["Epoch", "History", "Result", "cosine", "evaluate", "fit", "one_cycle", "predict", "using"]


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


def fit(
    model: nn.Module,
    train_data: Data,
    validation_data: Data | None = None,
    *,
    epochs: int = 1,
    batch_size: int = 64,
    lr: float = 1e-3,
    optimizer: optim.Optimizer | None = None,
    schedule: Callable[[float], float] | None = None,
    loss: Loss = F.cross_entropy,
    augment: Augment | None = None,
    balanced: bool = False,
    normalisation: tuple[float, float] | None = None,
    seed: int = 0,
    save: str | os.PathLike[str] | None = None,
    progress: bool = True,
    on_step: Callable[[int, float], object] | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
) -> History:
    """Train a model, and leave it with the weights that did best on the validation data (else the last ones).

    optimizer       Adam with learning rate `lr` unless given
    schedule        a function of how much of the training is over (0 to 1); it multiplies the learning rate
    augment         changes the images of each batch at random, such as `augment.Augmentation(shift=2)`
    balanced        draw all classes equally often, however many items they have
    normalisation   mean and std of pixels / 255; those of the training images unless given
    save            a weights file, written at each new best
    on_step         called with (step, loss) after each step
    on_epoch        called with an Epoch after each epoch

    It seeds the global generator, so the same seed gives the same weights, to the bit, on any number of
    threads; let the model be made under a seed too. Raises ValueError naming epoch and step if a loss is
    not finite, or if the data are not.
    """
    if epochs < 1:
        raise ValueError(f"fit: needs at least one epoch, got {epochs}")
    if normalisation is None:
        normalisation = train_data.mean_std() if isinstance(train_data, Images) else (0.0, 1.0)
    _check_data(train_data, validation_data, augment, balanced)
    if save is not None:
        _check_saving(model, Path(save))
    manual_seed(seed)
    loader = batches(train_data, batch_size, seed, normalisation, augment, balanced)
    optimizer = optimizer or optim.Adam(model.parameters(), lr=lr)
    rates = [group["lr"] for group in optimizer.param_groups]
    done: list[Epoch] = []
    best, best_state = None, {}
    step, steps = 0, epochs * len(loader)

    with _bar(steps, progress) as bar:
        for epoch in range(1, epochs + 1):
            model.train()
            start, losses = time.perf_counter(), []
            for x, y in loader:
                if schedule is not None:
                    for group, rate in zip(optimizer.param_groups, rates, strict=True):
                        group["lr"] = rate * schedule(step / steps)
                step += 1
                error = loss(model(x), y)
                optimizer.zero_grad()
                error.backward()
                number = error.item()
                if not (math.isfinite(number) and _finite(x, train_data)):
                    raise _not_finite(epoch, step, number, x)
                optimizer.step()
                losses.append(number)
                if on_step is not None:
                    on_step(step, number)
                bar.update(1)

            seconds = time.perf_counter() - start
            result = None
            if validation_data is not None:
                result = evaluate(model, validation_data, normalisation=normalisation, loss=loss)
            done.append(Epoch(epoch, step, float(np.mean(losses)), result, seconds))
            bar.set_postfix_str(_in_words(done[-1]))
            if best is None or _better(done[-1], best):
                best = done[-1]
                best_state = {name: t.numpy().copy() for name, t in model.state_dict().items()}
                if save is not None:
                    _save(save, model, train_data, best, normalisation, seed)
            if on_epoch is not None:
                on_epoch(done[-1])

    assert best is not None
    model.load_state_dict(best_state)
    model.eval()
    return History(done, best, normalisation)


def cosine(progress: float) -> float:
    """A schedule: from 1 down to 0 along half a cosine (Loshchilov, Hutter 2017, equation 5)."""
    return 0.5 + 0.5 * math.cos(math.pi * progress)


def one_cycle(progress: float, warmup: float = 0.2) -> float:
    """A schedule: a straight rise during `warmup`, then the cosine down to 0 (after Smith, Topin 2018)."""
    if progress < warmup:
        return 0.05 + 0.95 * progress / warmup
    return cosine((progress - warmup) / (1 - warmup))


# ---- parts of the above -------------------------------------------------------------------------------


def _check_data(train: Data, validation: Data | None, augment: Augment | None, balanced: bool) -> None:
    if not isinstance(train, Images) and (augment is not None or balanced):
        raise TypeError(f"fit: augment and balanced need Images as training data, got {type(train).__name__}")
    if isinstance(train, Images) and isinstance(validation, Images) and train.classes != validation.classes:
        raise ValueError(
            f"fit: validation data {validation.name} have other classes than {train.name};"
            " use validation_data.only(train_data.classes)"
        )


def _check_saving(model: nn.Module, path: Path) -> None:
    """Say before the training, not after it, that its result cannot be saved."""
    describe(model)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise OSError(f"{path}: cannot be written; choose a file in a folder that exists and is yours")


def _save(
    path: str | os.PathLike[str],
    model: nn.Module,
    data: Data,
    epoch: Epoch,
    normalisation: tuple[float, float],
    seed: int,
) -> None:
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


def _better(new: Epoch, old: Epoch) -> bool:
    """Whether more answers are right, or as many with less loss; without validation data, the later wins."""
    if new.validation is None or old.validation is None:
        return True
    return (new.validation.accuracy, -new.validation.loss) > (old.validation.accuracy, -old.validation.loss)


def _finite(x: Tensor, data: Data) -> bool:
    """Whether an input has neither NaN nor infinity. Images are made of bytes, which are finite."""
    if isinstance(data, Images):
        return True
    numbers = x.numpy().reshape(-1)
    if numbers.dtype.kind != "f":
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(numbers @ numbers)) or bool(np.isfinite(numbers).all())


def _not_finite(epoch: int, step: int, loss: float, x: Tensor) -> ValueError:
    where = f"fit: epoch {epoch}, step {step}"
    bad = int(np.size(x.numpy()) - np.isfinite(x.numpy()).sum())
    if bad:
        return ValueError(f"{where}: the input has {bad} numbers that are NaN or infinite; clean the data")
    return ValueError(f"{where}: the loss is {loss}; use a smaller learning rate, or look for log(0) and x/0")


def _in_words(epoch: Epoch) -> str:
    words = f"epoch {epoch.epoch}, loss {epoch.loss:.3f}"
    if epoch.validation is not None:
        words += f", validation {epoch.validation.accuracy:.2%}"
    return words


def _bar(total: int, progress: bool) -> Any:
    """Return a progress bar; it stays silent where the output is no terminal."""
    from tqdm import tqdm

    return tqdm(total=total, unit="step", disable=None if progress else True)
