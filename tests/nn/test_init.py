"""Parameters start where PyTorch's do, and the same seed repeats them."""

from __future__ import annotations

import math

import numpy as np
import pytest

import hello_dl
from hello_dl import models, nn


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
