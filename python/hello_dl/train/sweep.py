"""A search for good settings: many short trainings, by several processes at once, in one study (chapter 6).

The study is a file, a journal that each process appends to, with Optuna: pip install 'hello-dl[sweep]'.
"""

from __future__ import annotations

import inspect
import json
import math
import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hello_dl
from hello_dl import models, optim
from hello_dl.data.augment import HANDWRITING
from hello_dl.data.images import Images
from hello_dl.files import MISSHAPEN
from hello_dl.optim.schedules import one_cycle
from hello_dl.runlog import RunLog
from hello_dl.train.history import Epoch
from hello_dl.train.loop import fit

NAME = "hello-dl"  # of the study in its file
DEFAULTS: dict[str, Any] = {
    **{"lr": 2e-3, "batch_size": 64, "weight_decay": 0.0, "dropout": 0.0, "augment": False, "width": None}
}
SEARCHED = tuple(DEFAULTS)
SILENT = 3600.0  # seconds without an epoch after which a process on another machine counts as dead
ENOUGH = 4  # complete trials, to say what mattered


@dataclass(frozen=True)
class Sweep:
    """What all trials of a study have in common; a study that was begun with other things is refused."""

    model: str  # a function of hello_dl.models
    epochs: int
    seed: int
    data: str  # what the data are called
    search: tuple[str, ...] = field(default=SEARCHED)

    def suggest(self, trial: Any) -> dict[str, Any]:
        """Return the settings of a trial: those searched for are drawn, the others are DEFAULTS."""
        draw: dict[str, Callable[[], Any]] = {
            "lr": lambda: trial.suggest_float("lr", 3e-4, 2e-2, log=True),
            "batch_size": lambda: trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
            "weight_decay": lambda: trial.suggest_float("weight_decay", 1e-5, 1.0, log=True),
            "dropout": lambda: trial.suggest_float("dropout", 0.0, 0.6),
            "augment": lambda: trial.suggest_categorical("augment", [False, True]),
        }
        if "width" in inspect.signature(getattr(models, self.model)).parameters:
            draw["width"] = lambda: trial.suggest_categorical("width", [8, 16, 32, 48])
        drawn = {name: make() for name, make in draw.items() if name in self.search}
        return {**DEFAULTS, **drawn}


def open_study(path: str | os.PathLike[str], sweep: Sweep | None = None) -> Any:
    """Open a study, or begin one for `sweep`. Raises ValueError for another file, or a study of other things.

    Trials of processes that were killed on this machine, and of those on other machines that have been silent
    for SILENT, are marked as failed, and do not count; the next trial has the settings of the first of them.
    """
    optuna = _optuna()
    file = Path(path)
    if sweep is None and not file.is_file():
        raise FileNotFoundError(
            f"{file}: there is no such study; `hello-dl sweep ... --study {file}` begins one"
        )
    if not file.parent.is_dir():
        raise FileNotFoundError(f"{file}: there is no folder {file.parent}; make it first")
    if file.is_dir() or (file.exists() and not is_study(file)):
        raise ValueError(f"{file}: needs a study of hello-dl sweep, got something else; choose another file")
    journal = optuna.storages.journal
    kind = journal.JournalFileOpenLock if os.name == "nt" else journal.JournalFileSymlinkLock
    lock = kind(str(file.resolve()))
    if file.exists():
        _cut_off_half_line(file, lock)
    try:
        study = optuna.create_study(
            storage=optuna.storages.JournalStorage(journal.JournalFileBackend(str(file), lock_obj=lock)),
            study_name=NAME,
            direction="maximize",
            load_if_exists=True,
            pruner=_pruner(optuna),
        )
        _close_dead_trials(study)
    except (*MISSHAPEN, AssertionError) as error:
        what = str(error) or type(error).__name__
        raise ValueError(f"{file}: is damaged ({what}); begin another study") from None
    if sweep is not None:
        _check_same_settings(study, sweep, file)
    return study


def is_study(path: Path) -> bool:
    """Whether a file begins as a study does (or is empty, as one that has just been begun)."""
    with path.open("rb") as file:
        first = file.readline(10_000)
    try:
        return not first or "op_code" in json.loads(first)
    except MISSHAPEN:
        return False


