"""How far to go along a direction: a step that satisfies the strong Wolfe conditions, for LBFGS.

Nocedal, Wright 2006, algorithms 3.5 (find two steps with a good one between them) and 3.6 (close in on it),
with steps tried where a cubic through two known points has its minimum (equation 3.59).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Loss = Callable[[float], tuple[float, Array]]  # of a step: the loss there, and its gradient

DECREASE = 1e-4  # share of the decrease that the slope promises; larger is stricter
CURVATURE = 0.9  # share of the slope that may be left; smaller is stricter
MARGIN = 0.1  # share of the bracket: a step nearer to an end is moved away from it


class Point(NamedTuple):
    """A step, with the loss, the gradient, and the slope along the direction there."""

    step: float
    loss: float
    gradient: Array
    slope: float


def strong_wolfe(
    loss: Loss, direction: Array, start: Point, first: float, most: int, tolerance: float
) -> tuple[Point, int]:
    """Return the best point found from the first step on, and how often the loss was computed.

    `start` is the point of the step 0; at most about `most` steps are tried. Brackets whose longest move is
    below `tolerance` are not searched further.
    """

    def at(step: float) -> Point:
        value, gradient = loss(step)
        return Point(step, value, gradient, float(gradient @ direction))

    def too_high(p: Point) -> bool:
        return p.loss > start.loss + DECREASE * p.step * start.slope

    def is_flat(p: Point) -> bool:
        return abs(p.slope) <= -CURVATURE * start.slope

    before, now, tried = start, at(first), 0
    while tried < most:
        if too_high(now) or (tried > 1 and now.loss >= before.loss) or is_flat(now) or now.slope >= 0:
            break
        bounds = (now.step + 0.01 * (now.step - before.step), 10 * now.step)
        before, now = now, at(_cubic_minimum(before, now, bounds))
        tried += 1
    else:
        before = start
    if not (too_high(now) or (tried > 1 and now.loss >= before.loss)) and is_flat(now) and tried < most:
        return now, tried + 1

    low, high = (before, now) if before.loss <= now.loss else (now, before)
    longest, was_near = float(np.abs(direction).max()), False
    while tried < most and abs(high.step - low.step) * longest >= tolerance:
        step, was_near = _inside(_cubic_minimum(low, high), low.step, high.step, was_near)
        new = at(step)
        tried += 1
        if too_high(new) or new.loss >= low.loss:
            high = new
            if high.loss < low.loss:
                low, high = high, low
            continue
        if is_flat(new):
            return new, tried + 1
        if new.slope * (high.step - low.step) >= 0:
            high = low
        low = new
    return low, tried + 1


def _inside(step: float, a: float, b: float, was_near: bool) -> tuple[float, bool]:
    """Move a step off the ends of a bracket if it is near one again; return whether it still is near."""
    least, most = min(a, b), max(a, b)
    margin = MARGIN * (most - least)
    if min(most - step, step - least) >= margin:
        return step, False
    if not (was_near or step >= most or step <= least):
        return step, True
    return (most - margin if abs(step - most) < abs(step - least) else least + margin), False


def _cubic_minimum(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """Return where the cubic with these losses and slopes at two points is least, within the bounds."""
    if b.step < a.step:
        a, b = b, a
    least, most = bounds or (a.step, b.step)
    if a.step == b.step:
        return (least + most) / 2
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    d2 = math.sqrt(square)
    below = b.slope - a.slope + 2 * d2
    if below == 0:
        return (least + most) / 2
    return min(max(b.step - (b.step - a.step) * ((b.slope + d2 - d1) / below), least), most)
