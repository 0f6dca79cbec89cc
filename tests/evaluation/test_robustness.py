"""Networks on disturbed images, and on images of what they do not know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hello_dl import weights
from hello_dl.data import Images
from hello_dl.evaluation import Classifier, robustness
from hello_dl.train import evaluate


def test_measuring_agrees_with_evaluate_and_counts_the_answers_given(home: Path, digits: Images) -> None:
    classifier = Classifier.load(home / "digits")
    expected = evaluate(classifier.model, digits, normalisation=classifier.header.normalisation)
    measured = robustness.measure(classifier, digits)
    assert (measured.n, measured.accuracy) == (expected.n, pytest.approx(expected.accuracy))
    assert measured.loss == pytest.approx(expected.loss, rel=1e-4)
    assert (measured.confusion == expected.confusion).all()
    assert measured.given is None
    assert measured.disturbed == {}
    weights.annotate(home / "digits", home / "sure", threshold=0.9)
    given = robustness.measure(Classifier.load(home / "sure"), digits).given
    assert given is not None
    assert 0.5 < given.answered < 1
    assert given.precision > measured.accuracy


def test_disturbing_is_seeded_and_costs_accuracy(home: Path, digits: Images) -> None:
    classifier = Classifier.load(home / "digits")
    assert robustness.disturbances(0, 0) == {}
    assert list(robustness.disturbances(0, 5)) == ["flip 5"]
    many = robustness.disturbances(1, 60)
    assert list(many) == ["shift 1", "flip 60", "both"]
    first, again, other = (robustness.measure(classifier, digits, many, seed) for seed in (1, 1, 2))
    assert first.disturbed == again.disturbed != other.disturbed
    shifted, flipped, both = first.disturbed.values()
    assert both < shifted < first.accuracy
    assert both < flipped < first.accuracy


@pytest.mark.parametrize(
    ("classes", "kinds"),
    [
        ("0123456789", ["letters", "noise", "specks", "blank"]),
        ("abcdefghijklmnopqrstuvwxyz", ["digits", "noise", "specks", "blank"]),
        ("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", ["noise", "specks", "blank"]),
    ],
)
def test_unknown_images_are_of_what_the_classes_leave_over(classes: str, kinds: list[str]) -> None:
    found = robustness.unknown_images(tuple(classes), n=50)
    assert list(found) == kinds
    assert all(images.shape[1:] == (28, 28) and images.dtype == np.uint8 for images in found.values())
    again, other = (
        robustness.unknown_images(tuple(classes), n=50),
        robustness.unknown_images(tuple(classes), 50, 1),
    )
    for kind, images in found.items():
        assert (images == again[kind]).all()
        assert kind == "blank" or (images != other[kind]).any()
    assert all(np.ptp(image) == 0 for image in found["blank"])


def test_the_classifiers_probabilities_have_the_temperature(
    home: Path, digits: Images, tmp_path: Path
) -> None:
    weights.annotate(home / "digits", tmp_path / "w", temperature=3.0)
    cool, warm = (
        Classifier.load(path).classify(digits.images[:50]) for path in (home / "digits", tmp_path / "w")
    )
    expected = cool.astype(float) ** (1 / 3)
    np.testing.assert_allclose(warm, expected / expected.sum(axis=1, keepdims=True), rtol=1e-3, atol=1e-6)
