"""Draws a sweep: results in order, how much each setting matters, and every setting against the result."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl.plots.style import COLOURS, new_figure, tidy
from hello_dl.train.sweep import complete, importances


def draw_study(study: Any) -> Any:
    """Return a figure of a study: above, results in order and importances; below, a panel for each setting.

    Raises ValueError for a study without a complete trial.
    """
    trials = complete(study)
    if not trials:
        raise ValueError(f"the study has {len(study.trials)} trials, none complete; there is nothing to plot")
    names = sorted({name for trial in trials for name in trial.params})
    figure = new_figure(max(12, 2.8 * len(names)), 8)
    above, below = figure.subfigures(2, 1)
    history, bars = above.subplots(1, 2, width_ratios=(1.6, 1))
    _draw_history(history, trials)
    _draw_importances(bars, study)
    axes = np.atleast_1d(below.subplots(1, len(names), sharey=True))
    for axis, name in zip(axes, names, strict=True):
        _draw_setting(axis, name, trials)
    axes[0].set_ylabel("right answers, %")
    cut = len(study.trials) - len(trials)
    figure.suptitle(f"{len(trials)} complete trials, {cut} others (cut short, failed or running)")
    return figure


def _draw_history(axis: Any, trials: list[Any]) -> None:
    """Draw the result of each trial, and the best until then."""
    numbers, values = [t.number for t in trials], [100 * t.value for t in trials]
    axis.plot(numbers, values, "o", color=COLOURS[0], label="a trial")
    axis.step(numbers, np.maximum.accumulate(values), where="post", color=COLOURS[1], label="the best so far")
    axis.set_xlabel("trial")
    axis.set_ylabel("right answers, %")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend()
    tidy(axis)


def _draw_importances(axis: Any, study: Any) -> None:
    """Draw how much of the results' variation each setting explains; if that is not known, write why."""
    axis.set_title("what mattered (PED-ANOVA)")
    try:
        shares = importances(study)
    except LookupError as nothing:
        axis.text(0.5, 0.5, nothing.args[0], ha="center", va="center", wrap=True, transform=axis.transAxes)
        axis.axis("off")
        return
    names = sorted(shares, key=lambda name: shares[name])
    axis.barh(names, [100 * shares[name] for name in names], color=COLOURS[2])
    axis.set_xlabel("% of the importance")
    tidy(axis)


def _draw_setting(axis: Any, name: str, trials: list[Any]) -> None:
    """Draw one setting against the result; the axis is logarithmic if the search was.

    Settings that are no numbers are moved sideways at random, so that points do not hide each other.
    """
    having = [t for t in trials if name in t.params]
    values = [t.params[name] for t in having]
    scores = [100 * t.value for t in having]
    distribution = having[0].distributions[name]
    if hasattr(distribution, "choices"):
        order = {choice: i for i, choice in enumerate(distribution.choices)}
        nudge = np.random.default_rng(0).uniform(-0.12, 0.12, len(having))
        axis.plot([order[v] for v in values] + nudge, scores, "o", color=COLOURS[0], alpha=0.6)
        axis.set_xticks(range(len(order)), [str(choice).lower() for choice in order])
    else:
        axis.plot(values, scores, "o", color=COLOURS[0], alpha=0.6)
        if distribution.log:
            axis.set_xscale("log")
        axis.set_xlim(distribution.low, distribution.high)
    axis.set_xlabel(name)
    tidy(axis)
