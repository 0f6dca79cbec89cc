"""Sums, means, the largest numbers and their places agree with numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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


# ---- axes, by either word ----------------------------------------------------------------------------------

BY_AXIS = ("sum", "mean", "var", "std", "norm", "argmax", "argmin", "max", "min", "all", "any")
BY_DIM = ("argsort", "sort", "topk", "unbind", "split", "chunk", "squeeze", "unsqueeze", "flatten")
FIRST = {"norm": (2,), "topk": (1,), "split": (1,), "chunk": (1,)}  # what comes before the axis


def along(name: str, x: h.Tensor, *args: Any, **options: Any) -> Any:
    return getattr(x, name)(*FIRST.get(name, ()), *args, **options)


@pytest.mark.parametrize("name", BY_AXIS)
def test_an_axis_is_named_once(name: str) -> None:
    x = h.tensor(CUBE)
    for dim, axis in ((0, 1), (0, 0), (1, -1)):
        with pytest.raises(TypeError, match=f"^{name}: needs dim or axis, got both$"):
            along(name, x, dim, axis=axis)
    assert repr(along(name, x, 1)) == repr(along(name, x, axis=1)) == repr(along(name, x, dim=1))


@pytest.mark.parametrize("name", BY_AXIS + BY_DIM)
def test_mistakes_are_told_in_the_name_of_the_method_that_was_called(name: str) -> None:
    x = h.tensor(CUBE)
    for keepdim in ({}, {"keepdim": True}) if name in BY_AXIS else ({},):
        with pytest.raises(IndexError, match=f"^{name}: needs an axis from "):
            along(name, x, 7, **keepdim)
    with pytest.raises(TypeError, match=f"^{name}: .*got "):
        along(name, x, "a")


@pytest.mark.parametrize("name", ["argmax", "argmin", "max", "min"])
def test_too_few_numbers_are_told_in_the_name_of_the_method_that_was_called(name: str) -> None:
    for axis in ((), (0,)):
        with pytest.raises(ValueError, match=f"^{name}: needs at least one number"):
            getattr(h.zeros(0, 3), name)(*axis)


def test_a_largest_number_needs_an_axis_or_something_to_compare_with() -> None:
    x = h.tensor(CUBE)
    with pytest.raises(ValueError, match=r"^max: needs shapes .* got \(2, 3, 4\) and \(5,\)"):
        x.max(h.ones(5))
    with pytest.raises(TypeError, match=r"^min: keepdim needs an axis, got a tensor to compare with"):
        x.min(h.ones(4), keepdim=True)
    with pytest.raises(TypeError, match=r"^min: .*got tuple"):
        x.min((0, 1))
    with pytest.raises(TypeError, match=r"^var: needs a float tensor"):
        h.tensor([1, 2]).var()
    assert x.max(keepdim=True).shape == (1, 1, 1)


@pytest.mark.parametrize("name", BY_AXIS + BY_DIM)
def test_an_axis_may_be_an_integer_of_numpy(name: str) -> None:
    x = h.tensor(CUBE)
    assert repr(along(name, x, np.int64(1))) == repr(along(name, x, 1))


@pytest.mark.parametrize("name", BY_AXIS)
def test_a_number_alone_has_an_axis_of_its_own(name: str) -> None:
    x = h.tensor(2.0)
    along(name, x, 0)
    with pytest.raises(IndexError, match=f"^{name}: needs an axis from -1 to 0, got 1"):
        along(name, x, 1)


def test_the_nuclear_norm_is_the_sum_of_singular_values() -> None:
    x = h.tensor(CUBE)
    assert np.allclose(x[0].norm("nuc").numpy(), np.linalg.norm(CUBE[0], "nuc"))
    wanted = np.linalg.svd(CUBE.transpose(1, 0, 2), compute_uv=False).sum(-1)
    assert np.allclose(x.norm("nuc", (0, 2)).numpy(), wanted, rtol=1e-5)
    assert x.norm("nuc", (0, 2), keepdim=True).shape == (1, 3, 1)
    for dim in (None, 1, (1, 1)):
        with pytest.raises(ValueError, match="norm: 'nuc' is of matrices, it needs two axes as dim"):
            x.norm("nuc", dim)


# ---- counting ----------------------------------------------------------------------------------------------


def test_bincount_adds_up_the_weights_of_each_integer() -> None:
    x = h.tensor([0, 1, 1])
    assert x.bincount().tolist() == [1, 2]
    assert x.bincount(minlength=4).tolist() == [1, 2, 0, 0]
    counted = x.bincount(h.tensor([5.0, 1.0, 1.5]))
    assert counted.tolist() == [5, 2.5]
    assert counted.dtype == h.float32
    assert x.bincount(weights=np.array([5, 1, 1]), minlength=3).tolist() == [5, 2, 0]
    assert x.bincount(weights=[0.5, 1, 1]).tolist() == [0.5, 2]


@pytest.mark.parametrize(
    ("x", "options", "error", "words"),
    [
        ([[0, 1]], {}, ValueError, r"a list of integers of 0 or more, got shape \(1, 2\)"),
        ([-1, 1], {}, ValueError, "a list of integers of 0 or more, got -1"),
        ([0.5], {}, TypeError, "integers, got float32"),
        ([0, 1], {"weights": h.ones(3)}, ValueError, r"a weight for each of 2 integers, got shape \(3,\)"),
        ([0, 1], {"minlength": -1}, ValueError, "a minlength of 0 or more, got -1"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    x: Any, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=f"^bincount: needs {words}"):
        h.tensor(x).bincount(**options)
