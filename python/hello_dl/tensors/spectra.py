"""Eigenvalues and singular values, and what follows from them, by numpy, with gradient rules."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Dim, Refusal
from hello_dl.tensors.matrices import Array, by_numpy, matrices_of, transposed, turned
from hello_dl.tensors.outside import with_rule
from hello_dl.tensors.shapes import axis_of

_EPSILON = float(np.finfo(np.float32).eps)  # the relative distance of neighbouring float32 numbers


class Svd(NamedTuple):
    """A matrix as U diag(S) V': see svd."""

    U: Tensor
    S: Tensor
    V: Tensor


class SvdTransposed(NamedTuple):
    """A matrix as U diag(S) Vh."""

    U: Tensor
    S: Tensor
    Vh: Tensor


class Eigen(NamedTuple):
    """Eigenvalues in rising order, and eigenvectors, one a column."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def _gaps(values: Array, sign: int = -1) -> Array:
    """Return 1 / (values_j - values_i), or 1 / (values_j + values_i), with zeros on the diagonal."""
    gap = values[..., None, :] + sign * values[..., :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.eye(values.shape[-1], dtype=bool), 0.0, 1 / gap)


def eigh(A: Tensor, UPLO: str = "L") -> Eigen:
    """Return eigenvalues, rising, and eigenvectors of symmetric matrices; only the lower triangle is read."""
    if UPLO.upper() not in ("L", "U"):
        raise Refusal(f"eigh: UPLO needs 'L' or 'U', got {UPLO!r}")
    a = matrices_of("eigh", A)
    w, v = by_numpy("eigh", np.linalg.eigh, a, UPLO=UPLO.upper())

    def of_values(g: Array) -> list[Array]:
        return [(v * g[..., None, :]) @ transposed(v)]

    def of_vectors(g: Array) -> list[Array]:
        inner = transposed(v) @ g
        return [v @ (_gaps(w) * (inner - transposed(inner)) / 2) @ transposed(v)]

    def values_again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        V = eigh(A, UPLO).eigenvectors
        return [(V * G.unsqueeze(-2)) @ turned(V)]

    def vectors_again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        W, V = eigh(A, UPLO)
        same = _core.from_numpy(np.eye(w.shape[-1], dtype=bool))
        gap = _core.where(same, 1.0, W.unsqueeze(-2) - W.unsqueeze(-1))
        inner = turned(V) @ G
        return [V @ (_core.where(same, 0.0, (inner - turned(inner)) / (2 * gap))) @ turned(V)]

    return Eigen(
        with_rule("eigh", w, [A], of_values, values_again),
        with_rule("eigh", v, [A], of_vectors, vectors_again),
    )


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """Return the eigenvalues of symmetric matrices, in rising order."""
    return eigh(A, UPLO).eigenvalues


def factors_svd(A: Tensor, full_matrices: bool = True) -> SvdTransposed:
    """Return U, S and Vh with U diag(S) Vh = A.

    U has orthonormal columns, Vh orthonormal rows, and S falls; the signs of columns are numpy's choice.
    Gradients are those of the reduced matrices; of U and Vh they are only defined where no two sizes in S are
    equal.
    """
    a = matrices_of("svd", A, square=False)
    u, s, vh = by_numpy("svd", np.linalg.svd, a, full_matrices=full_matrices)
    k = s.shape[-1]
    ur, vr = u[..., :, :k], transposed(vh)[..., :, :k]

    def of_u(g: Array) -> list[Array]:
        return [_svd_rule(ur, s, vr, g[..., :, :k], None)]

    def of_v(g: Array) -> list[Array]:
        return [_svd_rule(ur, s, vr, None, transposed(g)[..., :, :k])]

    def again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        U, _S, Vh = factors_svd(A, False)
        return [(U * G.unsqueeze(-2)) @ Vh]

    sizes = with_rule("svd", s, [A], lambda g: [(ur * g[..., None, :]) @ transposed(vr)], again)
    return SvdTransposed(with_rule("svd", u, [A], of_u), sizes, with_rule("svd", vh, [A], of_v))


def _svd_rule(u: Array, s: Array, v: Array, gu: Array | None, gv: Array | None) -> Array:
    """Return dL/dA for gradients of U or V: the parts inside the columns of U and V, and those outside."""
    column, row = s[..., None, :], s[..., :, None]
    gaps = _gaps(s) * _gaps(s, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if gu is not None:
            inner = gaps * (transposed(u) @ gu)
            y = u @ ((inner + transposed(inner)) * column) @ transposed(v)
            return np.asarray(y + ((gu - u @ (transposed(u) @ gu)) / column) @ transposed(v))
        assert gv is not None
        inner = gaps * (transposed(v) @ gv)
        y = u @ (row * (inner + transposed(inner))) @ transposed(v)
        outside = gv - v @ (transposed(v) @ gv)
        return np.asarray(y + (u / column) @ transposed(outside))


def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Svd:
    """Return U, S and V with U diag(S) V' = A; some=False makes U and V square. PyTorch's older svd."""
    u, s, vh = factors_svd(input, not some)
    if not compute_uv:
        m, n = input.shape[-2:]
        zeros = [np.zeros((*input.shape[:-2], k, k), np.float32) for k in (m, n)]
        return Svd(_core.from_numpy(zeros[0]), s, _core.from_numpy(zeros[1]))
    return Svd(u, s, vh.transpose(-1, -2))


def svdvals(A: Tensor) -> Tensor:
    """Return the singular values, in falling order."""
    return factors_svd(A, False).S


def nuclear_norm(x: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Return the sum of the singular values of a matrix, or of the matrices along two axes."""
    if dim is None and x.ndim == 2:
        dim = (0, 1)
    axes = [axis_of(axis, x.ndim, "norm") for axis in (dim if isinstance(dim, tuple | list) else ())]
    if len(set(axes)) != 2:
        raise Refusal(f"norm: 'nuc' is of matrices, it needs two axes as dim, got {dim} of {x.shape}")
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    y: Tensor = svdvals(x.permute(*rest, *axes)).sum(-1)
    for axis in sorted(axes) if keepdim else ():
        y = y.unsqueeze(axis)
    return y


