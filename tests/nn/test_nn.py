"""Modules know their parts, and every layer has PyTorch's names, shapes, starts, words and results."""

from __future__ import annotations

import copy
import math
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import models, nn

RNG = np.random.default_rng(0)


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


# ---- modules ------------------------------------------------------------------------------------------


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
    with pytest.raises(AttributeError, match=r"hello_dl\.nn has no 'Transformer' yet; it has .*Linear"):
        _ = nn.Transformer
    with pytest.raises(ValueError, match="requires_grad"):
        nn.Parameter(hello_dl.arange(3))


def test_functional_is_where_pytorch_has_it() -> None:
    import hello_dl.nn.functional as F

    assert nn.functional is F
    assert F.cross_entropy is hello_dl.functional.cross_entropy
    assert set(F.__all__) == set(hello_dl.functional.__all__)


# ---- containers ---------------------------------------------------------------------------------------


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


# ---- states -------------------------------------------------------------------------------------------


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
    with pytest.raises(ValueError) as error:
        net.load_state_dict(state)
    assert str(error.value) == (
        "load_state_dict: does not fit this Net: missing: scale; unexpected: extra;"
        " first.weight needs shape (3, 4), got (4, 3)"
    )
    assert net.first.bias.tolist() == before
    state["first.weight"] = state["first.weight"].T
    assert net.load_state_dict(state, strict=False) == (["scale"], ["extra"])
    assert net.first.bias.tolist() != before


# ---- layers against PyTorch ---------------------------------------------------------------------------

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Linear", (5, 3), {}, (4, 5)),
    ("Linear", (5, 3), {"bias": False}, (2, 4, 5)),
    ("Conv2d", (2, 3, 3), {}, (2, 2, 7, 6)),
    ("Conv2d", (4, 6, (3, 2)), {"stride": 2, "padding": (1, 0), "groups": 2}, (2, 4, 9, 8)),
    ("Conv2d", (2, 3, 3), {"dilation": 2, "bias": False}, (2, 2, 9, 9)),
    ("Conv2d", (2, 3, 3), {"padding": "same"}, (2, 2, 5, 6)),
    ("MaxPool2d", (2,), {"ceil_mode": True}, (2, 3, 7, 5)),
    ("MaxPool2d", (3, 2, 1), {}, (2, 3, 7, 6)),
    ("AvgPool2d", (2,), {}, (2, 3, 6, 5)),
    ("AvgPool2d", (3, 2, 1), {"count_include_pad": False}, (2, 3, 7, 7)),
    ("ReLU", (), {}, (3, 4)),
    ("LeakyReLU", (0.1,), {}, (3, 4)),
    ("ELU", (), {}, (3, 4)),
    ("SiLU", (), {}, (3, 4)),
    ("Softplus", (), {}, (3, 4)),
    ("GELU", (), {}, (3, 4)),
    ("GELU", ("tanh",), {}, (3, 4)),
    ("Tanh", (), {}, (3, 4)),
    ("Sigmoid", (), {}, (3, 4)),
    ("Softmax", (1,), {}, (3, 4, 2)),
    ("LogSoftmax", (), {"dim": -1}, (3, 4)),
    ("Identity", (), {}, (3, 4)),
    ("Flatten", (), {}, (3, 4, 2)),
    ("Flatten", (0, 1), {}, (3, 4, 2)),
    ("BatchNorm1d", (4,), {}, (6, 4)),
    ("BatchNorm1d", (4,), {"affine": False}, (6, 4, 3)),
    ("BatchNorm2d", (3,), {"momentum": 0.3, "eps": 1e-3}, (4, 3, 5, 5)),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (4, 3, 5, 5)),
    ("BatchNorm2d", (3,), {"momentum": None}, (4, 3, 5, 5)),
    ("LayerNorm", (4,), {}, (3, 4)),
    ("LayerNorm", ((2, 4),), {"elementwise_affine": False}, (3, 2, 4)),
]


