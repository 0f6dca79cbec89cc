"""Dropout of channels, alpha dropout, and the activations that draw numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn


@pytest.mark.parametrize(
    ("name", "shape", "channels"),
    [
        ("dropout1d", (40, 50, 3), 2),
        ("dropout1d", (2000, 3), 1),
        ("dropout2d", (40, 50, 3, 2), 2),
        ("dropout2d", (40, 50, 3), 2),
        ("dropout3d", (40, 50, 2, 2, 2), 2),
        ("dropout3d", (2000, 2, 2, 2), 1),
    ],
)
def test_whole_channels_are_dropped(name: str, shape: tuple[int, ...], channels: int) -> None:
    x = h.ones(*shape)
    x.requires_grad = True
    y = getattr(F, name)(x, 0.25)
    flat = y.numpy().reshape(-1, int(np.prod(shape[channels:])))
    assert set(np.unique(flat)) == {np.float32(0), np.float32(1 / 0.75)}
    assert (flat == flat[:, :1]).all()
    assert abs((flat[:, 0] == 0).mean() - 0.25) < 0.04
    (y * h.full(shape, 3.0)).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 3 * y.numpy())
    assert getattr(F, name)(x, 0.25, training=False) is x


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_keeps_mean_and_variance(name: str) -> None:
    h.manual_seed(0)
    x = h.randn(400, 500, 1)
    y = getattr(F, name)(x, 0.3, training=True).numpy()
    assert abs(y.mean()) < 0.02
    assert abs(y.std() - 1) < 0.02
    lowest, share = np.unique(y, return_counts=True)
    assert abs(share.max() / y.size - 0.3) < 0.01
    assert lowest[share.argmax()] < y.mean() - 0.5
    assert (getattr(F, name)(x, 1.0, training=True).numpy() == 0).all()


def test_layers_drop_in_training_alone() -> None:
    x = h.ones(3, 4, 5, 5)
    for make in (nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout):
        layer = make(0.5)
        assert repr(layer) == f"{make.__name__}(p=0.5, inplace=False)"
        assert not np.array_equal(layer(x).numpy(), x.numpy())
        assert np.array_equal(layer.eval()(x).numpy(), x.numpy())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.dropout1d(h.ones(2, 2, 2, 2)), r"needs x \(n, c, t\) or \(c, t\), got \(2, 2, 2, 2\)"),
        (lambda: F.dropout2d(h.ones(2)), "needs x with channels"),
        (lambda: F.alpha_dropout(h.ones(2), 1.5, True), "needs a probability from 0 to 1, got 1.5"),
        (lambda: F.glu(h.ones(2, 3)), "needs an even length of axis -1"),
        (lambda: F.prelu(h.ones(2, 3), h.ones(2)), "needs a weight of 1 number or 3"),
        (lambda: F.rrelu(h.ones(2), 0.5, 0.1), "needs a lower up to upper"),
        (lambda: F.softshrink(h.ones(2), -1.0), "needs a lambd of 0 or more, got -1.0"),
        (lambda: F.celu(h.ones(2), 0.0), "needs an alpha other than 0"),
        (lambda: F.hardtanh(h.ones(2), 1.0, 0.0), "needs a min_val up to max_val"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_rrelu_draws_a_slope_for_each_number() -> None:
    y = F.rrelu(h.full((1000,), -1.0), 0.2, 0.6, training=True).numpy()
    assert -0.6 <= y.min() < -0.55 < -0.25 < y.max() <= -0.2
    np.testing.assert_allclose(F.rrelu(h.tensor([-1.0, 2.0]), 0.2, 0.6).numpy(), [-0.4, 2.0], rtol=1e-6)


def test_gumbel_softmax_draws_classes_with_a_gradient() -> None:
    h.manual_seed(1)
    logits = h.tensor(np.log([[0.5, 0.3, 0.2]] * 5000), dtype=h.float32)
    logits.requires_grad = True
    y = F.gumbel_softmax(logits, tau=0.7, hard=True)
    assert set(np.unique(y.numpy().round(5))) == {0, 1}
    np.testing.assert_allclose(y.numpy().mean(0), [0.5, 0.3, 0.2], atol=0.03)
    (y * h.tensor([1.0, 2.0, -1.0])).sum().backward()
    assert np.abs(logits.grad.numpy()).max() > 0.01
    np.testing.assert_allclose(logits.grad.numpy().sum(1), 0, atol=1e-5)
    soft = F.gumbel_softmax(logits, dim=0).numpy()
    np.testing.assert_allclose(soft.sum(0), 1, rtol=1e-4)


@pytest.mark.parametrize("name", ["relu_", "leaky_relu_", "elu_", "celu_", "selu_", "hardtanh_"])
def test_functions_with_an_underscore_change_their_input(name: str) -> None:
    numbers = np.array([-2.0, -0.3, 0.4, 3.0], np.float32)
    x = h.tensor(numbers)
    assert getattr(F, name)(x) is x
    np.testing.assert_array_equal(x.numpy(), getattr(F, name[:-1])(h.tensor(numbers)).numpy())
    assert F.threshold_(x, 0.3, 9.0) is x
    assert x[0] == 9


def test_feature_alpha_dropout_that_drops_nothing_takes_any_shape() -> None:
    x = h.ones(5)
    assert F.feature_alpha_dropout(x, 0.0, True).tolist() == F.feature_alpha_dropout(x).tolist() == [1] * 5
    with pytest.raises(ValueError, match="channels"):
        F.feature_alpha_dropout(x, 0.5, True)


def test_embedding_bag_understands_the_old_order_of_arguments() -> None:
    weight, index, offsets = h.tensor([[1.0, 2], [3, 4], [5, 6]]), h.tensor([0, 2, 1]), h.tensor([0, 2])
    right = F.embedding_bag(index, weight, offsets)
    with pytest.warns(DeprecationWarning, match="input first"):
        assert F.embedding_bag(weight, index, offsets).tolist() == right.tolist() == [[3, 4], [3, 4]]
