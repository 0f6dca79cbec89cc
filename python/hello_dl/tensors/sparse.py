"""Sparse tensors: the places and values of the numbers other than 0, such as the edges of a graph.

They are made by sparse_coo_tensor or x.to_sparse(), and multiplied with tensors: the product with a matrix
takes time by the count of values, not by the size. All else is done with x.to_dense().
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.size import Size

__all__ = ["FloatTensor", "SparseTensor", "mm", "sparse_coo_tensor", "spmm", "to_sparse"]


class SparseTensor:
    """Places (axes, count) and values (count,); a place that comes twice has the sum of its values."""

    is_sparse, layout = True, "torch.sparse_coo"

    def __init__(self, indices: Tensor, values: Tensor, size: Sequence[int]) -> None:
        self._places, self._numbers, self.shape = indices, values, Size(size)

    # ---- what it is ----------------------------------------------------------------------------------------

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return self._numbers.dtype

    @property
    def device(self) -> Any:
        """The CPU."""
        return self._numbers.device

    @property
    def requires_grad(self) -> bool:
        """Whether the values record a gradient."""
        return self._numbers.requires_grad

    def dim(self) -> int:
        """Return the number of axes."""
        return self.ndim

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of one axis."""
        return self.shape if dim is None else self.shape[dim]

    def indices(self) -> Tensor:
        """Return the places (axes, count)."""
        return self._places

    def values(self) -> Tensor:
        """Return the values (count,)."""
        return self._numbers

    _indices, _values = indices, values

    def _nnz(self) -> int:
        return self._numbers.shape[0]

    def __repr__(self) -> str:
        return (
            f"tensor(indices={self._places},\n       values={self._numbers},\n       "
            f"size={tuple(self.shape)}, nnz={self._nnz()}, layout=torch.sparse_coo)"
        )

    # ---- other forms ---------------------------------------------------------------------------------------

    def _flat(self) -> Tensor:
        """Return the places counted through the flattened tensor."""
        steps = np.cumprod((1, *self.shape[:0:-1]))[::-1].copy()
        return _core.from_numpy((self._places.numpy() * steps[:, None]).sum(0))

    def to_dense(self) -> Tensor:
        """Return a plain tensor, with zeros everywhere else."""
        zeros = _core.from_numpy(np.zeros(self.shape.numel(), np.dtype(str.__str__(self.dtype))))
        return _core.reshape(zeros.index_add(0, self._flat(), self._numbers), self.shape)

    def coalesce(self) -> SparseTensor:
        """Return it with each place once, in order."""
        flat = self._flat().numpy()
        places, which = np.unique(flat, return_inverse=True)
        zeros = _core.from_numpy(np.zeros(len(places), np.dtype(str.__str__(self.dtype))))
        values = zeros.index_add(0, _core.from_numpy(which.reshape(-1)), self._numbers)
        each = np.stack(np.unravel_index(places, self.shape)).astype(np.int64)
        return SparseTensor(_core.from_numpy(each), values, self.shape)

    def is_coalesced(self) -> bool:
        """Return whether each place is there once, in order."""
        return bool((np.diff(self._flat().numpy()) > 0).all())

    def t(self) -> SparseTensor:
        """Return the transpose of a matrix."""
        self._need_matrix("t")
        return SparseTensor(self._places.flip(0), self._numbers, self.shape[::-1])

    def transpose(self, dim0: int, dim1: int) -> SparseTensor:
        """Return the transpose of a matrix."""
        return self.t() if (dim0 - dim1) % 2 else self

    def to(self, *args: Any, **named: Any) -> SparseTensor:
        """Return it with values of another dtype; there is one device."""
        return SparseTensor(self._places, self._numbers.to(*args, **named), self.shape)

    def float(self) -> SparseTensor:
        """Return it with real numbers as values."""
        return SparseTensor(self._places, self._numbers.float(), self.shape)

    def cpu(self) -> SparseTensor:
        """Return the tensor itself."""
        return self

    def detach(self) -> SparseTensor:
        """Return it without gradient."""
        return SparseTensor(self._places, self._numbers.detach(), self.shape)

    def clone(self) -> SparseTensor:
        """Return a copy."""
        return SparseTensor(self._places, self._numbers.clone(), self.shape)

    # ---- arithmetic ----------------------------------------------------------------------------------------

    def mm(self, mat2: Tensor) -> Tensor:
        """Return the product with a matrix, or a vector: row i is the sum of values times rows of mat2."""
        self._need_matrix("mm")
        x = mat2.to_dense() if isinstance(mat2, SparseTensor) else mat2
        if x.ndim not in (1, 2) or x.shape[0] != self.shape[1]:
            raise Refusal(f"mm: needs {self.shape[1]} rows on the right, got {x.shape}")
        rows, columns = self._places[0], self._places[1]
        parts = _core.index_select(x, 0, columns)
        values = self._numbers if x.ndim == 1 else _core.reshape(self._numbers, (self._nnz(), 1))
        zeros = _core.from_numpy(np.zeros((self.shape[0], *x.shape[1:]), np.dtype(str.__str__(x.dtype))))
        return zeros.index_add(0, rows, _core.mul(values, parts))

    matmul = spmm = mv = __matmul__ = mm

    def mul(self, other: Any) -> SparseTensor:
        """Return it with all values times a number."""
        return SparseTensor(self._places, self._numbers * other, self.shape)

    __mul__ = __rmul__ = mul

    def sum(self, dim: Any = None, keepdim: bool = False) -> Tensor:
        """Return the sum, or the sums along an axis, as a plain tensor."""
        return self._numbers.sum() if dim is None else self.to_dense().sum(dim, keepdim)

    def _need_matrix(self, who: str) -> None:
        if self.ndim != 2:
            raise Refusal(f"{who}: needs a sparse matrix, got {self.ndim} axes")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"a sparse tensor has no '{name}' here; use x.to_dense().{name}")


