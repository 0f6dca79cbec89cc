"""Changes in place: what they may change, what they compute, and where gradients go."""

from __future__ import annotations

from typing import Any

import pytest

import hello_dl as h


def test_a_leaf_that_requires_grad_changes_only_under_no_grad() -> None:
    w = h.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match="no_grad"):
        w += 1
    with pytest.raises(ValueError, match="no_grad"):
        w[0] = 1
    with pytest.raises(ValueError, match="no_grad"):
        w.zero_()
    before, memory = w, w.numpy()
    with h.no_grad():
        w -= 0.5
        w[0] = 9
        w.mul_(2).add_(h.ones(3), alpha=0.5)
    assert w is before
    assert w.is_leaf
    assert w.requires_grad
    assert w.tolist() == [18.5, 1.5, 1.5]
    assert memory.tolist() == w.tolist()
    w.data = h.zeros(3)
    assert w.tolist() == [0, 0, 0]
    assert w.is_leaf
    w.data -= 1
    assert w.tolist() == [-1, -1, -1]


def test_a_result_changed_in_place_keeps_its_gradient() -> None:
    x = h.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    alias = y
    y += x
    y.mul_(2)
    total = h.tensor(0.0)
    total += y.sum()
    assert alias is y
    assert not y.is_computed
    assert total.requires_grad
    total.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [8, 8]
    assert y.tolist() == [8, 16]


def test_numbers_made_of_numbers_become_a_parameter() -> None:
    w = (h.randn(3) * 0.1).requires_grad_()
    b = h.zeros(3) + 1
    b.requires_grad = True
    assert w.is_leaf
    assert b.is_leaf
    (w * b).sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="comes from mul"):
        (w * b).requires_grad_(False)


def test_in_place_methods_do_what_they_say() -> None:
    x = h.tensor([1.0, -4.0])
    assert x.clamp_(min=-2).tolist() == [1, -2]
    assert x.fill_(3).tolist() == [3, 3]
    assert x.zero_().tolist() == [0, 0]
    assert x.copy_(h.tensor(5.0)).tolist() == [5, 5]
    assert x.sub_(1).div_(2).tolist() == [2, 2]
    u = h.zeros(1000).uniform_(-2, 3)
    assert u.min().item() >= -2
    assert u.max().item() < 3
    assert u.std().item() > 1
    y = h.ones(2)
    x.copy_(y)
    y += 1
    z = h.ones(2) * 2
    z.copy_(y)
    y += 1
    assert x.tolist() == [1, 1]
    assert z.tolist() == [2, 2]
    with pytest.raises(ValueError, match="own shape"):
        x += h.ones(3, 2)
    with pytest.raises(TypeError, match="cannot put float32 numbers into a tensor of int64"):
        h.tensor([1, 2]).add_(0.5)


def test_a_dtype_stays_what_it_was() -> None:
    for y in (h.tensor([1.5, 2.5]) * 1, h.tensor([1.5, 2.5]), h.tensor([1.5, 2.5], requires_grad=True) * 1):
        y.zero_()
        assert y.dtype == h.float32
        y += 0.5
        y.fill_(1)
        y[0] = 0.5
        y.copy_(h.tensor([1, 2]))
        y.add_(h.tensor([1, 1]))
        assert y.dtype == h.float32
        assert y.tolist() == [2, 3]


def test_a_result_that_is_overwritten_still_records() -> None:
    x = h.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.zero_()
    assert y.requires_grad
    (y.sum() + x.sum()).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, 1]
    z = h.zeros(2)
    z.copy_(x)
    with h.no_grad():
        x.add_(1)
    assert z.requires_grad
    assert z.tolist() == [1, 2]


def test_messages_name_what_was_called() -> None:
    w = h.ones(2, requires_grad=True)
    for name in ("zero_", "fill_", "copy_", "uniform_", "normal_", "bernoulli_", "relu_"):
        arguments = {"fill_": (1,), "copy_": (h.ones(2),)}.get(name, ())
        with pytest.raises(ValueError, match=f"^{name}: a leaf that requires a gradient"):
            getattr(w, name)(*arguments)
    with pytest.raises(ValueError, match=r"^copy_: needs numbers that fit shape \(2,\), got \(3,\)"):
        h.ones(2).copy_(h.ones(3))


@pytest.mark.parametrize(
    "change",
    [
        lambda x, y, m: x.add_(y, alpha=2),
        lambda x, y, m: x.sub_(y, alpha=0.5),
        lambda x, y, m: x.div_(y, rounding_mode="floor"),
        lambda x, y, m: x.div_(y, rounding_mode="trunc"),
        lambda x, y, m: x.clamp_(y, y + 1),
        lambda x, y, m: x.clamp_(max=y),
        lambda x, y, m: x.masked_fill_(m, 1.5),
        lambda x, y, m: x.long().masked_fill_(m, 1.5),
        lambda x, y, m: m.clone().masked_fill_(m, 0),
        lambda x, y, m: x.long().add_(y.long(), alpha=2),
        lambda x, y, m: x.long().clamp_(1, 2),
    ],
)
def test_a_method_in_place_takes_what_the_other_takes(change: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = (
        change(t.tensor([5.5, -7.0, 2.0]), t.tensor([2.0, 3.0, -0.5]), t.tensor([True, False, True]))
        for t in (h, torch)
    )
    assert ours.tolist() == theirs.tolist()
    assert str(theirs.dtype) == f"torch.{ours.dtype}"


def test_integers_do_not_hold_random_real_numbers() -> None:
    for draw in (h.Tensor.uniform_, h.Tensor.normal_):
        with pytest.raises(TypeError, match="needs a tensor of real numbers, got int64"):
            draw(h.tensor([1, 2]))
