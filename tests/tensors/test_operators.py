"""Python's operators on tensors, numbers and arrays, and Python's own questions such as len and float."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from same import same


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "truediv", "pow", "lt", "le", "gt", "ge", "eq", "ne", "floordiv", "mod"]
)
@pytest.mark.parametrize("other", [2, 2.5, np.float32(1.5), np.array([1, 2, 3], np.float32), "tensor"])
def test_operators_take_numbers_and_arrays_on_either_side(name: str, other: Any) -> None:
    x = np.array([[1.5, -2, 3], [4, 5, 6]], np.float32)
    f = getattr(operator, name)
    right = np.array([3, 2, 1], np.float32) if isinstance(other, str) else other
    mine = h.tensor(right) if isinstance(other, str) else other
    with np.errstate(invalid="ignore"):
        expected, reverse = f(x, right), f(right, x)
    assert np.allclose(f(h.tensor(x), mine).numpy(), expected, 1e-5, equal_nan=True)
    turned = f(mine, h.tensor(x))
    assert isinstance(turned, h.Tensor)
    assert np.allclose(turned.numpy(), reverse, 1e-4, equal_nan=True)


def test_truth_values_combine_and_refuse_numbers() -> None:
    a, b = h.tensor([True, True, False]), h.tensor([True, False, False])
    assert (a & b).tolist() == [True, False, False]
    assert (a | b).tolist() == [True, True, False]
    assert (a ^ b).tolist() == [False, True, False]
    assert (~a).tolist() == [False, False, True]
    assert (a & b).dtype == (a | b).dtype == (a ^ b).dtype == (~a).dtype == h.bool
    with pytest.raises(TypeError, match=r"&: needs truth values \(bool\) or integers, got float32"):
        _ = h.ones(3) & a
    with pytest.raises(ValueError, match=r"\^: needs shapes that broadcast, got \(3,\) and \(2,\)"):
        _ = h.arange(3) ^ h.arange(2)


@pytest.mark.parametrize("name", ["and_", "or_", "xor"])
def test_bits_of_integers_combine(name: str) -> None:
    a, b, f = np.array([1, -2, 2**40 + 5]), np.array([[3], [2**40]]), getattr(operator, name)
    for other in (b, h.tensor(b), 6, True):
        right = other.numpy() if isinstance(other, h.Tensor) else other
        assert np.array_equal(f(h.tensor(a), other).numpy(), f(a, right))
        assert np.array_equal(f(other, h.tensor(a)).numpy(), f(right, a))
    assert (~h.tensor(a)).tolist() == (~a).tolist()


def test_remainders_have_their_digits() -> None:
    """Once x - floor(x / y) y, which has none left for large x, and is NaN for an infinite y."""
    torch = pytest.importorskip("torch")
    x, y = [5.0, -5.0, 1e20, 7.5, -1e-30, 0.0], [float("inf"), float("inf"), 3.0, -2.0, 3.0, -1.0]
    for f in (operator.mod, lambda a, b: a.remainder(b)):
        found = []
        for t in (h, torch):
            a, b = t.tensor(x, requires_grad=True), t.tensor(y, requires_grad=True)
            z = f(a, b)
            z.backward(t.ones(6))
            found.append((z.tolist(), a.grad.tolist(), b.grad.tolist()))
        assert found[0] == found[1]
    for a, b in ((h.tensor([7, -7]), 3), (7, h.tensor([3, -3])), (h.tensor([2**60 + 1]), h.tensor([1000]))):
        right = operator.mod(*(np.asarray(t.numpy() if isinstance(t, h.Tensor) else t) for t in (a, b)))
        assert operator.mod(a, b).tolist() == right.tolist()
    assert h.remainder(h.tensor([True, True]), 2).tolist() == [1, 1]
    with pytest.raises(ValueError, match="remainder: an integer cannot be divided by 0"):
        _ = h.tensor([1]) % 0


def test_matrix_product_with_arrays_on_either_side() -> None:
    a, b = np.ones((2, 3), np.float32), np.ones((3, 4), np.float32)
    assert same(h.tensor(a) @ b, a @ b)
    assert same(a @ h.tensor(b), a @ b)


def test_what_is_no_number_is_unequal_and_cannot_be_added() -> None:
    x = h.ones(2)
    assert operator.eq(x, None) is False
    assert (x != "a") is True
    with pytest.raises(TypeError, match="needs a tensor or a number, got str"):
        _ = x + "a"
    assert len({x, x, h.ones(2)}) == 2


def test_python_asks_for_numbers() -> None:
    assert float(h.tensor(2.5)) == 2.5
    assert int(h.tensor(2.5)) == 2
    assert [10, 20][h.tensor(1)] == 20
    assert bool(h.tensor([3]))
    assert not h.tensor(0.0)
    assert f"{h.tensor(2.0):.2f}" == "2.00"
    assert [t.item() for t in h.tensor([1, 2])] == [1, 2]
    assert len(h.zeros(3, 2)) == 3
    assert 2.0 in h.tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="neither true nor false"):
        bool(h.ones(2))
    with pytest.raises(ValueError, match="one number"):
        h.ones(2).item()
    for call in (len, iter):
        with pytest.raises(TypeError, match="without axes"):
            call(h.tensor(1.0))


def test_truth_values_may_stand_on_the_left() -> None:
    t = h.tensor([True, False])
    assert [(True & t).tolist(), (True | t).tolist(), (True ^ t).tolist()] == [
        [True, False],
        [True, True],
        [False, True],
    ]
