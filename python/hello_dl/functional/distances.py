"""Functions of two tensors: how alike two vectors are, and a form that is linear in both."""

from __future__ import annotations

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.products import pdist as pdist
from hello_dl.tensors.rearranging import broadcast_tensors


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Return the cosine of the angle between vectors along the axis `dim`: 1 for one direction, -1 opposite.

    x1 and x2 may broadcast. A length below eps counts as eps.
    """
    x1, x2 = broadcast_tensors(x1, x2)
    dot = _core.sum(_core.mul(x1, x2), dim)
    lengths = (_core.clamp(x.norm(2.0, dim), eps) for x in (x1, x2))
    return _core.div(dot, _core.mul(*lengths))


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """Return the p-norm of x1 - x2 + eps along the last axis; eps keeps its gradient finite at x1 = x2."""
    return _core.add(_core.sub(x1, x2), eps).norm(p, -1, keepdim)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return y_k = x1' W_k x2 + b_k: input1 (..., a), input2 (..., b), weight (out, a, b) give (..., out).

    ValueError for shapes that do not fit.
    """
    fits = weight.ndim == 3 and input1.ndim == input2.ndim >= 1 and input1.shape[:-1] == input2.shape[:-1]
    if not fits or weight.shape[1:] != (input1.shape[-1], input2.shape[-1]):
        raise Refusal(
            f"bilinear: needs (..., a), (..., b) and a weight (out, a, b), got {input1.shape},"
            f" {input2.shape} and {weight.shape}"
        )
    out, a, b = weight.shape
    rows = input1.numel() // a
    x1, x2 = _core.reshape(input1, (rows, a)), _core.reshape(input2, (rows, b))
    halves = _core.reshape(
        _core.linear(x1, _core.reshape(_core.permute(weight, (0, 2, 1)), (out * b, a))), (rows, out, b)
    )
    y = _core.sum(_core.mul(halves, _core.reshape(x2, (rows, 1, b))), 2)
    y = y if bias is None else _core.add(y, bias)
    return _core.reshape(y, (*input1.shape[:-1], out))
