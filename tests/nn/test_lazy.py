"""Lazy layers learn their size from the first input; lists and dicts of parameters are found by modules."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import nn, optim

CASES: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Linear", (5,), {}, (2, 3, 4)),
    ("Linear", (5,), {"bias": False}, (4,)),
    ("Conv1d", (6, 3), {"groups": 2}, (2, 4, 9)),
    ("Conv1d", (6, 3), {}, (4, 9)),
    ("Conv2d", (6, 3, 1, "same"), {"padding_mode": "circular"}, (2, 4, 6, 6)),
    ("Conv3d", (3, 2), {}, (1, 2, 4, 4, 4)),
    ("ConvTranspose1d", (4, 2), {}, (2, 3, 5)),
    ("ConvTranspose2d", (4, 2, 2), {"output_padding": 1}, (2, 3, 5, 5)),
    ("ConvTranspose3d", (4, 2), {"groups": 2}, (1, 2, 3, 3, 3)),
    ("BatchNorm1d", (), {}, (5, 3)),
    ("BatchNorm2d", (1e-3,), {"momentum": 0.3}, (2, 3, 4, 4)),
    ("BatchNorm3d", (), {"affine": False}, (2, 3, 2, 2, 2)),
    ("InstanceNorm1d", (), {}, (2, 3, 4)),
    ("InstanceNorm2d", (), {"track_running_stats": False}, (2, 3, 4, 4)),
    ("InstanceNorm3d", (), {"bias": False}, (2, 3, 2, 2, 2)),
]


@pytest.mark.parametrize(("name", "args", "settings", "shape"), CASES)
def test_a_lazy_layer_becomes_the_plain_one(
    name: str, args: Any, settings: dict[str, Any], shape: tuple[int, ...]
) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = (getattr(m, f"Lazy{name}")(*args, **settings) for m in (nn, torch.nn))
    assert repr(mine) == repr(theirs)
    assert isinstance(mine, getattr(nn, name))
    assert mine.has_uninitialized_params()
    before = list(mine.parameters())
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    first = mine(h.tensor(x))
    theirs(torch.tensor(x))
    assert type(mine) is getattr(nn, name)
    assert repr(mine) == repr(theirs)
    assert all(a is b for a, b in zip(before, mine.parameters(), strict=True))
    states = [[(k, tuple(t.shape)) for k, t in layer.state_dict().items()] for layer in (mine, theirs)]
    assert states[0] == states[1]
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in mine.state_dict().items()})
    mine.eval(), theirs.eval()
    y, z = mine(h.tensor(x)), theirs(torch.tensor(x))
    assert y.shape == first.shape
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-4, atol=1e-5)


def test_a_lazy_network_learns() -> None:
    h.manual_seed(0)
    net = nn.Sequential(nn.LazyLinear(8), nn.Tanh(), nn.LazyLinear(1))
    seen = []
    net[0].register_forward_hook(lambda layer, args, y: seen.append((type(layer), y.shape)))
    assert repr(net[0].weight) == "<UninitializedParameter>"
    optimizer = optim.SGD(net.parameters(), lr=0.2)
    x = h.randn(50, 3)
    losses = []
    for _ in range(60):
        loss = nn.functional.mse_loss(net(x), x[:, :1] * x[:, 1:2])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    assert seen[0] == (nn.Linear, (50, 8))


def test_a_copy_of_a_lazy_layer_learns_its_size_by_itself() -> None:
    layer = nn.Sequential(nn.LazyConv2d(6, 3, groups=2), nn.Flatten(), nn.LazyLinear(2, bias=False))
    other = copy.deepcopy(layer)
    assert layer(h.ones(1, 2, 5, 5)).shape == (1, 2)
    assert type(other[0]) is nn.LazyConv2d
    assert other(h.ones(1, 4, 4, 4)).shape == (1, 2)
    assert (layer[0].in_channels, other[0].in_channels) == (2, 4)
    assert (layer[2].in_features, other[2].in_features) == (54, 24)


def test_bad_settings_of_lazy_layers_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="out_features of at least 0, got -1"):
        nn.LazyLinear(-1)
    with pytest.raises(ValueError, match="channels that 2 groups divide"):
        nn.LazyConv1d(3, 3, groups=2)
    with pytest.raises(TypeError, match="LazyConv2d: missing a required argument: 'kernel_size'"):
        nn.LazyConv2d(3)
    with pytest.raises(TypeError, match="LazyConv3d: got an unexpected keyword argument 'strides'"):
        nn.LazyConv3d(3, 3, strides=2)


def test_a_list_of_parameters() -> None:
    torch = pytest.importorskip("torch")

    def make(m: Any) -> Any:
        return m.nn.ParameterList([m.ones(2, 3), m.nn.Parameter(m.zeros(4))])

    mine, theirs = make(h), make(torch)
    assert list(mine.state_dict()) == list(theirs.state_dict()) == ["0", "1"]
    assert [tuple(p.shape) for p in mine.parameters()] == [(2, 3), (4,)]
    mine.append(h.ones(1)).extend([h.ones(2)])
    mine += [h.ones(5)]
    assert len(mine) == 5
    assert isinstance(mine[-1], nn.Parameter)
    assert len(mine[1:3]) == 2
    assert mine.pop().shape == (5,)
    assert [len(p) for p in mine] == [2, 4, 1, 2]
    mine[0] = nn.Parameter(h.ones(7))
    assert mine[0].shape == (7,)
    with pytest.raises(IndexError, match="below 4, got 4"):
        mine[4]
    assert "(1): Parameter containing: [torch." in repr(mine)


def test_a_dict_of_parameters() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scales = nn.ParameterDict({"left": h.ones(2), "right": nn.Parameter(h.zeros(3))})

    net = Net()
    assert list(net.state_dict()) == ["scales.left", "scales.right"]
    scales = net.scales
    scales["up"] = h.ones(1)
    assert list(scales) == list(scales.keys()) == ["left", "right", "up"]
    assert "up" in scales
    assert scales.get("down") is None
    assert scales.setdefault("down", h.ones(2)).shape == (2,)
    assert scales.pop("up").shape == (1,)
    assert [k for k, _ in scales.items()] == ["left", "right", "down"]
    assert len(scales.copy()) == len(list(scales.values())) == 3
    with pytest.raises(KeyError, match="taken by a method"):
        scales["train"] = h.ones(1)
    scales.clear()
    assert repr(scales) == "ParameterDict()"
