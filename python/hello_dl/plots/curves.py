"""Draws loss and accuracy of training and validation of several runs, against steps, epochs and seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl.plots.style import COLOURS, averaged, logarithmic, new_figure, tidy
from hello_dl.runlog import LogReader, Run
from hello_dl.runlog.log_reader import Table

MOST_IN_LEGEND = 12  # runs; further ones are drawn without a name
LONGEST_LABEL = 60  # characters of a run's name in the legend


def draw_curves(log: LogReader, runs: Sequence[Run]) -> Any:
    """Return a figure of 2 x 3 panels: loss above, accuracy below, against steps, epochs and seconds."""
    figure = new_figure(15, 8)
    axes = figure.subplots(2, 3, sharey="row", sharex="col")
    labels = names(runs)
    for i, run in enumerate(runs):
        colour = COLOURS[i % len(COLOURS)]
        training, validation = log.table("training", run.id), log.table("validation", run.id)
        for row, column in enumerate(("loss", "accuracy")):
            for axis, x in zip(axes[row], ("step", "epoch", "wall"), strict=True):
                factor = 100 if column == "accuracy" else 1
                label = labels[i] if i < MOST_IN_LEGEND else None
                axis.plot(
                    averaged(_along(x, training, run)),
                    factor * averaged(training[column]),
                    **{"color": colour, "alpha": 0.5, "linewidth": 1, "label": label},
                )
                axis.plot(
                    _along(x, validation, run),
                    factor * validation[column],
                    **{"color": colour, "linewidth": 2, "marker": "o", "markersize": 4},
                )
    _label(figure, axes, runs)
    return figure


def _along(x: str, table: Table, run: Run) -> Any:
    """Return each row's place on the x axis: its step, its epoch with fractions, or its seconds."""
    if x == "epoch":
        return table["step"] / run.epoch_steps if run.epoch_steps else table["epoch"]
    return table[x]


def _label(figure: Any, axes: Any, runs: Sequence[Run]) -> None:
    """Write titles and names of the axes; make the loss logarithmic if all of it is above 0."""
    for axis in axes.flat:
        tidy(axis)
    if all(line.get_ydata().size == 0 or np.nanmin(line.get_ydata()) > 0 for line in axes[0, 0].lines):
        logarithmic(axes[0, 0])
    axes[0, 0].set_ylabel("loss")
    axes[1, 0].set_ylabel("right answers, %")
    for axis, name in zip(axes[1], ("steps", "epochs", "seconds"), strict=True):
        axis.set_xlabel(name)
        axis.set_xlim(left=0)
    figure.suptitle("Training (thin) and validation (thick, with dots)")
    if len(runs) > 1:
        axes[0, 0].legend(fontsize="small")


def names(runs: Sequence[Run]) -> list[str]:
    """Return a name for each run: its number, and its values of the settings in which the runs differ."""
    settings = [_short(run) for run in runs]
    keys = [key for key in settings[0] if len({str(s.get(key)) for s in settings}) > 1]
    labels = []
    for run, values in zip(runs, settings, strict=True):
        words = ", ".join(f"{key} {values.get(key)}" for key in keys)
        label = f"run {run.id}: {words}" if words else f"run {run.id}"
        labels.append(label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 3] + "...")
    return labels


def _short(run: Run) -> dict[str, Any]:
    """Return a run's settings and seed; network and optimizer in few words."""
    short = dict(run.hyperparameters)
    model = short.get("model")
    if isinstance(model, dict):
        short["model"] = f"of {model.get('parameters', 0):,} parameters"
    if "optimizer" in short:
        short["optimizer"] = str(short["optimizer"]).partition("(")[0]
    return {**short, "seed": run.seed}
