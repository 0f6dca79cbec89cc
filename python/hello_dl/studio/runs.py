"""Run logs as numbers for curves, and trainings that the page starts and stops."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, HTTPException
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from hello_dl.runlog import LogReader
from hello_dl.runlog.log_reader import Run, Table
from hello_dl.studio import processes
from hello_dl.studio.limits import Limits

POINTS = 300  # of a curve, at most: each is the mean of its neighbours
LOGS = 100  # run logs that are listed, the newest ones
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$")]


class RunInfo(BaseModel):
    """A run: its number in the log, how it was begun and how it ended ("": it runs, or was killed)."""

    id: int
    command: str
    started: str
    outcome: str


class LogInfo(BaseModel):
    """A run log and its runs, or why it cannot be read."""

    log: str
    runs: list[RunInfo]
    message: str = ""


class Curve(BaseModel):
    """Numbers over steps; a number that is not finite is null."""

    step: list[float]
    value: list[float | None]


class Curves(BaseModel):
    """A run's curves by name, and how far it is: steps done and to be done (0: not known)."""

    run: RunInfo
    done: int
    steps: int
    curves: dict[str, Curve]


class Order(BaseModel):
    """A training to be started: chapter 4's network of digits or chapter 5's of letters."""

    task: Literal["digits", "letters"] = "digits"
    epochs: int = Field(2, ge=1, le=50)
    images: int = Field(10_000, ge=500, le=100_000)


class TrainingInfo(BaseModel):
    """A training that the page started: its log, whether it runs, and its last words."""

    log: str
    running: bool
    message: str


@dataclass
class _Training:
    process: subprocess.Popen[bytes]
    output: Path
    stopped: bool = field(default=False)


class Runs:
    """The run logs in the studio's folder and in others, and the trainings that were started here."""

    def __init__(self, folder: Path, others: tuple[Path, ...], limits: Limits) -> None:
        self.folder, self.others, self.limits = folder / "logs", others, limits
        self.trainings: dict[str, _Training] = {}

    def logs(self) -> dict[str, Path]:
        """Return the run logs by name, the newest first."""
        found = list(self.folder.glob("*.sqlite")) if self.folder.is_dir() else []
        found = sorted(found, key=lambda file: file.stat().st_mtime, reverse=True)[:LOGS]
        return {file.name: file for file in [*self.others, *found] if file.is_file()}

    def path(self, log: str) -> Path:
        """Return a log's path. 404 if there is none of this name."""
        if log not in self.logs():
            raise HTTPException(404, f"there is no run log {log}")
        return self.logs()[log]

    def listed(self) -> list[LogInfo]:
        """Return all logs with their runs."""
        found = []
        for name, path in self.logs().items():
            try:
                with LogReader(path) as log:
                    found.append(LogInfo(log=name, runs=[_info(run) for run in reversed(log.runs())]))
            except (OSError, ValueError) as error:
                found.append(LogInfo(log=name, runs=[], message=str(error).replace(str(path), name)))
        return found

    def curves(self, log: str, number: int) -> Curves:
        """Return the curves of a run: losses, and shares that are right, of training and validation."""
        path = self.path(log)
        try:
            with LogReader(path) as reader:
                run = reader.runs([number])[0]
                tables = {name: reader.table(name, number) for name in ("training", "validation")}
        except (OSError, ValueError) as error:
            raise HTTPException(404, str(error).replace(str(path), log)) from None
        curves = {}
        for name, table in tables.items():
            for column, word in (("loss", "loss"), ("accuracy", "right")):
                curve = _curve(table, column)
                if curve is not None:
                    curves[f"{name} {word}"] = curve
        steps = tables["training"]["step"]
        done = int(steps[-1]) if len(steps) else 0
        return Curves(run=_info(run), done=done, steps=run.steps or 0, curves=curves)

    def start(self, order: Order) -> TrainingInfo:
        """Start a training in a process of its own. 409 if as many run as may."""
        running = [name for name, one in self.trainings.items() if one.process.poll() is None]
        if len(running) >= self.limits.trainings:
            raise HTTPException(409, f"{running[0]} is still training; stop it first, or wait")
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = {
            int(m[1]) for f in self.folder.iterdir() if (m := re.match(rf"{order.task}-(\d+)\.", f.name))
        }
        stem = f"{order.task}-{max(taken, default=0) + 1}"
        output = self.folder / f"{stem}.txt"
        process = processes.start(
            "hello_dl", "train", order.task, "--data", f"builtin:{order.images}", "--threads", "1",
            "--epochs", str(order.epochs), "--log", f"{stem}.sqlite", "--out", f"{stem}.safetensors",
            said=output, folder=self.folder,
        )  # fmt: skip
        self.trainings[f"{stem}.sqlite"] = _Training(process, output)
        return self.training(f"{stem}.sqlite")

    def training(self, log: str) -> TrainingInfo:
        """Return how a training is. 404 if it was not started here."""
        one = self.trainings.get(log)
        if one is None:
            raise HTTPException(404, f"{log} was not started here")
        ended = one.process.poll() is not None
        last = "stopped" if one.stopped and ended else processes.last_words(one.output)
        return TrainingInfo(log=log, running=not ended, message=last)

    def stop(self, log: str) -> TrainingInfo:
        """Stop a training, as Ctrl-C does: its log says that it was stopped."""
        self.training(log)
        one = self.trainings[log]
        one.stopped |= processes.stop(one.process)
        return self.training(log)

    def stop_all(self) -> None:
        """Stop what still runs."""
        for name in list(self.trainings):
            self.stop(name)


def _info(run: Run) -> RunInfo:
    """Return what the page shows of a run."""
    return RunInfo(id=run.id, command=run.command, started=run.started, outcome=run.outcome or "")


def _curve(table: Table, column: str) -> Curve | None:
    """Return a column over steps, with at most POINTS numbers; None if it has none."""
    step = np.asarray(table["step"], np.float64)
    value = np.asarray(table[column], np.float64)
    known = ~np.isnan(value)
    return thinned(step[known], value[known]) if known.any() else None


def thinned(step: NDArray[np.float64], value: NDArray[np.float64]) -> Curve:
    """Return numbers over steps as a curve of at most POINTS numbers, the means of neighbours."""
    parts = np.array_split(np.arange(len(step)), min(POINTS, len(step)))
    means = [float(value[part].mean()) for part in parts]
    return Curve(
        step=[float(step[part].mean()) for part in parts],
        value=[mean if np.isfinite(mean) else None for mean in means],
    )


def router(runs: Runs) -> APIRouter:
    """Return the part of the API about runs and trainings."""
    api = APIRouter(prefix="/api", tags=["watch"])

    @api.get("/logs")
    def logs() -> list[LogInfo]:
        """Return all run logs and their runs."""
        return runs.listed()

    @api.get("/logs/{log}/runs/{run}")
    def curves(log: Name, run: Annotated[int, Field(ge=0, le=2**62)]) -> Curves:
        """Return the curves of a run, also while it is being written."""
        return runs.curves(log, run)

    @api.get("/trainings")
    def trainings() -> list[TrainingInfo]:
        """Return the trainings that were started here."""
        return [runs.training(log) for log in runs.trainings]

    @api.post("/trainings", status_code=201)
    def start(order: Order) -> TrainingInfo:
        """Start a training on characters of the embedded generator."""
        return runs.start(order)

    @api.delete("/trainings/{log}")
    def stop(log: Name) -> TrainingInfo:
        """Stop a training."""
        return runs.stop(log)

    return api
