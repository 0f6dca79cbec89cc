"""Lays points of many dimensions out in two: by principal component analysis (PCA), or by t-SNE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (n, d): n points of d coordinates
TINY = 1e-300  # added to numbers that may be 0 before a division, a logarithm or a sign


def pca(x: Points, dimensions: int = 2) -> Points:
    """Project points (n, d) on the `dimensions` directions in which they vary most: (n, dimensions).

    The sign of each direction is chosen such that the coordinate of largest size is positive, so that all
    machines agree (Pearson 1901).
    """
    centred = x - x.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    y: Points = u[:, :dimensions] * s[:dimensions]
    return y * np.sign(y[np.abs(y).argmax(axis=0), range(y.shape[1])] + TINY)


def squared_distances(x: NDArray[np.floating]) -> NDArray[Any]:
    """Return the squared distance |x_i - x_j|^2 of every two points, (n, n)."""
    squares = (x * x).sum(axis=1)
    d: NDArray[Any] = np.maximum(squares[:, None] + squares - 2 * x @ x.T, 0)
    np.fill_diagonal(d, 0)
    return d


def neighbours(x: Points, perplexity: float) -> Points:
    """Return p (n, n), which says how near every two points are: symmetric, and its sum is 1.

    Row p_j|i is a normal distribution around point i whose width gives it about `perplexity` neighbours (van
    der Maaten, Hinton 2008, equation 1). The widths are found by bisection, for all points at once.
    """
    d = squared_distances(x)
    d /= d.mean() + TINY
    n = len(d)
    low, high, beta = np.zeros(n), np.full(n, np.inf), np.ones(n)  # beta = 1 / (2 sigma^2)
    for _ in range(50):
        p = np.exp(-(d - np.partition(d, 1, axis=1)[:, 1:2]) * beta[:, None])
        np.fill_diagonal(p, 0)
        p /= p.sum(axis=1, keepdims=True)
        entropy = -(p * np.log(np.maximum(p, TINY))).sum(axis=1)
        wide = entropy > np.log(perplexity)  # too many neighbours: narrower
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
        beta = np.where(np.isinf(high), 2 * beta, (low + high) / 2)
    return (p + p.T) / (2 * n)  # section 3.1


def tsne(
    x: NDArray[np.floating],
    *,
    perplexity: float = 30.0,
    steps: int = 500,
    on_step: Callable[[int], object] | None = None,
) -> Points:
    """Lay points (n, d) out in two dimensions such that near neighbours stay near: (n, 2).

    Exact t-SNE (van der Maaten, Hinton 2008): time and memory grow with n^2, so n can be a few thousand at
    most. It begins with the PCA instead of random places, so the same points give the same picture. In the
    result only neighbourhood has a meaning: the sizes of clusters and the distances between them have none.

    perplexity   about how many neighbours count for each point
    steps        of gradient descent
    on_step      called with the number of each step

    Raises ValueError for fewer than four points.
    """
    points: Points = np.asarray(x, np.float64)
    n = len(points)
    if points.ndim != 2 or n < 4:
        raise ValueError(f"tsne: needs at least four points (n, d), got {points.shape}")
    p = neighbours(points, min(perplexity, (n - 1) / 3)).astype(np.float32)  # half the time of float64
    start = pca(points)
    y = (1e-2 * start / (start.std() or 1)).astype(np.float32)
    velocity, gain, rate = np.zeros_like(y), np.ones_like(y), max(n / 12, 50)
    for step in range(steps):
        early = step < steps // 4
        near = 1 / (1 + squared_distances(y))  # Student's t with one degree of freedom, equation 4
        np.fill_diagonal(near, 0)
        # Equation 5: dC/dy_i = 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2); at first every p is
        # 12 times as large, which gathers the clusters.
        pull = (p * (12 if early else 1) - near / near.sum()) * near
        gradient = 4 * (pull.sum(axis=1)[:, None] * y - pull @ y)
        # Momentum, and for each number a gain that grows as long as it keeps its direction (Jacobs 1988).
        gain = np.maximum(np.where(gradient * velocity > 0, 0.8 * gain, gain + 0.2), 0.01)
        velocity = (0.5 if early else 0.8) * velocity - rate * gain * gradient
        y += velocity
        y -= y.mean(axis=0)
        if on_step is not None:
            on_step(step)
    return y.astype(np.float64)