def sparse_coo_tensor(
    indices: Any,
    values: Any,
    size: Sequence[int] | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **_: Any,
) -> SparseTensor:
    """Return a sparse tensor of these places (axes, count) and values (count,).

    Without a size it is as large as the places need. ValueError for places outside, or of another count.
    """
    places = indices.long() if isinstance(indices, Tensor) else tensor(np.asarray(indices, np.int64))
    numbers = values if isinstance(values, Tensor) else tensor(values)
    if dtype is not None or device is not None:
        numbers = numbers.to(dtype=dtype, device=device)
    if places.ndim != 2 or numbers.ndim != 1 or places.shape[1] != numbers.shape[0]:
        raise Refusal(
            f"sparse_coo_tensor: needs places (axes, count) and values (count,), got {places.shape} and"
            f" {numbers.shape}"
        )
    needed = tuple(int(i) + 1 for i in places.numpy().max(1, initial=-1))
    sizes = tuple(size) if size is not None else needed
    if len(sizes) != len(needed) or any(a > b for a, b in zip(needed, sizes, strict=True)):
        raise Refusal(f"sparse_coo_tensor: needs a size of at least {needed}, got {sizes}")
    if places.numel() and int(places.min()) < 0:
        raise Refusal("sparse_coo_tensor: needs places of 0 or more")
    return SparseTensor(places, numbers.requires_grad_() if requires_grad else numbers, sizes)


FloatTensor = sparse_coo_tensor


def mm(mat1: SparseTensor, mat2: Tensor) -> Tensor:
    """Return the product of a sparse matrix with a matrix."""
    return mat1.mm(mat2)


spmm = mm


def to_sparse(self: Tensor, sparse_dim: int | None = None) -> SparseTensor:
    """Return the tensor as places and values of the numbers other than 0."""
    if sparse_dim not in (None, self.ndim):
        raise Refusal(f"to_sparse: needs all {self.ndim} axes sparse, got sparse_dim {sparse_dim}")
    places = np.stack(np.nonzero(self.detach().numpy())).astype(np.int64)
    flat = np.ravel_multi_index(tuple(places), self.shape) if self.ndim else places[0]
    values = _core.index_select(_core.reshape(self, (self.numel(),)), 0, _core.from_numpy(flat))
    return SparseTensor(_core.from_numpy(places), values, self.shape)


def to_dense(self: Tensor) -> Tensor:
    """Return the tensor itself, which is dense already."""
    return self
