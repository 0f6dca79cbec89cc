"""Draws all plots of some runs, or of a sweep, into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from hello_dl.plots.confusion import draw_confusion
from hello_dl.plots.curves import draw_curves
from hello_dl.plots.filters import draw_filter, draw_filters
from hello_dl.plots.style import new_figure, save
from hello_dl.plots.tensors import draw_distributions, draw_evolution, draw_norms
from hello_dl.runlog import LogReader, Run


def draw(
    path: str | PathLike[str], out: str | PathLike[str], runs: Sequence[int] = (), filter: int = 0
) -> tuple[list[Path], list[str]]:
    """Draw runs of the log at `path` as PNG files in the folder `out`, which is made if it is not there.

    runs     ids of the runs to draw. Without them, the curves of all runs are drawn in one plot, and the
             other plots of the newest run only
    filter   index of the filter of the first layer whose values are drawn over time

    Returns the paths of the files, and a sentence for each plot that the log lacks the data for. Raises
    ValueError if there is no such run or none with a training step, ImportError without matplotlib.
    """
    new_figure(1, 1)  # raise now, before the work, if matplotlib is missing
    folder = Path(out)
    with LogReader(path) as log:
        chosen = log.runs(runs)
        written = [r for r in chosen if log.query("SELECT 1 FROM training WHERE run = ? LIMIT 1", r.id)]
        if not written:
            which = "run " + ", ".join(str(run.id) for run in chosen)
            raise ValueError(f"{path}: {which} holds no training step yet; there is nothing to plot")
        folder.mkdir(parents=True, exist_ok=True)
        files = [save(draw_curves(log, written), folder / "curves.png")]
        missing: list[str] = []
        for run in written if runs else written[-1:]:
            for name, make in _of_one_run(filter).items():
                try:
                    figure = make(log, run)
                except LookupError as nothing:
                    missing.append(f"run {run.id}: no {name}: {nothing.args[0]}")
                else:
                    files.append(save(figure, folder / f"run{run.id}-{name}.png"))
    return files, missing


def draw_sweep(path: str | PathLike[str], out: str | PathLike[str]) -> Path:
    """Draw the study of `hello-dl sweep` at `path` into the folder `out`; return the picture's path."""
    from hello_dl.plots.study import draw_study
    from hello_dl.train.sweep import open_study

    new_figure(1, 1)
    figure = draw_study(open_study(path))
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    return save(figure, folder / "sweep.png")


def _of_one_run(filter: int) -> dict[str, Callable[[LogReader, Run], Any]]:
    """Return the functions that draw a single run, by the names of their plots.

    Each raises LookupError with the reason if the log lacks the data.
    """
    return {
        "confusion": draw_confusion,
        "parameters": lambda log, run: draw_evolution(log, run, "parameter"),
        "gradients": lambda log, run: draw_evolution(log, run, "gradient"),
        "norms": draw_norms,
        "distributions": draw_distributions,
        "filters": draw_filters,
        "filter": lambda log, run: draw_filter(log, run, filter),
    }
