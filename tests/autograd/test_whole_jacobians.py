"""Jacobians and their products are PyTorch's; gradcheck passes right rules and finds wrong ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from checks import build
from hello_dl import autograd

RNG = np.random.default_rng(0)
X, W = (RNG.normal(size=shape).astype(np.float32) for shape in ((2, 3), (3, 2)))


def same(a: Any, b: Any) -> None:
    """Compare tensors, or tuples of them of any depth."""
    if isinstance(b, tuple):
        assert isinstance(a, tuple)
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
        return
    assert tuple(a.shape) == tuple(b.shape)
    np.testing.assert_allclose(a.detach(), b.detach(), rtol=1e-4, atol=1e-5)


CALLS: dict[str, Any] = {
    "jacobian of one": lambda h, x, w: h.autograd.functional.jacobian(lambda x: (x**2).sum(1), x),
    "jacobian of two": lambda h, x, w: h.autograd.functional.jacobian(lambda x, w: (x @ w).tanh(), (x, w)),
    "jacobian of two results": lambda h, x, w: h.autograd.functional.jacobian(
        lambda x: (x.exp(), x.sum(0)), x
    ),
    "jacobian of what does not depend": lambda h, x, w: h.autograd.functional.jacobian(
        lambda x, w: x * 2, (x, w)
    ),
    "vjp": lambda h, x, w: h.autograd.functional.vjp(lambda x, w: x @ w, (x, w), h.ones(2, 2) * 3),
    "vjp of a number": lambda h, x, w: h.autograd.functional.vjp(lambda x: (x**3).sum(), x),
    "jvp": lambda h, x, w: h.autograd.functional.jvp(lambda x, w: (x @ w).exp(), (x, w), (x * 2, w + 1)),
    "hessian": lambda h, x, w: h.autograd.functional.hessian(lambda x: (x**3).sum() * x[0, 0], x),
    "hessian of two": lambda h, x, w: h.autograd.functional.hessian(
        lambda x, w: (x @ w).tanh().sum(), (x, w)
    ),
    "hvp": lambda h, x, w: h.autograd.functional.hvp(lambda x: (x.exp() * x[0, 0]).sum(), x, x + 1),
    "vhp of two": lambda h, x, w: h.autograd.functional.vhp(
        lambda x, w: ((x @ w) ** 3).sum(), (x, w), (x * 2, w + 1)
    ),
    "a differentiated jacobian": lambda h, x, w: h.autograd.grad(
        (
            h.autograd.functional.jacobian(lambda x: (x**3).sum(1), x.requires_grad_(), create_graph=True)
            ** 2
        ).sum(),
        x,
    ),
    "jvp of one": lambda h, x, w: h.autograd.functional.jvp(lambda x: (x**3).sum(1), x, x + 1),
}


@pytest.mark.parametrize("name", CALLS)
def test_products_with_jacobians_are_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    same(*(CALLS[name](h, h.tensor(X), h.tensor(W)) for h in (hello_dl, torch)))


def test_what_makes_no_sense_is_refused() -> None:
    x = hello_dl.tensor(X)
    for name in ("hessian", "hvp", "vhp"):
        with pytest.raises(ValueError, match=f"{name}: needs a func that returns one number, got shape"):
            getattr(autograd.functional, name)(lambda x: x**3, x, *([x] if name != "hessian" else []))
    with pytest.raises(ValueError, match=r"hvp: needs v of shapes .*2, 3.*, got .*3"):
        autograd.functional.hvp(lambda x: (x**3).sum(), x, x[0])
    with pytest.raises(ValueError, match="does not depend on an input"):
        autograd.functional.jacobian(lambda x, y: x, (x, x), strict=True)


def rules(h: Any) -> tuple[Any, Any]:
    """Return a ReLU with its own rule, and one whose rule forgets the factor."""

    class Leaky(h.autograd.Function):  # type: ignore[misc]
        factor = 0.1

        @classmethod
        def slope(cls, x: Any) -> Any:
            return (x > 0) * 1.0 + (x <= 0) * 0.1

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * Leaky.slope(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * Leaky.slope(x)

    class Wrong(Leaky):
        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * ((x > 0) * 1.0 + (x <= 0) * 0.15)

    return Leaky, Wrong


@pytest.mark.parametrize("isa", ["", "double"])
def test_gradcheck_knows_right_from_wrong(isa: str) -> None:
    h = build(isa)
    right, wrong = rules(h)
    rng = np.random.default_rng(1)
    x = h.tensor(rng.normal(size=(6, 5)), requires_grad=True)
    w = h.tensor(rng.normal(size=(5, 3)), requires_grad=True)
    assert h.autograd.gradcheck(right.apply, (x,), eps=1e-6, atol=1e-4)
    assert h.autograd.gradcheck(lambda x, w: (x @ w).sigmoid().sum(1), (x, w))
    with pytest.raises(h.autograd.GradcheckError, match=r"output 0 by number .* backward gives"):
        h.autograd.gradcheck(wrong.apply, (x,))
    assert not h.autograd.gradcheck(wrong.apply, x, raise_exception=False)
    with pytest.raises(ValueError, match="an input with requires_grad=True"):
        h.autograd.gradcheck(right.apply, h.tensor(X))
