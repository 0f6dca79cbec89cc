"""Training: fit a model to data. `fit` prepares what the loop `_train` needs; `steps` is the inner loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hello_dl import distributed as processes
from hello_dl import functional as F
from hello_dl import nn, optim
from hello_dl.data.images import Images
from hello_dl.data.progress import progress_bar
from hello_dl.evaluation import Augment, Data, Loss, Result, batches, evaluate
from hello_dl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from hello_dl.runlog import RunLog
from hello_dl.tensors.random import manual_seed
from hello_dl.train.averaging import MovingAverage
from hello_dl.train.checkpoint import Checkpoint
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
from hello_dl.train.identity import check_alike, identity
from hello_dl.train.place import Place
from hello_dl.train.shards import Indices, Shards, evaluate_together
from hello_dl.train.steps import Step, steps

Walk = Callable[..., Iterator[Step]]  # trains on batches, and yields after each step, as `steps` does


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
    checkpoint: str | os.PathLike[str] | None = None,
    every: float = 60.0,
    resume: bool = False,
    distributed: bool = False,
    shards: int = 8,
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
    checkpoint      a file for the training's whole state, written `every` so many seconds and at the end of
                    each epoch (see checkpoint.py)
    resume          go on from the checkpoint, to the same bits as if nothing had broken it off; from the
                    start if there is none. It must be of the same settings, data and version of hello_dl
    distributed     share the work with the other processes that mpiexec has started (see shards.py). Each
                    batch is cut into so many `shards`; any number of processes up to that comes to the same
                    bits. Process 0 alone writes files, log and bar; the functions on_... are called in each
    progress        whether a bar shows how far it is: on terminals and in notebooks
    on_step         called with (step, loss) after each step
    on_epoch        called with an Epoch after each epoch

    It seeds the global generator, so the same seed gives the same weights, to the bit, on any number of
    threads; let the model be made under a seed too. Raises ValueError naming epoch and step if a loss is
    not finite, or if the data are not, and ValueError that names what differs for a checkpoint of another
    training; FileExistsError if a checkpoint is there and not to be resumed.
    """
    if epochs < 1:
        raise ValueError(f"fit: needs at least one epoch, got {epochs}")
    check_data(train_data, validation_data, augment, balanced)
    if distributed:
        processes.init()
        if processes.rank() > 0:
            save, log, progress = None, None, False
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
        "seed": seed,
        **({"shards": shards} if distributed else {}),
    }
    same = {name: value for name, value in settings.items() if name not in ("train", "validation")}
    data = {"training data": train_data, "validation data": validation_data, "sampler": sampler}
    if distributed:
        check_alike(identity(same, data))
    kept = Checkpoint(
        checkpoint,
        settings=same,
        data=data,
        every=every,
        resume=resume,
        together=distributed,
    )
    taught = loss if class_weights is None else weighted(loss, class_weights)
    walk: Walk
    if distributed:
        loader.dataset = Indices(loader.dataset)
        walk = Shards(model, loader, taught, optimizer, shards, seed).steps
    else:
        walk = partial(_checked_steps, model, taught, optimizer, isinstance(train_data, Images))

    def judge() -> Result | None:
        if validation_data is None:
            return None
        measure = evaluate_together if distributed else evaluate
        return measure(model, validation_data, normalisation=normalisation, loss=loss)

    best = KeepBest(model, save, **described(train_data, normalisation, seed))
    averaged = None if average is None else MovingAverage(model, average)
    place = Place(loader)
    with (
        progress_bar(progress, total=total, unit="step") as bar,
        kept,
        begin_run(log, settings, seed, total, len(loader), kept.state.get("run")) as run,
    ):
        hooks = Hooks(judged=[best])
        if clip is not None:
            hooks.on_gradients = partial(nn.utils.clip_grad_norm_, list(model.parameters()), clip)
        if averaged is not None:
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

        hooks.after_step.append(lambda _: kept.offer())
        hooks.after_epoch.append(lambda _: kept.offer(epoch_ends=True))
        parts: dict[str, Any] = {
            "model": model,
            "optimizer": optimizer,
            "average": averaged,
            "best": best,
            "place": place,
        }
        parts |= {"schedule": schedule if hasattr(schedule, "state_dict") else None, "run": run}
        kept.keep(**{name: part for name, part in parts.items() if part is not None})
        bar.update(place.step)

        _train(model, place, walk, epochs, judge, hooks)
        kept.save(wait=True)

    assert best.best is not None
    model.load_state_dict(best.state)
    model.eval()
    return History(place.done, best.best, normalisation)


def _train(
    model: nn.Module,
    place: Place,
    walk: Walk,
    epochs: int,
    judge: Callable[[], Result | None],
    hooks: Hooks,
) -> None:
    """Train from the place where the training is to the end of the epochs; `judge` measures after each."""
    while len(place.done) < epochs:
        model.train()
        start = time.perf_counter() - place.seconds
        first, where = place.step + 1, f"fit: epoch {len(place.done) + 1},"
        for step in walk(
            place.batches(),
            before=hooks.before_step,
            on_gradients=hooks.on_gradients,
            first=first,
            where=where,
        ):
            place.losses.append(step.loss)
            place.seconds = time.perf_counter() - start
            _call(hooks.after_step, step)
        with hooks.weights_to_judge():
            epoch = place.end_epoch(judge())
            _call(hooks.judged, epoch)
        _call(hooks.after_epoch, epoch)


def _checked_steps(
    model: nn.Module,
    loss: Loss,
    optimizer: optim.Optimizer,
    is_finite: bool,
    batches: Iterator[Any],
    *,
    first: int,
    where: str,
    **hooks: Any,
) -> Iterator[Step]:
    """Train as `steps` does; batches are checked, unless `is_finite`: pixels of images are bytes."""
    if not is_finite:
        batches = finite_batches(batches, first, where)
    return steps(model, batches, loss, optimizer, first=first, where=where, **hooks)


def _call(hooks: Iterable[Callable[[Any], object]], what: Step | Epoch) -> None:
    for hook in hooks:
        hook(what)
