"""Works out what the run log stores: statistics of tensors, accuracies, settings as JSON, wrong answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl.evaluation import Result

QUANTILES = (0, 5, 25, 50, 75, 95, 100)  # percent of a tensor's numbers that are smaller
PAIRS, EXAMPLES = 12, 6  # how many of the pairs most often confused are stored, and images of each
SAMPLE = 4096  # of tensors with more numbers, the inner quantiles are estimated from about so many


def summary(numbers: NDArray[Any]) -> tuple[float, ...]:
    """Return the Euclidean norm, the mean, and the quantiles of QUANTILES.

    Norm, mean, smallest and largest are exact; the other quantiles of large tensors are those of a sample of
    evenly spread numbers. Of a tensor without numbers, the norm is 0 and the rest NaN.
    """
    flat = numbers.reshape(-1)
    if flat.size == 0:
        return (0.0, *(math.nan,) * (1 + len(QUANTILES)))
    some = np.sort(flat[:: max(1, flat.size // SAMPLE)])
    places = [round(q / 100 * (len(some) - 1)) for q in QUANTILES[1:-1]]
    with np.errstate(over="ignore", invalid="ignore"):  # numbers that overflow are logged, too
        norm, mean = math.sqrt(float(np.dot(flat, flat))), float(flat.mean())
    return (norm, mean, float(flat.min()), *some[places].tolist(), float(flat.max()))


def accuracies(answers: Sequence[tuple[object, NDArray[Any], NDArray[Any]]]) -> list[float]:
    """Return the share of right answers of each batch (anything, scores (n, k), labels (n,)).

    All batches are worked out together: one argmax over many rows is faster than many over a few rows.
    """
    if len({scores.shape[1] for _, scores, _ in answers}) > 1:
        return [float((scores.argmax(1) == labels).mean()) for _, scores, labels in answers]
    scores = np.concatenate([scores for _, scores, _ in answers])
    right = scores.argmax(1) == np.concatenate([labels for _, _, labels in answers])
    sizes = [len(labels) for _, _, labels in answers]
    starts = np.cumsum([0, *sizes[:-1]])
    shares: list[float] = (np.add.reduceat(right, starts, dtype=np.float64) / sizes).tolist()
    return shares


def described(value: Any) -> Any:
    """Return a setting in a form that JSON can hold.

    A network becomes its layers as text and its number of parameters, a tuple of arrays their shapes as text,
    a function its name; numbers, texts and lists stay.
    """
    if isinstance(value, nn.Module):
        return {"layers": repr(value), "parameters": sum(p.numel() for p in value.parameters())}
    if isinstance(value, tuple) and any(hasattr(part, "shape") for part in value):
        return " and ".join(f"{type(part).__name__} {np.shape(part)}" for part in value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if value is None or isinstance(value, str | int | float | list | tuple):
        return value
    return getattr(value, "__qualname__", repr(value))


def worst_pairs(counts: NDArray[np.int64], most: int) -> list[tuple[int, int]]:
    """Return the pairs (truth, answer) that a confusion matrix counts most often, worst first.

    `counts` [truth, answer] (classes, classes). At most `most` pairs, none that never occurred.
    """
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    places = np.argsort(-wrong, axis=None, kind="stable")[:most]
    pairs = [divmod(int(place), len(wrong)) for place in places]
    return [(truth, answer) for truth, answer in pairs if wrong[truth, answer]]


def mistakes(result: Result, images: NDArray[np.uint8]) -> list[tuple[int, int, bytes]]:
    """Return (truth, answer, image) of wrong answers: a few for each of the pairs most often confused.

    `images` (n, 28, 28) are those that `result` is of, in the same order; else raises ValueError.
    """
    if len(result.answers) != len(images):
        raise ValueError(
            f"validated: needs the {len(result.answers)} images that were judged, got {len(images)}"
        )
    found = []
    for truth, answer in worst_pairs(result.confusion, PAIRS):
        chosen = np.flatnonzero((result.labels == truth) & (result.answers == answer))[:EXAMPLES]
        found += [(truth, answer, images[i].tobytes()) for i in chosen]
    return found
