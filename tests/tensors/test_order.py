"""Sorting, searching and counting: NaN is the largest, a number alone has one place, PyTorch's options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h

NAN, INF = float("nan"), float("inf")


def same(t: h.Tensor, numbers: Any) -> bool:
    return bool(np.array_equal(t.numpy(), np.array(numbers), equal_nan=True))


def test_nan_is_the_largest_in_either_direction() -> None:
    x = h.tensor([3.0, NAN, 1.0, INF, -INF])
    assert same(x.sort().values, [-INF, 1, 3, INF, NAN])
    values, indices = x.sort(descending=True)
    assert same(values, [NAN, INF, 3, 1, -INF])
    assert indices.tolist() == [1, 3, 0, 2, 4]
    assert same(x.topk(2).values, [NAN, INF])
    assert same(x.topk(2, largest=False).values, [-INF, 1])
    assert x.argsort(descending=True).tolist() == [1, 3, 0, 2, 4]


@pytest.mark.parametrize("descending", [False, True])
def test_equal_numbers_keep_their_order(descending: bool) -> None:
    x = h.tensor([1, 0, 1, 0])
    right = [0, 2, 1, 3] if descending else [1, 3, 0, 2]
    for stable in (True, False, None):
        assert x.sort(descending=descending, stable=stable).indices.tolist() == right
    assert h.argsort(x, descending=descending, stable=True).tolist() == right
    truths = h.tensor([True, False, True])
    assert truths.sort(descending=True).values.tolist() == [True, True, False]


def test_a_number_alone_is_sorted() -> None:
    x = h.tensor(3.0, requires_grad=True)
    for values, indices in (x.sort(), x.topk(1), x.sort(-1, True)):
        assert values.shape == indices.shape == ()
        assert (values.item(), indices.item()) == (3, 0)
    assert x.argsort().shape == ()
    (x.sort().values * 2).backward()
    assert x.grad is not None
    assert x.grad.item() == 2
    with pytest.raises(ValueError, match="topk: needs k from 0 to 1"):
        x.topk(2)


def test_where_something_is_not_zero() -> None:
    x = h.tensor([[0.0, 2.0], [NAN, 0.0]])
    assert x.nonzero().tolist() == [[0, 1], [1, 0]]
    rows, columns = x.nonzero(as_tuple=True)
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [1, 0])
    assert [t.tolist() for t in h.where(x > 0)] == [[0], [1]]
    assert h.tensor(5.0).nonzero().shape == (1, 0)
    assert h.tensor(5.0).nonzero(as_tuple=True)[0].tolist() == [0]


def test_unique_with_every_option() -> None:
    x = h.tensor([[2, 1], [1, 2], [2, 1]])
    values, inverse, counts = x.unique(return_inverse=True, return_counts=True)
    assert values.tolist() == [1, 2]
    assert inverse.tolist() == [[1, 0], [0, 1], [1, 0]]
    assert counts.tolist() == [3, 3]
    rows, places = h.unique(x, sorted=True, return_inverse=True, dim=0)
    assert rows.tolist() == [[1, 2], [2, 1]]
    assert places.tolist() == [1, 0, 1]
    assert h.tensor([1.0, NAN, NAN]).unique().shape == (3,)  # no NaN equals another


# ---- reductions --------------------------------------------------------------------------------------------


def test_the_forms_of_a_variance() -> None:
    x = h.tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 3.0]])
    a = x.numpy()
    assert x.var(False).item() == pytest.approx(a.var())
    assert x.var(True).item() == pytest.approx(a.var(ddof=1))
    assert np.allclose(x.std(1, False).numpy(), a.std(1))
    assert np.allclose(x.std(1, unbiased=False, keepdim=True).numpy(), a.std(1, keepdims=True))
    assert np.allclose(x.var(dim=1, correction=0.5).numpy(), a.var(1, ddof=0.5))
    assert np.allclose(x.var(axis=0, keepdims=True, correction=0).numpy(), a.var(0, keepdims=True))
    assert x.var(()).item() == pytest.approx(a.var(ddof=1))  # no axes: all, as in PyTorch
    assert x.var(dim=None, correction=None).item() == pytest.approx(a.var(ddof=1))
    assert np.isnan(h.tensor(2.0).var().item())
    assert x[0].var(correction=3).item() == INF
    with pytest.raises(TypeError, match="var: needs unbiased or correction, got both"):
        x.var(1, False, correction=1)
    with pytest.raises(TypeError, match="std: needs unbiased to be True or False, got 0"):
        x.std(1, 0)  # type: ignore[arg-type]


def test_reductions_of_nothing_are_pytorchs() -> None:
    x = h.zeros(0, 3)
    assert np.isnan(x.mean().item())
    assert np.isnan(x.mean(0).numpy()).all()
    assert x.mean(1).shape == (0,)
    assert np.isnan(x.std().item())
    assert (x.all().item(), x.any().item()) == (True, False)
    assert x.all(0).tolist() == [True] * 3
    assert h.zeros(3, 0).logsumexp(1).tolist() == [-INF] * 3
    leaf = h.zeros(0, 3, requires_grad=True)
    leaf.mean().backward()
    assert leaf.grad is not None
    assert leaf.grad.shape == (0, 3)


def test_numbers_may_be_converted_first() -> None:
    x = h.tensor([1, 2])
    assert x.mean(dtype=h.float32).item() == 1.5
    assert h.sum(x, dtype=h.float32).dtype == h.float32
    assert x.cumsum(0, dtype=h.float32).dtype == h.float32
    assert x.norm(dtype=h.float32).item() == pytest.approx(5**0.5)
    assert h.softmax(x, 0, dtype=h.float32).sum().item() == pytest.approx(1)
    with pytest.raises(TypeError, match="softmax: needs real numbers, got int64"):
        x.softmax(0)


def test_products_and_their_gradients() -> None:
    x = h.tensor([[2.0, 0.0, 5.0], [1.0, 3.0, 4.0]], requires_grad=True)
    y = x.prod(1)
    assert y.tolist() == [0, 12]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[0, 10, 0], [12, 4, 3]]  # the product of the others, also beside a 0
    assert x.prod().item() == 0
    assert x.prod(0, keepdim=True).shape == (1, 3)
    assert h.prod(h.tensor([2, 3, 7])).item() == 42
    assert h.zeros(0, 2).prod(0).tolist() == [1, 1]
    assert h.tensor(3.0).prod(0).item() == 3
    assert h.tensor([True, True]).prod().dtype == h.int64


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, -1, -2, INF, -INF, "fro", None])
def test_norms_of_every_kind(p: Any) -> None:
    a = np.array([[1.0, -2.0, 2.0], [0.5, 0.25, -4.0]], np.float32)
    right = np.linalg.norm(a, 2 if p in ("fro", None) else p, axis=1)
    assert np.allclose(h.tensor(a).norm(p, 1).numpy(), right)
    assert h.tensor(a).norm(p).shape == ()
    with pytest.raises(ValueError, match="norm: needs a number, 'fro' or 'nuc' as p, got 'nux'"):
        h.tensor(a).norm("nux")
