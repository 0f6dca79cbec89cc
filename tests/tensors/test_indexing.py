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


@pytest.mark.parametrize("recorded", [False, True])
def test_what_is_assigned_may_have_first_axes_of_size_1(recorded: bool) -> None:
    w = h.ones(1, requires_grad=recorded)
    x, y, z = h.zeros(3), h.zeros(3, 2), h.zeros(3, 2)
    x[0] = w
    y[0] = w.view(1, 1) * h.tensor([2.0, 3.0])
    z[[0, 2]] = (w * h.ones(2)).view(1, 1, 2)
    z[1, 1] = w.view(1, 1, 1)
    assert x.tolist() == [1, 0, 0]
    assert y.tolist() == [[2, 3], [0, 0], [0, 0]]
    assert z.tolist() == [[1, 1], [0, 1], [1, 1]]
    if recorded:
        (x.sum() + y.sum() + z.sum()).backward()
        assert w.grad is not None
        assert w.grad.tolist() == [11]


@pytest.mark.parametrize(
    ("key", "value", "error", "words"),
    [
        (0, h.ones(2), ValueError, r"needs shape \(4,\), or one that broadcasts to it, got \(2,\)"),
        (0, h.ones(2, 4), ValueError, r"needs shape \(4,\), .*, got \(2, 4\)"),
        ((0, 0), h.ones(2), ValueError, r"needs shape \(\), .*, got \(2,\)"),
        ([0, 1], np.ones(3), ValueError, r"needs shape \(2, 4\), .*, got \(3,\)"),
        (CUBE[0] > 100, h.ones(3), ValueError, r"needs shape \(0,\), .*, got \(3,\)"),
        (0, "a", TypeError, "needs a tensor, a number or an array, got str"),
        (0, None, TypeError, "needs a tensor, a number or an array, got NoneType"),
    ],
)
@pytest.mark.parametrize("recorded", [False, True])
def test_what_cannot_be_assigned_is_told_in_our_words(
    key: Any, value: Any, error: type[Exception], words: str, recorded: bool
) -> None:
    x = h.zeros(3, 4, requires_grad=recorded) * 1.0
    with pytest.raises(error, match=rf"^x\[\.\.\.\] = y: {words}"):
        x[key] = value
    assert not x.numpy().any()


def test_numbers_are_taken_before_arrays_as_in_pytorch() -> None:
    for x in (h.tensor(CUBE), h.tensor(CUBE, requires_grad=True)):
        assert same(x[0, :, [2, 3]], CUBE[0][:, [2, 3]])
        assert same(x[[0, 1], None, 1], CUBE[:, 1][[0, 1]][:, None])
        assert same(x[[[0, 1]]], CUBE[[0, 1]])
        assert same(x[[[0, 1], [2, 0]]], CUBE[[0, 1], [2, 0]])
        assert same(x[[0, slice(None), 2]], CUBE[0, :, 2])
    y = h.tensor(CUBE)
    y[0, :, [2, 3]] = h.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert y[0, :, 2:].tolist() == [[1, 2], [3, 4], [5, 6]]


def test_keys_that_mean_nothing_are_named() -> None:
    for x in (h.tensor(CUBE), h.tensor(CUBE, requires_grad=True)):
        for key, words in (
            ((..., ...), "at most one"),
            (1.5, "got float"),
            ("a", "got str"),
            (np.ones((2, 2), bool), r"a mask of shape \(2, 2\) does not fit axes of the sizes \(2, 3\)"),
            (([0, 1], [0, 1, 2]), "index: "),
        ):
            with pytest.raises(IndexError, match=words):
                x[key]


def test_large_integers_are_assigned_exactly() -> None:
    x = h.tensor([2**40 + 1, 2, 3])
    x[1:] = h.tensor(2**53 + 1)
    x.view(3, 1)[0] += 1
    assert x.tolist() == [2**40 + 2, 2**53 + 1, 2**53 + 1]
    assert x[0].clone().item() == 2**40 + 2
