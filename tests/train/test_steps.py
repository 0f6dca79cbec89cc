"""`steps`, the one training loop: what a step does, in which order, and what an error leaves behind."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest

import hello_dl
from hello_dl import Tensor, nn, optim
from hello_dl import functional as F
from hello_dl.nn.utils import clip_grad_norm_
from hello_dl.train.steps import steps

X = hello_dl.tensor([[1.0, 2.0], [3.0, -1.0]])
Y = hello_dl.tensor([[1.0], [0.0]])


def line() -> nn.Linear:
    model = nn.Linear(2, 1, bias=False)
    with hello_dl.no_grad():
        model.weight.copy_(hello_dl.tensor([[0.5, -0.25]]))
    return model


def test_a_step_is_gradient_descent_by_hand() -> None:
    model = line()
    seen = list(steps(model, [(X, Y)] * 3, F.mse_loss, optim.SGD(model.parameters(), lr=0.1)))
    w = np.array([0.5, -0.25])
    x, y = X.numpy().astype(float), Y.numpy().astype(float)[:, 0]
    for step in seen:
        residual = x @ w - y
        assert step.loss == pytest.approx(float((residual**2).mean()), rel=1e-5)
        np.testing.assert_allclose(step.scores.numpy()[:, 0], x @ w, rtol=1e-5)
        w -= 0.1 * 2 * residual @ x / 2
    np.testing.assert_allclose(model.weight.numpy()[0], w, rtol=1e-5)
    assert [step.number for step in seen] == [1, 2, 3]
    assert seen[0].x is X
    assert seen[0].y is Y


def test_hooks_are_called_in_order() -> None:
    model, calls = line(), []
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def scores(x: Tensor) -> Tensor:
        calls.append("forward")
        return model(x)

    def gradients() -> None:
        assert model.weight.grad is not None
        calls.append("gradients")

    training = steps(
        scores,
        [(X, Y)] * 2,
        F.mse_loss,
        optimizer,
        before=lambda number: calls.append(f"before {number}"),
        on_gradients=gradients,
        first=7,
    )
    calls.extend(f"done {step.number}" for step in training)
    assert calls == [
        *("before 7", "forward", "gradients", "done 7"),
        *("before 8", "forward", "gradients", "done 8"),
    ]


def test_gradients_can_be_clipped() -> None:
    model = line()
    clip = partial(clip_grad_norm_, list(model.parameters()), 0.01)
    before = model.weight.numpy().copy()
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    next(steps(model, [(X, Y)], F.mse_loss, optimizer, on_gradients=clip))
    assert np.linalg.norm(model.weight.numpy() - before) == pytest.approx(0.01, rel=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_no_number_stops_before_it_does_harm(bad: float) -> None:
    model = line()
    wrong = hello_dl.tensor([[bad], [0.0]])
    training = steps(
        model,
        [(X, Y), (X, wrong), (X, Y)],
        F.mse_loss,
        optim.SGD(model.parameters(), lr=0.1),
        where="here:",
    )
    next(training)
    kept = model.weight.numpy().copy()
    with pytest.raises(ValueError, match=r"^here: step 2: the loss is (nan|inf); use a smaller"):
        next(training)
    assert (model.weight.numpy() == kept).all()


def test_the_caller_ends_an_endless_training_when_it_likes() -> None:
    model = line()
    training = steps(model, itertools.repeat((X, Y)), F.mse_loss, optim.SGD(model.parameters(), lr=0.05))
    for step in training:
        if step.loss < 1e-4:
            break
    assert step.number > 3