def random_state(layer: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Return numbers for a layer's state that are nowhere at their start; variances are positive."""
    state = {}
    for name, t in layer.state_dict().items():
        shape = tuple(t.shape)
        if name == "num_batches_tracked":
            state[name] = np.array(3)
        else:
            state[name] = RNG.normal(size=shape).astype(np.float32) ** (2 if "var" in name else 1) + 0.1
    return state


@pytest.mark.parametrize(("name", "args", "settings", "shape"), LAYERS)
def test_a_layer_computes_what_pytorchs_does(
    name: str, args: tuple[Any, ...], settings: dict[str, Any], shape: tuple[int, ...]
) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = getattr(nn, name)(*args, **settings), getattr(torch.nn, name)(*args, **settings)
    assert {k: tuple(t.shape) for k, t in mine.state_dict().items()} == {
        k: tuple(t.shape) for k, t in theirs.state_dict().items()
    }
    if name not in ("Softplus", "ELU"):
        assert repr(mine) == repr(theirs)
    state = random_state(mine)
    mine.load_state_dict(state)
    theirs.load_state_dict({k: torch.as_tensor(v) for k, v in state.items()})
    for mode in (True, True, False):  # twice in training, for the running statistics
        mine.train(mode), theirs.train(mode)
        x, v = (RNG.normal(size=shape).astype(np.float32) for _ in range(2))
        a, b = hello_dl.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        y, z = mine(a), theirs(b)
        assert tuple(y.shape) == tuple(z.shape)
        np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-4, atol=2e-5)
        v = RNG.normal(size=tuple(y.shape)).astype(np.float32)
        mine.zero_grad(), theirs.zero_grad()
        (y * hello_dl.tensor(v)).sum().backward(), (z * torch.tensor(v)).sum().backward()
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-3, atol=1e-4)
        for (k, p), q in zip(mine.named_parameters(), theirs.parameters(), strict=True):
            np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-3, atol=2e-4, err_msg=k)
    for k, t in theirs.state_dict().items():
        np.testing.assert_allclose(mine.state_dict()[k].numpy(), t.numpy(), rtol=1e-4, atol=1e-5, err_msg=k)


def test_an_embedding_looks_up_rows() -> None:
    layer = nn.Embedding(5, 3)
    index = hello_dl.tensor([[0, 4], [4, 2]])
    y = layer(index)
    assert (y.numpy() == layer.weight.numpy()[[[0, 4], [4, 2]]]).all()
    y.sum().backward()
    assert layer.weight.grad.numpy()[:, 0].tolist() == [1, 0, 1, 0, 2]
    with pytest.raises(IndexError, match="5"):
        layer(hello_dl.tensor([5]))


def test_dropout_drops_only_in_training() -> None:
    layer, x = nn.Dropout(0.25), hello_dl.ones(100, 100)
    y = layer(x).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 0.02
    assert (layer.eval()(x).numpy() == 1).all()
    with pytest.raises(ValueError, match="probability"):
        nn.Dropout(1.5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.Linear(0, 3), "in_features of at least 1, got 0"),
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "channels that 2 groups divide, got 3 and 4"),
        (lambda: nn.Conv2d(1, 1, (3, 0)), "kernel_size: needs a whole number of at least 1"),
        (lambda: nn.Conv2d(1, 1, 3, padding="most"), "'same' or 'valid', got 'most'"),
        (lambda: nn.MaxPool2d(2, 0.5), "stride"),  # type: ignore[arg-type]
        (lambda: nn.GELU("fast"), "approximate"),
        (lambda: nn.CrossEntropyLoss(reduction="average"), "reduction needs"),
        (lambda: nn.BatchNorm2d(3)(hello_dl.ones(2, 4, 5, 5)), r"\(n, c, h, w\) with 3 channels c, got \(2"),
        (lambda: nn.BatchNorm1d(3)(hello_dl.ones(1, 3)), "more than one number per channel"),
        (lambda: nn.Linear(3, 2)(hello_dl.ones(2, 4)), "linear"),
    ],
)
def test_settings_and_inputs_that_make_no_sense_are_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_losses_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    x, y = RNG.normal(size=(6, 4)).astype(np.float32), RNG.integers(0, 4, 6)
    t, w = RNG.random((6, 4), dtype=np.float32), RNG.random(4, dtype=np.float32)
    cases: list[tuple[str, dict[str, Any], Any]] = [
        ("CrossEntropyLoss", {}, y),
        ("CrossEntropyLoss", {"weight": w, "label_smoothing": 0.1}, y),
        ("CrossEntropyLoss", {"ignore_index": 2, "reduction": "sum"}, y),
        ("NLLLoss", {"weight": w}, y),
        ("MSELoss", {}, t),
        ("L1Loss", {"reduction": "none"}, t),
        ("BCEWithLogitsLoss", {"pos_weight": w}, t),
    ]
    for name, settings, target in cases:
        ours = {k: hello_dl.tensor(v) if k.endswith("weight") else v for k, v in settings.items()}
        theirs = {k: torch.tensor(v) if k.endswith("weight") else v for k, v in settings.items()}
        mine = getattr(nn, name)(**ours)(hello_dl.tensor(x), hello_dl.tensor(target))
        oracle = getattr(torch.nn, name)(**theirs)(torch.tensor(x), torch.tensor(target))
        np.testing.assert_allclose(mine.numpy(), oracle.numpy(), rtol=1e-5, err_msg=f"{name} {settings}")


