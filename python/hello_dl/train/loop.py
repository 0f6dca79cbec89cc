"""Training: fit a model to data. `fit` prepares what the loop `_train` needs; `steps` is the inner loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import functional as F
from hello_dl import nn, optim
from hello_dl.data.datasets import ImageDataset
from hello_dl.data.images import Images
from hello_dl.data.loader import DataLoader
from hello_dl.data.progress import progress_bar
from hello_dl.evaluation import Augment, Data, Loss, Result, batches, evaluate
from hello_dl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from hello_dl.runlog import RunLog
from hello_dl.tensors.random import manual_seed
from hello_dl.train.averaging import MovingAverage
from hello_dl.train.checks import check_data, check_saving, finite_batches
from hello_dl.train.class_weights import weighted
from hello_dl.train.history import Epoch, History
from hello_dl.train.hooks import (
    Hooks,
    KeepBest,
    Schedule,
    begin_run,
    choose_optimizer,
    described,
    epoch_line,
    log_step,
    log_validation,
    set_rates,
)
from hello_dl.train.steps import Step, steps


def fit(
    model: nn.Module,
    train_data: Data,
    validation_data: Data | None = None,
    *,
    epochs: int = 1,
    batch_size: int = 64,
    lr: float = 1e-3,
    optimizer: optim.Optimizer | None = None,
    schedule: Schedule | None = None,
    clip: float | None = None,
    loss: Loss = F.cross_entropy,
    class_weights: Sequence[float] | NDArray[Any] | None = None,
    augment: Augment | None = None,
    balanced: bool = False,
    sampler: Iterable[int] | None = None,
    average: float | None = None,
    normalisation: tuple[float, float] | None = None,
    seed: int = 0,
    save: str | os.PathLike[str] | None = None,
    log: RunLog | None = None,
    progress: bool = True,
    on_step: Callable[[int, float], object] | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
) -> History:
    """Train a model, and leave it with the weights that did best on the validation data (else the last ones).

    optimizer       Adam with learning rate `lr` unless given
    schedule        a function of how much of the training is over (0 to 1), which multiplies the rates;
                    or one of optim.lr_scheduler: it steps after each step, ReduceLROnPlateau after each epoch
    clip            the longest that the gradient, all of it as one vector, may be
    class_weights   how much each class counts in the loss of training, such as balancing_weights(train_data)
    augment         changes the images of each batch at random, such as `augment.Augmentation(shift=2)`
    balanced        draw all classes equally often, however many items they have
    sampler         which items to train on in what order, such as a WeightedRandomSampler; each iteration
                    is one epoch
    average         validate and keep the moving average of the weights with this decay, such as 0.999,
                    instead of the weights themselves
    normalisation   mean and std of pixels / 255; those of the training images unless given
    save            a weights file, written at each new best
    log             a RunLog: losses, accuracies, and what became of parameters and gradients, in one file
    progress        whether a bar shows how far it is: on terminals and in notebooks
    on_step         called with (step, loss) after each step
    on_epoch        called with an Epoch after each epoch

    It seeds the global generator, so the same seed gives the same weights, to the bit, on any number of
    threads; let the model be made under a seed too. Raises ValueError naming epoch and step if a loss is
    not finite, or if the data are not.
    """
    if epochs < 1:
        raise ValueError(f"fit: needs at least one epoch, got {epochs}")
    check_data(train_data, validation_data, augment, balanced)
    if save is not None:
        check_saving(model, Path(save))
    if normalisation is None:
        normalisation = train_data.mean_std() if isinstance(train_data, Images) else (0.0, 1.0)
    manual_seed(seed)
    loader = batches(train_data, batch_size, seed, normalisation, augment, balanced, sampler=sampler)
    optimizer = choose_optimizer(model, optimizer, schedule, lr)
    total = epochs * len(loader)
    settings = {
        "model": model,
        "train": train_data,
        "validation": validation_data,
        "epochs": epochs,
        "batch_size": batch_size,
        "lr": optimizer.param_groups[0]["lr"],
        "optimizer": optimizer,
        "schedule": schedule,
        "clip": clip,
        "loss": loss,
        "class_weights": class_weights,
        "augment": augment,
        "balanced": balanced,
        "average": average,
        "normalisation": normalisation,
    }

    def judge() -> Result | None:
        if validation_data is None:
            return None
        return evaluate(model, validation_data, normalisation=normalisation, loss=loss)

    best = KeepBest(model, save, **described(train_data, normalisation, seed))
    with (
        progress_bar(progress, total=total, unit="step") as bar,
        begin_run(log, settings, seed, total, len(loader)) as run,
    ):
        hooks = Hooks(judged=[best])
        if clip is not None:
            hooks.on_gradients = partial(nn.utils.clip_grad_norm_, list(model.parameters()), clip)
        if average is not None:
            averaged = MovingAverage(model, average)
            hooks.after_step.append(lambda _: averaged.update())
            hooks.weights_to_judge = averaged.in_use
        if run is not None:
            hooks.after_step.append(log_step(run, optimizer, len(loader)))
            if validation_data is not None:
                hooks.judged.insert(0, log_validation(run, validation_data))
        if isinstance(schedule, LRScheduler):
            hooks.after_step.append(lambda _: schedule.step())
        elif isinstance(schedule, ReduceLROnPlateau):
            hooks.after_epoch.append(lambda epoch: schedule.step((epoch.validation or epoch).loss))
        elif schedule is not None:
            hooks.before_step = set_rates(optimizer, schedule, total)
        if on_step is not None:
            hooks.after_step.append(lambda step: on_step(step.number, step.loss))
        hooks.after_step.append(lambda _: bar.update(1))
        hooks.after_epoch.append(lambda epoch: bar.set_postfix_str(epoch_line(epoch)))
        if on_epoch is not None:
            hooks.after_epoch.append(on_epoch)

        taught = loss if class_weights is None else weighted(loss, class_weights)
        done = _train(model, loader, taught, optimizer, epochs, judge, hooks)

    assert best.best is not None
    model.load_state_dict(best.state)
    model.eval()
    return History(done, best.best, normalisation)


def _train(
    model: nn.Module,
    loader: DataLoader,
    loss: Loss,
    optimizer: optim.Optimizer,
    epochs: int,
    judge: Callable[[], Result | None],
    hooks: Hooks,
) -> list[Epoch]:
    """Train for some epochs; `judge` measures the model after each. Return what each epoch gave."""
    done: list[Epoch] = []
    for epoch in range(1, epochs + 1):
        model.train()
        start, losses = time.perf_counter(), []
        first, where = done[-1].step + 1 if done else 1, f"fit: epoch {epoch},"
        is_checked = isinstance(loader.dataset, ImageDataset)  # pixels are bytes, so they are finite
        for step in steps(
            model,
            loader if is_checked else finite_batches(loader, first, where),
            loss,
            optimizer,
            before=hooks.before_step,
            on_gradients=hooks.on_gradients,
            first=first,
            where=where,
        ):
            losses.append(step.loss)
            _call(hooks.after_step, step)
        seconds = time.perf_counter() - start
        with hooks.weights_to_judge():
            result = judge()
            done.append(Epoch(epoch, first - 1 + len(losses), float(np.mean(losses)), result, seconds))
            _call(hooks.judged, done[-1])
        _call(hooks.after_epoch, done[-1])
    return done


def _call(hooks: Iterable[Callable[[Any], object]], what: Step | Epoch) -> None:
    for hook in hooks:
        hook(what)
