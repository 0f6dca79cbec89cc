"""The adaptive softmax: PyTorch's values and gradients, probabilities that add up to 1, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn, optim

rng = np.random.default_rng(0)
SETTINGS: list[tuple[Any, dict[str, Any]]] = [
    ([3], {}),
    ([2, 5, 9], {"div_value": 2.0}),
    ([1, 2], {"head_bias": True, "div_value": 1.5}),
]
N, FEATURES, CLASSES = 7, 8, 12
LABELS = np.array([0, 3, 11, 1, 5, 9, 2])  # of the head and of each cluster


def pair(cutoffs: Any, settings: dict[str, Any]) -> tuple[Any, Any]:
    torch = pytest.importorskip("torch")
    mine = nn.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, cutoffs, **settings)
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, cutoffs, **settings)
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in mine.state_dict().items()})
    return mine, theirs


@pytest.mark.parametrize(("cutoffs", "settings"), SETTINGS)
@pytest.mark.parametrize("labels", [LABELS, LABELS % 2, np.full(N, 11)], ids=str)
def test_values_and_gradients_are_pytorchs(cutoffs: Any, settings: dict[str, Any], labels: Any) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = pair(cutoffs, settings)
    data = rng.normal(size=(N, FEATURES)).astype(np.float32)
    x, z = h.tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    a, b = mine(x, h.tensor(labels)), theirs(z, torch.tensor(labels))
    np.testing.assert_allclose(a.output.detach(), b.output.detach(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(a.loss.item(), b.loss.item(), rtol=1e-5)
    g = rng.normal(size=N).astype(np.float32)
    a.output.backward(h.tensor(g))
    b.output.backward(torch.tensor(g))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad, z.grad, rtol=1e-4, atol=1e-6)
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        if q.grad is None:
            assert p.grad is None
        else:
            np.testing.assert_allclose(p.grad, q.grad, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(mine.log_prob(x).detach(), theirs.log_prob(z).detach(), rtol=1e-5, atol=1e-6)
    assert mine.predict(x).tolist() == theirs.predict(z).tolist()


def test_probabilities_add_up_to_1_and_agree_with_the_targets() -> None:
    layer = nn.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, [2, 5, 9], div_value=2.0)
    x = h.tensor(rng.normal(size=(N, FEATURES)).astype(np.float32))
    logp = layer.log_prob(x).detach().numpy()
    np.testing.assert_allclose(np.exp(logp).sum(1), np.ones(N), rtol=1e-5)
    output, loss = layer(x, h.tensor(LABELS))
    np.testing.assert_allclose(output.detach(), logp[np.arange(N), LABELS], rtol=1e-5)
    assert loss.item() == pytest.approx(-logp[np.arange(N), LABELS].mean(), rel=1e-5)
    single, _ = layer(x[2], h.tensor(11))
    assert single.shape == ()
    assert single.item() == pytest.approx(float(logp[2, 11]), rel=1e-5)


def test_it_learns() -> None:
    h.manual_seed(0)
    layer = nn.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, [3, 6], div_value=2.0)
    before = [p.tolist() for p in layer.parameters()]
    layer.reset_parameters()
    assert all(p.tolist() != old for p, old in zip(layer.parameters(), before, strict=True))
    x, t = h.tensor(np.eye(N, FEATURES, dtype=np.float32)), h.tensor(LABELS)
    optimizer = optim.Adam(layer.parameters(), lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        layer(x, t).loss.backward()
        optimizer.step()
    assert layer.predict(x).tolist() == LABELS.tolist()


@pytest.mark.parametrize("cutoffs", [[], [0, 3], [3, 3], [5, 3], [12], [1.5]], ids=str)
def test_cutoffs_need_to_rise(cutoffs: Any) -> None:
    with pytest.raises(ValueError, match="AdaptiveLogSoftmaxWithLoss: needs cutoffs"):
        nn.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, cutoffs)


def test_inputs_and_targets_that_do_not_fit_are_refused() -> None:
    layer = nn.AdaptiveLogSoftmaxWithLoss(FEATURES, CLASSES, [3])
    with pytest.raises(IndexError, match="targets from 0 to 11, got 0 to 12"):
        layer(h.zeros(2, FEATURES), h.tensor([0, 12]))
    with pytest.raises(ValueError, match=r"needs a target \(2,\), got \(3,\)"):
        layer(h.zeros(2, FEATURES), h.tensor([0, 1, 2]))
    with pytest.raises(ValueError, match=r"needs an input \(n, 8\), got \(2, 5\)"):
        layer.log_prob(h.zeros(2, 5))
