"""Functions of one number from 10^-30 to 10^30: value and gradient have their digits, everywhere.

Right is PyTorch's result in float64. A float may be off by 4 units in its last place, or as PyTorch's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from table import Array

FAR = np.logspace(-30, 30, 100)
NEAR = np.logspace(-2, 2, 100)  # where functions bend, and where they come to their limits
POINTS = np.concatenate([-FAR, FAR, -NEAR, NEAR]).astype(np.float32)

OPS = (
    "exp", "log", "sqrt", "sin", "cos", "neg", "abs", "tanh", "sigmoid", "expm1", "log1p", "square",
    "reciprocal", "rsqrt", "exp2", "log2", "log10", "sinh", "cosh", "tan", "asin", "acos", "atan", "erf",
    "sign", "floor", "ceil", "trunc", "round", "relu",
)  # fmt: skip
OF_FUNCTIONAL = ("silu", "logsigmoid", "gelu", "elu", "leaky_relu", "softplus")
TABLE: dict[str, Callable[[Any, Any], Any]] = {
    **{name: (lambda h, x, n=name: getattr(h, n)(x)) for name in OPS},
    **{name: (lambda h, x, n=name: getattr(h.nn.functional, n)(x)) for name in OF_FUNCTIONAL},
    "gelu tanh": lambda h, x: h.nn.functional.gelu(x, approximate="tanh"),
    **{f"x ** {e}": (lambda h, x, e=e: x**e) for e in (2, 3, 0.5, -1, -2, 1.5, -0.5, 2.5)},
    **{f"{b} ** x": (lambda h, x, b=b: b**x) for b in (2.0, 0.5, 10.0)},
    "x % 3": lambda h, x: x % 3.0,
    "3 % x": lambda h, x: h.full_like(x, 3.0) % x,
    "x / 3": lambda h, x: x / 3,
    "3 / x": lambda h, x: 3 / x,
    "atan2 x": lambda h, x: h.atan2(x, h.full_like(x, 1.5)),
    "atan2 1 / x": lambda h, x: h.atan2(h.full_like(x, 1.5), x),
    "clamp": lambda h, x: x.clamp(-1, 1),
}
ULPS = 4
SMALLEST = np.finfo(np.float32).tiny  # below it floats have fewer digits, and vector instructions give 0
# Differences of numbers near 1, or near each other: what is off is a few units in the last place of these.
OFF = {
    "tanh": (5e-7, "1 - tanh^2"),
    "expm1": (3e-16, "PyTorch's gradient is 1 + value, in float64, too"),
    "erf": (2e-7, "near its limits 1 and -1"),
    "gelu": (4e-7, "x (1 + erf)"),
    "gelu tanh": (1e-6, "its parts are as large as x"),
    "silu": (1e-7, "its gradient has a zero"),
}


def results(library: Any, name: str, points: Array) -> tuple[Array, Array]:
    """Return values and gradients at these points."""
    x = library.from_numpy(points.copy())
    x.requires_grad = True
    y = TABLE[name](library, x)
    y.backward(library.ones(*points.shape, dtype=y.dtype))
    return np.asarray(y.detach().numpy()), np.asarray(x.grad.numpy())


def distance(a: Array, right: Array) -> Array:
    """Return how far numbers are from the right ones; 0 for two NaN, inf where only one is finite."""
    a, right = a.astype(np.float64), right.astype(np.float64)
    with np.errstate(all="ignore"):
        same = (a == right) | (np.isnan(a) & np.isnan(right))
        return np.where(same, 0, np.where(np.isfinite(a) & np.isfinite(right), abs(a - right), np.inf))


@pytest.mark.parametrize("name", TABLE)
def test_values_and_gradients_keep_their_digits(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = results(h, name, POINTS), results(torch, name, POINTS)
    for what, a, b, right in zip(
        ("value", "gradient"), ours, theirs, results(torch, name, POINTS.astype(np.float64)), strict=True
    ):
        with np.errstate(all="ignore"):
            right = right.astype(np.float32)
            allowed = ULPS * np.nan_to_num(np.spacing(abs(right))) + SMALLEST + OFF.get(name, (0,))[0]
        far = np.minimum(distance(a, right), distance(a, b))
        wrong = far > np.maximum(allowed, np.nan_to_num(distance(b, right), posinf=0))
        assert not wrong.any(), [
            f"{what} at {POINTS[i]}: {a[i]}, in PyTorch {b[i]}, in float64 {right[i]}"
            for i in np.flatnonzero(wrong)[:5]
        ]


def test_gradients_where_the_value_has_come_to_its_limit() -> None:
    """Once 0: that of expm1 was computed from the value, -1 + e^x, which is -1 there."""
    for function in (h.expm1, h.functional.elu):
        x = h.tensor([-20.0, -40.0, -80.0], requires_grad=True)
        function(x).backward(h.ones(3))
        assert np.allclose(x.grad.numpy(), np.exp([-20.0, -40.0, -80.0]), rtol=1e-5, atol=0)


def test_no_gradient_is_lost_in_an_overflow() -> None:
    """x^3 is infinite from 7e12 on; infinite times 0 was NaN."""
    x = h.tensor([-1e13, -1e30, 1e13, 1e30], requires_grad=True)
    h.functional.gelu(x, approximate="tanh").backward(h.ones(4))
    assert x.grad.tolist() == [0, 0, 1, 1]
