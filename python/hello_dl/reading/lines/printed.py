"""Tells printed words from handwritten ones: forms, notebooks and book pages have both.

A fully convolutional network looks at a line's picture, as the line reader sees it, and answers for every
eight pixels of its width how likely print is there. It sees about ten letters at once: that print repeats
each letter exactly, and stands exactly on its line, shows only in several. It learned from lines of printing
fonts and of pen strokes side by side; `training/printed.py` makes its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from hello_dl import nn, weights
from hello_dl.data.lines.form import HEIGHT
from hello_dl.reading.image.arrays import Bytes, Floats
from hello_dl.reading.lines.network import to_batch
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

STEP = 8  # pixels of width for each answer
AROUND = 9  # answers from which each is made in the last two layers


def printed_network() -> nn.Sequential:
    """Return the network, untrained: lines (n, 1, 48, w) give log odds of print (n, 1, 1, w / 8).

    w is a multiple of 8.
    """
    layers: list[nn.Module] = []
    channels, height = 1, HEIGHT
    for more, pool in ((12, (2, 2)), (24, (2, 2)), (32, (2, 2)), (48, (2, 1))):
        layers += [nn.Conv2d(channels, more, 3, padding=1, bias=False), nn.BatchNorm2d(more), nn.ReLU()]
        layers.append(nn.MaxPool2d(pool))
        channels, height = more, height // 2
    return nn.Sequential(
        *layers,
        nn.Conv2d(channels, 32, (height, AROUND), padding=(0, AROUND // 2), bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 1, (1, AROUND), padding=(0, AROUND // 2)),
    )


@cache
def _network() -> nn.Sequential:
    """Return the network of the package, loaded once."""
    return weights.load(weights.SHIPPED / "printed.safetensors")[0]


def to_input(pictures: list[Bytes]) -> Floats:
    """Return pictures of lines (48, w) as one batch (n, 1, 48, widest), its width a multiple of STEP."""
    batch = to_batch(pictures).numpy()
    return np.pad(batch, ((0, 0), (0, 0), (0, 0), (0, -batch.shape[3] % STEP)))


def print_odds(picture: Bytes, model: nn.Module | None = None) -> Floats:
    """Return the log odds (w / 8,) that each STEP pixels of a line's picture (48, w) are print.

    `model` is the network (None: the package's own).
    """
    model = _network() if model is None else model
    with no_grad():
        odds: Floats = model(tensor(to_input([picture]))).numpy()[0, 0, 0]
    return odds


def are_printed(odds: Floats, places: Sequence[tuple[int, int]]) -> list[float]:
    """Return the probability of each word of a line that it is printed; a word stands in the columns (a, b).

    Answers beside each other see the same letters, and are no independent witnesses: so the mean of the log
    odds counts, half of it that of the word's own answers, half that of all words of the line.
    """
    means = [_mean(odds[a // STEP : max(-(-b // STEP), a // STEP + 1)]) for a, b in places]
    line = float(np.average(means, weights=[max(b - a, 1) for a, b in places])) if places else 0.0
    return [float(1 / (1 + np.exp(-np.clip((own + line) / 2, -30, 30)))) for own in means]


def _mean(odds: Floats) -> float:
    """Return the mean of log odds; 0, which says nothing, of none."""
    return float(odds.mean()) if odds.size else 0.0
