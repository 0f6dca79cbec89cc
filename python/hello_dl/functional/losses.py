"""Loss functions: how wrong the scores are, as one number for gradient descent to make small."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL

# Looked up once: cross_entropy runs at every step of training.
_mean, _mul, _pick, _log_softmax, _check_labels = (
    _core.mean,
    _core.mul,
    _core.pick,
    _core.log_softmax,
    _core._check_labels,
)


def _reduced(loss: Tensor, reduction: str, who: str) -> Tensor:
    """Return the mean of all losses, their sum, or each by itself. ValueError for another reduction."""
    if reduction == "mean":
        if 0 in loss.shape:
            raise ValueError(f"{who}: needs at least one number, got shape {loss.shape}")
        return _core.mean(loss)
    if reduction == "sum":
        return _core.sum(loss)
    if reduction == "none":
        return loss
    raise ValueError(f"{who}: reduction needs to be 'mean', 'sum' or 'none', got {reduction!r}")


def cross_entropy(
    x: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross entropy, the mean of -log softmax(x)[target] (chapter 4).

    x: scores (n, k), (k,) or (n, k, d1, ...) of k classes. target: class numbers (n,), () or (n, d1, ...), or
    probabilities in the shape of x. weight (k,): how much each class counts. Items with the label
    ignore_index are left out. label_smoothing takes that share of each target and spreads it over all
    classes. IndexError for a label that is no class, ValueError for an empty batch.
    """
    if x.ndim == 2 and weight is None and label_smoothing == 0 and reduction == "mean":
        n, k = x.shape
        if n and target.shape == (n,) and target.dtype == "int64":
            ignored = _check_labels("cross_entropy: label", target, k, ignore_index)
            if not ignored:  # the usual case in training, in as few ops as possible
                return _mul(_mean(_pick(_log_softmax(x, 1), target)), -1.0)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: needs label_smoothing from 0 to 1, got {label_smoothing}")
    rows, shape = _class_last(x, "cross_entropy")
    logp = _core.log_softmax(rows, -1)
    if target.dtype == REAL and target.shape == x.shape:
        return _from_probabilities(
            logp, _class_last(target, "cross_entropy")[0], shape, weight, reduction, label_smoothing
        )
    return _from_labels(
        logp, target, shape, weight, ignore_index, reduction, label_smoothing, "cross_entropy"
    )


def nll_loss(
    logp: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Return the mean of -logp[target]: the cross entropy for logarithms of probabilities (log_softmax)."""
    rows, shape = _class_last(logp, "nll_loss")
    return _from_labels(rows, target, shape, weight, ignore_index, reduction, 0.0, "nll_loss")


def _class_last(x: Tensor, who: str) -> tuple[Tensor, tuple[int, ...]]:
    """Return x as rows of classes (m, k), and the shape of the losses: (n,), () or (n, d1, ...)."""
    shape = x.shape
    if len(shape) == 0:
        raise ValueError(f"{who}: needs scores (n, k), got a single number")
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
        raise ValueError(f"{who}: needs a weight for each of {classes} classes, got shape {weight.shape}")
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
        raise ValueError(f"{who}: needs one class number for each row, {shape}, got {target.shape}")
    n, k = logp.shape
    if n == 0 and reduction == "mean":
        raise ValueError(f"{who}: needs at least one row, got an empty batch of shape {target.shape}")
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
        loss = _core.sub(loss, _core.mul(spread, _core.from_numpy(counts * np.float32(smoothing / k))))
    if reduction == "mean":
        total = float(of_row.sum())
        return _core.mul(_core.sum(loss), 1 / total if total else float("nan"))
    return _reduced(_core.reshape(loss, shape), reduction, who)


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
    return _reduced(_core.reshape(loss, shape), reduction, "cross_entropy")


def _same_shape(x: Tensor, target: Tensor, who: str) -> None:
    """Raise ValueError unless both tensors have one shape."""
    if x.shape != target.shape:
        raise ValueError(f"{who}: needs two tensors of one shape, got {x.shape} and {target.shape}")


def mse_loss(x: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the mean of the squared differences; x and target have one shape."""
    _same_shape(x, target, "mse_loss")
    difference = _core.sub(x, target)
    return _reduced(_core.mul(difference, difference), reduction, "mse_loss")


def l1_loss(x: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the mean of the absolute differences; x and target have one shape."""
    _same_shape(x, target, "l1_loss")
    return _reduced(_core.abs(_core.sub(x, target)), reduction, "l1_loss")


def huber_loss(x: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Return d^2 / 2 for differences up to delta and delta (|d| - delta / 2) beyond (Huber, 1964)."""
    _same_shape(x, target, "huber_loss")
    if delta <= 0:
        raise ValueError(f"huber_loss: needs a delta above 0, got {delta}")
    size = _core.abs(_core.sub(x, target))
    inner = _core.minimum(size, delta)  # with m = min(|d|, delta), both cases are m |d| - m^2 / 2
    return _reduced(inner * size - inner * inner * 0.5, reduction, "huber_loss")


def smooth_l1_loss(x: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """Return huber_loss divided by beta; with beta = 0, l1_loss."""
    if beta == 0:
        return l1_loss(x, target, reduction)
    return _core.mul(huber_loss(x, target, reduction, beta), 1 / beta)


def binary_cross_entropy_with_logits(
    x: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Return the cross entropy of yes-or-no answers: scores x before the sigmoid, targets from 0 to 1.

    With t the target and p = pos_weight, the weight of a yes, each loss is
    (1 - t) x + (1 + (p - 1) t) log(1 + e^-x). The logarithm is computed as relu(-x) + log(1 + e^-|x|), which
    cannot overflow. weight multiplies each loss. x and target have one shape.
    """
    _same_shape(x, target, "binary_cross_entropy_with_logits")
    smooth = _core.log(_core.add(_core.exp(_core.mul(_core.abs(x), -1.0)), 1.0))
    softplus = _core.add(_core.relu(_core.mul(x, -1.0)), smooth)
    if pos_weight is not None:
        softplus = _core.mul(softplus, (pos_weight - 1.0) * target + 1.0)
    loss = _core.add(_core.mul(_core.sub(1.0, target), x), softplus)
    return _reduced(loss if weight is None else loss * weight, reduction, "binary_cross_entropy_with_logits")


def binary_cross_entropy(
    x: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Return the cross entropy of yes-or-no answers: probabilities x, targets from 0 to 1, in one shape.

    Logarithms are at least -100, as in PyTorch, so that a probability of 0 gives a finite loss.
    """
    _same_shape(x, target, "binary_cross_entropy")

    def log(p: Any) -> Tensor:
        return _core.clamp(_core.log(p), -100.0)

    loss = -(target * log(x) + (1.0 - target) * log(1.0 - x))
    return _reduced(loss if weight is None else loss * weight, reduction, "binary_cross_entropy")
