"""Writes the run log while a network trains, without ever stopping the training."""

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
from hello_dl.runlog.rows import accuracies, described, mistakes, summary
from hello_dl.runlog.schema import WAIT, in_words, open_to_write

FLUSH = 1.0  # seconds between two writes
LATEST = 60.0  # seconds until a write that failed is tried again, at most
MOST_ROWS = 100_000  # that wait for a disk that is full; then they are dropped
HELD = 1_000_000  # scores that wait to be compared with their labels, at most
GAP = 0.005  # seconds of CPU time between two rows of training, at least: faster steps are not all logged
SHARE = 0.005  # of the CPU time goes into statistics
POINTS = 200  # statistics for the first stretch of the run, as many for the next that is e times as long, ...
SMALL = 1024  # a weight tensor of so few numbers is always kept whole, such as the filters of a first layer
SNAPSHOTS = 50  # of all values, at most


class RunLog:
    """A file that runs are logged to: `fit(..., log=RunLog("run.sqlite"))`, one run a call of `fit`.

    path      a SQLite database; it is made if it is not there, else runs are added to it
    command   what was typed (default: this program's own command line)
    values    keep all numbers of parameters and gradients, too, at up to 50 steps evenly spread
    limit     bytes that these may take in each run; as many steps as fit are kept
    every     log at every so many steps. Default: a row each 5 ms of CPU time, so every step unless they are
              very fast; statistics as often as half a percent of the CPU time allows
    wait      seconds to wait for other processes that write to it

    Raises ValueError if the file is no run log, OSError if it cannot be written. Later trouble (a full disk,
    a lock) never stops the training: it is said once on stderr, and writing is tried again now and then.
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
        open_to_write(self.path, wait).close()  # say now, not after loading the data, that it cannot be

    def run(
        self,
        model: nn.Module,
        *,
        hyperparameters: Mapping[str, Any],
        seed: int | None = None,
        steps: int | None = None,
        epoch_steps: int | None = None,
        classes: Sequence[str] = (),
    ) -> RunWriter:
        """Begin a run: `with log.run(model, ...) as run:`, with run.step and run.validated in the loop.

        hyperparameters are kept as JSON: functions by their names, networks and data in words.
        """
        return RunWriter(self, model, hyperparameters, seed, steps, epoch_steps, classes)


class RunWriter:
    """One run that is being logged. Rows are collected and written together, about once a second."""

    def __init__(
        self,
        log: RunLog,
        model: nn.Module,
        hyperparameters: Mapping[str, Any],
        seed: int | None,
        steps: int | None,
        epoch_steps: int | None,
        classes: Sequence[str],
    ) -> None:
        self._log, self._steps = log, steps
        self._parameters = dict(model.named_parameters())
        self._value_steps = self._plan_values() if log.values else math.inf
        self._next_values = 1.0
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._training: list[list[Any]] = []  # rows of the table, whose accuracy follows from:
        self._answers: list[tuple[int, NDArray[Any], NDArray[Any]]] = []  # row, scores, labels
        self._held = 0
        self._pause, self._complained = FLUSH, False
        self._connection = open_to_write(log.path, log.wait)
        self.id = self._insert_run(hyperparameters, seed, steps, epoch_steps, classes)
        self._connection.execute(f"PRAGMA busy_timeout = {int(1000 * min(1.0, log.wait))}")
        self._start, self._cpu = time.perf_counter(), time.process_time()
        self._next_row, self._next_look, self._next_flush = 0.0, 0.0, FLUSH

    def _insert_run(self, hyperparameters: Mapping[str, Any], *columns: Any) -> int:
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
            raise in_words(error, self._log.path) from None
        return int(cursor.lastrowid or 0)

    def _plan_values(self) -> float:
        """Return how many steps to leave between two times that all values are kept, so that they fit.

        The first and the last step are always among them.
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
        """Log a training step, after optimizer.step(), unless the last one that was logged is very near.

        Scores (n, k) and labels (n,), if these are class numbers, give its accuracy. backward() has kept the
        scores for whoever holds on to them, so they cost next to nothing.
        """
        cpu = time.process_time() - self._cpu
        special = step == 1 or step == self._steps or step >= self._next_values
        every = self._log.every
        if not (special or (cpu >= self._next_row if every is None else step % every == 0)):
            return
        now = time.perf_counter() - self._start
        self._next_row = cpu + GAP
        self._training.append([self.id, int(step), int(epoch), now, cpu, float(loss), None, float(lr)])
        if scores is not None and labels is not None and labels.dtype == "int64" and scores.ndim == 2:
            self._answers.append((len(self._training) - 1, scores.numpy(), labels.numpy()))
            self._held += self._answers[-1][1].size
            if self._held >= HELD:
                self._judge()
        if special or every is not None or cpu >= self._next_look:
            self._look(step, cpu)
        if now >= self._next_flush:
            self._flush(now)

    def validated(
        self, step: int, epoch: int, result: Result, images: NDArray[np.uint8] | None = None
    ) -> None:
        """Log a result on validation data; their images (n, 28, 28), in order, show the worst mistakes."""
        now, cpu = time.perf_counter() - self._start, time.process_time() - self._cpu
        self._add("validation", (self.id, step, epoch, now, cpu, result.loss, result.accuracy, result.n))
        for truth, answer in np.argwhere(result.confusion).tolist():
            items = int(result.confusion[truth, answer])
            self._add("confusion", (self.id, step, truth, answer, items))
        if images is not None:
            self._rows["mistake"] = [(self.id, *row) for row in mistakes(result, images)]
        if now >= self._next_flush:
            self._flush(now)

    def end(self, outcome: str = "finished") -> None:
        """Write what is left, and how it ended."""
        self._add("end", (_now(), outcome, self.id))
        with suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA busy_timeout = {int(1000 * self._log.wait)}")
        self._flush(time.perf_counter() - self._start)
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

    # ---- statistics, when they are due ----------------------------------------------------------------

    def _look(self, step: int, cpu: float) -> None:
        """Take the statistics of all parameters and gradients, and the values of those that are asked for."""
        everything = self._log.values and (step >= self._next_values or step == self._steps)
        for name, parameter in self._parameters.items():
            numbers = parameter.detach().numpy()
            self._describe(step, "parameter", name, numbers)
            if everything or (numbers.ndim > 1 and numbers.size <= SMALL):
                self._keep(step, "parameter", name, numbers)
            if parameter.grad is not None:
                self._describe(step, "gradient", name, parameter.grad.numpy())
                if everything:
                    self._keep(step, "gradient", name, parameter.grad.numpy())
        if everything:
            self._next_values = step + self._value_steps
        elif not self._log.values:
            self._next_values = math.inf
        cost = time.process_time() - self._cpu - cpu
        self._next_look = cpu + max(cost / SHARE, cpu / POINTS)

    def _describe(self, step: int, kind: str, name: str, numbers: NDArray[Any]) -> None:
        self._add("tensor", (self.id, step, kind, name, numbers.size, *summary(numbers)))

    def _keep(self, step: int, kind: str, name: str, numbers: NDArray[Any]) -> None:
        shape = json.dumps(list(numbers.shape))
        self._add("value", (self.id, step, kind, name, shape, numbers.astype("<f4").tobytes()))

    # ---- writing --------------------------------------------------------------------------------------

    def _add(self, table: str, row: tuple[Any, ...]) -> None:
        self._rows.setdefault(table, []).append(row)

    def _judge(self) -> None:
        """Put the accuracies into the rows."""
        for (row, _, _), share in zip(self._answers, accuracies(self._answers), strict=True):
            self._training[row][6] = share
        self._answers, self._held = [], 0

    def _flush(self, now: float) -> None:
        """Write all rows in one transaction. If that fails they stay, for a later attempt."""
        if self._answers:
            self._judge()
        rows: dict[str, list[Any]] = {"training": self._training, **self._rows}
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            if "mistake" in rows:
                self._connection.execute("DELETE FROM mistake WHERE run = ?", (self.id,))
            for table, content in rows.items():
                if content:
                    self._connection.executemany(_statement(table, len(content[0])), content)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._complain(error)
            if sum(map(len, rows.values())) > MOST_ROWS:
                self._training, self._rows = [], {}
            self._pause = min(2 * self._pause, LATEST)
        else:
            self._training, self._rows = [], {}
            self._pause = FLUSH
        self._next_flush = now + self._pause

    def _complain(self, error: sqlite3.Error) -> None:
        """Leave the failed transaction, and say once what is wrong."""
        with suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
        if not self._complained:
            from tqdm import tqdm

            words = f"run log {in_words(error, self._log.path)}; the training goes on, the log may lack rows"
            tqdm.write(words, file=sys.stderr)
        self._complained = True


def _statement(table: str, columns: int) -> str:
    if table == "end":
        return "UPDATE run SET finished = ?, outcome = ? WHERE id = ?"
    return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * columns)})"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
