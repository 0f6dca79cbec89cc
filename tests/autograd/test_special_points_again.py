"""Second derivatives at special points, in double precision: 0 and -0, kinks, large and tiny numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checks import build

POINTS = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 6.0, -6.0, 25.0, -25.0, 100.0, -100.0, 1e4, 1e-8, -1e-8]
Function = Callable[[Any, Any], Any]  # of the package and a tensor


def method(name: str) -> Function:
    return lambda h, x: getattr(x, name)()


def functional(name: str, **options: Any) -> Function:
    return lambda h, x: getattr(h.nn.functional, name)(x, **options)


def loss(name: str) -> Function:
    return lambda h, x: getattr(h.nn.functional, name)(x, h.zeros_like(x), reduction="none")


METHODS = (
    "exp log sqrt abs relu tanh sigmoid log1p expm1 sin cos atan erf sinh cosh asin acos rsqrt square erfc"
)
FUNCTIONALS = (
    "gelu silu softplus logsigmoid hardtanh leaky_relu relu6 softsign tanhshrink hardshrink softshrink"
)
LOSSES = "mse_loss l1_loss binary_cross_entropy_with_logits"
FUNCTIONS: dict[str, Function] = {
    **{name: method(name) for name in METHODS.split()},
    **{name: functional(name) for name in FUNCTIONALS.split()},
    **{name: loss(name) for name in LOSSES.split()},
    "huber": lambda h, x: h.nn.functional.huber_loss(x, h.zeros_like(x), reduction="none", delta=1.5),
    "smooth l1": lambda h, x: h.nn.functional.smooth_l1_loss(x, h.zeros_like(x), reduction="none", beta=1.5),
    "gelu by tanh": functional("gelu", approximate="tanh"),
    **{f"x**{n}": lambda h, x, n=n: x**n for n in (-1, 0, 0.5, 1, 1.5, 2, 3, 4)},  # type: ignore[misc]
    "2**x": lambda h, x: 2.0**x,
    "clamp": lambda h, x: x.clamp(-1, 1),
    "equals": lambda h, x: h.maximum(x, h.zeros_like(x)) + h.minimum(x * x, x),
    "floor": lambda h, x: x.floor() * x,
    "remainder": lambda h, x: h.remainder(x, 2.0) * x,
    "where": lambda h, x: h.where(x > 0, x * x, x.exp()),
    "softmax": lambda h, x: h.stack([x, 0 * x], 1).softmax(1)[:, 0],
    "logsumexp": lambda h, x: h.stack([x, 0 * x], 1).logsumexp(1),
    "largest": lambda h, x: h.stack([x, x * x, x], 1).amax(1) ** 2,
}


def derivatives(h: Any, f: Function) -> list[Any]:
    """Return the first and the second derivative at all points; zeros where there is none."""
    x = h.tensor(np.array(POINTS)).requires_grad_()
    (g,) = h.autograd.grad(f(h, x).sum(), x, create_graph=True)
    second = None
    if g.requires_grad:
        (second,) = h.autograd.grad(g.sum(), x, allow_unused=True)
    zeros = np.zeros(len(POINTS))
    return [zeros if t is None else zeros + np.array((t.detach() + 0.0).tolist()) for t in (g, second)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_points_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = (derivatives(h, FUNCTIONS[name]) for h in (build("double"), torch))
    for order, (a, b) in enumerate(zip(ours, theirs, strict=True), 1):
        if name in ("x**0.5", "x**1.5"):  # at -0 the root is -0, and what is divided by it has the other sign
            a, b = np.abs(a), np.abs(b)
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9, err_msg=f"derivative {order}")