# ---- starts -------------------------------------------------------------------------------------------


def test_layers_start_where_pytorchs_do() -> None:
    hello_dl.manual_seed(1)
    for layer, bound in [(nn.Linear(400, 300), 1 / 20), (nn.Conv2d(16, 300, 5), 1 / 20)]:
        for p in layer.parameters():
            assert np.abs(p.numpy()).max() <= bound
            assert abs(p.numpy().std() - bound / math.sqrt(3)) < 0.05 * bound
    assert abs(nn.Embedding(300, 300).weight.numpy().std() - 1) < 0.02


def test_the_same_seed_makes_the_same_model() -> None:
    weights = []
    for seed in (3, 3, 4):
        hello_dl.manual_seed(seed)
        weights.append(models.digits_mlp()[1].weight.numpy())
    assert (weights[0] == weights[1]).all()
    assert not (weights[0] == weights[2]).all()


def test_init_draws_the_variance_of_the_papers() -> None:
    torch = pytest.importorskip("torch")
    hello_dl.manual_seed(2)
    for name, settings in [
        ("xavier_uniform_", {"gain": 2.0}),
        ("xavier_normal_", {}),
        ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
        ("kaiming_normal_", {"a": 0.5}),
        ("trunc_normal_", {"std": 0.5, "a": -0.5, "b": 1.0}),
        ("uniform_", {"a": 1.0, "b": 3.0}),
        ("normal_", {"mean": 2.0, "std": 0.3}),
    ]:
        mine = getattr(nn.init, name)(nn.Parameter(hello_dl.empty(200, 50, 3, 3)), **settings).numpy()
        theirs = getattr(torch.nn.init, name)(torch.empty(200, 50, 3, 3), **settings).numpy()
        assert mine.std() == pytest.approx(theirs.std(), rel=0.02), name
        assert mine.mean() == pytest.approx(theirs.mean(), abs=0.02 * float(theirs.std()) + 0.01), name
    for kind in ("linear", "tanh", "relu", "leaky_relu", "sigmoid", "selu"):
        assert nn.init.calculate_gain(kind) == pytest.approx(torch.nn.init.calculate_gain(kind))
    assert nn.init.constant_(hello_dl.empty(2), 3).tolist() == [3, 3]
    with pytest.raises(ValueError, match="at least 2 axes"):
        nn.init.xavier_normal_(hello_dl.empty(3))
    with pytest.raises(ValueError, match="calculate_gain"):
        nn.init.calculate_gain("swish")


# ---- whole networks -----------------------------------------------------------------------------------


def test_the_networks_of_the_series_have_their_sizes() -> None:
    count = lambda model: sum(p.numel() for p in model.parameters())  # noqa: E731
    assert count(models.digits_mlp()) == 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10
    assert count(models.letters_cnn()) == 137_178
    x = hello_dl.zeros(2, 1, 28, 28)
    assert models.letters_cnn(47)(x).shape == (2, 47)
    assert models.digits_mlp()(x).shape == (2, 10)


def test_running_statistics_wait_for_nobody() -> None:
    layer = nn.BatchNorm1d(2, momentum=0.5)
    for _ in range(3):
        layer(hello_dl.tensor([[0.0, 2.0], [2.0, 6.0]])).sum().backward()
    assert layer.running_mean.tolist() == [0.875, 3.5]
    assert layer.running_var.tolist() == [0.125 + 0.875 * 2, 0.125 + 0.875 * 8]
    assert layer.num_batches_tracked.item() == 3
    assert layer.num_batches_tracked.dtype == "int64"
