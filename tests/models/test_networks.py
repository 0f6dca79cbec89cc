"""The networks of the series have the sizes that the chapters give."""

from __future__ import annotations

import hello_dl
from hello_dl import models


def test_the_networks_of_the_series_have_their_sizes() -> None:
    count = lambda model: sum(p.numel() for p in model.parameters())  # noqa: E731
    assert count(models.digits_mlp()) == 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10
    assert count(models.letters_cnn()) == 137_178
    x = hello_dl.zeros(2, 1, 28, 28)
    assert models.letters_cnn(47)(x).shape == (2, 47)
    assert models.digits_mlp()(x).shape == (2, 10)
