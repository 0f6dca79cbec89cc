"""Products of vectors and matrices beyond matmul, and distances. Most are methods of Tensor as well."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.shapes import axis_of, is_integer


def _need_axes(who: str, *wanted: tuple[Tensor, int]) -> None:
    """Raise ValueError unless each tensor has so many axes."""
    for x, axes in wanted:
        if x.ndim != axes:
            raise Refusal(f"{who}: needs a tensor of {axes} axes, got {x.shape}")


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Return all products of two vectors: (m,) and (n,) give (m, n)."""
    _need_axes("outer", (input, 1), (vec2, 1))
    return _core.mul(_core.reshape(input, (*input.shape, 1)), vec2)


def _sum_of(who: str, input: Tensor, product: Tensor, beta: float, alpha: float) -> Tensor:
    """Return beta * input + alpha * product; with beta = 0 whatever input is."""
    for factor in (beta, alpha):
        if isinstance(factor, float) and product.dtype != REAL:
            raise TypeError(f"{who}: integers need integers as beta and alpha, got {factor}")
    if alpha != 1:
        product = _core.mul(product, alpha)
    if beta == 0 and not input.requires_grad:
        return _core.expand(product, tuple(np.broadcast_shapes(input.shape, product.shape)))
    if beta == 0:
        return _core.add(_core.where(_core.from_numpy(np.ones((), bool)), 0.0, input), product)
    y = _core.add(input if beta == 1 else _core.mul(input, beta), product)
    if y.shape != product.shape:
        raise Refusal(f"{who}: needs input that broadcasts to {product.shape}, got {input.shape}")
    return y


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * (mat1 @ mat2)."""
    _need_axes("addmm", (mat1, 2), (mat2, 2))
    return _sum_of("addmm", input, _core.matmul(mat1, mat2), beta, alpha)


def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * (mat @ vec)."""
    _need_axes("addmv", (mat, 2), (vec, 1))
    return _sum_of("addmv", input, _core.matmul(mat, vec), beta, alpha)


def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * outer(vec1, vec2)."""
    return _sum_of("addr", input, outer(vec1, vec2), beta, alpha)


def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * (batch1 @ batch2), for stacks (b, m, k) and (b, k, n)."""
    _need_axes("baddbmm", (batch1, 3), (batch2, 3))
    return _sum_of("baddbmm", input, _core.matmul(batch1, batch2), beta, alpha)


