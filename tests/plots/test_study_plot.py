"""The plot of a sweep shows its trials in order, and each setting against the result."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("optuna")

import optuna

from hello_dl.plots.study import draw_study

DISTRIBUTIONS = {
    "batch_size": optuna.distributions.CategoricalDistribution([16, 64]),
    "lr": optuna.distributions.FloatDistribution(1e-4, 1e-1, log=True),
}
RATES, SIZES, SHARES = [0.001, 0.1, 0.01], [64, 16, 64], [0.5, 0.25, 0.75]


def test_a_study_is_drawn_trial_by_trial_and_setting_by_setting() -> None:
    study = optuna.create_study(direction="maximize")
    for lr, size, share in zip(RATES, SIZES, SHARES, strict=True):
        params = {"lr": lr, "batch_size": size}
        study.add_trial(optuna.create_trial(params=params, distributions=DISTRIBUTIONS, value=share))
    study.ask()  # a trial that is still running
    figure = draw_study(study)
    assert figure.get_suptitle().startswith("3 complete trials, 1 others")
    history, bars, sizes, rates = figure.axes
    assert history.lines[0].get_ydata().tolist() == [50, 25, 75]
    assert history.lines[1].get_ydata().tolist() == [50, 50, 75]  # the best so far
    assert bars.texts[0].get_text().startswith("too few trials are complete: 3")
    assert rates.lines[0].get_xdata().tolist() == RATES
    assert rates.lines[0].get_ydata().tolist() == [50, 25, 75]
    assert rates.get_xscale() == "log"
    assert rates.get_xlim() == (1e-4, 1e-1)
    np.testing.assert_allclose(sizes.lines[0].get_xdata(), [1, 0, 1], atol=0.13)
    assert [label.get_text() for label in sizes.get_xticklabels()] == ["16", "64"]


def test_a_study_without_a_complete_trial_is_refused() -> None:
    study = optuna.create_study()
    study.ask()
    with pytest.raises(ValueError, match="the study has 1 trials, none complete"):
        draw_study(study)
