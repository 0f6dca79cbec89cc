"""Options of convolution and pooling of images, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn

rng = np.random.default_rng(0)


def numbers(*shape: int) -> np.ndarray[Any, Any]:
    """Return random numbers in a shape."""
    return rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("dilation", [1, 2, (2, 1)])
@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("shape", [(2, 3, 9, 8), (3, 9, 8)], ids=str)
def test_max_pool2d_with_every_option(dilation: Any, ceil_mode: bool, padding: int, shape: Any) -> None:
    torch = pytest.importorskip("torch")
    data = numbers(*shape)
    mine, theirs = h.tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    a, at = F.max_pool2d(mine, 3, 2, padding, dilation, ceil_mode, True)
    b, there = torch.nn.functional.max_pool2d(theirs, 3, 2, padding, dilation, ceil_mode, True)
    assert a.tolist() == b.tolist()
    assert at.tolist() == there.tolist()
    assert at.dtype == h.int64
    g = numbers(*a.shape)
    a.backward(h.tensor(g))
    b.backward(torch.tensor(g))
    assert mine.grad is not None
    assert np.allclose(mine.grad.numpy(), theirs.grad.numpy())
    assert F.max_pool2d(mine, 3, 2, padding, dilation, ceil_mode).tolist() == a.tolist()


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("padding", [0, 1])
def test_avg_pool2d_with_another_divisor(ceil_mode: bool, padding: int) -> None:
    torch = pytest.importorskip("torch")
    data = numbers(2, 3, 8, 7)
    options = (3, 2, padding, ceil_mode, True, 2)
    mine = F.avg_pool2d(h.tensor(data), *options)
    assert np.allclose(
        mine.numpy(), torch.nn.functional.avg_pool2d(torch.tensor(data), *options).numpy(), 1e-5
    )
    with pytest.raises(ValueError, match="divisor_override other than 0"):
        F.avg_pool2d(h.tensor(data), 2, divisor_override=0)
    with pytest.raises(TypeError, match="avg_pool2d: needs real numbers, got int64"):
        F.avg_pool2d(h.ones(1, 1, 2, 2, dtype=h.int64), 2)


def test_one_image_needs_no_batch() -> None:
    x = h.tensor(numbers(3, 6, 6))
    for layer in (nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 2, padding="same"), nn.MaxPool2d(2), nn.AvgPool2d(2)):
        assert np.allclose(layer(x).numpy(), layer(x[None])[0].numpy())


def test_a_convolution_of_integers_is_exact_or_refused() -> None:
    x = h.arange(16).reshape(1, 1, 4, 4)
    y = F.conv2d(x, h.ones(1, 1, 2, 2, dtype=h.int64), h.tensor([1]))
    assert y.dtype == h.int64
    assert y[0, 0, 0].tolist() == [11, 15, 19]
    assert F.linear(h.tensor([1, 2]), h.tensor([[3, 4]]), h.tensor([5])).tolist() == [16]
    assert F.max_pool2d(x, 2).dtype == h.int64
    with pytest.raises(ValueError, match="conv2d: sums of these integers may reach 48000000"):
        F.conv2d(x, h.full((1, 1, 2, 2), 800_000), padding=1)


# ---- tables and attention ----------------------------------------------------------------------------------
