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

from .layout import Box

Floats = NDArray[np.float64]

SHIPPED = Path(__file__).parents[1] / "shipped" / "lineform.npz"  # made by learn_lineform.py
LOOSER = 1.6  # times as much as these vary real hands may
LEAST_SPREAD = 0.12  # heights of a small x
ODD = 0.05  # chance of a letter that stands as no letter should, anywhere within ROOM ** 3
ROOM = 2.0  # heights of a small x: top, bottom and width of such a letter lie in a range of this length
CAPITAL = 0.1  # share of capitals, where a class stands for both
FEWEST = 4  # letters on a line that tell how it runs; with fewer the page's other lines help
ROUNDS = 3  # of fitting the line, and weighing the letters anew
FAR = 0.25  # heights of a small x: what stands further off its place has less say in where the line is
WEIGHT = 0.8  # of these sizes beside the network: neighbouring measurements are not independent of each other


@dataclass(frozen=True)
class _Forms:
    """Usual (top, bottom, width) of k forms, in heights of a small x above the baseline, and their spread.

    `of` (k,) says which class each form belongs to, `share` (k,) how often that class has it.
    """

    mean: Floats
    spread: Floats
    of: NDArray[np.int64]
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
    belief = rows
    for _ in range(ROUNDS):
        base, unit_now = _fit(belief, places, forms, unit)
        measured = np.column_stack([places[:, 1] - base, places[:, 2] - base, places[:, 3]]) / unit_now
        belief = _weigh(rows, measured, forms)
    return belief, unit_now


def _fit(belief: Floats, places: Floats, forms: _Forms, unit: float | None) -> tuple[Floats, float]:
    """Where the baseline is below each letter (n,), and the height of a small x: least squares, robust.

    A letter's top is base + unit * its form's top, and its bottom likewise; the form is the likeliest of the
    likeliest class.
    """
    share = belief[:, forms.of] * forms.share
    best = share.argmax(axis=1)
    sure = share[np.arange(len(best)), best]
    x = places[:, 0] - places[:, 0].mean()
    along = x / max(float(np.ptp(x)), 1e-9) if len(x) >= FEWEST else np.zeros(len(x))
    # Two rows a letter: its top and its bottom. Columns: base, climb, unit.
    rise = np.concatenate([forms.mean[best, 0], forms.mean[best, 1]])
    y = np.concatenate([places[:, 1], places[:, 2]])
    design = np.column_stack([np.ones(2 * len(x)), np.tile(along, 2), rise])
    weight = np.tile(sure, 2)
    tall = float(np.median(places[:, 1] - places[:, 2]))
    for _ in range(4):
        if unit is None:
            solved = np.linalg.lstsq(design * weight[:, None], y * weight, rcond=1e-6)[0]
            solved[2] = np.clip(solved[2], 0.4 * tall, 1.3 * tall)
        else:
            level = np.average(y - unit * rise, weights=weight + 1e-9)
            solved = np.array([level, 0.0, unit])
        off = np.abs(y - design @ solved) / (FAR * solved[2])
        weight = np.tile(sure, 2) / np.maximum(off, 1)
    base: Floats = solved[0] + solved[1] * along
    return base, float(solved[2])


def _weigh(rows: Floats, measured: Floats, forms: _Forms) -> Floats:
    """Bayes' rule: the network's chances, times how likely each class has such a top, bottom and width."""
    z = (measured[:, None, :] - forms.mean) / forms.spread
    density = np.exp(-0.5 * np.sum(z**2, axis=2)) / np.prod(forms.spread * np.sqrt(2 * np.pi), axis=1)
    likely = np.zeros_like(rows)
    np.add.at(likely.T, forms.of, (density * forms.share).T)
    likely = (1 - ODD) * likely + ODD / ROOM**3
    weighed = rows * likely**WEIGHT
    scale: Floats = rows.sum(axis=1, keepdims=True) / weighed.sum(axis=1, keepdims=True)
    return weighed * scale


@cache
def _forms(names: tuple[str, ...]) -> _Forms | None:
    """The forms of these classes, measured on the embedded hands; None if a class is no single character."""
    sizes = _sizes()
    if any(name not in sizes for name in names):
        return None
    merged = len({name.lower() for name in names}) == len(names)
    parts: list[tuple[str, int, float]] = []
    for k, name in enumerate(names):
        other = name.swapcase()
        if merged and other != name:
            small, capital = name.lower(), name.upper()
            parts += [(small, k, 1 - CAPITAL), (capital, k, CAPITAL)]
        else:
            parts.append((name, k, 1.0))
    mean = np.array([sizes[char][0] for char, _, _ in parts])
    spread = np.array([sizes[char][1] for char, _, _ in parts])
    return _Forms(
        mean,
        np.maximum(LOOSER * spread, LEAST_SPREAD),
        np.array([k for _, k, _ in parts]),
        np.array([share for _, _, share in parts]),
    )


@cache
def _sizes() -> dict[str, tuple[Floats, Floats]]:
    """Of each character its usual (top, bottom, width), and how these vary."""
    with np.load(SHIPPED) as file:
        return {
            str(c): (m, s) for c, m, s in zip(file["characters"], file["mean"], file["spread"], strict=True)
        }
