"""Calibration of probabilities, and the threshold below which "I don't know" is better than an answer.

A trained network is mostly too sure: of its answers with a probability of 90 %, fewer than nine in ten are
right. One number corrects this, the temperature, by which all scores are divided (Guo, Pleiss, Sun,
Weinberger: On Calibration of Modern Neural Networks, 2017). It changes no answer, only its probability. The
probability of the answer that a network gives is called its confidence.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl.data.images import Images
from hello_dl.evaluation.measure import predict_scores

COLDEST, HOTTEST = 0.05, 20.0  # the lowest and the highest temperature that fit_temperature can return
Floats = NDArray[np.floating[Any]]


def calibrate(model: nn.Module, images: Images, normalisation: tuple[float, float] = (0.0, 1.0)) -> float:
    """Return the temperature that calibrates a model, found on labelled images that it has not learned from.

    `normalisation` is the (mean, std) of pixels / 255 in training. Store the result with
    `weights.annotate(path, path, temperature=...)`.
    """
    return fit_temperature(predict_scores(model, images, normalisation=normalisation), images.labels)


def fit_temperature(scores: Floats, labels: NDArray[np.integer]) -> float:
    """Return the temperature with the least cross entropy on scores (n, classes) and labels (n,).

    With b = 1 / temperature, the loss of one item is log sum_j exp(b s_j) - b s_label, which is convex in b;
    its slope is E[s] - s_label, with the mean E over softmax(b s). The zero of the slope is found by
    bisection. ValueError if there are no scores, or not as many labels.
    """
    scores = np.asarray(scores, np.float64)
    if scores.ndim != 2 or len(scores) == 0 or labels.shape != scores.shape[:1]:
        raise ValueError(
            f"fit_temperature: needs scores (n, classes), labels (n,), got {scores.shape}, {labels.shape}"
        )
    right = scores[np.arange(len(scores)), labels]
    low, high = np.log(1 / HOTTEST), np.log(1 / COLDEST)  # of log b
    for _ in range(40):  # halvings: log b is exact to 6 / 2^40
        middle = (low + high) / 2
        p = softmax(scores, float(np.exp(-middle)))
        slope = ((p * scores).sum(axis=1) - right).mean()
        low, high = (low, middle) if slope > 0 else (middle, high)
    return float(np.exp(-(low + high) / 2))


def softmax(scores: Floats, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return the probabilities exp(s_j / t) / sum_k exp(s_k / t) of scores (n, classes), t the temperature.

    In float64, unlike functional.softmax: float32 moves large scores' probabilities, and the temperature that
    is fitted to them, in the sixth decimal.
    """
    scores = np.asarray(scores, np.float64) / temperature
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def cross_entropy(scores: Floats, labels: NDArray[np.integer], temperature: float = 1.0) -> float:
    """Return the mean of -log p of the right class, over scores (n, classes) and labels (n,), in float64."""
    scaled = np.asarray(scores, np.float64) / temperature
    most = scaled.max(axis=1)
    total = most + np.log(np.exp(scaled - most[:, None]).sum(axis=1))
    return float((total - scaled[np.arange(len(scaled)), labels]).mean())


def expected_calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = 15) -> float:
    """Return the mean difference between confidence and accuracy, 0 to 1; 0 is perfectly calibrated.

    confidence (n,) is the probability of each answer, right (n,) whether the answer was right. The answers
    are sorted by confidence into `bins` bins of equal width; the differences |accuracy - mean confidence| of
    the bins are averaged, weighted by the number of answers in each bin (Guo et al. 2017, equation 3).
    """
    place = np.clip(np.ceil(np.asarray(confidence, np.float64) * bins).astype(int) - 1, 0, bins - 1)
    sure = np.bincount(place, confidence, minlength=bins)
    correct = np.bincount(place, right, minlength=bins)
    return float(np.abs(correct - sure).sum() / len(confidence))


class ThresholdResult(NamedTuple):
    """What a threshold does: answers with a lower confidence are replaced by "I don't know"."""

    threshold: float  # least confidence, 0 to 1; higher is stricter
    precision: float  # share of right answers among those given
    answered: float  # share of all items that get an answer


def choose_threshold(
    confidence: Floats, right: NDArray[np.bool_], precision: float = 0.99, least: float = 0.0
) -> ThresholdResult:
    """Choose the lowest threshold at which at least `precision` of the answers given are right.

    confidence (n,) and right (n,) are as in `expected_calibration_error`, on data that the network has not
    learned from; `least` is the lowest threshold allowed. ValueError if no threshold reaches the precision.
    """
    if not (0 < precision <= 1 and 0 <= least <= 1):
        raise ValueError(
            f"choose_threshold: needs a precision above 0, up to 1, and a least threshold from 0 to 1,"
            f" got {precision} and {least}"
        )
    order = np.argsort(-np.asarray(confidence), kind="stable")
    falling = np.append(np.asarray(confidence, np.float64)[order], 0.0)
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    cut = (falling[:-1] > falling[1:]) & (falling[:-1] >= least)  # no cut between equal confidences
    fitting = np.flatnonzero(cut & (reached >= precision))
    if len(fitting) == 0:
        best = float(reached[cut].max()) if cut.any() else 0.0
        raise ValueError(
            f"choose_threshold: needs answers of which {precision:.4g} are right, got {best:.4g} at best;"
            " ask for less, or give more data"
        )
    last = int(fitting[-1])
    middle = 0.0 if last == len(order) - 1 else float(falling[last] + falling[last + 1]) / 2
    return ThresholdResult(max(middle, least), float(reached[last]), (last + 1) / len(order))


def apply_threshold(confidence: Floats, right: NDArray[np.bool_], threshold: float) -> ThresholdResult:
    """Return precision and share of answers at a threshold; if no answer is given, the precision is 1.

    confidence (n,) and right (n,) are as in `expected_calibration_error`.
    """
    given = np.asarray(confidence) >= threshold
    precision = float(right[given].mean()) if given.any() else 1.0
    return ThresholdResult(threshold, precision, float(given.mean()))


def auroc(known: Floats, unknown: Floats) -> float:
    """Return the probability that a known item has a higher confidence than an unknown one.

    known (n,) and unknown (m,) are confidences. 1 separates them perfectly, 0.5 not at all. This is the area
    under the receiver operating characteristic curve (AUROC), computed from ranks (Mann, Whitney 1947).
    """
    both = np.concatenate([known, unknown])
    _, place, counts = np.unique(both, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # equal values share their mean rank
    n, m = len(known), len(unknown)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
