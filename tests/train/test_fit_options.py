"""The options of `fit`: class weights, clipped gradients, schedules of lr_scheduler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from bars import bars, small, state
from hello_dl import functional as F
from hello_dl import optim, train
from hello_dl.data import Images
from hello_dl.optim import lr_scheduler


def test_class_weights_count_in_the_loss_of_training() -> None:
    data, weights = bars(30), [1.0, 5.0, 0.5]
    x, y = hello_dl.tensor(data.images[:, None] / np.float32(255)), hello_dl.tensor(data.labels)
    losses: list[float] = []

    def first(step: int, loss: float) -> None:
        losses.append(loss)

    settings: dict[str, Any] = {
        "batch_size": 30,
        "normalisation": (0.0, 1.0),
        "on_step": first,
        "progress": False,
    }
    train.fit(small(), data, class_weights=weights, **settings)
    expected = F.cross_entropy(small()(x), y, weight=hello_dl.tensor(weights)).item()
    assert losses[0] == pytest.approx(expected, rel=1e-5)
    assert losses[0] != pytest.approx(F.cross_entropy(small()(x), y).item(), rel=1e-3)
    for wrong in ([1.0, -1.0, 1.0], [1.0, 0.0, 1.0], [1.0, float("nan"), 1.0], [[1.0], [1.0], [1.0]]):
        with pytest.raises(ValueError, match="class_weights must be numbers above 0, one a class"):
            train.fit(small(), data, class_weights=wrong, **settings)
    with pytest.raises(ValueError, match="a weight for each of 3 classes"):
        train.fit(small(), data, class_weights=[1.0, 2.0], **settings)
    with pytest.raises(TypeError, match="weight"):
        train.fit(small(), data, class_weights=weights, loss=lambda scores, labels: scores.sum(), **settings)


def test_balancing_weights_make_classes_count_alike() -> None:
    labels = np.array([0] * 6 + [2] * 2)
    data = Images(np.zeros((8, 28, 28), np.uint8), labels, ("a", "b", "c"))
    weights = train.balancing_weights(data)
    assert weights[labels].mean() == pytest.approx(1)
    assert weights[0] * 6 == pytest.approx(weights[2] * 2)


def test_clip_bounds_what_a_step_can_change() -> None:
    model = small()
    before = state(model)
    train.fit(
        model,
        bars(32),
        batch_size=32,
        optimizer=optim.SGD(model.parameters(), lr=1.0),
        clip=1e-3,
        progress=False,
    )
    moved = np.sqrt(sum(((a - b) ** 2).sum() for a, b in zip(before, state(model), strict=True)))
    assert moved == pytest.approx(1e-3, rel=1e-2)
    with pytest.raises(ValueError, match="max_norm"):
        train.fit(model, bars(32), clip=-1.0, progress=False)


def test_fit_takes_schedules_of_lr_scheduler() -> None:
    model, rates = small(), []
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    schedule = lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    settings: dict[str, Any] = {
        "batch_size": 16,
        "on_step": lambda step, loss: rates.append(optimizer.param_groups[0]["lr"]),
        "progress": False,
    }
    train.fit(model, bars(80), schedule=schedule, **settings)  # the optimizer is the schedule's
    assert rates == [1.0, 0.5, 0.5, 0.25, 0.25]  # on_step comes after the schedule's step
    with pytest.raises(ValueError, match="another optimizer"):
        train.fit(model, bars(80), schedule=schedule, optimizer=optim.SGD(model.parameters()), **settings)
    optimizer = optim.SGD(model.parameters(), lr=0.0)  # nothing gets better
    optimizer.param_groups[0]["lr"] = 1e-12
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=0, eps=0.0)
    train.fit(model, bars(32), bars(30, seed=1), epochs=3, schedule=plateau, **settings)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-14)
