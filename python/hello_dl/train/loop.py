"""Training: fit a model to data. `fit` reads in the order in which things happen."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import functional as F
from hello_dl import nn, optim
from hello_dl.data.images import Images
from hello_dl.evaluation import Augment, Data, Loss, batches, evaluate
from hello_dl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from hello_dl.runlog import RunLog
from hello_dl.tensors.random import manual_seed
from hello_dl.train.averaging import MovingAverage
from hello_dl.train.checks import (
    Schedule,
    check_data,
    check_saving,
    choose_optimizer,
    finite,
    not_finite,
)
from hello_dl.train.class_weights import weighted
from hello_dl.train.history import Epoch, History
from hello_dl.train.hooks import begin_run, better, in_words, pictures, progress_bar, save_best


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
    check_data(train_data, validation_data, augment, balanced)
    if save is not None:
        check_saving(model, Path(save))
    manual_seed(seed)
    loader = batches(train_data, batch_size, seed, normalisation, augment, balanced, sampler=sampler)
    optimizer = choose_optimizer(model, optimizer, schedule, lr)
    rates = [group["lr"] for group in optimizer.param_groups]
    taught = loss if class_weights is None else weighted(loss, class_weights)
    averaged = None if average is None else MovingAverage(model, average)
    done: list[Epoch] = []
    best, best_state = None, {}
    step, steps = 0, epochs * len(loader)
    settings = {
        "model": model,
        "train": train_data,
        "validation": validation_data,
        "epochs": epochs,
        "batch_size": batch_size,
        "lr": rates[0],
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

    with progress_bar(steps, progress) as bar, begin_run(log, settings, seed, steps, len(loader)) as run:
        for epoch in range(1, epochs + 1):
            model.train()
            start, losses = time.perf_counter(), []
            for x, y in loader:
                if callable(schedule):
                    for group, rate in zip(optimizer.param_groups, rates, strict=True):
                        group["lr"] = rate * schedule(step / steps)
                step += 1
                scores = model(x)
                error = taught(scores, y)
                optimizer.zero_grad()
                error.backward()
                number = error.item()
                if not (math.isfinite(number) and finite(x, train_data)):
                    raise not_finite(epoch, step, number, x)
                if clip is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()
                if averaged is not None:
                    averaged.update()
                losses.append(number)
                if run is not None:
                    run.step(step, epoch, number, optimizer.param_groups[0]["lr"], scores, y)
                if isinstance(schedule, LRScheduler):
                    schedule.step()
                if on_step is not None:
                    on_step(step, number)
                bar.update(1)

            seconds = time.perf_counter() - start
            with nullcontext() if averaged is None else averaged.in_use():
                result = None
                if validation_data is not None:
                    result = evaluate(model, validation_data, normalisation=normalisation, loss=loss)
                    if run is not None:
                        run.validated(step, epoch, result, pictures(validation_data))
                done.append(Epoch(epoch, step, float(np.mean(losses)), result, seconds))
                if best is None or better(done[-1], best):
                    best = done[-1]
                    best_state = {name: t.numpy().copy() for name, t in model.state_dict().items()}
                    if save is not None:
                        save_best(save, model, train_data, best, normalisation, seed)
            if isinstance(schedule, ReduceLROnPlateau):
                schedule.step(done[-1].loss if result is None else result.loss)
            bar.set_postfix_str(in_words(done[-1]))
            if on_epoch is not None:
                on_epoch(done[-1])

    assert best is not None
    model.load_state_dict(best_state)
    model.eval()
    return History(done, best, normalisation)
