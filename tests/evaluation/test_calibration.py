"""Temperature, calibration error, threshold and AUROC, against what is known or counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hello_dl.evaluation import calibration
from hello_dl.evaluation.calibration import (
    apply_threshold,
    auroc,
    choose_threshold,
    cross_entropy,
    expected_calibration_error,
    fit_temperature,
    softmax,
)


def drawn(temperature: float, n: int = 20_000, classes: int = 5) -> tuple[Any, Any]:
    """Return scores, and labels drawn with the probabilities softmax(scores / temperature)."""
    generator = np.random.default_rng(3)
    scores = 3 * generator.normal(size=(n, classes))
    chance = softmax(scores, temperature).cumsum(axis=1)
    return scores, (generator.random((n, 1)) > chance[:, :-1]).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_is_found_and_calibrates(temperature: float) -> None:
    scores, labels = drawn(temperature)
    found = fit_temperature(scores, labels)
    assert found == pytest.approx(temperature, rel=0.04)
    here = cross_entropy(scores, labels, found)
    assert here <= min(cross_entropy(scores, labels, found * factor) for factor in (0.98, 1.02))
    p = softmax(scores, found)
    error = expected_calibration_error(p.max(axis=1), p.argmax(axis=1) == labels)
    assert error < 0.012
    if temperature != 1.0:
        p = softmax(scores)
        assert expected_calibration_error(p.max(axis=1), p.argmax(axis=1) == labels) > 4 * error


def test_cross_entropy_and_softmax_are_right_far_out() -> None:
    scores, labels = np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0])
    assert cross_entropy(scores, labels) == pytest.approx(500)
    assert softmax(scores).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_a_network_that_errs_never_or_always_gives_a_finite_temperature() -> None:
    scores = np.array([[4.0, 0.0], [0.0, 4.0]])
    assert fit_temperature(scores, np.array([0, 1])) == pytest.approx(calibration.COLDEST)
    assert fit_temperature(scores, np.array([1, 0])) == pytest.approx(calibration.HOTTEST)


@pytest.mark.parametrize(
    ("scores", "labels"), [(np.zeros((0, 3)), np.zeros(0, int)), (np.zeros((4, 3)), np.zeros(3, int))]
)
def test_scores_without_their_labels_are_refused(scores: Any, labels: Any) -> None:
    with pytest.raises(ValueError, match=r"needs scores \(n, classes\), labels \(n,\)"):
        fit_temperature(scores, labels)


def test_the_calibration_error_by_hand() -> None:
    confidence = np.array([0.9, 0.85, 0.6, 0.55, 1.0])
    right = np.array([True, False, True, True, True])
    # Five bins: (0.4, 0.6] has 0.6 and 0.55 with 2 right; (0.8, 1] has 0.9, 0.85 and 1 with 2 right.
    expected = 2 / 5 * abs(1 - 0.575) + 3 / 5 * abs(2 / 3 - 2.75 / 3)
    assert expected_calibration_error(confidence, right, bins=5) == pytest.approx(expected)
    assert expected_calibration_error(np.ones(4), np.zeros(4, bool)) == 1.0
    assert expected_calibration_error(np.array([0.0]), np.array([False])) == 0.0


def test_the_threshold_answers_most_at_the_wanted_precision() -> None:
    generator = np.random.default_rng(5)
    for _ in range(50):
        confidence = generator.integers(1, 12, 30) / 12  # with ties
        right = generator.random(30) < confidence
        precision = float(generator.uniform(0.3, 0.95))
        tried = [apply_threshold(confidence, right, t) for t in [0.0, *np.unique(confidence)]]
        fitting = [t for t in tried if t.answered and t.precision >= precision]
        if not fitting:
            with pytest.raises(ValueError, match="at best; ask for less"):
                choose_threshold(confidence, right, precision)
            continue
        choice = choose_threshold(confidence, right, precision)
        assert choice.answered == max(t.answered for t in fitting)
        assert apply_threshold(confidence, right, choice.threshold) == choice


def test_a_network_that_is_always_right_answers_everything() -> None:
    assert choose_threshold(np.array([0.3, 0.9]), np.array([True, True]), 1.0) == (0.0, 1.0, 1.0)


def test_the_threshold_can_have_a_lowest_value() -> None:
    confidence, right = np.array([0.3, 0.6, 0.9]), np.array([True, True, True])
    assert choose_threshold(confidence, right, 0.9, least=0.5) == (0.5, 1.0, 2 / 3)
    with pytest.raises(ValueError, match="at best"):
        choose_threshold(confidence, right, 0.9, least=0.95)


@pytest.mark.parametrize("precision", [0.0, -1.0, 1.01, float("nan")])
def test_a_precision_that_is_no_share_is_refused(precision: float) -> None:
    with pytest.raises(ValueError, match="needs a precision above 0, up to 1"):
        choose_threshold(np.array([0.5]), np.array([True]), precision)


def test_auroc_is_the_chance_of_the_right_order() -> None:
    known, unknown = np.array([0.9, 0.8, 0.5]), np.array([0.5, 0.1])
    assert auroc(known, unknown) == pytest.approx((2 + 2 + 1.5) / 6)  # equal: half
    assert auroc(unknown, known) == pytest.approx(0.5 / 6)
