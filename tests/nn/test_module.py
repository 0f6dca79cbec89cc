"""Modules know their parts, their parameters and their states, by PyTorch's names."""

from __future__ import annotations

import copy
import pickle

import pytest

import hello_dl
from hello_dl import nn


class Net(nn.Module):
    """A network as a PyTorch tutorial writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 3)
        self.scale = nn.Parameter(hello_dl.ones(3))
        self.more = nn.ModuleList([nn.Linear(3, 3), nn.BatchNorm1d(3)])
        self.register_buffer("offset", hello_dl.zeros(3))

    def forward(self, x: hello_dl.Tensor) -> hello_dl.Tensor:
        x = self.first(x) * self.scale + self.offset
        for layer in self.more:
            x = layer(x)
        return x


NAMES = ["scale", "first.weight", "first.bias"]
NAMES += ["more.0.weight", "more.0.bias", "more.1.weight", "more.1.bias"]


def test_parameters_are_found_by_name_in_pytorchs_order() -> None:
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [name for name, _ in net.named_parameters(recurse=False)] == ["scale"]
    assert [name for name, _ in net.named_parameters("net", recurse=False)] == ["net.scale"]
    assert [name for name, _ in net.named_children()] == ["first", "more"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "more", "more.0", "more.1"]
    buffers = ["offset", "more.1.running_mean", "more.1.running_var", "more.1.num_batches_tracked"]
    assert [name for name, _ in net.named_buffers()] == buffers
    assert list(net.state_dict()) == ["scale", "offset", *NAMES[1:], *buffers[1:]]


def test_a_shared_parameter_counts_once_but_has_two_names_in_the_state() -> None:
    net = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    net[1].weight = net[0].weight
    assert [name for name, _ in net.named_parameters()] == ["0.weight"]
    assert list(net.state_dict()) == ["0.weight", "1.weight"]


def test_train_and_eval_reach_every_module() -> None:
    net = Net()
    assert not any(m.training for m in net.eval().modules())
    assert all(m.training for m in net.train().modules())


def test_zero_grad_forgets_or_zeroes() -> None:
    net = nn.Linear(2, 1)
    net(hello_dl.ones(3, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert net.weight.grad is not None
    assert not net.weight.grad.numpy().any()
    net.zero_grad()
    assert net.weight.grad is None


def test_frozen_parameters_get_no_gradient() -> None:
    net = Net().requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())
    net.scale.requires_grad = True
    net(hello_dl.ones(3, 4)).sum().backward()
    assert net.first.weight.grad is None
    assert net.scale.grad is not None


def test_apply_visits_children_first() -> None:
    seen: list[str] = []
    Net().apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "Linear", "BatchNorm1d", "ModuleList", "Net"]


def test_there_is_one_device_and_one_float_type() -> None:
    net = Net()
    assert net.to("cpu") is net
    assert net.float() is net
    assert net.to(hello_dl.device("cpu")) is net
    with pytest.raises(ValueError, match="cuda"):
        net.to("cuda")
    with pytest.raises(TypeError, match="int64"):
        net.to("int64")


def test_copies_and_pickles_are_independent() -> None:
    net = Net()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert isinstance(other.scale, nn.Parameter)
        assert other.scale.requires_grad
        with hello_dl.no_grad():
            other.scale.fill_(7)
        assert net.scale.tolist() == [1, 1, 1]


def test_mistakes_in_building_a_module_are_named() -> None:
    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        type("Empty", (nn.Module,), {})()(1)
    net = Net()
    with pytest.raises(TypeError, match=r"Net\.scale is a parameter"):
        net.scale = hello_dl.zeros(3)
    with pytest.raises(TypeError, match="needs modules, got int at 1"):
        nn.Sequential(nn.ReLU(), 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="without dots"):
        net.add_module("a.b", nn.ReLU())
    with pytest.raises(TypeError, match="needs a Tensor, got list"):
        net.register_buffer("table", [1, 2])  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match=r"hello_dl\.nn has no .NoLayer.: .*torch\.nn\.NoLayer"):
        _ = nn.NoLayer
    with pytest.raises(ValueError, match="requires_grad"):
        nn.Parameter(hello_dl.arange(3))


def test_functional_is_where_pytorch_has_it() -> None:
    import hello_dl.nn.functional as F

    assert nn.functional is F
    assert F.cross_entropy is hello_dl.functional.cross_entropy
    assert set(F.__all__) == set(hello_dl.functional.__all__)


def test_a_state_fills_another_model() -> None:
    one, other = Net(), Net()
    other.load_state_dict(one.state_dict())
    x = hello_dl.randn(6, 4)
    assert (one.eval()(x).numpy() == other.eval()(x).numpy()).all()
    assert other.load_state_dict({name: t.numpy() for name, t in one.state_dict().items()}).missing_keys == []


def test_a_state_that_does_not_fit_is_refused_whole() -> None:
    net = Net()
    state = {name: t.numpy() + 1 for name, t in net.state_dict().items()}
    state["first.weight"] = state["first.weight"].T
    state["extra"] = state.pop("scale")
    before = net.first.bias.tolist()
    with pytest.raises(ValueError, match="does not fit this Net") as error:
        net.load_state_dict(state)
    assert str(error.value) == (
        "load_state_dict: does not fit this Net: missing: scale; unexpected: extra;"
        " first.weight needs shape (3, 4), got (4, 3)"
    )
    assert net.first.bias.tolist() == before
    state["first.weight"] = state["first.weight"].T
    assert net.load_state_dict(state, strict=False) == (["scale"], ["extra"])
    assert net.first.bias.tolist() != before
