"""Matrices inverted, multiplied and taken apart, by numpy in double precision, with gradient rules.

Every function takes stacks of matrices (..., m, n). The rules are those of Giles (2008), "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.outside import exact, with_rule

Array = NDArray[Any]


class SignAndLog(NamedTuple):
    """The sign of a determinant, and the logarithm of its size."""

    sign: Tensor
    logabsdet: Tensor


class TwoFactors(NamedTuple):
    """A matrix as a product Q R: orthonormal columns times an upper triangle."""

    Q: Tensor
    R: Tensor


def transposed(a: Array) -> Array:
    """Return matrices with rows and columns swapped."""
    return np.swapaxes(a, -1, -2)


def matrices_of(who: str, a: Tensor, square: bool = True) -> Array:
    """Return matrices in double precision. ValueError for what is not square, TypeError for integers."""
    if not isinstance(a, Tensor) or a.dtype != REAL:
        raise TypeError(f"{who}: needs a tensor of real numbers, got {getattr(a, 'dtype', type(a).__name__)}")
    if a.ndim < 2 or (square and a.shape[-1] != a.shape[-2]):
        raise Refusal(f"{who}: needs {'square ' * square}matrices (..., m, n), got {a.shape}")
    return exact(a)


def by_numpy(who: str, function: Any, *arrays: Array, **named: Any) -> Any:
    """Call a function of numpy.linalg; its error becomes a ValueError that names `who`."""
    try:
        with np.errstate(all="ignore"):
            return function(*arrays, **named)
    except np.linalg.LinAlgError as error:
        raise Refusal(f"{who}: {str(error)[:1].lower()}{str(error)[1:]}") from None


def turned(x: Tensor) -> Tensor:
    """Return the transpose of each matrix."""
    return _core.permute(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _summed(g: Array, shape: tuple[int, ...]) -> Array:
    """Return a gradient in this shape: summed along axes that were repeated to fit."""
    extra = g.ndim - len(shape)
    axes = tuple(d for d in range(g.ndim) if d < extra or (shape[d - extra] == 1 and g.shape[d] != 1))
    return np.asarray(g.sum(axes, keepdims=True).reshape(shape) if axes else g)


# ---- inverses ---------------------------------------------------------------------------------------------


def inverse(input: Tensor) -> Tensor:
    """Return the inverse of each matrix. ValueError for one that has none."""
    y = by_numpy("inv", np.linalg.inv, matrices_of("inv", input))

    def again(G: Tensor, y: Tensor) -> list[Tensor | None]:
        return [-(turned(y) @ G @ turned(y))]

    return with_rule("inv", y, [input], lambda g: [-transposed(y) @ g @ transposed(y)], again)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """Return X with A X = B, or X A = B for left=False. B may be a vector, or a stack of them."""
    if not left:
        return solve(A.transpose(-1, -2), B.transpose(-1, -2)).transpose(-1, -2)
    a = matrices_of("solve", A)
    is_vector = B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])
    b = exact(B)[..., None] if is_vector else exact(B)
    if b.shape[-2] != a.shape[-1]:
        raise Refusal(f"solve: needs {a.shape[-1]} rows on both sides, got {A.shape} and {B.shape}")
    x = by_numpy("solve", np.linalg.solve, a, b)

    def rule(g: Array) -> list[Array]:
        g = g[..., None] if is_vector else g
        back = np.linalg.solve(transposed(a), g)
        da, db = -back @ transposed(x), _summed(back, b.shape)
        return [_summed(da, a.shape), db]

    def again(G: Tensor, y: Tensor) -> list[Tensor | None]:
        G, y = (G.unsqueeze(-1), y.unsqueeze(-1)) if is_vector else (G, y)
        back = solve(turned(A), G)
        return [-(back @ turned(y)), back.squeeze(-1) if is_vector else back]

    return with_rule("solve", x[..., 0] if is_vector else x, [A, B], rule, again)


def det(input: Tensor) -> Tensor:
    """Return the determinant of each matrix."""
    a = matrices_of("det", input)
    d = np.asarray(np.linalg.det(a))

    def rule(
        g: Array,
    ) -> list[Array]:  # the cofactors, from the SVD: they are there for singular matrices, too
        u, s, vt = np.linalg.svd(a)
        n = s.shape[-1]
        others = np.stack([np.prod(np.delete(s, i, -1), -1) for i in range(n)], -1) if n else s
        sign = np.asarray(np.linalg.det(u) * np.linalg.det(vt))
        return [(g * sign)[..., None, None] * ((u * others[..., None, :]) @ vt)]

    def again(G: Tensor, y: Tensor) -> list[Tensor | None]:  # of matrices that have an inverse
        return [(G * y).unsqueeze(-1).unsqueeze(-1) * turned(inverse(input))]

    return with_rule("det", d, [input], rule, again)


def slogdet(input: Tensor) -> SignAndLog:
    """Return the sign of each determinant and the logarithm of its size: (sign, logabsdet)."""
    a = matrices_of("slogdet", input)
    sign, log = (np.asarray(part) for part in np.linalg.slogdet(a))

    def again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        return [G.unsqueeze(-1).unsqueeze(-1) * turned(inverse(input))]

    def rule(g: Array) -> list[Array]:
        return [g[..., None, None] * transposed(np.linalg.inv(a))]

    size = with_rule("slogdet", log, [input], rule, again)
    return SignAndLog(_core.from_numpy(sign), size)


def logdet(input: Tensor) -> Tensor:
    """Return the logarithm of each determinant; NaN where it is negative."""
    sign, log = slogdet(input)
    return _core.where(_core.lt(sign, 0.0), float("nan"), log)


# ---- products ---------------------------------------------------------------------------------------------


def matrix_power(input: Tensor, n: int) -> Tensor:
    """Return each matrix multiplied n times by itself; for a negative n its inverse."""
    if input.ndim < 2 or input.shape[-1] != input.shape[-2]:
        raise Refusal(f"matrix_power: needs square matrices, got {input.shape}")
    if n < 0:
        input, n = inverse(input), -n
    if n == 0:
        ones = _core.from_numpy(np.broadcast_to(np.eye(input.shape[-1], dtype=np.float32), input.shape))
        return ones.to(input.dtype) + 0 * input
    result: Tensor | None = None
    while True:
        if n % 2:
            result = input if result is None else _core.matmul(result, input)
        n //= 2
        if n == 0:
            assert result is not None
            return result.clone() if result is input else result
        input = _core.matmul(input, input)


def matrix_exp(input: Tensor) -> Tensor:
    """Return I + A + A^2 / 2 + A^3 / 6 + ..., the exponential of each matrix, by scaling and squaring."""
    a = matrices_of("matrix_exp", input)
    n = a.shape[-1]

    def rule(g: Array) -> list[Array]:  # the upper right block of exp([[A', G], [0, A']])
        top = np.concatenate([transposed(a), g], -1)
        whole = np.concatenate([top, np.concatenate([np.zeros_like(a), transposed(a)], -1)], -2)
        return [_exponential(whole)[..., :n, n:]]

    def again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        A, axis = turned(input), input.ndim - 1
        top, bottom = _core.cat([A, G], axis), _core.cat([0 * A, A], axis)
        whole = matrix_exp(_core.cat([top, bottom], axis - 1))
        return [_core.slice(_core.slice(whole, axis - 1, 0, n), axis, n, 2 * n)]

    return with_rule("matrix_exp", _exponential(a), [input], rule, again)


_TERMS = 18  # of the series: with a norm of at most 1/2, the rest is below 1e-21


def _exponential(a: Array) -> Array:
    """Return the exponential of matrices: the series of A / 2^k, squared k times."""
    norm = float(np.abs(a).sum(-1).max(initial=0))
    times = max(0, int(np.ceil(np.log2(norm))) + 1) if norm > 0 and np.isfinite(norm) else 0
    small = a / 2.0**times
    term = np.broadcast_to(np.eye(a.shape[-1]), a.shape).copy()
    y = term.copy()
    for i in range(1, _TERMS):
        term = term @ small / i
        y += term
    for _ in range(times):
        y = y @ y
    return np.asarray(y)


# ---- factors ----------------------------------------------------------------------------------------------


def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """Return the lower triangle L with L L' = A for a positive definite A; upper: L'.

    ValueError for a matrix that is not positive definite. The gradient is a symmetric A's (Murray 2016).
    """
    low = by_numpy("cholesky", np.linalg.cholesky, matrices_of("cholesky", input))

    def rule(g: Array) -> list[Array]:
        g = transposed(g) if upper else g
        inverted = np.linalg.inv(low)
        middle = np.tril(transposed(low) @ g)
        middle -= 0.5 * middle * np.eye(middle.shape[-1])
        s = transposed(inverted) @ middle @ inverted
        return [0.5 * (s + transposed(s))]

    def again(G: Tensor, y: Tensor) -> list[Tensor | None]:
        G, L = (turned(G), turned(y)) if upper else (G, y)
        half = _core.from_numpy(np.tril(np.ones(low.shape[-2:])) - 0.5 * np.eye(low.shape[-1]))
        inverted = inverse(L)
        s = turned(inverted) @ (turned(L) @ G * half) @ inverted
        return [0.5 * (s + turned(s))]

    return with_rule("cholesky", transposed(low) if upper else low, [input], rule, again)


def cholesky_solve(B: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """Return X with A X = B, for A = L L' (L' L for upper) given as its Cholesky factor L."""
    factor = L.transpose(-1, -2) if upper else L
    return solve(_core.matmul(factor, factor.transpose(-1, -2)), B)


def cholesky_inverse(L: Tensor, upper: bool = False) -> Tensor:
    """Return the inverse of A = L L' (L' L for upper), given as its Cholesky factor L."""
    factor = L.transpose(-1, -2) if upper else L
    return inverse(_core.matmul(factor, factor.transpose(-1, -2)))


def qr(input: Tensor, some: bool = True) -> TwoFactors:
    """Return Q with orthonormal columns and an upper triangle R with Q R = A; some=False makes Q square."""
    return factors_qr(input, "reduced" if some else "complete")


def factors_qr(A: Tensor, mode: str = "reduced") -> TwoFactors:
    """Return Q and R with Q R = A; mode is "reduced", "complete" (Q square), or "r" (Q empty)."""
    if mode not in ("reduced", "complete", "r"):
        raise Refusal(f"qr: mode needs 'reduced', 'complete' or 'r', got {mode!r}")
    a = matrices_of("qr", A, square=False)
    q, r = np.linalg.qr(a, "complete" if mode == "complete" else "reduced")
    if mode == "r" or (mode == "complete" and a.shape[-2] > a.shape[-1]):  # without gradient, as in PyTorch
        return TwoFactors(_core.from_numpy(q if mode != "r" else np.zeros(0)), _core.from_numpy(r))
    return TwoFactors(
        with_rule("qr", q, [A], lambda g: [_qr_rule(q, r, g, np.zeros_like(r))]),
        with_rule("qr", r, [A], lambda g: [_qr_rule(q, r, np.zeros_like(q), g)]),
    )


def _qr_rule(q: Array, r: Array, gq: Array, gr: Array) -> Array:
    """Return dL/dA of A = Q R (Roberts and Roberts 2020): for a wide A, R = [U, V] with U square."""
    m, n = q.shape[-2], r.shape[-1]
    if m < n:
        u, gu, gv = r[..., :, :m], gr[..., :, :m], gr[..., :, m:]
        gq = gq + np.zeros_like(gq)
        mixed = gq + _left(q, r, gv, m)
        return np.concatenate([_qr_rule(q, u, mixed, gu), q @ gv], -1)
    middle = r @ transposed(gr) - transposed(gq) @ q
    symmetric = np.tril(middle) + transposed(np.tril(middle, -1))
    return transposed(np.linalg.solve(r, transposed(gq + q @ symmetric)))


def _left(q: Array, r: Array, gv: Array, m: int) -> Array:
    """Return what the columns behind the square part add to the gradient of Q."""
    return np.asarray(q @ r[..., :, m:] @ transposed(gv))
