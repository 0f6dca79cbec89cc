"""Draws how the values of parameters and gradients are distributed, and how that changes in a training."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl.plots.style import COLOURS, grid_of_axes, logarithmic, new_figure, tidy
from hello_dl.runlog import LogReader, Run

BANDS = (("q5", "q95", 0.2), ("q25", "q75", 0.35))  # lower quantile, upper quantile, opacity
MOMENTS = 5  # steps at which a distribution is drawn, evenly spread over the run
MOST_BINS = 60  # bins of a histogram
MOST = 24  # tensors in a figure; of a larger network, the first ones


def tensor_names(log: LogReader, run: Run, kind: str) -> list[str]:
    """Return the names of the first MOST tensors that have statistics, in the order of the network.

    `kind` is "parameter" or "gradient". Raises LookupError if there are no statistics yet.
    """
    rows = log.query("SELECT DISTINCT name FROM tensor WHERE run = ? AND kind = ?", run.id, kind)
    if not rows:
        raise LookupError(f"the run has no statistics of its {kind}s yet")
    return sorted((name for (name,) in rows), key=_natural)[:MOST]


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key for sorting names: "10.weight" comes after "9.weight", a weight before its bias."""
    parts = name.replace("weight", "a weight").split(".")
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def draw_evolution(log: LogReader, run: Run, kind: str) -> Any:
    """Return a figure with a panel for each tensor: the median and quantiles of its values against steps."""
    names = tensor_names(log, run, kind)
    figure, axes = grid_of_axes(len(names), 4, 3.8, 2.6)
    for axis, name in zip(axes, names, strict=True):
        table = log.table("tensor", run.id, "kind = ? AND name = ?", kind, name)
        for low, high, alpha in BANDS:
            axis.fill_between(
                table["step"], table[low], table[high], color=COLOURS[0], alpha=alpha, linewidth=0
            )
        axis.plot(table["step"], table["q50"], color=COLOURS[0])
        axis.set_title(f"{name} ({table['size'][0]:,})", fontsize="medium")
        axis.ticklabel_format(axis="y", scilimits=(-3, 4))
        tidy(axis)
    for axis in axes[-4:]:
        axis.set_xlabel("steps")
    figure.suptitle(f"Run {run.id}, {kind}s: median, and where the middle 50 % and 90 % of the numbers are")
    return figure


def draw_norms(log: LogReader, run: Run) -> Any:
    """Return a figure of the Euclidean norm of each weight tensor and of its gradient, against steps."""
    figure = new_figure(14, 5.5)
    axes = figure.subplots(1, 2)
    for axis, kind in zip(axes, ("parameter", "gradient"), strict=True):
        names = [name for name in tensor_names(log, run, kind) if not name.endswith("bias")]
        for i, name in enumerate(names):
            table = log.table("tensor", run.id, "kind = ? AND name = ?", kind, name)
            style = "-" if i < len(COLOURS) else "--"
            axis.plot(table["step"], table["norm"], style, color=COLOURS[i % len(COLOURS)], label=name)
        logarithmic(axis)
        axis.set_title(f"length of each {kind}, biases left out")
        axis.set_xlabel("steps")
        tidy(axis)
    axes[0].legend(fontsize="small", ncols=2)
    figure.suptitle(f"Run {run.id}")
    return figure


def draw_distributions(log: LogReader, run: Run) -> Any:
    """Return a figure of the histogram of each weight tensor at a few steps, the first lightest.

    Raises LookupError if no weight was stored at two steps.
    """
    found = {}
    for name in tensor_names(log, run, "parameter"):
        steps, values = log.values(run.id, name)
        if len(steps) > 1 and not name.endswith("bias"):
            found[name] = steps, values.reshape(len(steps), -1)
    if not found:
        raise LookupError("the run has not kept enough values; train with --log-values")
    figure, axes = grid_of_axes(len(found), 3, 5, 3)
    for axis, (name, (steps, values)) in zip(axes, found.items(), strict=True):
        chosen = np.unique(np.linspace(0, len(steps) - 1, MOMENTS).round().astype(int))
        bins = int(np.clip(np.sqrt(values.shape[1]), 10, MOST_BINS))
        low, high = np.nanquantile(values[chosen], (0.001, 0.999)).tolist()
        edges = np.linspace(low, high, bins + 1)
        for number, moment in enumerate(chosen, start=1):
            heights, _ = np.histogram(values[moment], edges, density=True)
            axis.stairs(
                heights,
                edges,
                **{"color": COLOURS[0], "alpha": number / len(chosen), "label": f"step {steps[moment]}"},
            )
        axis.set_title(name, fontsize="medium")
        axis.set_yticks([])
        tidy(axis)
    axes[0].legend(fontsize="small")
    figure.suptitle(f"Run {run.id}: distribution of the weights' values")
    return figure
