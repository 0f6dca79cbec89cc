"""A moving average of weights follows them, can be used in their place, and leaves them as they were."""

from __future__ import annotations

import numpy as np
import pytest

import hello_dl
from hello_dl import nn, optim
from hello_dl.train.averaging import MovingAverage


def noisy_steps(model: nn.Module, steps: int) -> tuple[MovingAverage, list[float]]:
    """Learn y = 3 x from noisy answers with large steps; return the average and the weight at every step."""
    average, optimizer = MovingAverage(model, 0.98), optim.SGD(model.parameters(), lr=0.5)
    rng, seen = np.random.default_rng(0), []
    for _ in range(steps):
        x = rng.standard_normal((8, 1)).astype(np.float32)
        y = 3 * x + rng.standard_normal((8, 1)).astype(np.float32)
        loss = nn.MSELoss()(model(hello_dl.tensor(x)), hello_dl.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update()
        seen.append(next(model.parameters()).item())
    return average, seen


def test_the_average_is_nearer_to_the_truth_than_the_weights() -> None:
    hello_dl.manual_seed(1)
    model = nn.Linear(1, 1, bias=False)
    average, seen = noisy_steps(model, 600)
    before = next(model.parameters()).item()
    with average.in_use():
        assert abs(next(model.parameters()).item() - 3) < 0.3 * np.std(seen[100:])
    assert next(model.parameters()).item() == before


def test_the_average_lies_between_the_weights_and_follows_those_that_stay() -> None:
    model = nn.Linear(1, 1, bias=False)
    start = next(model.parameters()).item()
    average, seen = noisy_steps(model, 300)
    assert min(start, *seen) < average.state["weight"].item() < max(start, *seen)
    for _ in range(600):  # the weights stay: what is left of older ones shrinks to 0.98^600
        average.update()
    assert average.state["weight"].item() == pytest.approx(seen[-1], rel=1e-4)


def test_a_higher_decay_follows_more_slowly() -> None:
    model = nn.Linear(1, 1, bias=False)
    averages = [MovingAverage(model, decay) for decay in (0.9, 0.98)]
    for weight, updates in ((0.0, 1000), (1.0, 5)):  # the second weight comes after the start is forgotten
        with hello_dl.no_grad():
            model.weight.fill_(weight)
        for average in averages * updates:
            average.update()
    fast, slow = (average.state["weight"].item() for average in averages)
    assert fast == pytest.approx(1 - 0.9**5, rel=1e-3)
    assert slow == pytest.approx(1 - 0.98**5, rel=1e-3)


def test_running_statistics_are_averaged_and_a_wrong_decay_is_named() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    average = MovingAverage(model)
    model(hello_dl.randn(4, 1, 5, 5)).sum().item()
    average.update()
    assert (average.state["1.running_mean"] != 0).all()
    assert average.state["1.num_batches_tracked"] == 1
    with pytest.raises(ValueError, match=r"between 0 and 1, got 1\.5"):
        MovingAverage(model, 1.5)
