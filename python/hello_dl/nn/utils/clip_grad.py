"""Clipping of gradients, between backward() and the optimizer's step."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

__all__ = ["clip_grad_norm_", "clip_grad_value_", "get_total_norm"]


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale the gradient down to the norm max_norm if its norm is larger, and return the norm it had.

    All gradients together count as one vector: with a norm |g| above max_norm, g becomes
    g max_norm / (|g| + 1e-6) (Pascanu, Mikolov, Bengio 2013, algorithm 1). norm_type is the p of the p-norm;
    inf takes the largest number. Call it between backward() and optimizer.step(). ValueError for a norm_type
    or max_norm of 0 or less, or with error_if_nonfinite for a norm that is infinite or NaN.
    """
    if not max_norm > 0 or not norm_type > 0:
        raise Refusal(
            f"clip_grad_norm_: needs max_norm and norm_type above 0, got {max_norm} and {norm_type}"
        )
    gradients = _gradients(parameters)
    norms = [_norm(g.numpy().reshape(-1), norm_type) for g in gradients]
    total = _norm(np.array(norms), norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise Refusal(f"clip_grad_norm_: the gradient's norm is {total}")
    shrink = max_norm / (total + 1e-6)
    if not shrink >= 1:  # also if it is NaN, which then reaches all gradients, as in PyTorch
        with no_grad():
            for g in gradients:
                g.mul_(shrink)
    return tensor(total)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Limit every number of the gradients to the range from -clip_value to clip_value."""
    if not clip_value > 0:
        raise Refusal(f"clip_grad_value_: needs a clip_value above 0, got {clip_value}")
    with no_grad():
        for g in _gradients(parameters):
            g.clamp_(-clip_value, clip_value)


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """Return the gradients of those parameters that have one."""
    every = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in every if p.grad is not None]


def _norm(numbers: NDArray[Any], kind: float) -> float:
    """Return (sum |x|^kind)^(1/kind), the largest |x| for kind = inf."""
    if numbers.size == 0:
        return 0.0
    if math.isinf(kind):
        return float(np.abs(numbers).max())
    with np.errstate(over="ignore", invalid="ignore"):  # the norm may be infinite or NaN
        if kind == 2:
            return math.sqrt(float(np.dot(numbers, numbers)))
        return float((np.abs(numbers).astype(np.float64) ** kind).sum() ** (1 / kind))


def get_total_norm(
    tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """Return the norm of all tensors together, as one vector."""
    every = [tensors] if isinstance(tensors, Tensor) else tensors
    norms = [_norm(t.detach().numpy().reshape(-1), norm_type) for t in every]
    total = _norm(np.array(norms), norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise Refusal(f"get_total_norm: the norm is {total}")
    return tensor(total)
