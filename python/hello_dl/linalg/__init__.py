"""Linear algebra, named as torch.linalg: norms, inverses, factors of matrices; by numpy, with gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.diagonals import diagonal as _diagonal
from hello_dl.tensors.dtypes import check_dtype
from hello_dl.tensors.instead import lacks
from hello_dl.tensors.matrices import cholesky, det, inverse, matrix_exp, matrix_power, slogdet, solve
from hello_dl.tensors.matrices import factors_qr as qr
from hello_dl.tensors.products import cross as _cross
from hello_dl.tensors.spectra import eigh, eigvalsh, lstsq, matrix_rank, nuclear_norm, pinv, svdvals
from hello_dl.tensors.spectra import factors_svd as svd

__all__ = [
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "vecdot",
    "vector_norm",
]

Axes = int | Sequence[int] | None
LinAlgError = ValueError  # what a matrix that cannot be inverted raises here

inv = inverse


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """Return the matrix product, as input @ other."""
    return _core.matmul(input, other)


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """Return the product of several matrices, in the order that needs the fewest multiplications.

    The first and the last may be vectors (Cormen et al., Introduction to Algorithms, chapter 15.2).
    """
    chain = list(tensors)
    if len(chain) < 2:
        raise Refusal(f"multi_dot: needs at least two tensors, got {len(chain)}")
    if any(t.ndim != 2 for t in chain[1:-1]) or not {chain[0].ndim, chain[-1].ndim} <= {1, 2}:
        raise Refusal("multi_dot: needs matrices, and vectors only as first and last")
    sizes = [1 if chain[0].ndim == 1 else chain[0].shape[0], *(t.shape[0] for t in chain[1:])]
    sizes.append(1 if chain[-1].ndim == 1 else chain[-1].shape[1])
    costs: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(chain))}
    for length in range(1, len(chain)):
        for i in range(len(chain) - length):
            j = i + length
            costs[i, j] = min(
                (costs[i, k][0] + costs[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )

    def product(i: int, j: int) -> Tensor:
        k = costs[i, j][1]
        return chain[i] if i == j else _core.matmul(product(i, k), product(k + 1, j))

    return product(0, len(chain) - 1)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Return the dot products of vectors along an axis."""
    return (x * y).sum(dim)


def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """Return the cross products of vectors of three numbers along an axis."""
    shape = [max(a, b) for a, b in zip(input.shape, other.shape, strict=False)]
    return _cross(_core.expand(input, shape), _core.expand(other, shape), dim)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Return the diagonal of each matrix, as the last axis."""
    return _diagonal(A, offset, dim1, dim2)


def vector_norm(
    x: Tensor, ord: float = 2, dim: Axes = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Return the ord-norm of all numbers, or along axes: inf is the largest size, 0 counts what is not 0."""
    if dtype is not None:
        x = x.to(check_dtype(dtype, "vector_norm"))
    axes = None if dim is None or dim == () else dim
    return x.norm(float(ord), axes, keepdim)


def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Sequence[int] = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """Return a norm of each matrix, by default "fro", the square root of the sum of all squares.

    "nuc" is the sum of the singular values, 2 and -2 the largest and the smallest of them, 1 and -1 those of
    the sums of columns, inf and -inf those of the sums of rows.
    """
    if dtype is not None:
        A = A.to(check_dtype(dtype, "matrix_norm"))
    if len(dim) != 2 or A.ndim < 2 or dim[0] % A.ndim == dim[1] % A.ndim:
        raise Refusal(f"matrix_norm: needs two different axes, got {tuple(dim)} of {A.shape}")
    a, b = (d % A.ndim for d in dim)
    if ord == "fro":
        return A.norm(2, [a, b], keepdim)
    if ord == "nuc":
        return nuclear_norm(A, (a, b), keepdim)
    if ord in (2, -2):
        s = svdvals(A.permute(*(d for d in range(A.ndim) if d not in (a, b)), a, b))
        y = _core.amax(s, -1) if ord == 2 else _core.amin(s, -1)
    elif ord in (1, -1, math.inf, -math.inf):
        summed, rest = (a, b) if abs(ord) == 1 else (b, a)
        lines = _core.sum(_core.abs(A), summed, True)
        y = (_core.amax if ord > 0 else _core.amin)(lines, rest, True).squeeze((a, b))
    else:
        raise Refusal(f"matrix_norm: ord needs 'fro', 'nuc', 1, -1, 2, -2, inf or -inf, got {ord!r}")
    return y.unsqueeze(min(a, b)).unsqueeze(max(a, b)) if keepdim else y


def norm(A: Tensor, ord: Any = None, dim: Axes = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Return a norm of vectors, or of matrices: of two axes, or of a matrix with an ord.

    Without ord: the square root of the sum of all squares.
    """
    if dim is None and ord is not None and A.ndim not in (1, 2):
        raise Refusal(f"norm: with ord but without dim it needs one or two axes, got {A.shape}")
    pair = isinstance(dim, tuple | list) and len(dim) == 2
    if ord is not None and (pair or (dim is None and A.ndim == 2)):
        return matrix_norm(A, ord, dim if pair else (-2, -1), keepdim, dtype=dtype)  # type: ignore[arg-type]
    if isinstance(ord, str):
        raise Refusal(f"norm: ord {ord!r} is for matrices")
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def cond(A: Tensor, p: Any = None) -> Tensor:
    """Return the condition number of each matrix: its norm (by default 2) times that of its inverse."""
    if p in (None, 2, -2):
        s = svdvals(A)
        big, small = _core.amax(s, -1), _core.amin(s, -1)
        return small / big if p == -2 else big / small
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def __getattr__(name: str) -> Any:
    """Name what is missing."""
    if name in ("eig", "eigvals"):
        raise AttributeError(f"hello_dl.linalg has no '{name}': results may be complex; eigh is there")
    raise AttributeError(f"hello_dl.linalg has no '{name}': {lacks(f'torch.linalg.{name}')}")
