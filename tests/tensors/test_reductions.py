"""Sums, means, the largest numbers and their places agree with numpy."""

from __future__ import annotations

import numpy as np

import hello_dl as h
from same import CUBE, same


def test_reductions_agree_with_numpy() -> None:
    x = h.tensor(CUBE, requires_grad=True)
    assert same(x.sum(1), CUBE.sum(1))
    assert same(x.sum(axis=(0, 2)), CUBE.sum((0, 2)))
    assert same(x.mean(), CUBE.mean())
    assert np.allclose(x.var(1).numpy(), CUBE.var(1, ddof=1))
    assert np.allclose(x.std(correction=0).numpy(), CUBE.std())
    assert np.allclose(x.norm().numpy(), np.linalg.norm(CUBE))
    assert same(x.norm(1, 0), abs(CUBE).sum(0))
    assert same(x.norm(float("inf")), CUBE.max())
    assert same(x.argmax(2), CUBE.argmax(2))
    assert x.argmin().item() == 0
    values, indices = x.max(1)
    assert same(values, CUBE.max(1))
    assert same(indices, CUBE.argmax(1))
    assert x.min(dim=0, keepdim=True).values.shape == (1, 3, 4)
    assert same(x.max(), CUBE.max())
    assert same(x.max(h.full((4,), 10.0)), np.maximum(CUBE, 10))
    assert (x > 3).any().item() is True
    assert (x > 3).all(dim=2).tolist() == (CUBE > 3).all(2).tolist()
    top = x.topk(2)
    assert same(top.values, CUBE[..., [3, 2]])
    assert same(top.indices, np.broadcast_to([3, 2], (2, 3, 2)))
    assert same(x.sort(descending=True).values, CUBE[..., ::-1])
    assert h.tensor([3, 1, 3]).unique().tolist() == [1, 3]


def test_the_gradient_of_a_maximum_goes_to_where_it_was() -> None:
    x = h.tensor([[1.0, 3.0], [5.0, 2.0]], requires_grad=True)
    x.max(1).values.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0, 1], [1, 0]]
    x.grad = None
    x.topk(1).values.sum().backward()
    assert x.grad.tolist() == [[0, 1], [1, 0]]
