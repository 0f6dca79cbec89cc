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


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3, 3)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    w = nn.init.orthogonal_(nn.Parameter(hello_dl.empty(*shape)), gain=2.0).numpy().reshape(shape[0], -1)
    product = w @ w.T if len(w) <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


def test_identities_and_sparse_columns() -> None:
    torch = pytest.importorskip("torch")
    for shape, groups in (((4, 4, 3, 3), 1), ((6, 2, 3), 3), ((2, 4, 1, 2, 3), 2), ((5, 3, 3), 1)):
        theirs = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
        assert np.array_equal(nn.init.dirac_(hello_dl.empty(*shape), groups).numpy(), theirs)
    assert np.array_equal(nn.init.eye_(hello_dl.empty(2, 3)).numpy(), np.eye(2, 3))
    w = nn.init.sparse_(hello_dl.empty(10, 6), 0.25).numpy()
    assert ((w == 0).sum(0) == 3).all()
    x = hello_dl.randn(2, 4, 6)
    layer = nn.Conv1d(4, 4, 3, padding=1, bias=False)
    nn.init.dirac_(layer.weight)
    np.testing.assert_allclose(layer(x).numpy(), x.numpy())


def test_names_and_arguments_are_pytorchs() -> None:
    import inspect

    torch = pytest.importorskip("torch")
    for name in dir(torch.nn.init):
        if name.endswith("_") and not name.startswith("_"):
            theirs, mine = (
                list(inspect.signature(getattr(m, name)).parameters) for m in (torch.nn.init, nn.init)
            )
            assert mine == theirs, name
    generator = hello_dl.Generator(3)
    a = nn.init.normal_(tensor=hello_dl.empty(3), generator=generator)
    b = nn.init.normal_(hello_dl.empty(3), generator=hello_dl.Generator(3))
    assert np.array_equal(a.numpy(), b.numpy())
    with pytest.warns(FutureWarning, match="constant_ today"):
        assert nn.init.constant(hello_dl.empty(2), 3.0).tolist() == [3, 3]
    for call, words in (
        (lambda: nn.init.orthogonal_(hello_dl.empty(3)), "at least 2 axes"),
        (lambda: nn.init.eye_(hello_dl.empty(3)), "needs a matrix"),
        (lambda: nn.init.dirac_(hello_dl.empty(3, 3)), "needs filters"),
    ):
        with pytest.raises(ValueError, match=words):
            call()
