"""Arrays that numpy() hands out share memory with the tensor, but never change an expression made before."""

from __future__ import annotations

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn


def layer() -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    with h.no_grad():
        layer.weight.fill_(2.0)
    return layer


def test_an_array_on_numbers_that_an_expression_waits_for_is_read_only() -> None:
    weights = layer()
    y = weights(h.ones(1, 1))
    for array in (weights.weight.detach().numpy(), weights.weight.numpy(), np.asarray(weights.weight.data)):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 5
    assert y.item() == 2


def test_an_array_taken_before_the_expression_does_not_reach_it() -> None:
    weights = layer()
    array = weights.weight.detach().numpy()
    y = weights(h.ones(1, 1))
    array[:] = 5
    assert y.item() == 2
    y.backward()
    assert weights.weight.grad.tolist() == [[1.0]]
    assert weights(h.ones(1, 1)).item() == 5  # the next expression sees the change


def test_gradients_are_those_of_the_numbers_at_the_time() -> None:
    x = h.tensor([3.0], requires_grad=True)
    array = x.detach().numpy()
    y = x * x
    array[:] = 100
    y.backward()
    assert x.grad.tolist() == [6.0]
    assert x.tolist() == [100.0]


def test_an_array_of_a_result_does_not_reach_what_was_made_of_it() -> None:
    y = h.tensor([1.0, 2.0]) * 3
    z = y + 1
    array = y.numpy()
    with pytest.raises(ValueError, match="read-only"):
        array[:] = 0
    assert z.tolist() == [4.0, 7.0]


def test_an_idle_tensor_can_be_changed_through_its_array() -> None:
    weights = layer()
    weights(h.ones(1, 1)).backward()  # the graph is gone afterwards
    weights.weight.detach().numpy()[:] = 7
    assert weights(h.ones(1, 1)).item() == 7
    x = h.zeros(3)
    x.numpy()[1] = 5
    assert x.tolist() == [0.0, 5.0, 0.0]


def test_an_expression_that_is_dropped_frees_the_array() -> None:
    x = h.zeros(2)
    y = x + 1
    assert not x.numpy().flags.writeable
    del y
    assert x.numpy().flags.writeable


def test_a_held_array_costs_a_copy_and_no_more() -> None:
    x = h.ones(4, requires_grad=True)
    held = x.detach().numpy()
    for _ in range(3):
        (x * 2).sum().backward()
    assert x.grad.tolist() == [6.0] * 4
    held[:] = 2
    assert (x * 2).tolist() == [4.0] * 4
