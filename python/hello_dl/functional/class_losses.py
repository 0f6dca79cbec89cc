"""Losses of classes: cross entropy and the negative log-likelihood (chapter 4)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.losses import named_reduction, reduced
from hello_dl.tensors.dtypes import REAL

# Looked up once: cross_entropy runs at every step of training.
_mean, _mul, _pick, _log_softmax, _check_labels = (
    _core.mean,
    _core.mul,
    _core.pick,
    _core.log_softmax,
    _core._check_labels,
)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross entropy, the mean of -log softmax(x)[target] (chapter 4).

    input: scores (n, k), (k,) or (n, k, d1, ...) of k classes. target: class numbers (n,), () or
    (n, d1, ...), or probabilities in the shape of input. weight (k,): how much each class counts. Items with
    the label ignore_index are left out; if all are, the mean is NaN and its gradient 0. label_smoothing takes
    that share of each target and spreads it over all classes. reduction is "mean", "sum" or "none";
    size_average and reduce are PyTorch's old words for it. IndexError for a label that is no class.
    """
    reduction = named_reduction(size_average, reduce, reduction)
    if input.ndim == 2 and weight is None and label_smoothing == 0 and reduction == "mean":
        n, k = input.shape
        if n and target.shape == (n,) and target.dtype == "int64":
            ignored = _check_labels("cross_entropy: label", target, k, ignore_index)
            if not ignored:  # the usual case in training, in as few ops as possible
                return _mul(_mean(_pick(_log_softmax(input, 1), target)), -1.0)
    if not 0 <= label_smoothing <= 1:
        raise Refusal(f"cross_entropy: needs label_smoothing from 0 to 1, got {label_smoothing}")
    rows, shape = _class_last(input, "cross_entropy")
    logp = _core.log_softmax(rows, -1)
    if target.dtype == REAL and target.shape == input.shape:
        return _from_probabilities(
            logp, _class_last(target, "cross_entropy")[0], shape, weight, reduction, label_smoothing
        )
    return _from_labels(
        logp, target, shape, weight, ignore_index, reduction, label_smoothing, "cross_entropy"
    )


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of -input[target]: the cross entropy for logarithms of probabilities (log_softmax)."""
    reduction = named_reduction(size_average, reduce, reduction)
    rows, shape = _class_last(input, "nll_loss")
    return _from_labels(rows, target, shape, weight, ignore_index, reduction, 0.0, "nll_loss")


def _class_last(x: Tensor, who: str) -> tuple[Tensor, tuple[int, ...]]:
    """Return x as rows of classes (m, k), and the shape of the losses: (n,), () or (n, d1, ...)."""
    shape = x.shape
    if len(shape) == 0:
        raise Refusal(f"{who}: needs scores (n, k), got a single number")
    if len(shape) == 1:
        return x.reshape(1, -1), ()
    if len(shape) == 2:
        return x, (shape[0],)
    order = (0, *range(2, len(shape)), 1)
    return _core.reshape(_core.permute(x, order), (-1, shape[1])), (shape[0], *shape[2:])


def _class_weight(weight: Tensor | None, classes: int, who: str) -> NDArray[Any] | None:
    """Return the weights of the classes as an array (classes,). ValueError for another shape."""
    if weight is None:
        return None
    if weight.shape != (classes,):
        raise Refusal(f"{who}: needs a weight for each of {classes} classes, got shape {weight.shape}")
    return weight.numpy()


def _from_labels(
    logp: Tensor,
    target: Tensor,
    shape: tuple[int, ...],
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
    smoothing: float,
    who: str,
) -> Tensor:
    """Return the losses of class numbers.

    With w the weights, y the labels and s the smoothing, the loss of a row is
    -(1 - s) w[y] logp[y] - s/k sum over c of w[c] logp[c], and the mean divides by the sum of w[y].
    """
    if target.dtype == REAL:
        raise TypeError(
            f"{who}: needs int64 class numbers {shape}, or probabilities like x; got {target.dtype} "
            f"{target.shape}"
        )
    if target.shape != shape:
        raise Refusal(f"{who}: needs one class number for each row, {shape}, got {target.shape}")
    k = logp.shape[1]
    _check_labels(f"{who}: label", target, k, ignore_index)
    labels = target.numpy().reshape(-1)
    counts = labels != ignore_index
    labels = np.where(counts, labels, 0)
    of_class = _class_weight(weight, k, who)
    of_row = counts.astype(np.float32) if of_class is None else np.where(counts, of_class[labels], 0)
    picked = _core.pick(logp, _core.from_numpy(labels))
    loss = _core.mul(picked, _core.from_numpy(of_row * (smoothing - 1)))
    if smoothing:
        weighted = logp if of_class is None else _core.mul(logp, _core.from_numpy(of_class))
        spread = _core.sum(weighted, -1)
        loss = _core.sub(loss, _core.mul(spread, smoothing / k))
    if not counts.all():  # chosen, not multiplied by 0: a row that does not count may hold inf or NaN
        loss = _core.where(_core.from_numpy(counts), loss, 0.0)
    if reduction == "mean":
        if not counts.any():  # NaN, but without a gradient that would spoil every parameter
            return _core.add(_core.sum(loss), math.nan)
        total = float(of_row.sum())
        return _core.mul(_core.sum(loss), 1 / total if total else math.nan)
    return reduced(_core.reshape(loss, shape), reduction, who)


def _from_probabilities(
    logp: Tensor,
    target: Tensor,
    shape: tuple[int, ...],
    weight: Tensor | None,
    reduction: str,
    smoothing: float,
) -> Tensor:
    """Return the losses of class probabilities p: minus the sum of w p logp over the classes."""
    k = logp.shape[1]
    if smoothing:
        target = _core.add(_core.mul(target, 1 - smoothing), smoothing / k)
    of_class = _class_weight(weight, k, "cross_entropy")
    if of_class is not None:
        target = _core.mul(target, _core.from_numpy(of_class))
    loss = _core.mul(_core.sum(_core.mul(logp, target), -1), -1.0)
    return reduced(_core.reshape(loss, shape), reduction, "cross_entropy")
