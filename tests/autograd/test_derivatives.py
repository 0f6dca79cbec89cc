"""Derivatives by name are PyTorch's, of leaves and of results; hooks see and change gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import autograd, nn

RNG = np.random.default_rng(0)
X, W = (RNG.normal(size=shape).astype(np.float32) for shape in ((6, 3), (4, 3)))
SEED = RNG.normal(size=(6, 4)).astype(np.float32)


def both(compute: Any) -> tuple[Any, Any]:
    """Return what `compute` makes of our package and of PyTorch, with leaves x and w and a seed."""
    torch = pytest.importorskip("torch")
    return tuple(
        compute(h, h.tensor(X, requires_grad=True), h.tensor(W, requires_grad=True), h.tensor(SEED))
        for h in (hello_dl, torch)
    )


def agree(compute: Any) -> None:
    ours, theirs = both(compute)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a.detach(), b.detach(), rtol=1e-4, atol=1e-5)


def test_leaves_and_results() -> None:
    def compute(h: Any, x: Any, w: Any, seed: Any) -> Any:
        hidden = (x @ w.t()).tanh()
        y = hidden.exp() * hidden
        found = h.autograd.grad(y, [x, hidden, w], seed)
        assert x.grad is None
        assert w.grad is None
        return found

    agree(compute)


def test_several_outputs_one_of_them_inside_the_other() -> None:
    def compute(h: Any, x: Any, w: Any, seed: Any) -> Any:
        a = (x @ w.t()).sigmoid()
        b = (a * a).mean()
        return h.autograd.grad([a, b], [x, a], [seed, None], retain_graph=True)

    agree(compute)


def test_images_in_any_order_of_memory() -> None:
    torch = pytest.importorskip("torch")
    results = []
    for h in (hello_dl, torch):
        rng = np.random.default_rng(1)
        x, w = (
            h.tensor(rng.normal(size=s).astype(np.float32), requires_grad=True)
            for s in ((2, 3, 8, 8), (4, 3, 3, 3))
        )
        conv = h.nn.functional.conv2d(x, w)
        pooled = h.nn.functional.max_pool2d(conv.relu(), 2)
        seed = h.tensor(rng.normal(size=(2, 4, 3, 3)).astype(np.float32))
        results.append(h.autograd.grad(pooled, [conv, x, w], seed))
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_unused_inputs() -> None:
    x, z = (hello_dl.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    y = (x * x * hello_dl.tensor([1.0, 3.0])).sum()
    with pytest.raises(ValueError, match=r"grad: no output depends on input 1 of shape \(2,\)"):
        autograd.grad(y, [x, z], retain_graph=True)
    g, none = autograd.grad(y, [x, z], retain_graph=True, allow_unused=True)
    assert g.tolist() == [2, 12]  # type: ignore[union-attr]
    assert none is None
    assert autograd.grad(y, [z], materialize_grads=True)[0].tolist() == [0, 0]  # type: ignore[union-attr]


def test_the_graph_is_freed_unless_it_is_kept() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    h = x.exp()
    y = (h * h).sum()
    first = autograd.grad(y, h, retain_graph=True)[0]
    assert autograd.grad(y, x, retain_graph=True)[0].shape == (2,)  # type: ignore[union-attr]
    np.testing.assert_allclose(first, 2 * h.detach(), rtol=1e-6)  # type: ignore[arg-type]
    autograd.grad(y, h)  # what is behind h is not gone through, and so not freed
    with pytest.raises(ValueError, match="already used"):
        autograd.grad(y, x)
    h.sum().backward()
    np.testing.assert_allclose(x.grad, h.detach(), rtol=1e-6)  # type: ignore[arg-type]


def test_gradients_under_no_grad_and_of_leaves_themselves() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    with hello_dl.no_grad():
        (g,) = autograd.grad(y, x, hello_dl.tensor([1.0, 10.0]), retain_graph=True)
    assert g.tolist() == [2, 40]  # type: ignore[union-attr]
    assert autograd.grad(x, x, hello_dl.tensor([3.0, 4.0]))[0].tolist() == [3, 4]  # type: ignore[union-attr]


def test_backward_of_several_and_for_some() -> None:
    def compute(h: Any, x: Any, w: Any, seed: Any) -> Any:
        a, b = x @ w.t(), (x * x).mean()
        h.autograd.backward([a, b], [seed, None], retain_graph=True)
        h.autograd.backward(b * 3, inputs=[x], retain_graph=True)
        (a * seed).sum().backward(inputs=w)
        return x.grad, w.grad

    agree(compute)


def test_what_is_not_there_is_refused() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    for call, words in (
        (lambda: autograd.grad(y, x), r"shape \(2,\) needs grad_outputs"),
        (lambda: autograd.grad(y.sum(), hello_dl.ones(2)), "input 0 of shape .* records no gradient"),
        (lambda: autograd.grad(hello_dl.ones(()), x), "tensors that record a gradient"),
        (lambda: autograd.grad(y, x, hello_dl.ones(3)), r"grad_outputs of shape \(2,\), got \(3,\)"),
        (lambda: autograd.grad(y.sum(), []), "at least one tensor"),
        (lambda: autograd.grad(y, x, hello_dl.ones(2), is_grads_batched=True), "no is_grads_batched"),
    ):
        with pytest.raises(ValueError, match=words):
            call()
    with pytest.raises(AttributeError, match=r"no autograd\.profiler: hello_dl\.last_run"):
        autograd.profiler  # noqa: B018
    with autograd.detect_anomaly(), autograd.set_detect_anomaly(True):
        y.sum().backward()


def test_a_variable_is_a_tensor() -> None:
    x = hello_dl.tensor([1.0])
    v = autograd.Variable(x, requires_grad=True)
    assert isinstance(v, autograd.Variable)
    assert isinstance(x, autograd.Variable)
    assert not isinstance(1, autograd.Variable)
    assert (v.requires_grad, x.requires_grad) == (True, False)
    v.data[0] = 5
    assert x.item() == 5


# ---- hooks


def test_hooks_of_leaves_and_results_are_pytorchs() -> None:
    def compute(h: Any, x: Any, w: Any, seed: Any) -> Any:
        seen = []
        hidden = (x @ w.t()).tanh()
        hidden.register_hook(lambda g: seen.append(g * 1))
        handle = hidden.register_hook(lambda g: g * 100)
        hidden.register_hook(lambda g: g * 2)
        hidden.retain_grad()
        w.register_hook(lambda g: g + 1)
        handle.remove()
        y = hidden * hidden + hidden.exp()
        y.backward(seed)
        return [*seen, hidden.grad, x.grad, w.grad]

    agree(compute)


@pytest.mark.parametrize("units", [0, 1, 2])
def test_hooks_inside_a_network_leave_all_else_as_it_is(units: int) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(2)
    results = []
    images = rng.normal(size=(6, 1, 8, 8)).astype(np.float32)
    hello_dl._core.set_slice_units(units)
    ours = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 5), nn.BatchNorm1d(5))
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(108, 5),
        torch.nn.BatchNorm1d(5),
    )
    net.load_state_dict({k: torch.tensor(np.asarray(v)) for k, v in ours.state_dict().items()})
    for h, model in ((hello_dl, ours), (torch, net)):
        seen: list[Any] = []
        x = h.tensor(images)
        for i, layer in enumerate(model):
            x = layer(x)
            x.register_hook(
                lambda g, i=i, seen=seen: seen.append(g.clone()) if i != 1 else g.clamp(-0.02, 0.02)
            )
        loss = h.nn.functional.cross_entropy(x, h.tensor([0, 1, 2, 3, 4, 0]))
        loss.backward()
        results.append([*seen, *(p.grad for p in model.parameters())])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_a_hook_may_compute_anything_and_raise() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    norms = []
    y.register_hook(lambda g: norms.append((g.norm() * y.detach().sum()).item()))
    (y * y).sum().backward(retain_graph=True)
    np.testing.assert_allclose(norms, 2 * np.linalg.norm(np.exp([1, 2])) * np.exp([1, 2]).sum(), rtol=1e-5)

    def fail(_: Any) -> None:
        raise KeyError("from the hook")

    with y.register_hook(fail), pytest.raises(KeyError, match="from the hook"):
        (y * y).sum().backward(retain_graph=True)
    x.grad = None
    (y * y).sum().backward()
    np.testing.assert_allclose(x.grad, 2 * np.exp([2, 4]), rtol=1e-5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="register_hook: needs a tensor that requires a gradient"):
        hello_dl.ones(2).register_hook(fail)


def test_a_hook_may_run_a_backward_of_its_own() -> None:
    x, other = (hello_dl.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    y = x * x

    def inner(g: Any) -> Any:
        with hello_dl.enable_grad():
            (other**3).sum().backward()
        return g * other.grad

    y.register_hook(inner)
    y.sum().backward()
    assert other.grad.tolist() == [3, 12]  # type: ignore[union-attr]
    assert x.grad.tolist() == [6, 48]  # type: ignore[union-attr]


def test_a_gradient_that_a_hook_keeps_does_not_change_later() -> None:
    x = hello_dl.tensor([1.0, 2.0], requires_grad=True)
    kept = []
    x.register_hook(lambda g: kept.append(g))
    for _ in range(3):
        (x * x).sum().backward()
    assert [g.tolist() for g in kept] == [[2, 4]] * 3
    assert x.grad.tolist() == [6, 12]  # type: ignore[union-attr]
