"""Tells whether labelled characters lie on their side, as in EMNIST's files, which are stored transposed.

Most characters are taller than wide, some wider than tall. How much is known for each class, and transposing
a picture changes the sign; so the labels tell which way up a set is, without a network that reads it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.images import Images

# How much taller than wide each character is, from -1 to 1 (see `tallness`): means of 100 characters that the
# embedded generator draws.
TALLNESS = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        [
            *(0.21, 0.77, 0.40, 0.43, 0.24, 0.40, 0.39, 0.41, 0.39, 0.36),  # 0 to 9
            *(0.04, 0.38, 0.34, 0.22, 0.38, 0.26, 0.22, -0.09, 0.68, 0.31, 0.19, 0.53, -0.09),  # A to M
            *(-0.02, 0.13, 0.13, 0.21, 0.28, 0.35, 0.48, 0.05, 0.10, -0.11, 0.20, 0.28, 0.47),  # N to Z
            *(-0.11, 0.39, 0.06, 0.18, -0.03, 0.46, 0.42, 0.31, 0.66, 0.64, 0.47, 0.70, -0.42),  # a to m
            *(-0.16, -0.01, 0.29, 0.40, -0.08, 0.17, 0.52, -0.21, 0.01, -0.34, 0.06, 0.37, 0.22),  # n to z
        ],
        strict=True,
    )
)
# The mean product of a picture's tallness and its class's. Measured on ten data sets of several thousand
# characters: 0.07 to 0.17 upright, so -0.07 to -0.17 transposed.
LYING = -0.05  # a set lies on its side below this; lower is stricter
ERRORS = 4  # and so many standard errors of the mean below 0; more is stricter
MOST = 5000  # pictures that are looked at


def lies_on_its_side(images: Images) -> bool:
    """Return whether characters lie on their side: transposed, or turned by 90 degrees.

    It finds out for 200 and more pictures of mixed letters or digits. For fewer, for classes that are as wide
    as tall, and for no characters, the answer is False.
    """
    expected = np.array([_expected(name, name in images.merged) for name in images.classes])
    some = np.arange(0, len(images), -(-len(images) // MOST))
    known = some[np.isfinite(expected[images.labels[some]])]
    if len(known) < 2:
        return False
    products = tallness(images.images[known]) * expected[images.labels[known]]
    mean, error = products.mean(), products.std() / np.sqrt(len(known))
    return bool(mean < LYING and mean < -ERRORS * error)


def tallness(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how much taller than wide the ink of images (n, h, w) is, (n,), from -1 to 1; 0 without ink.

    It is the difference of the ink's variances in y and in x, divided by their sum.
    """
    of_y, of_x = _variance(pixels.sum(axis=2)), _variance(pixels.sum(axis=1))
    return (of_y - of_x) / np.maximum(of_y + of_x, np.finfo(float).tiny)


def _variance(ink: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the variance of the place of the ink, given its amount in each row or column, (n, side)."""
    share = ink / np.maximum(ink.sum(axis=1, keepdims=True), 1)
    places = np.arange(ink.shape[1])
    variance: NDArray[np.float64] = share @ places**2 - (share @ places) ** 2
    return variance


def _expected(name: str, is_merged: bool) -> float:
    """Return the tallness of a class, of both letters of a merged one; NaN if it is no character."""
    names = {name, name.swapcase()} if is_merged else {name}
    return float(np.mean([TALLNESS.get(one, np.nan) for one in sorted(names)]))
