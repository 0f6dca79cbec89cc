"""Gamma numbers as a function of their concentration, with its gradient.

x(a) = F^-1(u; a) at a fixed u has dx/da = -(dF/da) / p(x) (Figurnov, Mohamed, Mnih 2018, equation 5). F is
the regularised incomplete gamma function, computed here in float64; dF/da is a difference of two values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.gamma import _lgamma as log_gamma
from hello_dl.tensors.random import numpy_generator

Array = NDArray[np.float64]
_STEP = 1e-4  # of the concentration, relative; smaller is more exact until float64 rounds too much
_MOST_TERMS = 500  # of a series; more are needed for large numbers only


def draw(concentration: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Draw numbers of the gamma distribution with rate 1; their gradient goes to the concentration."""
    a = np.broadcast_to(concentration.detach().numpy().astype(np.float64), shape)
    x = numpy_generator(None, "Gamma").standard_gamma(a, shape)
    drawn = _tensor(x)
    if not concentration.requires_grad or not _core.is_grad_enabled():
        return drawn
    moved = concentration * _tensor(slope(np.asarray(x), a))
    return drawn + moved - moved.detach()


def slope(x: Array, a: Array) -> Array:
    """Return dx/da at a fixed value of the distribution function."""
    x = np.maximum(x, 1e-300)
    step = _STEP * a
    change = (regularised(a + step, x) - regularised(a - step, x)) / (2 * step)
    log_density = (a - 1) * np.log(x) - x - log_gamma(a)
    with np.errstate(over="ignore", invalid="ignore"):
        found = -change * np.exp(-log_density)
    return np.where(np.isfinite(found), found, x / a)


def regularised(a: Array, x: Array) -> Array:
    """Return P(a, x): which share of the gamma distribution with concentration a lies below x."""
    below = x < a + 1
    with np.errstate(all="ignore"):
        front = np.exp(a * np.log(x) - x - log_gamma(a))
    return np.where(
        below, front * _series(a, np.where(below, x, 0)), 1 - front * _fraction(a, np.where(below, a + 2, x))
    )


def _series(a: Array, x: Array) -> Array:
    """Return sum x^n / (a (a + 1) ... (a + n)), which ends soon for x below a + 1."""
    term = 1 / a
    total = term.copy()
    for n in range(1, _MOST_TERMS):
        term = term * x / (a + n)
        total = total + term
        if np.all(np.abs(term) <= 1e-16 * np.abs(total)):
            break
    return np.asarray(total)


def _fraction(a: Array, x: Array) -> Array:
    """Return the continued fraction of the upper part, from its end; good for x above a + 1."""
    d = x + 2 * _MOST_TERMS + 1 - a
    for n in range(_MOST_TERMS, 0, -1):
        d = x + 2 * n - 1 - a - n * (n - a) / d
    return np.asarray(1 / d)


def _tensor(numbers: Any) -> Tensor:
    return _core.from_numpy(np.asarray(numbers, dtype=str.__str__(REAL)))