def _limit(who: str, s: Array, shape: tuple[int, ...], atol: Any, rtol: Any) -> Array:
    """Return below which size a singular value counts as 0: max(atol, rtol * the largest)."""
    del who
    atol, rtol = (t.numpy() if isinstance(t, Tensor) else t for t in (atol, rtol))
    if rtol is None:
        rtol = _EPSILON * max(shape[-2:]) if atol is None or np.all(np.asarray(atol) == 0) else 0.0
    largest = s.max(-1, initial=0)
    return np.asarray(np.maximum(0.0 if atol is None else atol, rtol * largest))[..., None]


def pinv(A: Tensor, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Tensor:
    """Return the pseudoinverse (Moore and Penrose): the inverse where there is one.

    Singular values up to max(atol, rtol * the largest) count as 0. hermitian promises a symmetric matrix, and
    changes nothing here. The gradient is that of Golub and Pereyra (1973).
    """
    del hermitian
    a = matrices_of("pinv", A, square=False)
    u, s, vh = by_numpy("pinv", np.linalg.svd, a, full_matrices=False)
    keep = s > _limit("pinv", s, a.shape, atol, rtol)
    inverted = np.where(keep, 1 / np.where(keep, s, 1), 0)
    p = (transposed(vh) * inverted[..., None, :]) @ transposed(u)

    def rule(g: Array) -> list[Array]:
        pt, gt = transposed(p), transposed(g)
        m, n = a.shape[-2:]
        left, right = np.eye(m) - a @ p, np.eye(n) - p @ a
        return [-pt @ g @ pt + left @ gt @ p @ pt + pt @ p @ gt @ right]

    def again(G: Tensor, P: Tensor) -> list[Tensor | None]:
        Pt, Gt = turned(P), turned(G)
        left, right = (_core.from_numpy(np.eye(size)) for size in a.shape[-2:])
        return [(left - A @ P) @ Gt @ P @ Pt + Pt @ P @ Gt @ (right - P @ A) - Pt @ G @ Pt]

    return with_rule("pinv", p, [A], rule, again)


def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """Return the pseudoinverse; singular values up to rcond times the largest count as 0."""
    return pinv(input, rtol=rcond)


def matrix_rank(
    A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Tensor:
    """Return how many singular values are not 0, that is above max(atol, rtol * the largest)."""
    del hermitian
    a = matrices_of("matrix_rank", A, square=False)
    s = by_numpy("matrix_rank", np.linalg.svd, a, compute_uv=False)
    limit = _limit("matrix_rank", s, a.shape, tol if tol is not None else atol, rtol)
    return _core.from_numpy(np.asarray((s > limit).sum(-1)))


class LeastSquares(NamedTuple):
    """What lstsq returns."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> LeastSquares:
    """Return the X that makes |A X - B| smallest, and of those the shortest: (solution, residuals, ...).

    The driver changes nothing here. residuals are there for more rows than columns and full rank.
    """
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise Refusal(f"lstsq: driver needs 'gels', 'gelsy', 'gelsd' or 'gelss', got {driver!r}")
    is_vector = B.ndim == A.ndim - 1
    b = B.unsqueeze(-1) if is_vector else B
    if A.ndim < 2 or b.shape[-2] != A.shape[-2]:
        raise Refusal(f"lstsq: needs equally many rows, got {A.shape} and {B.shape}")
    x = _core.matmul(pinv(A, rtol=rcond), b)
    rank, (m, n) = matrix_rank(A, rtol=rcond), A.shape[-2:]
    rest = _core.sub(_core.matmul(A, x), b)
    fits = m > n and bool((rank.numpy() == n).all())
    residuals = (
        _core.sum(_core.mul(rest, rest), rest.ndim - 2) if fits else _core.from_numpy(np.zeros(0, np.float32))
    )
    values = (
        svdvals(A).detach() if driver in ("gelsd", "gelss") else _core.from_numpy(np.zeros(0, np.float32))
    )
    return LeastSquares(x.squeeze(-1) if is_vector else x, residuals, rank, values)
