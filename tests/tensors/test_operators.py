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
    with pytest.raises(TypeError, match="truth values"):
        _ = h.ones(3) & a


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
