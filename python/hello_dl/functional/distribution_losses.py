"""Losses of distributions: how far one is from another, and how unlikely the target is under one."""

from __future__ import annotations

import math
import warnings

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.losses import named_reduction, reduced
from hello_dl.tensors.creation import full as full_of


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """Return the Kullback-Leibler divergence t (log t - x): input x are log-probabilities, target t not.

    With log_target the target is a logarithm, too. reduction="batchmean" divides the sum by the number of
    rows, which is the divergence's definition; "mean" by that of all numbers, as in PyTorch.
    """
    if log_target:
        loss = _core.mul(_core.exp(target), _core.sub(target, input))
    else:  # 0 log 0 = 0
        is_zero = _core.eq(target, 0.0)
        entropy = _core.mul(target, _core.log(_core.where(is_zero, 1.0, target)))
        loss = _core.sub(_core.where(is_zero, 0.0, entropy), _core.mul(target, input))
    reduction = named_reduction(size_average, reduce, reduction)
    if reduction == "batchmean":
        rows = input.shape[0] if input.ndim else 1
        return _core.div(_core.sum(loss), float(rows))
    if reduction == "mean":
        warnings.warn(
            "kl_div: reduction='mean' divides by the number of all numbers; 'batchmean' is the divergence",
            stacklevel=2,
        )
    return reduced(loss, reduction, "kl_div")


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return -log of the probability of counts t under a Poisson distribution with mean e^x: e^x - t x.

    Without log_input the mean is x itself: x - t log(x + eps). full adds log(t!) by Stirling's formula,
    which changes no gradient.
    """
    if log_input:
        loss = _core.sub(_core.exp(input), _core.mul(target, input))
    else:
        loss = _core.sub(input, _core.mul(target, _core.log(_core.add(input, eps))))
    if full:
        is_small = _core.le(target, 1)
        t = _core.where(is_small, 1.0, target)
        log_t = _core.log(t)
        stirling = _core.add(
            _core.sub(_core.mul(t, log_t), t), _core.mul(_core.add(log_t, math.log(2 * math.pi)), 0.5)
        )
        loss = _core.add(loss, _core.where(is_small, 0.0, stirling))
    return reduced(loss, named_reduction(size_average, reduce, reduction), "poisson_nll_loss")


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Return -log of the density of t under a normal distribution: (log v + (x - t)^2 / v) / 2.

    input x and var v are the distribution's mean and variance (Nix, Weigend 1994); var is a number, has the
    shape of input, or 1 on some axes, or lacks the last one. A variance below eps counts as eps. full adds
    log(2 pi) / 2. ValueError for a negative variance.
    """
    v = full_of(input.shape, float(var)) if isinstance(var, int | float) else var
    if v.shape != input.shape:
        if v.shape == input.shape[:-1]:
            v = _core.reshape(v, (*v.shape, 1))
        elif v.ndim != input.ndim or any(a not in (1, b) for a, b in zip(v.shape, input.shape, strict=True)):
            raise Refusal(f"gaussian_nll_loss: needs a var that fits {input.shape}, got {v.shape}")
    if eps <= 0:
        raise Refusal(f"gaussian_nll_loss: needs an eps above 0, got {eps}")
    if v.is_computed and (v.numpy() < 0).any():
        raise Refusal(f"gaussian_nll_loss: needs variances of 0 or more, got {float(v.numpy().min())}")
    known = v.detach()
    v = _core.add(v, _core.sub(_core.clamp(known, eps), known))  # at least eps, with the gradient of v itself
    d = _core.sub(input, target)
    loss = _core.mul(_core.add(_core.log(v), _core.div(_core.mul(d, d), v)), 0.5)
    if full:
        loss = _core.add(loss, 0.5 * math.log(2 * math.pi))
    return reduced(loss, reduction, "gaussian_nll_loss")
