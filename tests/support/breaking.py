"""Trainings to break off after some step and to resume, and whether they came to the same bits."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hello_dl
from bars import bars, small, state
from hello_dl import nn, optim, train
from hello_dl.data import Dataset, WeightedRandomSampler
from hello_dl.data.augment import Augmentation
from hello_dl.optim.lr_scheduler import CyclicLR, ReduceLROnPlateau
from hello_dl.train.checkpoint import Checkpoint

SOON = 1e-9  # seconds from one checkpoint to the next: after each step, as far as the limit of time allows


class Killed(Exception):
    """Ends a training between two steps, as a kill does."""


@pytest.fixture
def at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every checkpoint be written, however much time they take, and each wait for the disk."""
    monkeypatch.setattr("hello_dl.train.checkpoint.SHARE", 1e9)
    save = Checkpoint.save
    monkeypatch.setattr(Checkpoint, "save", lambda self, wait=False: save(self, wait=True))


def broken_and_resumed(make: Callable[[], dict[str, Any]], kills: list[int], path: Path) -> list[Any]:
    """Train as `make` says, break off after each of the steps `kills`, and return history and weights."""
    for stop in [*kills, None]:
        # What follows is drawn before the training: a new process has other states of the generators.
        random.seed(stop), np.random.seed(stop), hello_dl.manual_seed(stop or 99)
        settings = make()
        model = settings.pop("model")

        def kill(step: int, loss: float, at: int | None = stop) -> None:
            if step == at:
                raise Killed

        try:
            history = train.fit(
                model, progress=False, checkpoint=path, every=SOON, resume=True, on_step=kill, **settings
            )
        except Killed:
            continue
    return [history, state(model)]


def same(one: list[Any], other: list[Any]) -> None:
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(one[0].epochs, other[0].epochs, strict=True):
        assert (a.epoch, a.step, a.loss) == (b.epoch, b.step, b.loss)
        if a.validation is not None:
            assert a.validation.loss == b.validation.loss
            np.testing.assert_array_equal(a.validation.answers, b.validation.answers)
    assert one[0].best.epoch == other[0].best.epoch


def images() -> dict[str, Any]:
    model = small(dropout=0.3)
    return {
        "model": model,
        "train_data": bars(100),
        "validation_data": bars(40, seed=1),
        "epochs": 3,
        "batch_size": 16,
        "augment": Augmentation(degrees=20, noise=0.1),
        "balanced": True,
        "average": 0.9,
        "schedule": train.one_cycle,
    }


def plateau() -> dict[str, Any]:
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    schedule = ReduceLROnPlateau(optimizer, patience=0)
    return {
        **{"model": model, "train_data": bars(100), "validation_data": bars(40, seed=1), "epochs": 4},
        **{"batch_size": 16, "schedule": schedule, "clip": 0.5},
    }


class Drawn(Dataset):
    """Data that a generator of its own, Python's and numpy's change, and a counter."""

    def __init__(self) -> None:
        self.x = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
        self.rng, self.draws = np.random.default_rng(1), 0

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        self.draws += 1
        noise = self.rng.normal() + random.random() + np.random.rand() + 0.01 * self.draws
        return hello_dl.tensor(self.x[i] + np.float32(noise)), int(self.x[i].sum() > 0)


def drawn() -> dict[str, Any]:
    model = nn.Sequential(nn.Linear(4, 8), nn.RReLU(), nn.Linear(8, 2))
    random.seed(0), np.random.seed(0)
    optimizer = optim.RMSprop(model.parameters(), lr=0.01, momentum=0.5)
    sampler = WeightedRandomSampler(np.arange(1, 41), 40)
    schedule = CyclicLR(optimizer, 0.001, 0.02, step_size_up=5)
    return {
        **{"model": model, "train_data": Drawn(), "epochs": 3, "batch_size": 7},
        **{"optimizer": optimizer, "schedule": schedule, "sampler": sampler},
    }


def change(**changes: Any) -> dict[str, Any]:
    return {**images(), **changes}
