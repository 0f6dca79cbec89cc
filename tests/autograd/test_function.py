"""A Function's rule is used in place of the engine's own, in any place of a graph, as in PyTorch."""

# ruff: noqa: ARG004 (a rule has PyTorch's arguments, whether it needs them or not)
from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import autograd, nn

RNG = np.random.default_rng(0)
X, Y = (RNG.normal(size=(5, 4)).astype(np.float32) for _ in range(2))


def functions(h: Any) -> Any:
    """Return Functions of the package h, as a tutorial writes them."""

    class Legendre(h.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return 0.5 * (5 * x**3 - 3 * x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * 1.5 * (5 * x**2 - 1)

    class Exp(h.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            result = x.exp()
            ctx.save_for_backward(result)
            return result

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (result,) = ctx.saved_tensors
            return grad * result

    class Clipped(h.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, least: float) -> Any:
            ctx.save_for_backward(x)
            ctx.least = least
            return x.clamp(min=least)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            assert ctx.needs_input_grad == (True, False)
            grad = grad.clone()
            grad[x < ctx.least] = 0
            return grad, None

    class SumAndProduct(h.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(x: Any, y: Any) -> Any:
            return x + y, (x * y).sum(1), x > y

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.mark_non_differentiable(output[2])

        @staticmethod
        def backward(ctx: Any, total: Any, product: Any, _: Any) -> Any:
            x, y = ctx.saved_tensors
            product = product.unsqueeze(1)
            return total + product * y, total + product * x

    class Reversed(h.autograd.Function):  # type: ignore[misc]
        """The gradient of domain-adversarial networks (Ganin, Lempitsky 2015)."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.view_as(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad.neg() * 0.5

    return Legendre, Exp, Clipped, SumAndProduct, Reversed


def test_functions_in_all_places_of_a_graph_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    results = []
    for h in (hello_dl, torch):
        legendre, exp, clipped, sum_and_product, turned = functions(h)
        x, y = (h.tensor(a, requires_grad=True) for a in (X, Y))
        a = clipped.apply(legendre.apply(x * 0.5) + y, -0.3)
        total, product, larger = sum_and_product.apply(a, exp.apply(y * 0.3))
        b = total.tanh() * product.unsqueeze(1) + turned.apply(a) * larger
        seed = h.tensor(np.random.default_rng(3).normal(size=(5, 4)).astype(np.float32))
        assert (total.requires_grad, product.requires_grad, larger.requires_grad) == (True, True, False)
        b.backward(seed)
        results.append([b, total, product, x.grad, y.grad])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one.detach(), other.detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("units", [0, 1, 3])
@pytest.mark.parametrize("threads", [1, 3])
def test_slices_and_threads_never_show(units: int, threads: int) -> None:
    legendre = functions(hello_dl)[0]
    results = []
    for mine in (True, False):
        hello_dl._core.set_slice_units(units)
        hello_dl.set_num_threads(threads)
        x, w = (hello_dl.tensor(a, requires_grad=True) for a in (X, Y))
        h = (x @ w.t()).tanh()
        z = legendre.apply(h) if mine else 0.5 * (5 * h**3 - 3 * h)
        (nn.functional.log_softmax(z @ w, 1) * hello_dl.tensor(Y)).sum().backward()
        results.append((x.grad, w.grad))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_an_unused_result_and_one_input_twice() -> None:
    torch = pytest.importorskip("torch")
    results = []
    for h in (hello_dl, torch):
        both = functions(h)[3]
        x = h.tensor(X, requires_grad=True)
        total, product, _ = both.apply(x, x)
        product.backward(h.tensor([1.0, 2.0, 3.0, 4.0, 5.0]), retain_graph=True)
        first = x.grad.clone()
        (total * total).sum().backward()
        results.append((first, x.grad))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_no_gradient_where_none_is_given() -> None:
    class Cut(autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            return x + y

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad, None

    x, y, w = (hello_dl.tensor([1.0, 2.0], requires_grad=True) for _ in range(3))
    (Cut.apply(x * 2, y.exp()) * w).sum().backward()
    assert x.grad.tolist() == [2, 4]  # type: ignore[union-attr]
    assert y.grad is None or y.grad.tolist() == [0, 0]
    z = Cut.apply(x.detach(), y.detach())
    assert not z.requires_grad
    with hello_dl.no_grad():
        assert not Cut.apply(x, y).requires_grad


def test_grad_stops_before_rules_it_does_not_need() -> None:
    called = []

    class Noisy(autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            called.append(grad.tolist())
            return grad * 2

    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    y = Noisy.apply(x)
    z = (y * y).sum()
    assert autograd.grad(z, y, retain_graph=True)[0].tolist() == [4, 8]  # type: ignore[union-attr]
    assert called == []
    assert autograd.grad(z, x)[0].tolist() == [8, 16]  # type: ignore[union-attr]
    assert called == [[4, 8]]


def test_what_is_saved_is_freed_with_the_graph() -> None:
    exp = functions(hello_dl)[1]
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    watched = weakref.ref(h)
    y = exp.apply(h)
    del h
    (y * y).sum().backward()
    gc.collect()
    assert watched() is None


def test_a_saved_tensor_keeps_its_numbers_when_its_source_changes_in_place() -> None:
    legendre = functions(hello_dl)[0]
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    legendre.apply(x).sum().backward()
    right, x.grad = x.grad.tolist(), None
    y = legendre.apply(x).sum()
    with hello_dl.no_grad():
        x.mul_(2)
    y.backward()
    assert x.grad.tolist() == right


def test_mistakes_name_the_function() -> None:
    class Wrong(autograd.Function):
        answer: Any = None

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return Wrong.answer

    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    for answer, error, words in (
        (hello_dl.ones(3), ValueError, r"Wrong: backward needs a gradient of shape \(2,\) for argument 0"),
        ((hello_dl.ones(2), hello_dl.ones(2)), ValueError, "Wrong: backward needs 1 gradients"),
        (1.0, TypeError, "Wrong: backward needs tensors or None, got float"),
    ):
        Wrong.answer = answer
        with pytest.raises(error, match=words):
            Wrong.apply(x).sum().backward()
    with pytest.raises(TypeError, match=r"Wrong: call Wrong\.apply"):
        Wrong()
    assert (x * 2).sum().item() == 6  # the engine goes on


def test_functions_run_in_several_threads() -> None:
    legendre = functions(hello_dl)[0]
    expected = 1.5 * (5 * X**2 - 1)
    wrong: list[Any] = []

    def work() -> None:
        for _ in range(5):
            x = hello_dl.tensor(X, requires_grad=True)
            legendre.apply(x).sum().backward()
            if not np.allclose(x.grad, expected, rtol=1e-4, atol=1e-5):  # type: ignore[arg-type]
                wrong.append(x.grad)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)
