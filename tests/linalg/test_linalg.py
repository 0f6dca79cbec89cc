"""hello_dl.linalg: what signs and bases leave free, what is refused, small matrices worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl
from hello_dl import linalg

rng = np.random.default_rng(0)
TALL, WIDE = rng.normal(size=(2, 5, 3)), rng.normal(size=(3, 5))
SYMMETRIC = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1.0]])


def close(a: Any, b: Any, error: float = 1e-4) -> bool:
    """Return whether two tensors or arrays agree."""
    return np.allclose(*(np.asarray(x.detach() if hasattr(x, "detach") else x) for x in (a, b)), atol=error)


@pytest.mark.parametrize("a", [TALL, WIDE])
@pytest.mark.parametrize("whole", [False, True])
def test_the_factors_of_svd_and_qr_give_the_matrix_back(a: Any, whole: bool) -> None:
    x = hello_dl.tensor(a)
    u, s, vh = linalg.svd(x, full_matrices=whole)
    k = s.shape[-1]
    assert close((u[..., :k] * s.unsqueeze(-2)) @ vh[..., :k, :], a)
    assert close(u.mT @ u, np.eye(u.shape[-1]))
    q, r = linalg.qr(x, mode="complete" if whole else "reduced")
    assert close(q @ r, a)
    assert close(r, r.triu())


def test_eigenvectors_are_only_stretched() -> None:
    a = hello_dl.tensor(SYMMETRIC)
    values, vectors = linalg.eigh(a)
    assert close(a @ vectors, vectors * values)
    assert (values[1:] > values[:-1]).all()


@pytest.mark.parametrize("which", ["eigh", "svd"])
def test_gradients_of_vectors_are_pytorchs(which: str) -> None:
    torch = pytest.importorskip("torch")
    a = SYMMETRIC if which == "eigh" else TALL
    grads = []
    for h in (torch, hello_dl):
        x = h.tensor(a.tolist(), requires_grad=True)
        parts = h.linalg.eigh(x) if which == "eigh" else h.linalg.svd(x, full_matrices=False)
        loss = sum(((i + 1.0) * p * p * p.abs()).sum() for i, p in enumerate(parts))
        loss.backward()
        grads.append(x.grad)
    assert close(*grads, error=1e-3)


def test_least_squares_fit_a_line() -> None:
    x = np.arange(5.0)
    a = hello_dl.tensor(np.stack([x, np.ones(5)], 1))
    found = linalg.lstsq(a, hello_dl.tensor(2 * x + 1))
    assert close(found.solution, [2.0, 1.0])
    assert found.rank.item() == 2


def test_the_gradient_of_a_determinant_of_0() -> None:
    """The derivative is the matrix of cofactors, which needs no inverse."""
    a = hello_dl.tensor([[2.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], requires_grad=True)
    linalg.det(a).backward()
    assert close(a.grad, [[0, 0, 0], [0, 1, -1], [0, -1, 1]])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: linalg.inv(hello_dl.ones(2, 2)), "inv: singular"),
        (lambda: linalg.inv(hello_dl.ones(2, 3)), "inv: needs square matrices"),
        (lambda: linalg.cholesky(-hello_dl.eye(2)), "cholesky: "),
        (lambda: linalg.solve(hello_dl.eye(3), hello_dl.ones(2, 1)), "solve: needs 3 rows"),
        (lambda: linalg.qr(hello_dl.ones(2, 2), mode="raw"), "qr: mode needs"),
        (lambda: linalg.matrix_norm(hello_dl.ones(2, 2), 3), "matrix_norm: ord needs"),
        (lambda: linalg.multi_dot([hello_dl.ones(2, 2)]), "multi_dot: needs at least two"),
    ],
)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_what_is_missing_is_named() -> None:
    with pytest.raises(AttributeError, match=r"torch\.linalg\.lu"):
        _ = linalg.lu
    with pytest.raises(AttributeError, match="complex"):
        _ = linalg.eig
    with pytest.raises(TypeError, match="det: needs a tensor of real numbers, got int64"):
        linalg.det(hello_dl.eye(2, dtype=hello_dl.int64))
