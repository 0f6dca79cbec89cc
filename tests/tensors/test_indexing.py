"""x[...] and x[...] = y do what numpy does, gradients included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from same import CUBE, leaf, same

KEYS: list[Any] = [
    0, -1, slice(1, None), (slice(None), 1), (..., -1), (None, 0),
    (slice(None), slice(0, 3, 2), 1), (0, ..., None),
    (slice(None), slice(None), slice(3, 1)), [1, 0, 1], np.array([[0, 1], [1, 1]]), (slice(None), [2, 0]),
    ([0, 1], [2, 0]), (0, [1, 2], slice(None)), ([1, 0], slice(None), [3, 3]), CUBE > 10,
    (CUBE > 10)[:, :, 0], (slice(None), [-1]), (1, 2, 3), (), (..., [0, -1]),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("on", ["numbers", "graph"])
def test_an_index_picks_what_numpy_picks(key: Any, on: str) -> None:
    x = h.tensor(CUBE, requires_grad=on == "graph")
    y = x[key]
    assert same(y, CUBE[key])
    if on == "graph":
        g = np.random.default_rng(0).standard_normal(y.shape).astype(np.float32)
        y.backward(h.tensor(g))
        expected = np.zeros_like(CUBE)
        np.add.at(expected, key, g)
        assert x.grad is not None
        assert np.allclose(x.grad.numpy(), expected, 1e-6)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_assigning_changes_what_numpy_changes(key: Any) -> None:
    expected = CUBE.copy()
    expected[key] = -1
    x = h.tensor(CUBE)
    x[key] = -1
    assert same(x, expected)
    source = h.tensor(CUBE, requires_grad=True)
    y = source * 1.0
    value = h.tensor(-1.0, requires_grad=True)
    y[key] = value
    assert same(y, expected)
    y.sum().backward()
    assert source.grad is not None
    assert same(source.grad, (expected != -1).astype(np.float32))
    assert value.grad is not None
    assert value.grad.item() == (expected == -1).sum()


def test_indices_that_are_wrong_are_named() -> None:
    for x in (h.tensor(CUBE), h.tensor(CUBE, requires_grad=True)):
        for key in (2, (0, 3), (0, 0, 0, 0), [5], (slice(None), [-4])):
            with pytest.raises(IndexError):
                x[key]
        with pytest.raises(ValueError, match="step above 0"):
            x[::-1]
        with pytest.raises(IndexError, match="integers or truth values"):
            x[h.tensor([0.5])]


def test_picking_one_of_each_row_stays_row_by_row() -> None:
    y = leaf(5, 3)[h.arange(5), h.tensor([0, 1, 2, 1, 0])]
    assert y.op == "pick"


def test_integers_stay_integers() -> None:
    x = h.tensor([1, 2, 3])
    x[0] = 7.9
    assert x.tolist() == [7, 2, 3]
    assert x[1:].dtype == h.int64
    assert x[x > 2].tolist() == [7, 3]
