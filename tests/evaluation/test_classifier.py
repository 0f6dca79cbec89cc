"""A Classifier: images are brought into the form that its network was trained on."""

from __future__ import annotations

import numpy as np

from hello_dl.evaluation.classifier import as_mnist


def test_a_glyph_becomes_as_large_as_mnists_digits_and_centred_as_they_are() -> None:
    glyph = np.zeros((28, 28), np.uint8)
    glyph[2:26, 10:14], glyph[22:26, 10:24] = 255, 255  # an L, 24 high and 14 wide, heavy at the lower left
    placed = as_mnist(glyph)
    rows, columns = np.flatnonzero(placed.any(axis=1)), np.flatnonzero(placed.any(axis=0))
    assert len(rows) == 20
    assert len(columns) == 12
    y, x = (np.average(np.arange(28) + 0.5, weights=placed.sum(axis=1 - axis)) for axis in (0, 1))
    assert abs(y - 14) <= 0.5
    assert abs(x - 14) <= 0.5
    assert not as_mnist(np.zeros((28, 28), np.uint8)).any()