def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * the sum of all products batch1[i] @ batch2[i]."""
    _need_axes("addbmm", (batch1, 3), (batch2, 3))
    return _sum_of("addbmm", input, _core.sum(_core.matmul(batch1, batch2), 0), beta, alpha)


def chain_matmul(*matrices: Tensor) -> Tensor:
    """Return the product of several matrices."""
    return reduce(_core.matmul, matrices)


def vdot(input: Tensor, other: Tensor) -> Tensor:
    """Return the dot product of two vectors, as dot: there are no complex numbers."""
    return input.dot(other)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Return the dot products of the last axes: (..., k) and (***, k) give (..., ***)."""
    if input.ndim == 0 or other.ndim == 0:
        return _core.mul(input, other)
    return tensordot(input, other, ([-1], [-1]))


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Multiply along axes of both and add up: the last `dims` of a with the first of b, or two lists."""
    dims = dims.tolist() if isinstance(dims, Tensor) else dims
    if is_integer(dims):
        if dims < 0:
            raise Refusal(f"tensordot: needs a number of axes of 0 or more, got {dims}")
        pairs: tuple[list[int], list[int]] = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        pairs = list(dims[0]), list(dims[1])
    left = [axis_of(d, a.ndim, "tensordot") for d in pairs[0]]
    right = [axis_of(d, b.ndim, "tensordot") for d in pairs[1]]
    if len(left) == len(right):
        for i, j in zip(left, right, strict=True):  # one place meets several: their sum
            a = _core.sum(a, i, True) if b.shape[j] == 1 != a.shape[i] else a
            b = _core.sum(b, j, True) if a.shape[i] == 1 != b.shape[j] else b
    if [a.shape[d] for d in left] != [b.shape[d] for d in right]:
        raise Refusal(
            f"tensordot: needs equal sizes along {pairs[0]} and {pairs[1]}, got {a.shape} and {b.shape}"
        )
    kept, also = ([d for d in range(t.ndim) if d not in out] for t, out in ((a, left), (b, right)))
    k = math.prod(a.shape[d] for d in left)
    rows, columns = [a.shape[d] for d in kept], [b.shape[d] for d in also]
    x = _core.reshape(_core.permute(a, [*kept, *left]), (math.prod(rows), k))
    y = _core.reshape(_core.permute(b, [*right, *also]), (k, math.prod(columns)))
    return _core.reshape(_core.matmul(x, y), (*rows, *columns))


def kron(input: Tensor, other: Tensor) -> Tensor:
    """Return the Kronecker product: each number of input becomes that number times the whole of other."""
    ndim = max(input.ndim, other.ndim)
    a, b = ((1,) * (ndim - t.ndim) + t.shape for t in (input, other))
    x = _core.reshape(input, [size for s in a for size in (s, 1)])
    y = _core.reshape(other, [size for s in b for size in (1, s)])
    return _core.reshape(_core.mul(x, y), [m * n for m, n in zip(a, b, strict=True)])


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """Return the cross product of vectors of three numbers along an axis; by default the first that fits."""
    if input.ndim != other.ndim:
        raise Refusal(f"cross: needs tensors of equally many axes, got {input.shape} and {other.shape}")
    if dim is None:
        fits = [i for i, size in enumerate(input.shape) if size == 3]
        if not fits:
            raise Refusal(f"cross: needs an axis of length 3, got {input.shape}")
        dim = fits[0]
    axis = axis_of(dim, input.ndim, "cross")
    if input.shape[axis] != 3 or other.shape[axis] != 3:
        raise Refusal(f"cross: needs length 3 along axis {axis}, got {input.shape} and {other.shape}")
    after, before = (_core.from_numpy(np.array(order)) for order in ((1, 2, 0), (2, 0, 1)))

    def turned(x: Tensor, order: Tensor) -> Tensor:
        return _core.index_select(x, axis, order)

    return _core.sub(
        _core.mul(turned(input, after), turned(other, before)),
        _core.mul(turned(input, before), turned(other, after)),
    )


def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """Return the p-norm of input - other."""
    return _core.sub(input, other).norm(p)


def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """Return the distances of all pairs of rows (n, d), the first with each that follows, and so on."""
    if input.ndim != 2:
        raise Refusal(f"pdist: needs (n, d), got {input.shape}")
    if p < 0:
        raise Refusal(f"pdist: needs a p of 0 or more, got {p}")
    if input.shape[0] < 2:  # no pair: no numbers, but they belong to the graph
        return _core.slice(input, 0, 0, 0).norm(p, -1)
    first, second = (_core.from_numpy(i) for i in np.triu_indices(input.shape[0], 1))
    return _core.sub(input.index_select(0, first), input.index_select(0, second)).norm(p, -1)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = "") -> Tensor:
    """Return the distance of each row of x1 to each of x2: (..., m, d) and (..., n, d) give (..., m, n)."""
    del compute_mode  # a hint about speed
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise Refusal(f"cdist: needs (..., m, d) and (..., n, d), got {x1.shape} and {x2.shape}")
    if p < 0:
        raise Refusal(f"cdist: needs a p of 0 or more, got {p}")
    difference = _core.sub(x1.unsqueeze(-2), x2.unsqueeze(-3))
    if 0 in difference.shape:
        return _core.sum(difference, difference.ndim - 1)
    return difference.norm(p, -1)