def run_trial(study: Any, sweep: Sweep, data: Images, judge: Images, log: RunLog | None = None) -> Any:
    """Train once with settings that the study suggests; return the trial, as the study now has it.

    Its value is the share of right answers on `judge` at the best epoch. A training that does worse than half
    of the others at the same epoch is cut short; one that explodes counts as 0.
    """
    optuna = _optuna()
    trial = study.ask()
    trial.set_user_attr("process", [socket.gethostname(), os.getpid()])
    trial.set_user_attr("seen", time.time())
    # Every trial draws from a generator of its own: processes never draw the same.
    study.sampler = optuna.samplers.TPESampler(seed=sweep.seed * 100_003 + trial.number, constant_liar=True)

    def report(epoch: Epoch) -> None:
        assert epoch.validation is not None
        trial.report(epoch.validation.accuracy, epoch.epoch)
        trial.set_user_attr("seen", time.time())
        if epoch.epoch < sweep.epochs and trial.should_prune():
            raise optuna.TrialPruned

    states = optuna.trial.TrialState
    try:
        settings = sweep.suggest(trial)
        value = train_once(sweep, settings, data, judge, log, report)
    except optuna.TrialPruned:
        return study.tell(trial, state=states.PRUNED)
    except ValueError as error:
        trial.set_user_attr("error", str(error))
        return study.tell(trial, 0.0)
    except BaseException:
        study.tell(trial, state=states.FAIL)
        raise
    return study.tell(trial, value)


def train_once(
    sweep: Sweep,
    settings: dict[str, Any],
    data: Images,
    judge: Images,
    log: RunLog | None = None,
    on_epoch: Callable[[Epoch], object] | None = None,
) -> float:
    """Train a network with these settings, and return its best share of right answers on `judge`."""
    hello_dl.manual_seed(sweep.seed)
    width = {} if settings["width"] is None else {"width": settings["width"]}
    model = getattr(models, sweep.model)(len(data.classes), **width)
    if settings["dropout"]:
        model = models.with_dropout(model, settings["dropout"])
    history = fit(
        model,
        data,
        judge,
        epochs=sweep.epochs,
        batch_size=settings["batch_size"],
        optimizer=optim.AdamW(model.parameters(), lr=settings["lr"], weight_decay=settings["weight_decay"]),
        schedule=one_cycle,
        augment=HANDWRITING if settings["augment"] else None,
        seed=sweep.seed,
        log=log,
        progress=False,
        on_epoch=on_epoch,
    )
    assert history.best.validation is not None
    return history.best.validation.accuracy


def importances(study: Any) -> dict[str, float]:
    """Return how much each setting mattered for being among the better half, as shares that add up to 1.

    PED-ANOVA (Watanabe, Bansal, Hutter 2023). Raises LookupError as long as too few trials are complete.
    """
    optuna = _optuna()
    if len(complete(study)) < ENOUGH:
        raise LookupError(
            f"too few trials are complete: {len(complete(study))}, at least {ENOUGH} are needed"
        )
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.5)
    found: dict[str, float] = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return found


def complete(study: Any) -> list[Any]:
    """Return the trials that were trained to their end, in order."""
    return list(study.get_trials(deepcopy=False, states=(_optuna().trial.TrialState.COMPLETE,)))


# ---- parts of the above -------------------------------------------------------------------------------


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise ImportError("a sweep needs Optuna: pip install 'hello-dl[sweep]'") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _pruner(optuna: Any) -> Any:
    return optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1)


def _cut_off_half_line(file: Path, lock: Any) -> None:
    """Cut off a last line that was written by half, when the power or the disk failed."""
    lock.acquire()
    try:
        content = file.read_bytes()
        if content and not content.endswith(b"\n"):
            os.truncate(file, content.rfind(b"\n") + 1)
    finally:
        lock.release()


def _close_dead_trials(study: Any) -> None:
    """Mark the trials of dead processes as failed; the next process takes their settings up again, once."""
    states = _optuna().trial.TrialState
    for trial in study.get_trials(deepcopy=False, states=(states.RUNNING,)):
        if not _is_dead(trial.user_attrs):
            continue
        with suppress(ValueError, RuntimeError):  # another process was faster
            study.tell(trial.number, state=states.FAIL)
            if trial.params and "again" not in trial.user_attrs:
                study.enqueue_trial(trial.params, user_attrs={"again": trial.number})


def _is_dead(notes: dict[str, Any]) -> bool:
    """Whether the process of a trial is gone: seen by its number here, by its silence on another machine."""
    host, process = notes.get("process", (None, 0))
    if host == socket.gethostname():
        return os.name == "posix" and not _alive(process)  # elsewhere signal 0 is not harmless
    return time.time() - float(notes.get("seen", math.inf)) > SILENT


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _check_same_settings(study: Any, sweep: Sweep, file: Path) -> None:
    """Raise ValueError if the study was begun for something else; take note of it if it is new."""
    wanted = {"model": sweep.model, "epochs": sweep.epochs, "data": sweep.data}
    known = study.user_attrs
    for name, value in wanted.items():
        if name not in known:
            study.set_user_attr(name, value)
        elif known[name] != value:
            raise ValueError(f"{file}: this study has {name} {known[name]}, not {value}; begin another study")


def settings_line(settings: dict[str, Any], names: Sequence[str] = SEARCHED) -> str:
    """Return settings in a few words: lr 0.0021, batch_size 64."""
    words = [f"{name} {_number(settings[name])}" for name in names if name in settings]
    return ", ".join(words)


def _number(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value).lower()
