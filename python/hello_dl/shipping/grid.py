"""Weights as codes of 8 bits: weight = middle + step code, with a middle and a step for each output channel.

This is how chapter 7 keeps them (weights/packing.py). Weights that were kept so already, as the shipped ones
are, lie on such a grid, also after batch norm was folded into them; then their codes are found again, and
nothing is lost. Others are moved to the grid with the least squared error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.weights.packing import quantise, unpack

CODES = 256
NEAR = 0.02  # of a step: a weight this close to the grid lies on it; lower takes fewer grids for known


def on_grid(rows: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return codes (rows, n) from -128 to 127, and middle and step (rows, 2), of weights (rows, n)."""
    packed, _ = quantise({"rows": rows.astype(np.float32)}, bits=8)
    line = packed["rows.line"].astype(np.float64)
    moved = unpack(packed["rows.codes"], 8, rows.size).reshape(rows.shape).astype(np.int16) - CODES // 2
    line[:, 0] += line[:, 1] / 2  # codes from 0 to 255 lie round 127.5
    for i, row in enumerate(rows.astype(np.float64)):
        known = _known_grid(row)
        if known is not None:
            moved[i], line[i] = known
    return moved.astype(np.int8), line.astype(np.float32)


def _known_grid(row: NDArray[np.float64]) -> tuple[NDArray[np.int16], tuple[float, float]] | None:
    """Return codes, middle and step of a row that lies on a grid; None if it does not."""
    values = np.unique(row)
    if len(values) < 2:
        return np.zeros(len(row), np.int16), (float(values[0]), 0.0)
    gaps = np.diff(values)
    gaps = gaps[gaps > 1e-5 * (values[-1] - values[0])]  # less is what rounding to 32 bits makes of one value
    step = float(gaps.min())
    steps = np.rint((values[-1] - values[0]) / step)  # over the whole range: it makes the step more exact
    step = float((values[-1] - values[0]) / steps)
    places = (row - values[0]) / step
    codes = np.rint(places)
    if codes.max() >= CODES or np.abs(places - codes).max() > NEAR:
        return None
    slope, start = np.polyfit(codes, row, 1)
    return (codes - CODES // 2).astype(np.int16), (float(start + slope * (CODES // 2)), float(slope))
