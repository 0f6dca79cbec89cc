"""What optimizers are given: parameters, settings and states, right and wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import nn, optim

X = nn.Parameter([1.0])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: optim.SGD([], lr=0.1), ValueError, "no parameters"),
        (lambda: optim.SGD(X, lr=0.1), TypeError, "list of tensors"),
        (lambda: optim.SGD([X, X], lr=0.1), ValueError, "twice"),
        (lambda: optim.SGD([X * 2], lr=0.1), ValueError, "computed by mul"),
        (lambda: optim.SGD([1.0], lr=0.1), TypeError, "got float"),
        (lambda: optim.SGD([X], lr=-1.0), ValueError, "lr"),
        (lambda: optim.SGD([X], lr=float("nan")), ValueError, "lr"),
        (lambda: optim.SGD([X], lr=0.1, nesterov=True), ValueError, "nesterov"),
        (lambda: optim.Adam([X], betas=(0.9, 1.0)), ValueError, "beta2"),
        (lambda: optim.Adam([{"params": [X], "speed": 1}]), ValueError, "unknown settings speed"),
        (lambda: optim.Adam([{"lr": 1}]), ValueError, "no 'params'"),
    ],
)
def test_what_cannot_be_optimized_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_a_state_of_other_parameters_is_refused() -> None:
    one, other = (
        optim.Adam([nn.Parameter(np.ones(n, np.float32)) for n in (2, 3, 4, 5)]),
        optim.Adam([nn.Parameter(np.zeros((3, 5), np.float32))]),
    )
    with pytest.raises(ValueError, match=r"groups of \[1\] parameters, got \[4\]"):
        other.load_state_dict(one.state_dict())
    third = optim.Adam([nn.Parameter(np.zeros((5, 3), np.float32))])
    with pytest.raises(ValueError, match=r"exp_avg of parameter 0 needs shape \(5, 3\), got \(3, 5\)"):
        third.load_state_dict(other.state_dict())


def test_settings_of_a_loaded_state_may_be_pytorchs_tensors() -> None:
    torch = pytest.importorskip("torch")
    p = nn.Parameter([1.0, 2.0])
    optimizer = optim.Adagrad([p])
    theirs = torch.optim.Adagrad([torch.ones(2, requires_grad=True)], lr=torch.tensor(0.5), foreach=False)
    optimizer.load_state_dict(theirs.state_dict())
    assert optimizer.param_groups[0]["lr"] == 0.5
    p.grad = hello_dl.tensor([3.0, 4.0])
    optimizer.step()
    np.testing.assert_allclose(p.detach(), [0.5, 1.5])
