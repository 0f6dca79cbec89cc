"""Functions of the package: PyTorch's names of arguments, scalars, rounding, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import hello_dl as h

X = h.tensor([[1.0, -2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (lambda: h.sum(input=X, axis=0, keepdims=True), lambda: X.sum(0, True)),
        (lambda: h.max(input=X), lambda: X.max()),
        (lambda: h.matmul(input=X, other=X), lambda: X @ X),
        (lambda: h.clamp(input=X, min=0), lambda: X.clamp(0)),
        (lambda: h.softmax(X, axis=1), lambda: X.softmax(1)),
        (lambda: h.argmax(X, axis=1), lambda: X.argmax(1)),
        (lambda: h.exp(x=X), lambda: X.exp()),
        (lambda: h.cat((X, X), axis=1), lambda: h.cat([X, X], 1)),
        (lambda: h.stack((X, X), axis=1), lambda: h.stack([X, X], 1)),
        (lambda: h.cat([h.zeros(0), X]), lambda: X),
        (lambda: h.layer_norm(X, [2]), lambda: h.functional.layer_norm(X, 2)),
        (lambda: h.embedding(X, h.tensor([1, 0])), lambda: X[[1, 0]]),
        (lambda: h.dropout(X, 0.5, False), lambda: X),
        (lambda: h.max_pool2d(X[None], 2, 2, 0, 1), lambda: X.max().reshape(1, 1, 1)),
        (lambda: h.conv2d(X[None], h.ones(1, 1, 1, 1), padding="same"), lambda: X[None]),
        (lambda: h.norm(X, 1, 0), lambda: X.abs().sum(0)),
        (lambda: h.pow(2, h.tensor(3)), lambda: h.tensor(8)),
    ],
)  # fmt: skip
def test_names_of_arguments(a: Callable[[], h.Tensor], b: Callable[[], h.Tensor]) -> None:
    assert a().tolist() == b().tolist()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: h.exp(2.0), "exp: needs a tensor as input, got float"),
        (lambda: h.eq(2, X), "eq: needs a tensor as input, got int"),
        (lambda: h.sum([1, 2]), "sum: needs a tensor as input, got list"),
        (lambda: h.pow(2, 3), "pow: needs a tensor as input"),
        (lambda: h.maximum(X, 2), "maximum: needs two tensors, got a number"),
        (lambda: h.sum(), "sum: needs an argument 'input'"),
        (lambda: h.sum(X, dim=0, axis=0), "sum: needs dim or axis, got both"),
        (lambda: h.exp(X, input=X), "exp: got its first argument twice"),
        (
            lambda: h.where(h.tensor([1, 0]), 1.0, 2.0),
            "where: needs a condition of truth values .bool., got int64",
        ),
        (lambda: X.masked_fill(X, 0), "masked_fill: needs a mask of truth values .bool., got float32"),
        (lambda: h.add(h.tensor([1]), h.tensor([1]), alpha=0.5), "add: integers need an integer as alpha"),
    ],
)
def test_what_pytorch_refuses_is_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(TypeError, match=f"^{words}"):
        call()


def test_alpha_multiplies_what_is_added() -> None:
    y = h.tensor([[1.0, 1.0], [0.0, 2.0]])
    assert h.add(X, y, alpha=2).tolist() == (X + 2 * y).tolist()
    assert X.sub(y, alpha=0.5).tolist() == (X - 0.5 * y).tolist()
    assert h.subtract(X, 1, alpha=3).tolist() == (X - 3).tolist()
    assert h.tensor([1]).add(h.tensor([2]), alpha=3).dtype == h.int64


def test_rounded_quotients() -> None:
    a, b = h.tensor([7, -7, 7, -7]), h.tensor([2, 2, -2, -2])
    assert h.div(a, b, rounding_mode="floor").tolist() == [3, -4, -4, 3]
    assert h.div(a, b, rounding_mode="trunc").tolist() == [3, -3, -3, 3]
    assert h.div(a, 2.0, rounding_mode="floor").dtype == h.float32
    assert h.div(h.tensor([1.0, -1.0]), 0, rounding_mode="floor").tolist() == [math.inf, -math.inf]
    x = h.tensor([7.5], requires_grad=True)
    y = x.div(2.0, rounding_mode="trunc")
    assert y.item() == 3
    y.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0]
    with pytest.raises(ValueError, match="div: an integer cannot be divided by 0"):
        h.div(a, 0, rounding_mode="floor")
    with pytest.raises(ValueError, match="div: rounding_mode needs None, 'floor' or 'trunc', got 'up'"):
        a.div(b, rounding_mode="up")


def test_where_chooses_between_tensors_and_numbers() -> None:
    holds = h.tensor([True, False])
    assert h.where(holds, 1, 2).dtype == h.int64
    assert h.where(holds, 1, 2.5).tolist() == [1, 2.5]
    assert h.where(holds, h.tensor([1, 2]), 2.5).dtype == h.float32
    assert h.where(h.tensor([[True], [False]]), X[0], 0).tolist() == [[1, -2], [0, 0]]
    assert h.tensor([5.0, 6.0]).where(holds, h.tensor([7.0, 8.0])).tolist() == [5, 8]  # PyTorch's order
    assert h.tensor(5.0).where(holds, 0).tolist() == [5, 0]


def test_limits_may_be_tensors() -> None:
    low, high = h.tensor([0.0, 5.0], requires_grad=True), h.tensor(3.0)
    x = X.clone().requires_grad_()
    y = x.clamp(low, high)
    assert y.tolist() == [[1, 3], [3, 3]]  # the upper limit wins
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[1, 0], [1, 0]]
    assert X.clip(max=h.tensor([0.0, 9.0])).tolist() == [[0, -2], [0, 4]]
    assert h.tensor([1, 5]).clamp(max=2.5).tolist() == [1, 2.5]  # integers within real limits are real
    assert h.tensor([1, 5]).clamp(max=2).dtype == h.int64
    assert np.isnan(X.clamp(max=math.nan).numpy()).all()


def test_what_is_filled_in_takes_the_tensors_dtype() -> None:
    mask = h.tensor([True, False])
    assert h.tensor([1, 2]).masked_fill(mask, 3.5).tolist() == [3, 2]
    assert h.tensor([1, 2]).masked_fill(mask, h.tensor(3.5)).dtype == h.int64
    assert h.tensor([False, False]).masked_fill(mask, 10).tolist() == [True, False]
    assert h.masked_fill(h.tensor([1.0, 2.0]), mask, -math.inf).tolist() == [-math.inf, 2]
    with pytest.raises(ValueError, match="masked_fill: a tensor of int64 cannot hold inf"):
        h.tensor([1, 2]).masked_fill(mask, math.inf)
    with pytest.raises(ValueError, match="masked_fill: needs one number as value"):
        h.tensor([1, 2]).masked_fill(mask, h.tensor([1]))


def test_places_along_an_axis() -> None:
    x = h.arange(6.0).reshape(2, 3)
    assert x.gather(1, h.tensor([[2, 0]])).tolist() == [[2, 0]]  # fewer rows than x
    assert h.tensor(3.0).gather(0, h.tensor([0, 0])).tolist() == [3, 3]
    assert h.tensor([1.0, 2.0]).gather(0, h.tensor(1)).item() == 2
    assert h.tensor([1.0, 2.0]).index_select(0, h.tensor(1)).tolist() == [2]
    assert h.tensor(3.0).index_select(0, h.tensor([0])).item() == 3
    with pytest.raises(ValueError, match=r"index_select: needs an index \(n,\), got \(1, 1\)"):
        x.index_select(0, h.tensor([[0]]))
    with pytest.raises(ValueError, match="gather: needs an index"):
        x.gather(1, h.zeros(3, 1, dtype=h.int64))


def test_an_absent_function_is_named() -> None:
    with pytest.raises(AttributeError, match=r"hello_dl has no 'no_name': .* PyTorch's torch\.no_name"):
        h.no_name(h.ones(1))
    assert h.exp is h.exp  # found once, then kept
