"""Views share their numbers with the tensor they were taken from; changes go both ways, as in PyTorch."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn, optim
from hello_dl.tensors import views


def test_the_usual_lines_take_effect() -> None:
    e = nn.Embedding(3, 2)
    lstm = nn.LSTM(2, 3)
    linear = nn.Linear(2, 3)
    with h.no_grad():
        e.weight[0].fill_(0)
        linear.weight[1] *= 0
    lstm.bias_ih_l0.data[3:6].fill_(1.0)
    nn.init.zeros_(linear.weight[0])
    nn.init.constant_(linear.bias[1:], 5.0)
    assert e.weight[0].tolist() == [0, 0]
    assert lstm.bias_ih_l0[3:6].tolist() == [1, 1, 1]
    assert linear.weight[:2].tolist() == [[0, 0], [0, 0]]
    assert linear.bias[1:].tolist() == [5, 5]
    x = h.zeros(4)
    x.view(2, 2)[0, 0] = 1
    row = x.view(2, 2)[1]
    row += 1
    assert x.tolist() == [1, 0, 1, 1]
    for r in x.view(2, 2):
        r.mul_(2)
    x.view(2, 2).t()[1] = h.tensor([7.0, 8.0])
    assert x.tolist() == [2, 7, 2, 8]
    y = h.tensor([1.0, 2.0], requires_grad=True).sigmoid()
    y.data[0] = 5
    assert np.allclose(y.tolist(), [5, 0.880797])


def test_a_view_follows_its_base_through_optimizers_copies_and_gradients() -> None:
    w = nn.Parameter(h.ones(2, 2))
    row, turned, old, detached = w[0], w.t(), w.clone(), w.detach()
    w.grad = h.ones(2, 2)
    optim.SGD([w], lr=0.5).step()
    assert row.tolist() == [0.5, 0.5]
    assert turned.tolist() == detached.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert old.tolist() == [[1, 1], [1, 1]]
    (row * 2).sum().backward()
    assert w.grad.tolist() == [[3, 3], [1, 1]]
    with h.no_grad():
        w.copy_(h.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert turned.tolist() == [[1, 3], [2, 4]]
    g = w.grad[0]
    w.grad.zero_()
    assert g.tolist() == [0, 0]
    w.grad[1].fill_(6)
    w.grad.view(-1)[0] = 5
    assert w.grad.tolist() == [[5, 0], [6, 6]]
    assert w.grad is w.grad
    w.data = h.zeros(2, 2)
    assert turned.tolist() == [[1, 3], [2, 4]]
    part = h.ones(4)
    leaf = part[:2].requires_grad_()
    (leaf * 3).sum().backward()
    optim.SGD([leaf], lr=1.0).step()
    assert part.tolist() == [-2, -2, 1, 1]
    assert leaf.is_leaf


def test_views_of_a_base_that_is_gone_still_know_each_other() -> None:
    a = (h.arange(6).float() * 1.0).requires_grad_(False)
    x, y, z = a[:4], a[2:], a.view(2, 3)
    del a
    x.mul_(10)
    assert y.tolist() == [20, 30, 4, 5]
    assert z.tolist() == [[0, 10, 20], [30, 4, 5]]
    w = h.tensor(2.0, requires_grad=True)
    y.mul_(w)
    assert x.tolist() == [0, 10, 40, 60]
    z.sum().backward()
    assert w.grad is not None
    assert w.grad.item() == 59


def test_gradients_go_through_a_part_that_was_replaced() -> None:
    x = h.tensor([1.0, 2.0, 3.0], requires_grad=True)
    w = h.tensor([5.0], requires_grad=True)
    y = x * x
    y[1:2].mul_(w)
    y.view(3, 1)[0] = w * 2
    (y * h.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert y.tolist() == [10, 20, 9]
    assert x.grad is not None
    assert w.grad is not None
    assert x.grad.tolist() == [0, 200, 600]
    assert w.grad.tolist() == [42]


def test_without_recording_only_numbers_change() -> None:
    x = h.tensor([1.0, 2.0], requires_grad=True)
    y, z = x * 3, x * 3
    y.detach().zero_()
    with h.no_grad():
        z.mul_(4)
        z[0] = 7
    assert y.tolist() == [0, 0]
    assert z.tolist() == [7, 24]
    (y + z).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [6, 6]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w, y: w[0].fill_(1), "fill_: a view of a leaf that requires a gradient"),
        (lambda w, y: w.t().__setitem__(0, 1), r"x\[...\] = y: a view of a leaf that requires a gradient"),
        (lambda w, y: w.unbind()[0].zero_(), "zero_: a view of a leaf"),
        (lambda w, y: y.unbind()[0].mul_(2), "mul_: one of several views .* index the tensor instead"),
        (lambda w, y: y.chunk(2)[0][0].mul_(2), "mul_: one of several views"),
        (lambda w, y: h.zeros(3).expand(2, 3).add_(1), "add_: an expanded tensor .* clone"),
        (lambda w, y: y[0].expand(2, 3)[0].add_(1), "add_: an expanded tensor"),
        (lambda w, y: y[0].detach_(), "detach_: a view cannot be detached in place"),
        (lambda w, y: y.t().view(-1), r"view: .* a view that cannot be seen as \(6,\); use reshape"),
    ],
)
def test_what_cannot_be_changed_is_refused_in_words(change: Any, words: str) -> None:
    w = h.ones(2, 3, requires_grad=True)
    y = w * 2
    with pytest.raises(ValueError, match=f"^{words}"):
        change(w, y)
    assert y.tolist() == [[2, 2, 2], [2, 2, 2]]


def test_a_view_taken_under_no_grad_is_changed_there() -> None:
    w = h.ones(3, requires_grad=True)
    y = h.ones(3, requires_grad=True) * 2
    with h.no_grad():
        of_leaf, of_result = w[:2], y[:2]
        of_leaf.mul_(2)
        of_result.mul_(2)
    assert w.tolist() == [2, 2, 1]
    assert y.tolist() == [4, 4, 2]
    with pytest.raises(ValueError, match="view of a leaf"):
        of_leaf.mul_(2)
    with pytest.raises(ValueError, match="taken under no_grad"):
        of_result.mul_(2)


def test_one_number_in_several_places_is_filled_as_one() -> None:
    x = h.zeros(1, 3)
    x.expand(4, 3).fill_(2)
    x.expand(4, 3)[0] = h.tensor([5.0, 6.0, 7.0])
    x.expand(4, 3)[1, 2].add_(1)
    assert x.tolist() == [[5, 6, 8]]
    with pytest.raises(ValueError, match="several places"):
        x.expand(4, 3)[:] = 1


def test_nothing_is_remembered_of_views_that_are_gone() -> None:
    x, y = h.zeros(4, 3), h.zeros(4, 3, requires_grad=True) * 2
    for i in range(20000):
        for t in (x, y):
            v = t.view(3, 4).t()[i % 4]
        if i % 1000 == 0:
            x.add_(1)
    del v, t
    x.add_(1)
    gc.collect()
    kept = [x[0], y[1]]
    x.mul_(2)
    assert len(views._views) == len(kept)
    assert len(views._families) == 2
    assert kept[0].tolist() == [42, 42, 42]
    del kept
    x.mul_(1)
    assert not views._views
    assert not views._families
    assert not views._notes


def test_a_view_keeps_no_result_alive() -> None:
    w = h.ones(3, requires_grad=True)
    v = (w * 2)[1:]
    assert not v.is_computed
    assert all(family.held is None for family in views._families.values())
    v.add_(1)
    assert v.tolist() == [3, 3]


def test_threads_do_not_disturb_each_other() -> None:
    def work(k: int) -> h.Tensor:
        x = h.zeros(8, 3)
        for _ in range(300):
            for row in x:
                row.add_(k)
            x.t()[0].view(2, 4)[1, 1:] += 1
        return x

    with ThreadPoolExecutor(4) as pool:
        for k, x in enumerate(pool.map(work, range(4))):
            assert x[:, 1].tolist() == [300 * k] * 8
            assert x[:, 0].tolist() == [300 * k] * 5 + [300 * k + 300] * 3
