"""Losses of real numbers and of probabilities: how wrong they are, as one number for training to make small.

Those of classes are in class_losses.py.
"""

from __future__ import annotations

import math
import warnings

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.activations import log1p_of_exp_of_minus_size


def named_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """Return the name of the reduction that PyTorch's two old arguments ask for; without them `reduction`."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def reduced(loss: Tensor, reduction: str, who: str) -> Tensor:
    """Return the mean of all losses, their sum, or each by itself. ValueError for another reduction.

    The mean of no losses is NaN, as in PyTorch.
    """
    if reduction == "mean":
        return _core.mul(_core.sum(loss), math.nan) if 0 in loss.shape else _core.mean(loss)
    if reduction == "sum":
        return _core.sum(loss)
    if reduction == "none":
        return loss
    raise Refusal(f"{who}: reduction needs to be 'mean', 'sum' or 'none', got {reduction!r}")


def _same_shape(x: Tensor, target: Tensor, who: str) -> None:
    """Raise ValueError unless both tensors have one shape."""
    if x.shape != target.shape:
        raise Refusal(f"{who}: needs two tensors of one shape, got {x.shape} and {target.shape}")


def _alike(input: Tensor, target: Tensor, who: str) -> None:
    """Warn if the two shapes differ: broadcasting compares each number with many, which is rarely meant."""
    if input.shape != target.shape:
        warnings.warn(
            f"{who}: the target's shape {target.shape} differs from the input's {input.shape}; both are"
            " broadcast, which is likely to give a wrong loss",
            UserWarning,
            stacklevel=3,
        )


def _weighted(loss: Tensor, weight: Tensor | None, reduction: str, who: str) -> Tensor:
    """Return the reduced losses; a weight multiplies each, and the mean divides by the sum of the weights."""
    if weight is None:
        return reduced(loss, reduction, who)
    _same_shape(loss, weight, f"{who}: weight")
    if reduction == "mean":
        return _core.div(_core.sum(_core.mul(loss, weight)), _core.sum(weight))
    return reduced(_core.mul(loss, weight), reduction, who)


def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the mean of the squared differences. Two shapes are broadcast, with a warning.

    weight, if there is one, says how much each difference counts.
    """
    _alike(input, target, "mse_loss")
    difference = _core.sub(input, target)
    loss = _core.mul(difference, difference)
    return _weighted(loss, weight, named_reduction(size_average, reduce, reduction), "mse_loss")


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Return the mean of the absolute differences. Two shapes are broadcast, with a warning."""
    _alike(input, target, "l1_loss")
    loss = _core.abs(_core.sub(input, target))
    return _weighted(loss, weight, named_reduction(size_average, reduce, reduction), "l1_loss")


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Return d^2 / 2 for differences up to delta and delta (|d| - delta / 2) beyond (Huber, 1964).

    weight multiplies each loss; unlike in mse_loss the mean divides by the number of losses, as in PyTorch.
    """
    _alike(input, target, "huber_loss")
    if delta <= 0:
        raise Refusal(f"huber_loss: needs a delta above 0, got {delta}")
    difference = _core.sub(input, target)
    inner = _core.clamp(
        difference, -delta, delta
    )  # with m = d within these limits, both cases are m (d - m / 2)
    loss = _core.mul(inner, _core.sub(difference, _core.mul(inner, 0.5)))
    if weight is not None:
        _same_shape(loss, weight, "huber_loss: weight")
        loss = _core.mul(loss, weight)
    return reduced(loss, reduction, "huber_loss")


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Return d^2 / (2 beta) for differences up to beta and |d| - beta / 2 beyond: huber_loss / beta.

    With beta = 0 it is l1_loss.
    """
    reduction = named_reduction(size_average, reduce, reduction)
    if beta < 0:
        raise Refusal(f"smooth_l1_loss: needs a beta of 0 or more, got {beta}")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    _alike(input, target, "smooth_l1_loss")
    difference = _core.sub(input, target)
    inner = _core.clamp(difference, -beta, beta)  # as in huber_loss
    loss = _core.mul(_core.mul(inner, 1 / beta), _core.sub(difference, _core.mul(inner, 0.5)))
    return reduced(loss, reduction, "smooth_l1_loss")


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Return the cross entropy of yes-or-no answers: scores x before the sigmoid, targets from 0 to 1.

    With t the target and p = pos_weight, the weight of a yes, each loss is
    (1 - t) x + (1 + (p - 1) t) log(1 + e^-x). The logarithm is computed as softplus(-x) is, which cannot
    overflow. weight multiplies each loss. input and target have one shape.
    """
    _same_shape(input, target, "binary_cross_entropy_with_logits")
    larger = _core.where(_core.lt(input, 0.0), _core.neg(input), 0.0)
    softplus = _core.add(larger, log1p_of_exp_of_minus_size(input))
    if pos_weight is not None:
        softplus = _core.mul(softplus, (pos_weight - 1.0) * target + 1.0)
    loss = _core.add(_core.mul(_core.sub(1.0, target), input), softplus)
    if weight is not None:
        loss = loss * weight
    reduction = named_reduction(size_average, reduce, reduction)
    return reduced(loss, reduction, "binary_cross_entropy_with_logits")


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the cross entropy of yes-or-no answers: probabilities x, targets from 0 to 1, in one shape.

    Logarithms are at least -100 and the gradient is (x - t) / max(x (1 - x), 1e-12), as in PyTorch, so that
    both are finite for a probability of 0 or 1. ValueError for computed numbers outside 0 to 1.
    """
    _same_shape(input, target, "binary_cross_entropy")
    if input.is_computed:  # others are not computed for the check; what is outside gives NaN
        _check_probabilities(input)
    x = input.detach()
    # At 0 and 1 the value has no gradient for input. A product that is 0 adds it: its factor is the slope.
    slope = _core.mul(_core.sub(x, target), 1e12).detach()
    at_edge = _core.add(_entropy(x, target), _core.mul(_core.sub(input, x), slope))
    inside = _core.gt(_core.mul(x, _core.sub(1.0, x)), 1e-12)
    loss = _core.where(inside, _entropy(_core.where(inside, input, 0.5), target), at_edge)
    if weight is not None:
        loss = loss * weight
    return reduced(loss, named_reduction(size_average, reduce, reduction), "binary_cross_entropy")


def _entropy(x: Tensor, target: Tensor) -> Tensor:
    """Return -t log(x) - (1 - t) log(1 - x), where logarithms are at least -100."""
    yes, no = (_core.clamp(log, -100.0) for log in (_core.log(x), _core.log1p(_core.neg(x))))
    return _core.neg(_core.add(_core.mul(target, yes), _core.mul(_core.sub(1.0, target), no)))


def _check_probabilities(x: Tensor) -> None:
    """Raise ValueError for numbers outside 0 to 1, and for NaN."""
    numbers = x.numpy()
    if not ((numbers >= 0) & (numbers <= 1)).all():
        least, most = numbers.min(), numbers.max()
        raise Refusal(
            f"binary_cross_entropy: needs probabilities from 0 to 1, got numbers from {least} to {most};"
            " for scores of any size use binary_cross_entropy_with_logits"
        )
