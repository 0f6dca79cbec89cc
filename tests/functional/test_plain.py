"""The fast convolution and attention compute what the plain ones in tests/support/plain.py do."""

from __future__ import annotations

import numpy as np
import pytest

import hello_dl as h
import plain
from hello_dl import functional as F


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).standard_normal(shape, dtype=np.float32)


@pytest.mark.parametrize(
    ("image", "filters", "stride", "padding"),
    [
        ((2, 3, 8, 7), (4, 3, 3, 3), 1, 0),
        ((2, 3, 8, 7), (4, 3, 3, 3), 1, 1),
        ((3, 1, 9, 9), (2, 1, 5, 2), 2, 0),
        ((1, 16, 12, 10), (24, 16, 3, 3), 3, 2),
        ((2, 2, 5, 5), (3, 2, 1, 1), 1, 0),
    ],
)
def test_the_fast_convolution_is_the_plain_one(
    image: tuple[int, ...], filters: tuple[int, ...], stride: int, padding: int
) -> None:
    x, weight, bias = numbers(*image), numbers(*filters), numbers(filters[0])
    fast = F.conv2d(h.tensor(x), h.tensor(weight), h.tensor(bias), stride, padding).numpy()
    expected = plain.conv2d(x, weight, bias, stride, padding)
    assert fast.dtype == expected.dtype == np.float32
    np.testing.assert_allclose(fast, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize(("t", "s", "d", "e"), [(4, 4, 8, 8), (5, 3, 2, 7), (70, 67, 16, 4), (1, 1, 1, 1)])
def test_the_fast_attention_is_the_plain_one(t: int, s: int, d: int, e: int) -> None:
    query, key, value = numbers(t, d), numbers(s, d) + 0.5, numbers(s, e)
    fast = F.scaled_dot_product_attention(h.tensor(query), h.tensor(key), h.tensor(value)).numpy()
    expected = plain.attention(query, key, value)
    assert fast.dtype == expected.dtype == np.float32
    np.testing.assert_allclose(fast, expected, rtol=1e-5, atol=1e-5)
