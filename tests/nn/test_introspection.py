"""Programs find a module's parts where PyTorch has them."""

from __future__ import annotations

from typing import Any

import pytest

import hello_dl
from hello_dl import nn


def network() -> Any:
    return nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.BatchNorm1d(4), nn.ReLU()))


def test_parts_are_found_by_path() -> None:
    net = network()
    assert net.get_submodule("1.0") is net[1][0]
    assert net.get_submodule("") is net
    assert net.get_parameter("1.0.weight") is net[1][0].weight
    assert net.get_buffer("1.0.running_mean") is net[1][0].running_mean
    net.set_submodule("1.1", nn.Tanh())
    assert isinstance(net[1][1], nn.Tanh)
    for call, name in (
        (net.get_submodule, "1.7"), (net.get_parameter, "0.scale"), (net.get_parameter, "1.0.running_mean"),
        (net.get_buffer, "0.weight"), (net.get_parameter, "5.weight"),
    ):  # fmt: skip
        with pytest.raises(AttributeError, match=name.split(".")[-1] if name[0] != "5" else "5"):
            call(name)


def test_members_of_one_kind_are_a_dict() -> None:
    net = network()
    assert list(net._modules) == ["0", "1"]
    assert list(net[0]._parameters) == ["weight", "bias"]
    assert list(net[1][0]._buffers) == ["running_mean", "running_var", "num_batches_tracked"]
    net._modules["0"] = nn.Linear(3, 4, bias=False)
    assert net[0].bias is None
    assert net._modules.get("x") is None
    del net._modules["1"]
    assert len(net) == len(net._modules) == 1


def test_names_come_as_often_as_asked() -> None:
    shared = nn.Linear(2, 2)
    net = nn.Sequential(shared, shared)
    assert [n for n, _ in net.named_parameters()] == ["0.weight", "0.bias"]
    assert len(list(net.named_parameters(remove_duplicate=False))) == 4
    assert [n for n, _ in net.named_modules(prefix="net")] == ["net", "net.0"]
    assert [n for n, _ in net.named_modules(remove_duplicate=False)] == ["", "0", "1"]


def test_a_state_can_be_put_into_a_dict_or_hold_the_parameters() -> None:
    net = nn.Linear(2, 2)
    state = {"before": hello_dl.ones(1)}
    assert net.state_dict(destination=state, prefix="net.") is state
    assert list(state) == ["before", "net.weight", "net.bias"]
    assert net.state_dict(keep_vars=True)["weight"] is net.weight
    assert not net.state_dict()["weight"].requires_grad
    assert net.load_state_dict(net.state_dict(), assign=True).missing_keys == []


def test_dtypes_and_devices() -> None:
    net = nn.Linear(2, 2)
    with pytest.warns(UserWarning, match="float32 instead") if _untold("float64") else _nothing():
        assert net.double() is net
    assert net.weight.dtype == "float32"
    assert net.share_memory() is net
    assert net.type(hello_dl.float32) is net
    assert net.to(hello_dl.ones(1)) is net
    for call in (net.cuda, lambda: net.cuda(0), lambda: net.to("cuda")):
        with pytest.raises(ValueError, match="CPU alone"):
            call()
    with pytest.raises(TypeError, match="int64"):
        net.type(hello_dl.int64)


def _untold(name: str) -> bool:
    """Say whether the one warning about a dtype is still to come."""
    from hello_dl.tensors import dtypes

    return name not in dtypes._told


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()
