"""Adaptive pooling says where its maxima are; of equal ones the first, as in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from hello_dl import nn

rng = np.random.default_rng(0)


@pytest.mark.parametrize("size", [1, 2, (3, 2, None), (4, 7, 5), (2, 0, 1)], ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 5, 7, 4), (3, 5, 7, 4), (1, 1, 2, 2, 2)], ids=str)
def test_the_largest_of_volumes_and_their_places(shape: Any, size: Any) -> None:
    torch = pytest.importorskip("torch")
    x = rng.integers(0, 6, size=shape).astype(np.float32)  # many are equal
    y, places = nn.AdaptiveMaxPool3d(size, True)(h.tensor(x))
    right, there = torch.nn.AdaptiveMaxPool3d(size, True)(torch.tensor(x))
    assert y.shape == tuple(right.shape)
    assert y.tolist() == right.tolist() == F.adaptive_max_pool3d(h.tensor(x), size).tolist()
    assert places.tolist() == there.tolist()


def test_the_largest_of_a_small_volume() -> None:
    x = h.arange(24).reshape(1, 2, 3, 4).float()
    y, places = F.adaptive_max_pool3d(x, (1, 3, 2), True)
    assert y.tolist() == [[[[13, 15], [17, 19], [21, 23]]]]
    assert places.tolist() == [[[[13, 15], [17, 19], [21, 23]]]]
    with pytest.raises(ValueError, match=r"adaptive_max_pool3d: needs volumes .*, got \(3, 4\)"):
        F.adaptive_max_pool3d(h.zeros(3, 4), 1)
    with pytest.raises(ValueError, match="adaptive_max_pool3d: needs 3 sizes of at least 0, or None"):
        F.adaptive_max_pool3d(x, (1, 2))
