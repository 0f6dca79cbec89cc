"""Fractional max pooling: with PyTorch's random numbers, PyTorch's values, places and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn

rng = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("axes", "shape", "kernel", "how"),
    [
        (2, (2, 3, 9, 7), 2, {"output_size": (5, 4)}),
        (2, (3, 9, 7), (3, 2), {"output_ratio": (0.5, 0.8)}),
        (2, (1, 2, 5, 5), 3, {"output_size": 1}),
        (2, (1, 2, 6, 6), 1, {"output_ratio": 0.7}),
        (3, (2, 2, 7, 6, 8), 2, {"output_size": (4, 3, 5)}),
        (3, (2, 5, 6, 7), (1, 2, 3), {"output_ratio": 0.5}),
    ],
)
def test_with_the_same_random_numbers_it_is_pytorchs(axes: int, shape: Any, kernel: Any, how: Any) -> None:
    torch = pytest.importorskip("torch")
    data = rng.normal(size=shape).astype(np.float32)
    lead = shape[:-axes] if len(shape) == axes + 2 else (1, *shape[:-axes])
    u = rng.random((*lead, axes)).astype(np.float32)
    x, z = h.tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    name = f"FractionalMaxPool{axes}d"
    mine = getattr(nn, name)(kernel, **how, return_indices=True, _random_samples=h.tensor(u))
    theirs = getattr(torch.nn, name)(kernel, **how, return_indices=True, _random_samples=torch.tensor(u))
    (a, i), (b, j) = mine(x), theirs(z)
    assert a.tolist() == b.tolist()
    assert i.tolist() == j.tolist()
    assert repr(mine) == repr(theirs)
    g = rng.normal(size=a.shape).astype(np.float32)
    a.backward(h.tensor(g))
    b.backward(torch.tensor(g))
    assert x.grad is not None
    np.testing.assert_allclose(x.grad, z.grad, rtol=1e-6)


def test_places_are_drawn_anew_and_by_the_seed() -> None:
    x = h.arange(400).reshape(1, 1, 20, 20).float()
    h.manual_seed(3)
    first, second = (F.fractional_max_pool2d(x, 2, 13).tolist() for _ in range(2))
    h.manual_seed(3)
    assert F.fractional_max_pool2d(x, 2, 13).tolist() == first != second
    assert first[0][0][-1][-1] == 399  # the last window ends where the image ends


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x: F.fractional_max_pool2d(x, 2), "either output_size or output_ratio"),
        (lambda x: nn.FractionalMaxPool2d(2, 3, 0.5), "FractionalMaxPool2d: needs either"),
        (lambda x: F.fractional_max_pool2d(x, 2, output_ratio=1.5), "output_ratio between 0 and 1, got 1.5"),
        (
            lambda x: F.fractional_max_pool2d(x, 2, 5),
            r"\(5, 5\) windows of \(2, 2\) do not fit into \(5, 5\)",
        ),
        (lambda x: F.fractional_max_pool3d(x[0], 2, 2), "needs 5 axes, or 4 for one sample"),
        (lambda x: F.fractional_max_pool2d(x, 2, 2, None, False, h.rand(2)), r"_random_samples \(1, 2, 2\)"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(h.zeros(1, 2, 5, 5))
