"""Containers: modules in a row, added to their input, and by name."""

from __future__ import annotations

from collections import OrderedDict

import pytest

import hello_dl
from hello_dl import nn


def test_a_sequential_is_indexed_sliced_and_extended() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    x = hello_dl.randn(5, 4)
    assert len(net) == 3
    assert net[-1] is net[2]
    assert [type(m).__name__ for m in net[1:]] == ["ReLU", "Linear"]
    assert (net[1:](net[0](x)).numpy() == net(x).numpy()).all()
    assert [name for name, _ in net[1:].named_parameters()] == ["2.weight", "2.bias"]  # slices keep the names
    net.append(nn.Tanh()).insert(0, nn.Identity())
    assert [type(m).__name__ for m in net] == ["Identity", "Linear", "ReLU", "Linear", "Tanh"]
    del net[0]
    net[3] = nn.Sigmoid()
    assert repr(net[3]) == "Sigmoid()"
    assert net(x).shape == (5, 2)
    with pytest.raises(IndexError, match="below 4, got 9"):
        net[9]


def test_none_stands_where_a_list_leaves_out_a_module() -> None:
    blocks = nn.ModuleList([nn.Linear(2, 2), None]).append(None)
    blocks.insert(1, nn.ReLU())
    first, second, *rest = blocks
    assert (len(blocks), rest, blocks[-1]) == (4, [None, None], None)
    assert (type(first).__name__, type(second).__name__) == ("Linear", "ReLU")
    blocks[2] = nn.Linear(2, 1)
    assert [name for name, _ in blocks.named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert "(3): None" in repr(blocks)
    assert len(blocks[2:]) == 2
    assert [len(nn.ModuleList(None)), len(list(blocks.children()))] == [0, 3]


def test_a_sequential_takes_names() -> None:
    net = nn.Sequential(OrderedDict(hidden=nn.Linear(4, 3), act=nn.ReLU()))
    assert list(net.state_dict()) == ["hidden.weight", "hidden.bias"]
    assert net(hello_dl.ones(1, 4)).shape == (1, 3)


def test_a_residual_adds_its_input() -> None:
    inner = nn.Linear(3, 3)
    block, x = nn.Residual(inner, nn.ReLU()), hello_dl.randn(4, 3)
    assert block(x).numpy() == pytest.approx((x + inner(x).relu()).numpy(), abs=1e-6)
    with pytest.raises(ValueError, match="add"):
        nn.Residual(nn.Linear(3, 2))(x)


def test_a_module_dict_is_a_dict() -> None:
    net = nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.ReLU()})
    assert list(net) == net.keys() == ["a", "b"]
    assert "a" in net
    assert len(net) == 2
    del net["a"]
    assert [name for name, _ in net.items()] == ["b"]
    with pytest.raises(KeyError, match="forward"):
        net["forward"] = nn.ReLU()
