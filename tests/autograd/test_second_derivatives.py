"""Gradients as graphs: they are PyTorch's, nothing is computed early, and what cannot be is told in words."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import hello_dl
from checks import build
from hello_dl import _core, autograd, linalg, nn

RNG = np.random.default_rng(0)
X, W = (RNG.normal(size=shape).astype(np.float32) for shape in ((6, 3), (4, 3)))


def agree(compute: Any, rtol: float = 1e-4) -> None:
    """Compare what `compute` makes of our package and of PyTorch, with leaves x and w."""
    torch = pytest.importorskip("torch")
    ours, theirs = (
        compute(h, h.tensor(X, requires_grad=True), h.tensor(W, requires_grad=True))
        for h in (hello_dl, torch)
    )
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.detach(), b.detach(), rtol=rtol, atol=1e-5)


def test_a_gradient_is_an_expression_that_nobody_has_computed() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    y = (x**3).sum()
    (g,) = autograd.grad(y, x, create_graph=True)
    assert g is not None
    assert not g.is_computed
    assert not y.is_computed
    assert g.requires_grad
    assert g.tolist() == [3.0, 12.0]
    (second,) = autograd.grad(g.sum(), x)
    assert second is not None
    assert not second.requires_grad
    assert second.tolist() == [6.0, 12.0]


def test_any_order() -> None:
    x = hello_dl.tensor([0.5, -1.0, 2.0], requires_grad=True)
    y = x**3 * x**3
    for factor, power in ((6, 5), (30, 4), (120, 3), (360, 2), (720, 1), (720, 0)):
        (y,) = autograd.grad(y.sum(), x, create_graph=True)  # type: ignore[assignment]
        np.testing.assert_allclose(y.detach(), factor * x.detach().numpy() ** power, rtol=1e-5)


def test_a_gradient_penalty() -> None:
    def compute(h: Any, x: Any, w: Any) -> Any:
        scores = (x @ w.t()).tanh().sum(1)
        (slope,) = h.autograd.grad(scores.sum(), x, create_graph=True)
        penalty = ((slope.norm(dim=1) - 1) ** 2).mean()
        (penalty + scores.mean()).backward()
        return x.grad, w.grad

    agree(compute)


def test_several_results_and_seeds_that_record_gradients() -> None:
    def compute(h: Any, x: Any, w: Any) -> Any:
        a, b = x @ w.t(), (x * x).mean()
        seed = h.ones(6, 4).requires_grad_()
        gx, ga = h.autograd.grad([a.sigmoid(), b], [x, a], [seed, None], create_graph=True)
        return h.autograd.grad((gx**2).sum() + (ga**3).sum(), [x, w, seed])

    agree(compute)


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True:UserWarning")
def test_backward_puts_graphs_into_leaves_and_adds_to_them() -> None:
    def compute(h: Any, x: Any, w: Any) -> Any:
        y = ((x @ w.t()) ** 2).sum()
        y.backward(create_graph=True)
        first = x.grad.detach().clone()
        (x.grad**2).sum().backward(inputs=[w], retain_graph=True)
        w_grad = w.grad.detach().clone()
        x.grad = w.grad = None
        h.autograd.backward(y, create_graph=True)
        y.backward(create_graph=True, inputs=[x])
        return first, w_grad, x.grad, w.grad

    agree(compute)


def test_hooks_see_expressions() -> None:
    def compute(h: Any, x: Any, w: Any) -> Any:
        hidden = (x @ w.t()).tanh()
        hidden.register_hook(lambda g: g * hidden)
        (slope,) = h.autograd.grad((hidden**2).sum(), x, create_graph=True)
        return h.autograd.grad((slope**2).sum(), [x, w])

    agree(compute)


def test_fourier_transforms_have_derivatives_of_any_order() -> None:
    def compute(h: Any, x: Any, w: Any) -> Any:
        y = h.fft.rfft(x**3, dim=0)
        y = y if h is hello_dl else h.view_as_real(y)
        (slope,) = h.autograd.grad((y**3).sum(), x, create_graph=True)
        return h.autograd.grad((slope**2).sum(), x)

    agree(compute, rtol=1e-3)


def test_under_no_grad_as_well() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    y = (x**3).sum()
    with hello_dl.no_grad():
        (g,) = autograd.grad(y, x, create_graph=True)
    assert g is not None
    assert g.requires_grad


def test_what_cannot_be_is_told() -> None:
    x, w = hello_dl.tensor([1.0, 2.0], requires_grad=True), hello_dl.tensor([3.0], requires_grad=True)
    y = (x * x).sum()
    assert autograd.grad(y, [w], create_graph=True, allow_unused=True) == (None,)
    (zero,) = autograd.grad(y, [w], create_graph=True, materialize_grads=True)
    assert zero is not None
    assert zero.tolist() == [0.0]
    with pytest.raises(ValueError, match="no output depends on input 1"):
        autograd.grad(y, [x, w], create_graph=True)
    with pytest.raises(ValueError, match=r"shape \(2,\) needs grad_outputs"):
        autograd.grad(x * 2, x, create_graph=True)
    matrix = hello_dl.eye(2).requires_grad_()
    with pytest.raises(ValueError, match="qr: has no derivative that can be differentiated again: numpy"):
        autograd.grad(linalg.qr(matrix)[0].sum(), matrix, create_graph=True)
    y.backward()
    with pytest.raises(ValueError, match=r"'sum' .* was already used by an earlier backward"):
        autograd.grad(y, x, create_graph=True)


def test_a_change_in_place_between_two_derivatives_is_told() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    y = (x**3).sum()
    with hello_dl.no_grad():
        x.add_(1)
    with pytest.raises(ValueError, match="changed in place"):
        autograd.grad(y, x, create_graph=True)
    y = (x**3).sum()
    (g,) = autograd.grad(y, x, create_graph=True)
    assert g is not None
    with hello_dl.no_grad():
        x.add_(1)
    with pytest.raises(ValueError, match="changed in place"):
        autograd.grad(g.sum(), x)


def test_a_deep_graph_needs_no_deep_stack() -> None:
    x = hello_dl.tensor([0.5], requires_grad=True)
    y = x
    for _ in range(5000):
        y = y + 1e-4 * y
    (g,) = autograd.grad(y.sum(), x, create_graph=True)
    assert g is not None
    np.testing.assert_allclose(g.item(), 1.0001**5000, rtol=1e-2)


def test_gradients_of_slices_and_threads_are_the_same() -> None:
    def second() -> Any:
        net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
        hello_dl.manual_seed(0)
        for p in net.parameters():
            p.data.copy_(hello_dl.randn(*p.shape))
        x = hello_dl.randn(200, 3).requires_grad_()
        (g,) = autograd.grad(net(x).sum(), x, create_graph=True)
        assert g is not None
        (g**2).sum().backward()
        return [p.grad.numpy().copy() for p in net.parameters() if p.grad is not None]

    expected = second()
    for threads in (1, 2, 5):
        _core.set_num_threads(threads)
        for a, b in zip(second(), expected, strict=True):
            assert np.array_equal(a, b)
    _core.set_slice_units(7)
    for a, b in zip(second(), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_gradgradcheck_knows_right_from_wrong() -> None:
    h = build("double")
    x = h.tensor(RNG.normal(size=(4, 3)), requires_grad=True)
    w = h.tensor(RNG.normal(size=(3, 2)), requires_grad=True)
    assert h.autograd.gradgradcheck(lambda x, w: (x @ w).tanh().exp(), (x, w))

    class Wrong(h.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * x.detach() * grad  # right as a number, wrong as a function

    assert h.autograd.gradcheck(Wrong.apply, (x,))
    with pytest.raises(h.autograd.GradcheckError):
        h.autograd.gradgradcheck(Wrong.apply, (x,))


def test_a_graph_of_gradients_is_freed() -> None:
    x = hello_dl.tensor(X, requires_grad=True)
    w = hello_dl.tensor(W, requires_grad=True)

    def step() -> int:
        (g,) = autograd.grad((x @ w.t()).tanh().sum(), x, create_graph=True)
        assert g is not None
        w.grad = None
        (g**2).sum().backward(inputs=[w])
        del g
        gc.collect()
        return x._references

    assert step() == step()
