"""The methods of Tensor that sort, search and count. They compute the numbers at once, with numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal, ValuesAndIndices
from hello_dl.tensors.shapes import axis_of


class OrderMethods(Tensor):
    """Methods that sort and count. methods.py moves them to Tensor itself."""

    def argsort(self, dim: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
        """Return the indices that would sort along an axis. Equal numbers keep their order in any case."""
        del stable
        return _core.from_numpy(_order("argsort", self, dim, descending))

    def sort(
        self, dim: int = -1, descending: bool = False, stable: bool | None = True
    ) -> ValuesAndIndices[Tensor]:
        """Sort along an axis: (values, indices). Equal numbers keep their order, NaN is the largest."""
        del stable
        return _chosen(self, axis_of(dim, self.ndim, "sort"), _order("sort", self, dim, descending))

    def topk(
        self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> ValuesAndIndices[Tensor]:
        """Return the k largest (or smallest) along an axis, in order: (values, indices); NaN is largest."""
        del sorted  # they are in order either way
        axis = axis_of(dim, self.ndim, "topk")
        length = self.shape[axis] if self.ndim else 1
        if not 0 <= k <= length:
            raise Refusal(f"topk: needs k from 0 to {length}, the length of the axis, got {k}")
        order = _order("topk", self, axis, largest)
        return _chosen(self, axis, order[(slice(None),) * axis + (slice(0, k),)] if self.ndim else order)

    def nonzero(self, *, as_tuple: bool = False) -> Any:
        """Return the places of what is not zero: int64 (count, axes); as_tuple: (count,) for each axis."""
        numbers = self.numpy()
        if as_tuple:
            return tuple(_core.from_numpy(i) for i in np.nonzero(np.atleast_1d(numbers)))
        return _core.from_numpy(np.argwhere(numbers))

    def unique(
        self,
        sorted: bool = True,
        return_inverse: bool = False,
        return_counts: bool = False,
        dim: int | None = None,
    ) -> Any:
        """Return each number that occurs, once, in rising order; with `dim`, each slice along that axis.

        return_inverse adds where in the result each number is, and return_counts how often each occurs. Each
        NaN is a number of its own, as in PyTorch.
        """
        del sorted  # they are in order either way
        axis = None if dim is None else axis_of(dim, self.ndim, "unique")
        numbers = self.numpy()
        found, inverse, counts = np.unique(
            numbers, return_inverse=True, return_counts=True, axis=axis, equal_nan=False
        )
        inverse = inverse.reshape(numbers.shape if axis is None else -1)
        results = [found, *[inverse] * return_inverse, *[counts] * return_counts]
        tensors = tuple(_core.from_numpy(np.asarray(result)) for result in results)
        return tensors if len(tensors) > 1 else tensors[0]

    def bincount(self, weights: Any = None, minlength: int = 0) -> Tensor:
        """Count how often each integer 0, 1, 2, ... occurs, or add up its weights: (n,) gives (largest + 1,).

        weights (n,), a tensor, array or list, make the result real. The result has at least minlength
        numbers. No gradient flows.
        """
        numbers = self.numpy()
        if numbers.dtype.kind not in "ib":
            raise TypeError(f"bincount: needs integers, got {self.dtype}")
        if numbers.ndim != 1 or (numbers < 0).any():
            got = numbers.min() if numbers.ndim == 1 else f"shape {self.shape}"
            raise Refusal(f"bincount: needs a list of integers of 0 or more, got {got}")
        if minlength < 0:
            raise Refusal(f"bincount: needs a minlength of 0 or more, got {minlength}")
        if weights is not None:
            weights = weights.numpy() if isinstance(weights, Tensor) else np.asarray(weights)
            if weights.shape != numbers.shape:
                wanted = f"a weight for each of {len(numbers)} integers"
                raise Refusal(f"bincount: needs {wanted}, got shape {weights.shape}")
        return _core.from_numpy(np.bincount(numbers, weights, minlength))


def _order(who: str, x: Tensor, dim: int, descending: bool) -> NDArray[np.int64]:
    """Return the indices that sort x along an axis, in x's shape; equal numbers keep their order.

    Descending is ascending read backwards: of numbers in reverse order, so that equal ones keep their order.
    """
    axis = axis_of(dim, x.ndim, who)
    numbers = x.numpy()
    if numbers.ndim == 0:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(numbers, axis=axis, kind="stable")
    order: NDArray[np.int64] = np.argsort(np.flip(numbers, axis), axis=axis, kind="stable")
    return np.asarray(numbers.shape[axis] - 1 - np.flip(order, axis))


def _chosen(x: Tensor, axis: int, order: NDArray[np.int64]) -> ValuesAndIndices[Tensor]:
    """Return the numbers at these indices along an axis, and the indices."""
    indices = _core.from_numpy(order)
    return ValuesAndIndices(_core.gather(x, axis, indices) if x.ndim else x.clone(), indices)
