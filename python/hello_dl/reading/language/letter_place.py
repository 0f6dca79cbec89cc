"""How letters stand on their line: which of them rise, which hang, and how wide they are.

All glyphs fill the same 28x28 pixels, so the network cannot tell an l from an i without its dot, a g from a q
that does not hang, or a v from an r that is half as wide. Beside its neighbours on the line it can be told:
each character's usual top, bottom and width, in heights of a small x, are known from the embedded hands, and
what does not fit is believed less (Bayes' rule with the network's probabilities as the prior).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Box, Floats

SHIPPED = Path(__file__).parents[2] / "shipped" / "lineform.npz"  # made by training/learn_letter_place.py
LOOSER = 2.2  # times as much as these vary real hands may
LEAST_SPREAD = 0.12  # heights of a small x
ODD = 0.05  # chance of a letter that stands as no letter should, anywhere within ROOM ** 3
ROOM = 2.0  # heights of a small x: top, bottom and width of such a letter lie in a range of this length
CAPITAL = 0.1  # share of capitals, where a class stands for both
FEWEST = 4  # letters on a line that tell how it runs; with fewer the page's other lines help
GUESSES = 4  # of the network for each letter by which the line is found
STEPS, ROUNDS = 9, 3  # tries of baseline and height, each round a finer grid around the best
WEIGHT = 0.3  # of these sizes beside the network: neighbouring measurements are not independent of each other


@dataclass(frozen=True)
class _Forms:
    """The usual (top, bottom, width) of each class's forms, in heights of a small x above the baseline.

    `mean` and `spread` are (classes, 2, 3): a class that stands for the capital and the small letter has two
    forms. `share` (classes, 2) says how often it has each.
    """

    mean: Floats
    spread: Floats
    share: Floats


def weigh_by_place(chances: Floats, lines: list[list[Box]], names: list[str]) -> Floats:
    """Returns `chances` (n, classes) weighed by how well each class stands where its letter stands.

    `lines` holds each line's boxes, in the order of the rows of `chances`. Sums stay. Lines may climb; where
    a page has too few letters to tell its lines, nothing changes.
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
    """(n, 4): middle, top, bottom, width of each box, y upwards."""
    left, top, right, bottom = np.array(boxes, dtype=np.float64).T
    return np.column_stack([(left + right) / 2, -top, -bottom, right - left])


def _weigh_line(rows: Floats, places: Floats, forms: _Forms, unit: float | None) -> tuple[Floats, float]:
    """One line's chances, weighed, and the height of a small x in pixels; it is given for short lines."""
    level = places.copy()
    level[:, 1:3] -= (_slope(places) * (places[:, 0] - places[:, 0].mean()))[:, None] if unit is None else 0
    base, unit = _fit(rows, level, forms, unit)
    everything = np.broadcast_to(np.arange(rows.shape[1]), rows.shape)
    likely = _likely(level, np.array([base]), np.array([unit]), forms, everything)[0]
    weighed = rows * likely**WEIGHT
    scale: Floats = rows.sum(axis=1, keepdims=True) / weighed.sum(axis=1, keepdims=True)
    return weighed * scale, unit


def _slope(places: Floats) -> float:
    """How the line climbs: the median slope from letter to letter (Theil, 1950), by tops and bottoms."""
    a, b = np.triu_indices(len(places), 1)
    across = places[b, 0] - places[a, 0]
    far = np.abs(across) > 0.2 * np.ptp(places[:, 0])
    slopes = [(places[b, k] - places[a, k])[far] / across[far] for k in (1, 2)]
    return float(np.median(np.concatenate(slopes))) if far.any() else 0.0


def _fit(rows: Floats, places: Floats, forms: _Forms, unit: float | None) -> tuple[float, float]:
    """Where the baseline is, and how tall a small x: what makes the letters likeliest.

    On a grid of both, which becomes finer around the best.
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
    """How likely `classes` (n, k) have each letter's sizes, (tries, n, k), for bases and units."""
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
    """The forms of these classes in the embedded hands; None if a class is no single character."""
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
    """Of each character its usual (top, bottom, width), and how these vary."""
    with np.load(SHIPPED) as file:
        return {
            str(c): (m, s) for c, m, s in zip(file["characters"], file["mean"], file["spread"], strict=True)
        }
