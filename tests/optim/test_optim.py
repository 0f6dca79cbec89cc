"""Optimizers walk as PyTorch's do, step by step, on any number of threads, and can be saved and resumed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn, optim

SHAPES = [(3, 4), (4,), (70, 300), ()]  # the third one is cut into several pieces

CASES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.01}),
    ("Adam", {"lr": 0.01, "amsgrad": True, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.01, "maximize": True, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.01, "amsgrad": True, "maximize": True}),
    ("Adam", {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.01}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.5}),
    ("RMSprop", {"lr": 0.01}),
    ("RMSprop", {"lr": 0.01, "alpha": 0.9, "momentum": 0.8, "centered": True, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.01, "eps": 1e-3, "maximize": True, "foreach": True}),
    ("Adagrad", {"lr": 0.1}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("Adagrad", {"lr": 0.1, "eps": 1e-3, "maximize": True}),
    ("Adadelta", {"lr": 1.0}),
    ("Adadelta", {"lr": 0.5, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {"lr": 0.01}),
    ("Adamax", {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {"lr": 0.01}),
    ("NAdam", {"lr": 0.01, "betas": (0.5, 0.9), "weight_decay": 0.1, "momentum_decay": 0.1}),
    ("NAdam", {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("RAdam", {"lr": 0.01}),
    ("RAdam", {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("ASGD", {"lr": 0.1, "t0": 3}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "weight_decay": 0.1, "maximize": True}),
    ("Adafactor", {"lr": 0.01}),
    ("Adafactor", {"lr": 0.1, "beta2_decay": -0.5, "eps": (1e-3, 0.1), "d": 2.0, "weight_decay": 0.1}),
    ("Adafactor", {"lr": 0.22, "maximize": True}),  # 1 / sqrt(t) is smaller in the end
    ("Rprop", {"lr": 0.01}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.05, 0.3), "maximize": True}),
]


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Put the number of threads back afterwards."""
    before = hello_dl.get_num_threads()
    yield
    hello_dl.set_num_threads(before)


def parameters(seed: int = 0) -> list[nn.Parameter]:
    """Return parameters of several shapes."""
    rng = np.random.default_rng(seed)
    return [nn.Parameter(rng.normal(size=shape).astype(np.float32)) for shape in SHAPES]


def gradients(step: int) -> list[np.ndarray[Any, Any]]:
    """Return the gradients of one step."""
    rng = np.random.default_rng(100 + step)
    return [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]


