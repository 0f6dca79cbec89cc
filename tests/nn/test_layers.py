"""Every layer and loss has PyTorch's names, shapes, words and results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn

RNG = np.random.default_rng(0)
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
        (lambda: nn.Linear(-1, 3), "in_features of at least 0, got -1"),
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


def test_running_statistics_follow_every_batch() -> None:
    layer = nn.BatchNorm1d(2, momentum=0.5)
    for _ in range(3):
        layer(hello_dl.tensor([[0.0, 2.0], [2.0, 6.0]])).sum().backward()
    assert layer.running_mean.tolist() == [0.875, 3.5]
    assert layer.running_var.tolist() == [0.125 + 0.875 * 2, 0.125 + 0.875 * 8]
    assert layer.num_batches_tracked.item() == 3
    assert layer.num_batches_tracked.dtype == "int64"


def test_views_of_running_statistics_follow_them() -> None:
    """A view taken before a pass in training, or between two, shows the numbers after it, as in PyTorch."""
    torch = pytest.importorskip("torch")
    numbers = np.random.default_rng(0).normal(size=(3, 8, 4)).astype(np.float32)
    seen = []
    for library, from_numpy in ((hello_dl, hello_dl.from_numpy), (torch, torch.from_numpy)):
        norm = library.nn.BatchNorm1d(4)
        views = [norm.running_mean[:2], norm.running_var.view(2, 2)]
        found = []
        for i, x in enumerate(numbers):
            y = norm(from_numpy(x))
            if i == 1:
                views += [norm.running_mean[1:], norm.state_dict()["running_var"]]
            found += [y.detach().numpy()] if i else []  # the first is not computed before the next pass
            found += [np.array(view.numpy()) for view in views if i]
        norm.running_mean.zero_()
        views[0].fill_(9)
        seen.append([*found, *(np.array(t.numpy()) for t in (*views, norm.running_mean))])
    assert len(seen[0]) == len(seen[1]) == 15
    for ours, theirs in zip(*seen, strict=True):
        assert np.allclose(ours, theirs, atol=1e-5)


def test_what_pytorch_changes_in_place_is_changed_in_place() -> None:
    """A reference to a buffer or a gradient, and a view of it, show what became of it."""
    norm = nn.BatchNorm1d(2)
    mean, view, count = norm.running_mean, norm.running_var[:1], norm.num_batches_tracked
    norm(hello_dl.tensor([[1.0, 2.0], [3.0, 6.0]])).tolist()
    assert mean.tolist() == pytest.approx([0.2, 0.4])
    assert view.tolist() == pytest.approx([1.1])
    assert count.item() == 1
    norm.reset_running_stats()
    assert (mean.tolist(), view.tolist(), count.item()) == ([0, 0], [1], 0)
    norm.load_state_dict({**norm.state_dict(), "running_var": hello_dl.tensor([3.0, 4.0])})
    assert (view.tolist(), norm.running_mean is mean) == ([3], True)
    layer = nn.Linear(2, 2)
    for module in (layer, hello_dl.optim.SGD(layer.parameters(), lr=0.1)):
        layer(hello_dl.ones(1, 2)).sum().backward()
        row, gradient = layer.weight.grad[0], layer.weight.grad
        module.zero_grad(set_to_none=False)
        assert layer.weight.grad is gradient
        assert row.tolist() == [0, 0]
