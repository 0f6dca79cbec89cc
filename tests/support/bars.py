"""Images that a small network learns in a second: horizontal, vertical and diagonal bars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import hello_dl
from hello_dl import nn, train
from hello_dl.data import Images
from hello_dl.runlog import RunLog


def bars(n: int = 300, seed: int = 0) -> Images:
    """Return n images of three classes: a horizontal, vertical or diagonal bar somewhere, with noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    images = rng.integers(0, 40, (n, 28, 28)).astype(np.uint8)
    for image, label, place in zip(images, labels, rng.integers(4, 23, n), strict=True):
        if label == 2:
            np.fill_diagonal(image, 255)
        else:
            (image if label == 0 else image.T)[place : place + 2, 4:24] = 255
    return Images(images, labels, ("lies", "stands", "leans"), "some/where/bars")


def small(seed: int = 0, dropout: float = 0.0) -> nn.Sequential:
    """Return a small network for bars."""
    hello_dl.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=3), nn.ReLU(), nn.Flatten(), nn.Dropout(dropout), nn.Linear(256, 3)
    )


def state(model: nn.Module) -> list[np.ndarray[Any, Any]]:
    """Return all numbers of a model."""
    return [t.numpy().copy() for t in model.state_dict().values()]


def log_two_runs(folder: Path) -> Path:
    """Train `small` twice, two epochs of 15 steps each, log it to folder/run.sqlite, and return the path."""
    log = RunLog(folder / "run.sqlite", command="hello-dl train bars", values=True)
    for lr in (1e-3, 1e-2):
        train.fit(small(), bars(), bars(90, seed=1), epochs=2, batch_size=20, lr=lr, log=log, progress=False)
    return log.path
