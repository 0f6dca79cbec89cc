"""`hello-dl watch`: shows a running training in the terminal."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hello_dl.commands import options

if TYPE_CHECKING:
    from hello_dl.runlog import LogReader, Run
    from hello_dl.runlog.log_reader import Table

BARS = "▁▂▃▄▅▆▇█"
MOST_WIDTH = 60  # characters of a curve
VALIDATIONS = 8  # number of validations that are listed, the last ones
SPEED_OVER = 50  # rows of the table `training` over which the speed is measured, the last ones
CLEAR = "\x1b[H\x1b[2J"  # moves the cursor to the upper left corner and clears the screen (ANSI)


@click.command(short_help="Watch a training live in the terminal.")
@click.argument("log", metavar="RUN.sqlite", type=options.PATH)
@click.option("--run", "wanted", type=int, metavar="ID", help="Which run (default: the newest).")
@options.value("--every", type=click.FloatRange(0.1), default=1.0, help="Seconds between two updates.")
def watch(log: Path, wanted: int | None, every: float) -> None:
    """Show losses, accuracies and speed of the run that is being logged to RUN.sqlite.

    The display is updated every second until the run is over, or you press Ctrl-C. If the output is no
    terminal, it is printed once.
    """
    from hello_dl.runlog import LogReader

    live = sys.stdout.isatty()
    try:
        while True:
            with LogReader(log) as reader:
                run = reader.runs([] if wanted is None else [wanted])[-1]
                lines = describe(reader, run)
            click.echo((CLEAR if live else "") + "\n".join(lines))
            if run.outcome is not None or not live:
                return
            time.sleep(every)
    except KeyboardInterrupt:
        click.echo()


def describe(log: LogReader, run: Run) -> list[str]:
    """Return the display of a run as lines."""
    training, validation = log.table("training", run.id), log.table("validation", run.id)
    lines = [f"run {run.id}: {run.command}", f"begun {run.started}, {_state(run)}"]
    if len(training["step"]) == 0:
        return [*lines, "no step is logged yet"]
    lines += [_progress(run, training), ""]
    width = min(MOST_WIDTH, shutil.get_terminal_size().columns - 24)
    rows = [
        (f"{name} {word}", table[column], form)
        for name, table in (("training", training), ("validation", validation))
        for word, column, form in (("loss", "loss", ".4f"), ("right", "accuracy", ".2%"))
    ]
    for name, numbers, form in rows:
        known = numbers[numbers == numbers]
        if len(known):
            lines.append(f"{name:16} {float(known[-1]):>7{form}} {curve(known.tolist(), width)}")
    lines += ["", *_validations(validation)]
    return lines


def curve(numbers: list[float], width: int) -> str:
    """Return numbers as at most `width` bars, each the mean of neighbouring numbers: ▇▅▃▂▁."""
    import numpy as np

    from hello_dl.plots.style import averaged

    means = averaged(np.array(numbers), max(1, width))
    low, high = float(means.min()), float(means.max())
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((mean - low) * scale)] for mean in means.tolist())


def _state(run: Run) -> str:
    """Return whether a run is over, and how it ended."""
    if run.outcome is None:
        return "still running (or killed)"
    return f"{run.outcome} {run.finished}"


def _progress(run: Run, training: Table) -> str:
    """Return a line with step, epoch, learning rate, speed, and the time left."""
    step, wall = int(training["step"][-1]), training["wall"]
    words = f"step {step:,}"
    if run.steps:
        words += f" of {run.steps:,} ({step / run.steps:.0%})"
    words += f", epoch {int(training['epoch'][-1])}, learning rate {float(training['lr'][-1]):.2g}"
    since = -min(SPEED_OVER, len(wall))
    if wall[-1] > wall[since]:
        speed = (step - int(training["step"][since])) / float(wall[-1] - wall[since])
        words += f", {speed:,.1f} steps/s"
        if run.steps and run.outcome is None:
            words += f", about {_duration((run.steps - step) / speed)} left"
    return words


def _duration(seconds: float) -> str:
    """Return a time in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _validations(validation: Table) -> list[str]:
    """Return the last validations as a table."""
    if len(validation["step"]) == 0:
        return ["no validation yet"]
    names = ("epoch", "step", "wall", "loss", "accuracy")
    columns = [validation[name].tolist()[-VALIDATIONS:] for name in names]
    lines = [f"{'epoch':>6} {'step':>9} {'seconds':>9} {'loss':>9} {'right':>8}"]
    for epoch, step, wall, loss, accuracy in zip(*columns, strict=True):
        lines.append(f"{epoch:6} {step:9,} {wall:9,.1f} {loss:9.4f} {accuracy:8.2%}")
    return lines
