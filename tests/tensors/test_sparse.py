"""Sparse tensors: the same as PyTorch's, and as plain ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h

PLACES = [[0, 1, 2, 0, 1], [1, 2, 0, 0, 2]]  # (1, 2) comes twice
VALUES = [1.0, 2.0, -1.0, 0.5, 3.0]
RIGHT = np.arange(8, dtype=np.float32).reshape(4, 2) - 3


def results(library: Any) -> dict[str, Any]:
    values = library.tensor(VALUES, requires_grad=True)
    right = library.tensor(RIGHT, requires_grad=True)
    s = library.sparse_coo_tensor(library.tensor(PLACES), values, (3, 4))
    y = library.sparse.mm(s, right)
    y.backward(library.tensor([[1.0, 2.0], [-1.0, 0.5], [3.0, 0.25]]))
    plain = s.detach()
    return {
        "product": y,
        "mm": library.mm(plain, right),
        "spmm": library.spmm(plain, right),
        "@": plain @ right,
        "of values": values.grad,
        "of the right side": right.grad,
        "dense": plain.to_dense(),
        "transposed": plain.t().to_dense(),
        "indices": plain.coalesce().indices(),
        "values": plain.coalesce().values(),
        "places": library.tensor([[0.0, 2.0], [3.0, 0.0]]).to_sparse().indices(),
        "doubled": (plain * 2).to_dense(),
    }


@pytest.mark.filterwarnings("ignore:Sparse invariant checks:UserWarning")
def test_sparse_tensors_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = results(h), results(torch)
    for name, wanted in theirs.items():
        np.testing.assert_allclose(ours[name].detach(), wanted.detach(), rtol=1e-6, err_msg=name)


def test_what_it_is() -> None:
    s = h.sparse_coo_tensor(PLACES, VALUES)
    assert (s.shape, s.ndim, s.size(1), s.is_sparse, h.ones(2).is_sparse) == ((3, 3), 2, 3, True, False)
    assert not s.is_coalesced()
    assert s.coalesce().is_coalesced()
    assert repr(h.eye(1).to_sparse()) == (
        "tensor(indices=tensor([[0],\n        [0]]),\n       values=tensor([1.]),\n       size=(1, 1), nnz=1,"
        " layout=torch.sparse_coo)"
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: h.sparse_coo_tensor([[0, 1]], [1.0]), r"got \(1, 2\) and \(1,\)"),
        (lambda: h.sparse_coo_tensor([[3]], [1.0], (3,)), r"a size of at least \(4,\), got \(3,\)"),
        (lambda: h.sparse_coo_tensor(PLACES, VALUES, (3, 4)).mm(h.ones(3, 2)), "needs 4 rows on the right"),
        (lambda: h.eye(2).to_sparse(1), "needs all 2 axes sparse"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_what_only_plain_tensors_have_is_named() -> None:
    with pytest.raises(AttributeError, match=r"use x.to_dense\(\).softmax"):
        h.eye(2).to_sparse().softmax(1)
