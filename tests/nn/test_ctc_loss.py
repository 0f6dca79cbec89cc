"""The CTC loss as a module, and a network that learns by it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn, optim


@pytest.mark.parametrize(
    "options", [{}, {"blank": 4}, {"reduction": "sum"}, {"zero_infinity": True}], ids=str
)
def test_the_module_is_pytorchs(options: Any) -> None:
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).standard_normal((6, 2, 5)).astype(np.float32)
    args = (6, 3), (2, 3)  # the second sample has too few steps
    mine = nn.CTCLoss(**options)(h.tensor(x).log_softmax(2), h.tensor([[1, 2, 3], [2, 2, 3]]), *args)
    targets = torch.tensor([[1, 2, 3], [2, 2, 3]])
    theirs = torch.nn.CTCLoss(**options)(torch.tensor(x).log_softmax(2), targets, *args)
    assert mine.item() == pytest.approx(theirs.item(), rel=1e-5)


def test_its_arguments_and_its_mistakes() -> None:
    names = list(inspect.signature(nn.CTCLoss).parameters)
    assert names == ["blank", "reduction", "zero_infinity", "batch_first"]
    with pytest.raises(ValueError, match="CTCLoss: reduction needs 'none', 'mean' or 'sum', got 'avg'"):
        nn.CTCLoss(reduction="avg")


class Reader(nn.Module):
    """Class scores of each step, from the numbers of the steps around it."""

    def __init__(self) -> None:
        self.gru = nn.GRU(6, 16, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 5)

    def forward(self, x: h.Tensor) -> h.Tensor:
        return self.head(self.gru(x)[0]).log_softmax(2)


def drawn(rng: np.random.Generator, targets: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return steps (n, 16, 6) of noise, and a mark of two steps for each letter."""
    n, letters = targets.shape
    x = 0.1 * rng.standard_normal((n, 16, 6))
    for i in range(n):
        ends = np.sort(rng.choice(np.arange(2, 16, 2), letters, replace=False))
        for place, label in zip(ends, targets[i], strict=True):
            x[i, place - 2 : place, label] += 1
            x[i, place - 1, 5] += 1  # the second of the two steps
    return x.astype(np.float32)


def test_a_network_learns_texts_without_being_told_where_letters_are() -> None:
    rng = np.random.default_rng(0)
    net, loss_of = Reader(), nn.CTCLoss(batch_first=True)
    optimizer = optim.Adam(net.parameters(), lr=0.02)
    losses = []
    for _ in range(150):
        targets = rng.integers(1, 5, (16, 4))
        loss = loss_of(net(h.tensor(drawn(rng, targets))), h.tensor(targets), [16] * 16, [4] * 16)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 2
    assert np.mean(losses[-10:]) < 0.1
    targets = rng.integers(1, 5, (32, 4))
    best = net(h.tensor(drawn(rng, targets))).numpy().argmax(2)
    read = [[k for k, before in zip(line, [0, *line], strict=False) if k not in (0, before)] for line in best]
    assert np.mean([r == t for r, t in zip(read, targets.tolist(), strict=True)]) > 0.9
