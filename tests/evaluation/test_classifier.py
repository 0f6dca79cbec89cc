"""A Classifier: images are brought into the form that its network was trained on."""

from __future__ import annotations

import numpy as np
import pytest

import hello_dl
from hello_dl import nn
from hello_dl.evaluation.classifier import Classifier, as_mnist
from hello_dl.weights import Header


class Shaken(nn.Module):
    """A network that depends on chance."""

    def forward(self, x: hello_dl.Tensor) -> hello_dl.Tensor:
        return x.reshape(len(x), -1)[:, :2] + hello_dl.rand(len(x), 2)


def test_few_images_get_the_same_probabilities_as_many() -> None:
    classifier = Classifier.load("letters")
    images = np.random.default_rng(1).integers(0, 256, (5, 28, 28), np.uint8)
    right = classifier.classify(images)
    for n in (1, 2, 3):
        few = classifier.classify(images[:n])
        assert few.dtype == np.float32
        np.testing.assert_allclose(few, right[:n], atol=1e-5)
        np.testing.assert_allclose(few.sum(axis=1), 1, atol=1e-6)


def test_a_network_that_cannot_be_frozen_classifies_all_the_same() -> None:
    classifier = Classifier(Shaken(), Header(None, classes=("a", "b")))
    assert classifier.classify(np.zeros((1, 28, 28), np.uint8)).shape == (1, 2)


def test_no_images_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Classifier.load("letters").classify(np.zeros((0, 28, 28), np.uint8))


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
