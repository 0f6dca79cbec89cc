"""A Function whose backward is made of tensors can be differentiated again; others are told why not."""

# ruff: noqa: ARG004  a Function's methods have their arguments from PyTorch

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import autograd


class Cube(autograd.Function):
    """x^3, with a rule that is made of tensors."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 3 * x**2 * grad


class Exponential(autograd.Function):
    """e^x and x^2; the rule uses what forward returned."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(x, y)
        return y, x * x

    @staticmethod
    def backward(ctx: Any, grad: Any, other: Any) -> Any:
        x, y = ctx.saved_tensors
        return grad * y + 2 * x * other


class ByNumpy(Cube):
    """The same rule, by numpy."""

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        (x,) = ctx.saved_tensors
        return grad * hello_dl.tensor(3 * x.numpy() ** 2)


class Constant(Cube):
    """A rule that forgets the gradient it was given."""

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        return hello_dl.ones(2)


class Once(Cube):
    """A rule that says that it has no second derivative."""

    @staticmethod
    @autograd.once_differentiable
    def backward(ctx: Any, grad: Any) -> Any:
        return grad


def test_a_function_of_tensors_can_be_differentiated_again() -> None:
    x = hello_dl.tensor([0.5, 2.0], requires_grad=True)
    for orders, factor in ((1, 3 * x**2), (2, 6 * x), (3, 6 + 0 * x)):
        y = Cube.apply(x)
        for _ in range(orders):
            (y,) = autograd.grad(y.sum(), x, create_graph=True)
        np.testing.assert_allclose(y.detach(), factor.detach(), rtol=1e-5)
    a, b = Exponential.apply(x)
    (g,) = autograd.grad((a * b).sum(), x, create_graph=True)
    assert g is not None
    (found,) = autograd.grad(g.sum(), x)
    (g,) = autograd.grad((x.exp() * x * x).sum(), x, create_graph=True)
    assert g is not None
    (expected,) = autograd.grad(g.sum(), x)
    assert found is not None
    np.testing.assert_allclose(found, expected, rtol=1e-5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (ByNumpy, "backward leaves the tensors: it asks"),
        (Constant, "backward leaves the tensors: the gradient of argument 0"),
        (Once, "once_differentiable"),
    ],
)
def test_a_function_that_leaves_the_tensors_is_told_so(function: Any, words: str) -> None:
    x = hello_dl.tensor([0.5, 2.0], requires_grad=True)
    y = function.apply(x).sum()
    with pytest.raises(ValueError, match=words):
        autograd.grad(y, x, create_graph=True)
    assert x.numpy() is not None
    (first,) = autograd.grad(y, x)
    assert first is not None
