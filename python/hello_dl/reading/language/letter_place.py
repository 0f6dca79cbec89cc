"""Weighs letters by how they stand on their line: how high they rise, how deep they hang, how wide they are.

All glyphs fill the same 28 x 28 pixels, so the network cannot tell an l from an i without its dot, or a v
from an r that is half as wide. Beside their neighbours on the line they can be told: each character's usual
top, bottom and width, in heights of a small x, were measured on the embedded hands
(`training/learn_letter_place.py`). Bayes' rule joins them with the network's probabilities, which are the
prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Box, Floats

SHIPPED = Path(__file__).parents[2] / "shipped" / "lineform.npz"
LOOSER = 2.2  # standard deviation of real hands' sizes, in those of the embedded hands
LEAST_SPREAD = 0.12  # least standard deviation of a size, in heights of a small x; larger trusts places less
ODD = 0.05  # probability of an outlier, uniform over a cube of side ROOM; larger trusts places less
ROOM = 2.0  # side of that cube, in heights of a small x
CAPITAL = 0.1  # share of capitals, where a class stands for a capital and a small letter
FEWEST = 4  # letters of a line from which its own height is measured; shorter lines get the page's usual one
GUESSES = 4  # best classes of each letter by which the line is found
STEPS, ROUNDS = 9, 3  # tries of baseline and of height on a grid, and how often the grid is made finer
# Exponent of the likelihood beside the network's probability: less than 1, for the sizes of neighbours are
# not independent of each other.
WEIGHT = 0.3


@dataclass(frozen=True)
class _Forms:
    """The usual (top, bottom, width) of each class's forms, in heights of a small x, above the baseline.

    `mean` and `spread` (standard deviation) are (classes, 2, 3): a class that stands for a capital and a
    small letter has two forms. `share` (classes, 2) is how often it has each.
    """

    mean: Floats
    spread: Floats
    share: Floats


def weigh_by_place(chances: Floats, lines: list[list[Box]], names: list[str]) -> Floats:
    """Return probabilities (n, classes) weighed by how likely each class has its letter's place and width.

    `lines` holds the boxes (left, top, right, bottom) of each line, in the order of the rows of `chances`;
    `names` are the classes. The sum of each row stays as it was. Lines may climb. A page with fewer than
    FEWEST letters, or with classes that are no single characters, is returned as it is.
    """
    forms = _forms(tuple(names))
    count = sum(map(len, lines))
    if forms is None or count < FEWEST:
        return chances
    weighed, units = [], []
    at = 0
    for boxes in lines:
        rows = chances[at : at + len(boxes)]
        at += len(boxes)
        places = _places(boxes)
        unit = None
        if len(boxes) >= FEWEST:
            rows, unit = _weigh_line(rows, places, forms, None)
            units.append(unit)
        weighed.append((rows, places, unit))
    if not units:
        boxes = [box for line in lines for box in line]
        units.append(float(np.median([box[3] - box[1] for box in boxes])) / 1.4)
    usual = float(np.median(units))
    return np.concatenate(
        [rows if unit else _weigh_line(rows, places, forms, usual)[0] for rows, places, unit in weighed]
    )


def _places(boxes: list[Box]) -> Floats:
    """Return (n, 4): the middle, top, bottom and width of each box in pixels, y upwards."""
    left, top, right, bottom = np.array(boxes, dtype=np.float64).T
    return np.column_stack([(left + right) / 2, -top, -bottom, right - left])


def _weigh_line(rows: Floats, places: Floats, forms: _Forms, unit: float | None) -> tuple[Floats, float]:
    """Return one line's probabilities (n, classes), weighed, and its height of a small x in pixels.

    `places` are those of `_places`. For short lines the height is given as `unit`, and they are taken to be
    level.
    """
    level = places.copy()
    level[:, 1:3] -= (_slope(places) * (places[:, 0] - places[:, 0].mean()))[:, None] if unit is None else 0
    base, unit = _fit(rows, level, forms, unit)
    everything = np.broadcast_to(np.arange(rows.shape[1]), rows.shape)
    likely = _likely(level, np.array([base]), np.array([unit]), forms, everything)[0]
    weighed = rows * likely**WEIGHT
    scale: Floats = rows.sum(axis=1, keepdims=True) / weighed.sum(axis=1, keepdims=True)
    return weighed * scale, unit


def _slope(places: Floats) -> float:
    """Return how the line climbs (dy / dx): the median slope between tops, and bottoms (Theil, 1950)."""
    a, b = np.triu_indices(len(places), 1)
    across = places[b, 0] - places[a, 0]
    far = np.abs(across) > 0.2 * np.ptp(places[:, 0])
    slopes = [(places[b, k] - places[a, k])[far] / across[far] for k in (1, 2)]
    return float(np.median(np.concatenate(slopes))) if far.any() else 0.0


def _fit(rows: Floats, places: Floats, forms: _Forms, unit: float | None) -> tuple[float, float]:
    """Return the baseline's y and the height of a small x, in pixels, for which the letters are likeliest.

    They are searched on a grid of both, which becomes finer around the best; a given `unit` is kept.
    """
    bottom = places[:, 2]
    tall = float(np.median(places[:, 1] - bottom))
    base, units = np.linspace(bottom.min(), bottom.max(), STEPS), np.geomspace(0.4, 1.1, STEPS) * tall
    if unit is not None:
        units = np.array([unit])
    guesses = np.argsort(-rows, axis=1)[:, :GUESSES]
    chances = np.take_along_axis(rows, guesses, axis=1)
    for _ in range(ROUNDS):
        bases, tried = (grid.ravel() for grid in np.meshgrid(base, units))
        likely = _likely(places, bases, tried, forms, guesses)
        best = int(np.log((likely * chances).sum(axis=2)).sum(axis=1).argmax())
        step = 0.6 * (np.ptp(base) / (len(base) - 1))
        base = bases[best] + np.linspace(-step, step, len(base))
        if unit is None:
            units = tried[best] * np.geomspace(
                (units[0] / units[-1]) ** 0.1, (units[-1] / units[0]) ** 0.1, STEPS
            )
    return float(bases[best]), float(tried[best])


def _likely(
    places: Floats, bases: Floats, units: Floats, forms: _Forms, classes: NDArray[np.int64]
) -> Floats:
    """Return how likely `classes` (n, k) have the letters' sizes, (tries, n, k).

    `bases` and `units` (tries,) are baselines and heights of a small x. Each form is a Gaussian with
    independent top, bottom and width.
    """
    measured = np.empty((len(bases), len(places), 1, 1, 3))
    measured[..., 0, 0, :2] = places[:, 1:3] - bases[:, None, None]
    measured[..., 0, 0, 2] = places[:, 3]
    measured /= units[:, None, None, None, None]
    z = (measured - forms.mean[classes]) / forms.spread[classes]
    height = forms.share / np.prod(forms.spread * np.sqrt(2 * np.pi), axis=2)
    density = np.sum(height[classes] * np.exp(-0.5 * np.sum(z**2, axis=4)), axis=3)
    mixed: Floats = (1 - ODD) * density + ODD / ROOM**3
    return mixed


@cache
def _forms(names: tuple[str, ...]) -> _Forms | None:
    """Return the forms of these classes in the embedded hands; None if a class is no single character."""
    sizes = _sizes()
    if any(name not in sizes for name in names):
        return None
    merged = len({name.lower() for name in names}) == len(names)
    mean, spread, share = [], [], []
    for name in names:
        both = (name.lower(), name.upper()) if merged else (name, name)
        mean.append([sizes[char][0] for char in both])
        spread.append([sizes[char][1] for char in both])
        share.append([1 - CAPITAL, CAPITAL])
    return _Forms(np.array(mean), np.maximum(LOOSER * np.array(spread), LEAST_SPREAD), np.array(share))


@cache
def _sizes() -> dict[str, tuple[Floats, Floats]]:
    """Return each character's mean (top, bottom, width), and their standard deviations, (3,) each."""
    with np.load(SHIPPED) as file:
        return {
            str(c): (m, s) for c, m, s in zip(file["characters"], file["mean"], file["spread"], strict=True)
        }
