"""Gradient penalties of layers are PyTorch's: gradients by the weights, of a gradient by the input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hello_dl

Make = Callable[[Any], Any]


def recurrent(kind: str) -> Make:
    return lambda nn: getattr(nn, kind)(3, 4, num_layers=2, batch_first=True, bidirectional=True)


LAYERS: dict[str, tuple[Make, tuple[int, ...]]] = {
    "linear": (lambda nn: nn.Sequential(nn.Linear(6, 8), nn.SiLU(), nn.Linear(8, 3)), (4, 6)),
    "convolution": (
        lambda nn: nn.Sequential(nn.Conv2d(2, 4, 3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(4, 3, 3)),
        (3, 2, 8, 8),
    ),
    "groups": (lambda nn: nn.Sequential(nn.Conv2d(4, 4, 3, groups=2), nn.Sigmoid()), (2, 4, 5, 5)),
    "transposed": (lambda nn: nn.Sequential(nn.ConvTranspose2d(2, 3, 4, 2, 1), nn.Tanh()), (2, 2, 4, 4)),
    "lines": (lambda nn: nn.Sequential(nn.Conv1d(2, 3, 3, dilation=2), nn.ELU()), (2, 2, 9)),
    "batch norm of images": (
        lambda nn: nn.Sequential(nn.BatchNorm2d(2), nn.Tanh(), nn.MaxPool2d(2), nn.Conv2d(2, 3, 2)),
        (3, 2, 6, 6),
    ),
    "batch norm": (lambda nn: nn.Sequential(nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 2)), (7, 5)),
    "layer norm": (lambda nn: nn.Sequential(nn.LayerNorm(5), nn.GELU(), nn.Linear(5, 2)), (7, 5)),
    "group norm": (lambda nn: nn.Sequential(nn.GroupNorm(2, 4), nn.Tanh(), nn.AvgPool2d(2)), (3, 4, 6, 6)),
    **{kind: (recurrent(kind), (2, 5, 3)) for kind in ("RNN", "GRU", "LSTM")},
}


def penalty_gradients(h: Any, net: Any, shape: tuple[int, ...]) -> list[Any]:
    """Return the gradients of |dy/dx|^2 + |y|^2, y a random sum of the results, by the weights and by x."""
    rng = np.random.default_rng(0)
    x = h.tensor(rng.normal(size=shape).astype(np.float32)).requires_grad_()
    y = net(x)
    y = y[0] if isinstance(y, tuple) else y
    weights = h.tensor(rng.normal(size=tuple(y.shape)).astype(np.float32))
    (slope,) = h.autograd.grad((y * weights).sum(), x, create_graph=True)
    ((slope**2).sum() + (y**2).mean()).backward()
    leaves = [*net.parameters(), x]
    return [np.zeros(1) if p.grad is None else np.array(p.grad.detach().numpy()) for p in leaves]


@pytest.mark.parametrize("name", LAYERS)
def test_a_penalty_is_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    make, shape = LAYERS[name]
    theirs, ours = make(torch.nn), make(hello_dl.nn)
    ours.load_state_dict({key: hello_dl.tensor(t.numpy()) for key, t in theirs.state_dict().items()})
    expected, found = (penalty_gradients(h, net, shape) for h, net in ((torch, theirs), (hello_dl, ours)))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3 * max(1e-2, float(np.abs(b).max())))


def test_attention_has_the_second_derivative_of_its_formula() -> None:
    rng = np.random.default_rng(0)
    q, k, v = (hello_dl.tensor(rng.normal(size=(2, 2, 5, 3))).requires_grad_() for _ in range(3))

    def formula(q: Any, k: Any, v: Any) -> Any:
        return (q @ k.transpose(2, 3) / 3**0.5).softmax(3) @ v

    found = []
    for f in (hello_dl.nn.functional.scaled_dot_product_attention, formula):
        slopes = hello_dl.autograd.grad((f(q, k, v) ** 2).sum(), [q, k, v], create_graph=True)
        total = hello_dl.stack([(g**3).sum() for g in slopes if g is not None]).sum()
        found.append(hello_dl.autograd.grad(total, [q, k, v]))
    for a, b in zip(*found, strict=True):
        assert a is not None
        assert b is not None
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=1e-3)
