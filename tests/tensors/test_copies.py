"""Copies and shared memory: numpy, copy, pickle, DLPack, the buffer protocol, detach and clone."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from same import CUBE, leaf, same


def test_from_numpy_copies_and_numpy_shares() -> None:
    array = np.zeros(3, np.float32)
    t = h.from_numpy(array)
    array[0] = 5
    assert t.tolist() == [0, 0, 0]
    t.numpy()[1] = 7
    assert t.tolist() == [0, 7, 0]
    np.asarray(t)[2] = 8
    assert t.tolist() == [0, 7, 8]
    assert np.asarray(h.tensor([1, 2])).dtype == np.int64
    assert np.asarray(h.tensor([True])).dtype == bool


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
@pytest.mark.parametrize("t", [h.tensor([1.5, 2], requires_grad=True), h.tensor([[1, 2]]), h.tensor(True)])
def test_copies_are_by_value(how: Any, t: h.Tensor) -> None:
    other = how(t)
    assert same(other, t.numpy())
    assert other.dtype == t.dtype
    assert other.requires_grad == t.requires_grad
    with h.no_grad():
        other.zero_()
    assert t.numpy().any()


def test_dlpack_goes_both_ways() -> None:
    t = h.tensor([[1.0, 2.0]])
    assert t.__dlpack_device__() == (1, 0)
    shared = np.from_dlpack(t)
    t.mul_(2)
    assert shared.tolist() == [[2, 4]]
    assert h.from_dlpack(np.arange(3)).tolist() == [0, 1, 2]
    torch = pytest.importorskip("torch")
    assert torch.from_dlpack(t).tolist() == [[2, 4]]
    assert h.from_dlpack(torch.ones(2)).tolist() == [1, 1]


def test_memory_is_offered_through_the_buffer_protocol() -> None:
    t = h.tensor(CUBE)
    view = memoryview(t)
    assert view.shape == (2, 3, 4)
    assert view.format == "f"
    view[0, 0, 0] = 5.0
    assert t[0, 0, 0].item() == 5
    with pytest.raises(BufferError):
        memoryview(h.tensor([1]))


def test_detached_and_cloned() -> None:
    x = leaf(3)
    y = x * 2
    d = y.detach()
    assert not d.requires_grad
    assert not y.is_computed
    assert not d.is_computed
    (y.clone() * d).sum().backward()
    assert x.grad is not None
    assert np.allclose(x.grad.numpy(), 2 * y.numpy())
    c = x.detach().clone()
    c += 1
    assert np.allclose(c.numpy(), x.numpy() + 1)


def test_a_clone_keeps_the_numbers_of_its_time() -> None:
    p = h.ones(2, requires_grad=True)
    clones = [p.clone(), (p * 2).clone(), p.view(2, 1).clone(), p.repeat(1), p.expand(2, 2).t().contiguous()]
    with h.no_grad():
        p.fill_(5)
    p.grad = h.ones(2)
    h.optim.SGD([p], lr=1.0).step()
    assert [c.flatten().tolist() for c in clones] == [[1, 1], [2, 2], [1, 1], [1, 1], [1] * 4]
    assert all(c.requires_grad for c in clones)
    x = h.tensor([1.0, 2.0])
    for copied in (x.clone(), x.repeat(1), x.reshape(1, 2).repeat(1, 1), x.flip(), x[[0, 1]], h.cat([x])):
        copied.zero_()
        assert x.tolist() == [1, 2]


def test_a_clone_hands_its_gradient_on() -> None:
    p = h.tensor([3.0], requires_grad=True)
    (p.clone() * p).sum().backward()
    assert p.grad is not None
    assert p.grad.tolist() == [6]


def test_data_takes_numbers_of_the_same_shape() -> None:
    with pytest.raises(ValueError, match=r"^x.data = y: needs shape \(2,\), got \(3,\)"):
        h.zeros(2).data = h.ones(3)
    x = h.zeros(2)
    before, x.data = x.data, h.ones(2)
    assert before.tolist() == [0, 0]
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("to_array", [h.Tensor.numpy, np.asarray, memoryview])
def test_an_array_of_a_view_reads_the_memory_of_its_base(to_array: Any) -> None:
    x = h.arange(6.0).reshape(2, 3)
    for view, right in (
        (x[1], [4, 5, 6]),
        (x.t()[2], [3, 6]),
        (x[:, 1], [2, 5]),
        (x.view(6), [*range(1, 7)]),
    ):
        array = to_array(view)
        x.add_(1)
        assert array.tolist() == right
        x.sub_(1)


@pytest.mark.parametrize("to_array", [h.Tensor.numpy, np.asarray, memoryview])
def test_no_write_into_an_array_is_lost(to_array: Any) -> None:
    """A view has numbers of its own in the engine, so arrays are read-only while there is one."""
    x = h.zeros(4)
    v = x[1:3]
    for tensor in (x, v, x.view(2, 2), x.detach()):
        array = to_array(tensor)
        with pytest.raises((ValueError, TypeError), match="read-only"):
            array[0] = 5
    del v, tensor, array
    to_array(x)[1] = 5
    to_array(x.detach())[2] = 6  # the same numbers, in the same memory
    assert x.tolist() == [0, 5, 6, 0]
    a, b = x[:3], x[2:]
    del x
    with pytest.raises((ValueError, TypeError), match="read-only"):
        to_array(a)[2] = 7
    assert b.tolist() == [6, 0]
    y = h.tensor([1.0, 2.0], requires_grad=True) * 2
    z = y.detach()
    with pytest.raises((ValueError, TypeError), match="read-only"):
        to_array(z)[0] = 0
    assert y.tolist() == [2, 4]
