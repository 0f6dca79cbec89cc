"""Functions imported when they are first used: their twins, out=, names of arguments, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import Tensor, ones, tensor, zeros
from hello_dl.tensors import later


def test_every_name_of_the_table_leads_somewhere() -> None:
    for name in later.names():
        assert callable(getattr(Tensor, name)), name
    for name in later.function_names():
        assert callable(getattr(hello_dl, name)), name


def test_twins_change_the_tensor_itself() -> None:
    x = tensor([1.0, 2.7])
    assert x.log_().exp_().floor_() is x
    assert x.tolist() == [1.0, 2.0]
    assert x.gt_(1.5).tolist() == [0.0, 1.0]
    y = zeros(3)
    y.scatter_(0, tensor([2, 0]), 5.0).index_add_(0, tensor([1, 1]), ones(2))
    assert y.tolist() == [5.0, 2.0, 5.0]
    y[:2].neg_()
    assert y.tolist() == [-5.0, -2.0, 5.0]


def test_twins_have_gradients() -> None:
    x = tensor([0.5, 2.0], requires_grad=True)
    y = x * 1.0
    y.log_()
    y.backward(tensor([1.0, 3.0]))
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 1.5]
    with pytest.raises(ValueError, match="sin_: a leaf that requires a gradient"):
        x.sin_()


def test_twins_that_change_the_shape() -> None:
    x = ones(2, 3)
    assert x.unsqueeze_(0) is x
    assert x.squeeze_().t_().shape == (3, 2)
    part = x[0]
    with pytest.raises(ValueError, match="unsqueeze_: cannot reshape a tensor that shares its numbers"):
        part.unsqueeze_(0)


def test_a_diagonal_is_a_view() -> None:
    x = zeros(2, 3)
    x.diagonal().fill_(1)
    x.diagonal(1).add_(2)
    assert x.tolist() == [[1, 2, 0], [0, 1, 2]]


def test_out_and_names_of_arguments() -> None:
    out = zeros(2, 2)
    assert hello_dl.matmul(ones(2, 3), ones(3, 2), out=out) is out
    assert out.tolist() == [[3, 3], [3, 3]]
    with pytest.raises(ValueError, match=r"add: needs out of shape \(2,\), got \(3,\)"):
        hello_dl.add(ones(2), ones(2), out=zeros(3))
    assert hello_dl.outer(input=ones(2), vec2=ones(3)).shape == (2, 3)
    assert hello_dl.cumprod(ones(2, 3), axis=1).shape == (2, 3)
    assert ones(2, 3).median(axis=1, keepdims=True).values.shape == (2, 1)


def test_integers_stay_exact() -> None:
    large = tensor([2**40, 3])
    assert large.roll(1).tolist() == [3, 2**40]
    assert large.cumprod(0).tolist() == [2**40, 3 * 2**40]
    assert zeros(2, dtype=hello_dl.int64).scatter_add(0, tensor([1, 1]), large).tolist() == [0, 2**40 + 3]
    assert hello_dl.diff(large).tolist() == [3 - 2**40]
    assert hello_dl.trace(tensor([[2**40, 0], [0, 1]])).item() == 2**40 + 1


@pytest.mark.filterwarnings("ignore:.*it computes in int64")
def test_integers_of_few_bits_wrap_around_as_pytorchs() -> None:
    assert tensor([-8.0, 300.0]).byte().tolist() == [248, 44]
    assert tensor([200, -129]).to(hello_dl.int8).tolist() == [-56, 127]
    assert tensor([40000]).short().tolist() == [-25536]
    assert tensor([2**31]).int().tolist() == [-(2**31)]
    assert tensor([7, -7]).to(hello_dl.int16).tolist() == [7, -7]


def test_random_twins() -> None:
    hello_dl.manual_seed(0)
    assert 0.9 < zeros(2000).exponential_().mean().item() < 1.1
    drawn = zeros(500, dtype=hello_dl.int64).random_(3, 6)
    assert sorted({*drawn.tolist()}) == [3, 4, 5]
    assert hello_dl.normal(5.0, 0.1, (1000,)).mean().item() == pytest.approx(5, abs=0.05)
    assert hello_dl.normal(tensor([0.0, 9.0]), tensor([0.0, 0.0])).tolist() == [0.0, 9.0]


X: Any = ones(2, 3)
REFUSALS: list[tuple[Any, str]] = [
    (lambda: X.scatter(1, tensor([[0, 3]]), 1.0), "scatter: needs places from 0 to 2, got 0 to 3"),
    (
        lambda: X.scatter_add(0, tensor([[0]]), tensor([[1]])),
        "scatter_add: needs numbers of the tensor's own",
    ),
    (lambda: X.index_add(0, tensor([0.5]), ones(1, 3)), "index_add: needs integers as index"),
    (lambda: X.scatter_reduce(0, tensor([[0]]), X, "max"), "scatter_reduce: needs 'sum', 'prod'"),
    (lambda: hello_dl.einsum("ij,jk", X, X), "einsum: 'j' needs one size"),
    (lambda: hello_dl.einsum("ij->k", X), "einsum: each letter behind"),
    (lambda: hello_dl.einsum("ij,jk->ik", X), "einsum: needs a tensor for each of 2 terms"),
    (lambda: hello_dl.outer(X, X), "outer: needs a tensor of 1 axes"),
    (lambda: hello_dl.cross(X, ones(3)), "cross: needs tensors of equally many axes"),
    (lambda: X.roll((1, 2), 0), "roll: needs as many axes as shifts"),
    (lambda: X.quantile(1.5), "quantile: needs numbers, and shares from 0 to 1"),
    (lambda: X.kthvalue(4), "kthvalue: needs k from 1 to 3, got 4"),
    (lambda: X.masked_select(X), "masked_select: needs a mask of truth values"),
    (lambda: X.bitwise_and(1), "bitwise_and: needs integers or truth values"),
    (lambda: tensor([1]).fmod(0), "fmod: an integer cannot be divided by 0"),
    (lambda: hello_dl.broadcast_tensors(ones(2), X), "broadcast_shapes: needs shapes that broadcast"),
    (lambda: hello_dl.meshgrid(ones(2), indexing="yx"), "meshgrid: indexing needs"),
    (lambda: X.repeat_interleave(-1), "repeat_interleave: needs one whole number"),
    (lambda: hello_dl.searchsorted(ones(2), ones(2), out_int32=True), "searchsorted: needs out_int32=False"),
    (lambda: X.diagonal(0, 1, 1), "diagonal: needs two different axes"),
]


@pytest.mark.parametrize(("call", "words"), REFUSALS, ids=[words.split(":")[0] for _, words in REFUSALS])
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError)) as caught:
        call()
    assert words in str(caught.value)


def test_running_products_have_gradients_at_zeros() -> None:
    x = tensor([2.0, 0.0, 3.0], requires_grad=True)
    x.cumprod(0).backward(tensor([1.0, 10.0, 100.0]))
    assert x.grad is not None
    assert np.allclose(x.grad.numpy(), [1.0, 620.0, 0.0])


def test_a_number_alone_is_joined_with_others() -> None:
    for include_self, mean in ((True, 2.0), (False, 3.0)):
        y = tensor(1.0).index_reduce(0, tensor([0]), tensor(3.0), "mean", include_self=include_self)
        assert (y.shape, y.item()) == ((), mean)