def walk(params: list[Any], optimizer: Any, make: Any, steps: range) -> list[np.ndarray[Any, Any]]:
    """Take steps; in step 1 the first parameter has no gradient."""
    for step in steps:
        for i, (p, g) in enumerate(zip(params, gradients(step), strict=True)):
            p.grad = None if step == 1 and i == 0 else make(g)
        optimizer.step()
    return [np.asarray(p.detach()).copy() for p in params]


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_each_step_is_pytorchs(name: str, settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    mine = parameters()
    theirs = [torch.nn.Parameter(torch.tensor(p.detach().numpy().copy())) for p in mine]
    a, b = getattr(optim, name)(mine, **settings), getattr(torch.optim, name)(theirs, **settings)
    for step in range(6):
        x = walk(mine, a, hello_dl.tensor, range(step, step + 1))
        y = walk(theirs, b, torch.tensor, range(step, step + 1))
        for one, other in zip(x, y, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6, err_msg=f"step {step}")


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_a_long_walk_ends_where_pytorchs_ends(name: str, settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    mine = parameters()[:2]
    theirs = [torch.nn.Parameter(torch.tensor(p.detach().numpy().copy())) for p in mine]
    a, b = getattr(optim, name)(mine, **settings), getattr(torch.optim, name)(theirs, **settings)
    for step in range(25):
        for i, g in enumerate(gradients(step)[:2]):
            g *= 0 if step == 7 else 10.0 ** (step % 4 - 2)  # of very different sizes, or 0
            mine[i].grad, theirs[i].grad = hello_dl.tensor(g), torch.tensor(g)
        a.step()
        b.step()
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one.detach(), other.detach(), rtol=1e-4, atol=1e-5)
    for i, known in b.state_dict()["state"].items():
        here = a.state_dict()["state"][i]
        assert set(here) == {kind for kind, value in known.items() if value is not None}
        for kind, value in here.items():
            np.testing.assert_allclose(value, known[kind], rtol=1e-4, atol=1e-5, err_msg=kind)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_the_state_resumes_here_and_in_pytorch(name: str, settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    straight = parameters()
    expected = walk(straight, getattr(optim, name)(straight, **settings), hello_dl.tensor, range(6))

    def half() -> tuple[list[nn.Parameter], Any]:
        params = parameters()
        optimizer = getattr(optim, name)(params, **settings)
        walk(params, optimizer, hello_dl.tensor, range(3))
        return params, optimizer

    params, first = half()
    second = getattr(optim, name)(params, lr=77.0)
    second.load_state_dict(first.state_dict())
    assert second.param_groups[0]["lr"] == settings["lr"]
    for one, other in zip(walk(params, second, hello_dl.tensor, range(3, 6)), expected, strict=True):
        assert (one == other).all()

    params, first = half()
    theirs = [torch.nn.Parameter(torch.tensor(p.detach().numpy().copy())) for p in params]
    oracle = getattr(torch.optim, name)(theirs, **settings)
    known = first.state_dict()["state"]
    state = {i: {k: torch.tensor(np.asarray(t)) for k, t in s.items()} for i, s in known.items()}
    oracle.load_state_dict({**oracle.state_dict(), "state": copy.deepcopy(state)})
    for one, other in zip(walk(theirs, oracle, torch.tensor, range(3, 6)), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=2e-6)

    params, first = half()  # and back again
    second = getattr(optim, name)(params, **settings)
    second.load_state_dict({"state": state, "param_groups": first.state_dict()["param_groups"]})
    for one, other in zip(walk(params, second, hello_dl.tensor, range(3, 6)), expected, strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_the_number_of_threads_never_shows(name: str) -> None:
    results = []
    for threads in (1, 2, 5):
        hello_dl.set_num_threads(threads)
        params = parameters()
        results.append(walk(params, getattr(optim, name)(params, lr=0.1), hello_dl.tensor, range(4)))
    for other in results[1:]:
        assert all((a == b).all() for a, b in zip(results[0], other, strict=True))


def test_parameters_may_have_names() -> None:
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.named_parameters(), lr=1.0)
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizer.param_groups[0]["params"] == [model.weight, model.bias]
    optimizer.load_state_dict(optimizer.state_dict())
    for params in (
        [("a", model.weight), model.bias],
        [{"params": [("a", model.weight)]}, {"params": model.bias}],
    ):
        with pytest.raises(
            ValueError, match="SGD: needs a name for every parameter of all groups, or for none"
        ):
            optim.SGD(params, lr=1.0)


def test_gradients_are_given_back_after_a_step_upwards() -> None:
    p = nn.Parameter([1.0])
    p.grad = hello_dl.tensor([2.0])
    optim.SGD([p], lr=1.0, maximize=True).step()
    assert p.tolist() == [3]
    assert p.grad.tolist() == [2]


def test_settings_may_be_tensors_of_one_number() -> None:
    p, half = nn.Parameter([1.0]), hello_dl.tensor(0.5)
    assert optim.SGD([p], lr=half).param_groups[0]["lr"] == 0.5
    assert optim.Adam([p], betas=(half, half)).param_groups[0]["betas"] == (0.5, 0.5)
    for settings, words in (
        ({"lr": hello_dl.ones(2)}, r"lr of one number, got shapes \[\(2,\)\]"),
        ({"betas": (0.9, half)}, "betas as numbers or as tensors, got both"),
        ({"lr": half, "foreach": True}, "a tensor as lr needs foreach=False"),
        ({"differentiable": True}, "no differentiable steps"),
    ):
        with pytest.raises(ValueError, match=f"Adam: .*{words}"):
            optim.Adam([p], **settings)  # type: ignore[arg-type]


def test_a_closure_computes_with_gradients() -> None:
    p = nn.Parameter([1.0])
    optimizer = optim.SGD([p], lr=1.0)

    def loss() -> hello_dl.Tensor:
        optimizer.zero_grad()
        value = (p * 2).sum()
        value.backward()
        return value

    with hello_dl.no_grad():
        assert optimizer.step(loss).item() == 2
    assert p.tolist() == [-1]


def test_groups_have_settings_of_their_own() -> None:
    fast, slow, late = (nn.Parameter([1.0]) for _ in range(3))
    optimizer = optim.SGD([{"params": [fast], "lr": 1.0}, {"params": slow}], lr=0.1)
    optimizer.add_param_group({"params": [late], "lr": 0.5})
    for p in (fast, slow, late):
        p.grad = hello_dl.ones(1)
    optimizer.step()
    assert [p.item() for p in (fast, slow, late)] == pytest.approx([0, 0.9, 0.5])
    optimizer.param_groups[1]["lr"] = 0.2
    optimizer.step()
    assert slow.item() == pytest.approx(0.7)
    optimizer.zero_grad()
    assert fast.grad is None
    assert repr(optimizer).startswith("SGD(lr=1.0, momentum=0.0")


def test_a_step_changes_the_numbers_where_they_lie_and_leaves_older_expressions_theirs() -> None:
    p = nn.Parameter([1.0, 2.0])
    older = p * 2
    p.grad = hello_dl.ones(2)
    optimizer = optim.SGD([p], lr=1.0)
    optimizer.step()
    assert older.tolist() == [2, 4]
    del older
    numbers = p.detach().numpy()  # while somebody holds an array, expressions keep the numbers of their time
    older = p * 2
    optimizer.step()
    assert numbers.tolist() == [-1, 0]
    assert older.tolist() == [0, 2]
    assert (p * 2).tolist() == [-2, 0]


def test_a_closure_computes_the_loss_first() -> None:
    p = nn.Parameter([3.0])
    optimizer = optim.SGD([p], lr=0.5)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 9
    assert p.item() == 0


def test_adam_finds_the_bottom_of_a_bowl() -> None:
    p = nn.Parameter([5.0, -3.0])
    optimizer = optim.Adam([p], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        ((p - hello_dl.tensor([1.0, 2.0])) ** 2).sum().backward()
        optimizer.step()
    assert p.tolist() == pytest.approx([1, 2], abs=1e-2)
