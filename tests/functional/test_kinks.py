"""Gradients where the parts of a function have kinks, poles or zeros: right numbers, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn


def gradient(function: Callable[[h.Tensor], h.Tensor], numbers: object) -> list[float]:
    """Return the gradient of the sum of function(x) at these numbers."""
    x = h.tensor(numbers, dtype=h.float32, requires_grad=True)
    function(x).sum().backward()
    assert x.grad is not None
    found: list[float] = x.grad.tolist()
    return found


def test_a_layer_that_starts_at_zero_learns_from_yes_and_no_alike() -> None:
    # BCE with logits is smooth: its derivative is sigmoid(x) - t.
    target = h.tensor([0.0, 1.0, 0.25])

    def loss(x: h.Tensor, **weights: h.Tensor) -> h.Tensor:
        return F.binary_cross_entropy_with_logits(x, target, reduction="sum", **weights)

    assert gradient(loss, [0.0, 0.0, 0.0]) == [0.5, -0.5, 0.25]
    # (1 - t) sigmoid(x) - p t (1 - sigmoid(x)) with p = 3
    assert gradient(lambda x: loss(x, pos_weight=h.tensor(3.0)), [0.0] * 3) == [0.5, -1.5, 0.0]
    assert gradient(lambda x: nn.BCEWithLogitsLoss(reduction="sum")(x, target), [0.0] * 3) == [
        0.5,
        -0.5,
        0.25,
    ]


@pytest.mark.parametrize(
    ("function", "right"),
    [
        (F.softplus, 0.5),
        (lambda x: F.softplus(x, 3.0), 0.5),
        (F.logsigmoid, 0.5),
        (F.elu, 1.0),
        (lambda x: F.elu(x, 2.0), 2.0),
        (lambda x: F.leaky_relu(x, 0.25), 0.25),
        (F.silu, 0.5),
        (F.gelu, 0.5),
        (F.relu, 0.0),
        (abs, 0.0),
        (lambda x: x.clamp(0, 1), 1.0),
        (lambda x: x.clamp(h.tensor(0.0)), 1.0),
        (lambda x: x**2, 0.0),
        (lambda x: x**1, 1.0),
        (lambda x: x**0, 0.0),
        (lambda x: F.huber_loss(x, h.zeros(2), "sum"), 0.0),
        (lambda x: F.l1_loss(x, h.zeros(2)), 0.0),
    ],
)
def test_the_gradient_at_zero(function: Callable[[h.Tensor], h.Tensor], right: float) -> None:
    assert gradient(function, [0.0, -0.0]) == [right, right]


def test_small_numbers_keep_their_digits() -> None:
    assert F.softplus(h.tensor([-20.0])).item() == pytest.approx(math.exp(-20), rel=1e-5)
    assert F.logsigmoid(h.tensor([20.0])).item() == pytest.approx(-math.exp(-20), rel=1e-5)
    assert F.elu(h.tensor([-1e-6])).item() == pytest.approx(-1e-6, rel=1e-5)
    assert F.binary_cross_entropy(h.tensor([1e-8]), h.zeros(1)).item() == pytest.approx(1e-8, rel=1e-5)
    assert F.binary_cross_entropy_with_logits(h.tensor([20.0]), h.ones(1)).item() == pytest.approx(
        math.exp(-20), rel=1e-5
    )


@pytest.mark.parametrize("p", [1, 2, 3, 1.5, 0.5, 0, -1, math.inf, -math.inf])
def test_a_norm_of_zeros_has_a_gradient_of_zeros(p: float) -> None:
    assert gradient(lambda x: x.norm(p), [0.0, 0.0]) == [0, 0]
    rows = gradient(lambda x: x.norm(p, dim=1), [[0.0, 0.0], [3.0, 4.0]])
    assert rows[0] == [0, 0]
    assert all(map(math.isfinite, rows[1]))


def test_one_row_of_zeros_spoils_no_other() -> None:
    assert gradient(lambda x: x.norm(dim=1), [[0.0, 0.0], [3.0, 4.0]])[1] == pytest.approx([0.6, 0.8])
    # x / max(norm, 1e-12) is x / 1e-12 at 0
    assert gradient(lambda x: F.normalize(x)[:, 0], [[0.0, 0.0], [3.0, 4.0]])[0] == pytest.approx([1e12, 0])
    assert gradient(lambda x: x.std(1), [[2.0, 2.0], [0.0, 2.0]])[0] == [0, 0]
    assert gradient(lambda x: x.std(), [5.0, 5.0, 5.0]) == [0, 0, 0]
    for norm in (
        lambda x: F.layer_norm(x, 2), lambda x: F.rms_norm(x, 2), lambda x: F.group_norm(x, 1),
        lambda x: F.batch_norm(x, None, None, training=True),
    ):  # fmt: skip
        assert all(math.isfinite(g) for row in gradient(norm, [[0.0, 0.0], [0.0, 0.0]]) for g in row)


def test_a_probability_of_0_or_1_has_a_finite_gradient() -> None:
    def loss(x: h.Tensor) -> h.Tensor:
        return F.binary_cross_entropy(x, h.tensor([0.0, 1.0, 1.0]))

    assert gradient(loss, [0.0, 1.0, 0.5]) == pytest.approx([0, 0, -2 / 3])
    # (x - t) / max(x (1 - x), 1e-12)
    assert gradient(loss, [1.0, 0.0, 0.5])[:2] == pytest.approx([1e12 / 3, -1e12 / 3])
    assert F.binary_cross_entropy(h.tensor([0.0]), h.ones(1)).item() == 100
    x = h.tensor([20.0], requires_grad=True)
    F.binary_cross_entropy(x.sigmoid(), h.ones(1)).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0]
    for wrong in (1.5, -0.5, math.nan):
        with pytest.raises(ValueError, match="binary_cross_entropy: needs probabilities from 0 to 1"):
            F.binary_cross_entropy(h.tensor([wrong]), h.ones(1))


def test_if_no_label_counts_the_loss_is_nan_and_nothing_is_learned() -> None:
    ignored = h.tensor([-100, -100])
    for loss in (F.cross_entropy, F.nll_loss):
        assert math.isnan(loss(h.zeros(2, 2), ignored).item())
        assert gradient(lambda x, f=loss: f(x, ignored), [[1.0, 2.0], [3.0, 4.0]]) == [[0, 0], [0, 0]]

    def smooth(x: h.Tensor) -> h.Tensor:
        return F.cross_entropy(x, ignored, label_smoothing=0.1)

    def of_pixels(x: h.Tensor) -> h.Tensor:
        return F.cross_entropy(x.reshape(1, 2, 2), h.tensor([[-100, -100]]))

    for loss in (smooth, of_pixels):
        assert gradient(loss, [[1.0, 2.0], [3.0, 4.0]]) == [[0, 0], [0, 0]]


def test_what_an_ignored_row_holds_does_not_matter() -> None:
    x = h.tensor([[-math.inf, -math.inf], [0.0, 0.0]])
    assert F.cross_entropy(x, h.tensor([-100, 1]), reduction="sum").item() == pytest.approx(math.log(2))
    assert F.nll_loss(x, h.tensor([-100, 1]), reduction="none").tolist() == [0, 0]


def test_losses_of_nothing_are_nan_as_in_pytorch() -> None:
    assert math.isnan(F.mse_loss(h.zeros(0), h.zeros(0)).item())
    assert math.isnan(F.cross_entropy(h.zeros(0, 3), h.zeros(0, dtype=h.int64)).item())
    assert F.cross_entropy(h.zeros(0, 3), h.zeros(0, dtype=h.int64), reduction="sum").item() == 0
    assert gradient(lambda x: F.mse_loss(x, h.zeros(0)), []) == []


def test_a_query_that_may_look_nowhere_has_weights_of_zero() -> None:
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    x = h.randn(1, 3, 4, requires_grad=True)
    nowhere = h.ones(1, 3, dtype=h.bool)
    y, weights = layer(x, x, x, key_padding_mask=nowhere)
    assert weights.tolist() == [[[0, 0, 0]] * 3]
    assert (y == layer.out_proj.bias).all()
    (y.sum() + weights.sum()).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[[0] * 4] * 3]
    some = h.tensor([[False, True, True]])
    _, weights = layer(x, x, x, key_padding_mask=some)
    assert weights.tolist() == [[[1, 0, 0]] * 3]
    lowest = h.full((3, 3), -math.inf)
    _, weights = layer(x, x, x, attn_mask=lowest)
    assert weights.tolist() == [[[0, 0, 0]] * 3]
    assert F.scaled_dot_product_attention(x, x, x, lowest).tolist() == [[[0] * 4] * 3]


def test_the_origin_has_no_angle_and_no_gradient() -> None:
    for a, b, right in ((0.0, 0.0, (0, 0)), (0.0, -2.0, (-0.5, 0)), (3.0, 0.0, (0, -1 / 3))):
        x, y = h.tensor(a, requires_grad=True), h.tensor(b, requires_grad=True)
        h.atan2(x, y).backward()
        assert (x.grad.item(), y.grad.item()) == pytest.approx(right)
