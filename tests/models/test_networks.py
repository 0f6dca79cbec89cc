"""The networks of the series have the sizes that the chapters give."""

from __future__ import annotations

import hello_dl
from hello_dl import models, nn


def test_the_networks_of_the_series_have_their_sizes() -> None:
    count = lambda model: sum(p.numel() for p in model.parameters())  # noqa: E731
    assert count(models.digits_mlp()) == 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10
    assert count(models.letters_cnn()) == 137_178
    x = hello_dl.zeros(2, 1, 28, 28)
    assert models.letters_cnn(47)(x).shape == (2, 47)
    assert models.digits_mlp()(x).shape == (2, 10)


def test_dropout_is_put_before_the_hidden_linear_layers() -> None:
    digits, letters = (
        models.with_dropout(models.digits_mlp(), 0.3),
        models.with_dropout(models.letters_cnn(), 0.3),
    )
    for model, layers in ((digits, 2), (letters, 3)):
        kinds = [type(layer) for layer in model]
        assert kinds.count(nn.Dropout) == layers
        assert all(kinds[i + 1] is nn.Linear for i, kind in enumerate(kinds) if kind is nn.Dropout)
    assert [layer.p for layer in models.with_dropout(digits, 0.1) if isinstance(layer, nn.Dropout)] == [
        0.1,
        0.1,
    ]
    assert models.build(models.describe(letters))(hello_dl.zeros(2, 1, 28, 28)).shape == (2, 26)
