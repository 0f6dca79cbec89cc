"""LBFGS goes PyTorch's way, and can be saved and resumed; an optimizer of one's own keeps its state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn, optim

START = np.array([-1.2, 1.0], np.float32)


def rosenbrock(x: Any) -> Any:
    """Return a loss with a bent valley; its minimum is 0, at (1, 1)."""
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def bowl(x: Any) -> Any:
    return (x[0] - 3) ** 2 + 5 * (x[1] + 1) ** 2 + x[0] * x[1]


def closure(optimizer: Any, x: Any, loss: Any) -> Any:
    def compute() -> Any:
        optimizer.zero_grad()
        y = loss(x)
        y.backward()
        return y

    return compute


SETTINGS: list[tuple[Any, dict[str, Any]]] = [
    (rosenbrock, {"line_search_fn": "strong_wolfe", "max_iter": 4}),
    (rosenbrock, {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 3, "lr": 0.5}),
    (bowl, {"lr": 0.5, "max_iter": 4}),
    (bowl, {"lr": 0.1, "history_size": 2}),
    (bowl, {"max_eval": 5, "line_search_fn": "strong_wolfe"}),
]


@pytest.mark.parametrize(("loss", "settings"), SETTINGS)
def test_each_step_is_pytorchs(loss: Any, settings: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = nn.Parameter(START), torch.nn.Parameter(torch.tensor(START))
    a, b = optim.LBFGS([mine], **settings), torch.optim.LBFGS([theirs], **settings)
    for step in range(4):
        one, other = a.step(closure(a, mine, loss)), b.step(closure(b, theirs, loss))
        np.testing.assert_allclose(one.item(), other.item(), rtol=2e-3, atol=1e-5, err_msg=f"step {step}")
        np.testing.assert_allclose(mine.detach(), theirs.detach(), rtol=2e-3, atol=1e-4)
        ours, state = a.state_dict()["state"][0], b.state_dict()["state"][0]
        assert (ours["n_iter"], ours["func_evals"]) == (state["n_iter"], state["func_evals"])


def test_the_valley_is_walked_to_its_end() -> None:
    x = nn.Parameter(START)
    optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe", max_iter=100)
    optimizer.step(closure(optimizer, x, rosenbrock))
    np.testing.assert_allclose(x.detach(), [1, 1], atol=1e-3)


def test_a_saved_state_goes_on() -> None:
    def walk(x: Any, optimizer: Any, steps: int) -> None:
        for _ in range(steps):
            optimizer.step(closure(optimizer, x, rosenbrock))

    settings: dict[str, Any] = {"line_search_fn": "strong_wolfe", "max_iter": 3}
    straight, x = nn.Parameter(START), nn.Parameter(START)
    walk(straight, optim.LBFGS([straight], **settings), 4)
    first = optim.LBFGS([x], **settings)
    walk(x, first, 2)
    second = optim.LBFGS([x], **settings)
    second.load_state_dict(first.state_dict())
    walk(x, second, 2)
    np.testing.assert_allclose(x.detach(), straight.detach(), rtol=1e-5)


def test_pytorchs_state_goes_on_here() -> None:
    torch = pytest.importorskip("torch")
    mine, theirs = nn.Parameter(START), torch.nn.Parameter(torch.tensor(START))
    a, b = (
        o([p], line_search_fn="strong_wolfe", max_iter=3)
        for o, p in ((optim.LBFGS, mine), (torch.optim.LBFGS, theirs))
    )
    b.step(closure(b, theirs, rosenbrock))
    mine.data.copy_(hello_dl.tensor(theirs.detach().numpy()))
    a.load_state_dict(b.state_dict())
    a.step(closure(a, mine, rosenbrock))
    b.step(closure(b, theirs, rosenbrock))
    np.testing.assert_allclose(mine.detach(), theirs.detach(), rtol=2e-3)


def test_what_cannot_be_is_refused() -> None:
    x, y = nn.Parameter(START), nn.Parameter(START)
    with pytest.raises(TypeError, match="LBFGS: step needs a closure"):
        optim.LBFGS([x]).step()
    with pytest.raises(ValueError, match="LBFGS: needs one group of parameters, got 2"):
        optim.LBFGS([{"params": [x]}, {"params": [y]}])
    with pytest.raises(ValueError, match="LBFGS: needs line_search_fn None or 'strong_wolfe', got 'armijo'"):
        optim.LBFGS([x], line_search_fn="armijo")


def test_an_optimizer_of_ones_own_keeps_what_it_likes() -> None:
    class Heavy(optim.Optimizer):
        """Gradient descent with a velocity, as a tutorial writes it."""

        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        @hello_dl.no_grad()
        def step(self) -> Any:
            for group in self.param_groups:
                for p in group["params"]:
                    state = self.state[p]
                    if not state:
                        state["count"], state["velocity"] = 0, hello_dl.zeros_like(p)
                    state["count"] += 1
                    state["velocity"].mul_(0.9).add_(p.grad)
                    p.add_(state["velocity"], alpha=-group["lr"])

    def walk(x: Any, optimizer: Any, steps: int) -> None:
        for _ in range(steps):
            closure(optimizer, x, bowl)()
            optimizer.step()

    x, same = nn.Parameter(START), nn.Parameter(START)
    first = Heavy([x], lr=0.01)
    walk(x, first, 3)
    walk(same, oracle := optim.SGD([same], lr=0.01, momentum=0.9), 3)
    second = Heavy([x], lr=0.5)
    second.load_state_dict(first.state_dict())
    assert first.state_dict()["state"][0]["count"] == second.state[x]["count"] == 3
    walk(x, second, 3)
    walk(same, oracle, 3)
    np.testing.assert_allclose(x.detach(), same.detach(), rtol=1e-5)
