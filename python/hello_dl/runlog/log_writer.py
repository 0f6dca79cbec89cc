"""Writes the run log while a network trains. Trouble with the log never stops the training."""

from __future__ import annotations

import json
import math
import shlex
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl._core.build_info import config
from hello_dl.evaluation import Result
from hello_dl.runlog.continuing import started, take_up
from hello_dl.runlog.row_buffer import RowBuffer
from hello_dl.runlog.rows import accuracies, described, mistakes, summary
from hello_dl.runlog.schema import WAIT, database_error, open_to_write

MOST_SCORES = 1_000_000  # most numbers of scores that wait in memory to be compared with their labels
GAP = 0.005  # least CPU time in seconds from one row of `training` to the next: very fast steps are left out
SHARE = 0.005  # largest share of the CPU time that statistics of the tensors may take
POINTS = 200  # statistics per factor e of training time, at most (logarithmic spacing)
SMALL = 1024  # weight tensors of at most so many numbers are always stored whole: filters of a first layer
SNAPSHOTS = 50  # most steps of a run at which all values are stored
ACCURACY = 6  # index of the column `accuracy` in a row of the table `training`


class RunLog:
    """A file that runs are logged to: `fit(..., log=RunLog("run.sqlite"))`, one run per call of `fit`.

    path      an SQLite database; runs are added to it if it is there, else it is made
    command   the command line to store with each run (default: that of this program)
    values    whether to store all values of parameters and gradients, too, at up to 50 evenly spread steps
    limit     most bytes that these values may take in each run; fewer steps are stored if not all fit
    every     steps from one logged step to the next. Default: every step, but at most one in 5 ms of CPU
              time; statistics of the tensors as often as half a percent of the CPU time allows
    wait      most seconds to wait for other processes that write to the file

    Raises ValueError if the file is no run log, OSError if it cannot be written. Later trouble (a full disk,
    a lock) never stops the training: it is reported once on stderr, and writing is tried again later.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        command: str | None = None,
        values: bool = False,
        limit: int = 100_000_000,
        every: int | None = None,
        wait: float = WAIT,
    ) -> None:
        if every is not None and every < 1:
            raise ValueError(f"RunLog: needs every to be at least 1 step, got {every}")
        self.path, self.values, self.limit, self.every, self.wait = Path(path), values, limit, every, wait
        self.command = shlex.join(sys.argv) if command is None else command
        open_to_write(self.path, wait).close()  # raises now, before the data are loaded

    def run(
        self,
        model: nn.Module,
        *,
        hyperparameters: Mapping[str, Any],
        seed: int | None = None,
        steps: int | None = None,
        epoch_steps: int | None = None,
        classes: Sequence[str] = (),
        continued: Mapping[str, Any] | None = None,
    ) -> RunWriter:
        """Begin a run: `with log.run(model, ...) as run:`, calling run.step and run.validated in the loop.

        hyperparameters   settings to store, as JSON; `rows.described` says how
        seed              of the run, to store
        steps             how many steps are planned, and epoch_steps: how many of them make an epoch
        classes           the names of the classes, in the order of the network's scores
        continued         what the state_dict of a run was that is to go on; a log without it begins a new one

        Raises ValueError if two snapshots of all values do not fit into `limit`, OSError if writing fails.
        """
        return RunWriter(self, model, hyperparameters, seed, steps, epoch_steps, classes, continued)


class RunWriter:
    """One run that is being logged. Rows wait in memory and are written together, about once a second."""

    def __init__(
        self,
        log: RunLog,
        model: nn.Module,
        hyperparameters: Mapping[str, Any],
        seed: int | None,
        steps: int | None,
        epoch_steps: int | None,
        classes: Sequence[str],
        continued: Mapping[str, Any] | None = None,
    ) -> None:
        self._log, self._steps = log, steps
        self._parameters = dict(model.named_parameters())
        self._value_steps = self._plan_values() if log.values else math.inf
        self._next_values = 1.0
        # Rows of the table `training` that still lack their accuracy, with the scores and labels for it.
        self._answers: list[tuple[list[Any], NDArray[Any], NDArray[Any]]] = []
        self._waiting_scores = 0  # numbers in the scores of _answers
        self._connection = open_to_write(log.path, log.wait)
        begun = {} if continued is None else take_up(self._connection, log.path, continued)
        self.id = begun.get("id") or self._insert_run(hyperparameters, seed, steps, epoch_steps, classes)
        self._waiting = RowBuffer(self._connection, log.path, self.id)
        self._connection.execute(f"PRAGMA busy_timeout = {int(1000 * min(1.0, log.wait))}")
        wall, cpu = begun.get("wall", 0.0), begun.get("cpu", 0.0)  # seconds that the run has taken before
        self._start, self._cpu = time.perf_counter() - wall, time.process_time() - cpu
        self._last_step = begun.get("step", 0)
        self._next_values = begun.get("next_values", self._next_values)
        self._next_row, self._next_statistics = cpu, cpu  # in seconds of CPU time

    def _insert_run(self, hyperparameters: Mapping[str, Any], *columns: Any) -> int:
        """Write the run's row, and return its id."""
        seed, steps, epoch_steps, classes = columns
        settings = {name: described(value) for name, value in hyperparameters.items()}
        texts = [json.dumps(x, default=repr) for x in (settings, config(), list(classes))]
        try:
            cursor = self._connection.execute(
                "INSERT INTO run (started, command, seed, steps, epoch_steps, hyperparameters, versions,"
                " classes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (_now(), self._log.command, seed, steps, epoch_steps, *texts),
            )
        except sqlite3.Error as error:
            self._connection.close()
            raise database_error(error, self._log.path) from None
        return int(cursor.lastrowid or 0)

    def _plan_values(self) -> float:
        """Return the steps from one snapshot of all values to the next, so that all of them fit into `limit`.

        The first and the last step are always stored.
        """
        size = 2 * sum(4 * p.numel() for p in self._parameters.values())
        fit = self._log.limit // max(1, size)
        if fit < 2:
            raise ValueError(
                f"RunLog: all parameters and gradients take {size:,} bytes, at the first and the last step"
                f" more than the limit of {self._log.limit:,}; raise it, or log without values"
            )
        return max(1.0, (self._steps or 10_000) / (min(fit, SNAPSHOTS) - 1))

    def step(
        self,
        step: int,
        epoch: int,
        loss: float,
        lr: float,
        scores: Tensor | None = None,
        labels: Tensor | None = None,
    ) -> None:
        """Log a training step, after optimizer.step(). Steps that follow very fast are not all logged.

        Scores (n, k) and labels (n,) give the step's accuracy, if the labels are class numbers. This costs
        little: backward() has stored the scores, as it does with every tensor that Python still refers to.
        """
        self._last_step = int(step)
        cpu = time.process_time() - self._cpu
        special = step == 1 or step == self._steps or step >= self._next_values
        every = self._log.every
        if not (special or (cpu >= self._next_row if every is None else step % every == 0)):
            return
        now = time.perf_counter() - self._start
        self._next_row = cpu + GAP
        row = [self.id, int(step), int(epoch), now, cpu, float(loss), None, float(lr)]
        self._waiting.add("training", row)
        if scores is not None and labels is not None and labels.dtype == "int64" and scores.ndim == 2:
            self._answers.append((row, scores.numpy(), labels.numpy()))
            self._waiting_scores += self._answers[-1][1].size
            if self._waiting_scores >= MOST_SCORES:
                self._fill_in_accuracies()
        if special or every is not None or cpu >= self._next_statistics:
            self._take_statistics(step, cpu)
        if self._waiting.is_due(now):
            self._write(now)

    def validated(
        self, step: int, epoch: int, result: Result, images: NDArray[np.uint8] | None = None
    ) -> None:
        """Log a result on validation data, and images of the pairs of classes most often confused.

        `images` (n, 28, 28) uint8 are those that `result` is of, in the same order; None logs no images.
        """
        now, cpu = time.perf_counter() - self._start, time.process_time() - self._cpu
        self._waiting.add(
            "validation", (self.id, step, epoch, now, cpu, result.loss, result.accuracy, result.n)
        )
        for truth, answer in np.argwhere(result.confusion).tolist():
            items = int(result.confusion[truth, answer])
            self._waiting.add("confusion", (self.id, step, truth, answer, items))
        if images is not None:
            self._waiting.replace("mistake", [(self.id, *row) for row in mistakes(result, images)])
        if self._waiting.is_due(now):
            self._write(now)

    def state_dict(self) -> dict[str, Any]:
        """Write the rows that wait; return what `log.run(..., continued=...)` needs to go on with the run."""
        wall, cpu = time.perf_counter() - self._start, time.process_time() - self._cpu
        self._write(wall)
        return {
            "id": self.id,
            "started": started(self._connection, self.id),
            "step": self._last_step,
            "wall": wall,
            "cpu": cpu,
            "next_values": self._next_values,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Change nothing: a run goes on by `log.run(..., continued=...)`."""

    def end(self, outcome: str = "finished") -> None:
        """Write the rows that wait and the run's outcome, and close the file."""
        self._waiting.add("end", (_now(), outcome, self.id))
        with suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA busy_timeout = {int(1000 * self._log.wait)}")
        try:
            self._write(time.perf_counter() - self._start)
        finally:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.end()
        elif isinstance(error, KeyboardInterrupt):
            self.end("stopped")
        else:
            self.end(" ".join(f"{type(error).__name__}: {error}".split()))

    # ---- statistics of the tensors ---------------------------------------------------------------------

    def _take_statistics(self, step: int, cpu: float) -> None:
        """Collect statistics of all parameters and gradients, and set when to do so next.

        All values are stored, too, if that was asked for and is due; those of small weights always.
        """
        everything = self._log.values and (step >= self._next_values or step == self._steps)
        for name, parameter in self._parameters.items():
            numbers = parameter.detach().numpy()
            self._add_statistics(step, "parameter", name, numbers)
            if everything or (numbers.ndim > 1 and numbers.size <= SMALL):
                self._add_values(step, "parameter", name, numbers)
            if parameter.grad is not None:
                self._add_statistics(step, "gradient", name, parameter.grad.numpy())
                if everything:
                    self._add_values(step, "gradient", name, parameter.grad.numpy())
        if everything:
            self._next_values = step + self._value_steps
        elif not self._log.values:
            self._next_values = math.inf
        cost = time.process_time() - self._cpu - cpu
        self._next_statistics = cpu + max(cost / SHARE, cpu / POINTS)

    def _add_statistics(self, step: int, kind: str, name: str, numbers: NDArray[Any]) -> None:
        """Collect a row of statistics of one tensor."""
        self._waiting.add("tensor", (self.id, step, kind, name, numbers.size, *summary(numbers)))

    def _add_values(self, step: int, kind: str, name: str, numbers: NDArray[Any]) -> None:
        """Collect a row with all values of one tensor."""
        shape = json.dumps(list(numbers.shape))
        self._waiting.add("value", (self.id, step, kind, name, shape, numbers.astype("<f4").tobytes()))

    # ---- writing --------------------------------------------------------------------------------------

    def _fill_in_accuracies(self) -> None:
        """Work out the accuracies of the waiting training rows."""
        for (row, _, _), share in zip(self._answers, accuracies(self._answers), strict=True):
            row[ACCURACY] = share
        self._answers, self._waiting_scores = [], 0

    def _write(self, now: float) -> None:
        """Write all waiting rows."""
        if self._answers:
            self._fill_in_accuracies()
        self._waiting.write(now)


def _now() -> str:
    """Return the time in UTC, as 2026-01-31T12:00:00+00:00."""
    return datetime.now(UTC).isoformat(timespec="seconds")
