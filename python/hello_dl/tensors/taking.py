"""Numbers taken from, and put to, places of the flattened tensor, or where a mask is true."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.placing import added, inside, integers, replaced
from hello_dl.tensors.shapes import axis_of


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """Return the numbers where a mask is true, in a row; mask and tensor broadcast."""
    if not isinstance(mask, Tensor) or mask.dtype != "bool":
        raise TypeError("masked_select: needs a mask of truth values (bool)")
    shape = tuple(np.broadcast_shapes(input.shape, mask.shape))
    places = np.flatnonzero(np.broadcast_to(mask.numpy(), shape))
    flat = _core.reshape(_core.expand(input, shape), (int(np.prod(shape)),))
    return _core.index_select(flat, 0, _core.from_numpy(places))


def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """Return input with the first numbers of source, in their order, where a mask is true."""
    if not isinstance(mask, Tensor) or mask.dtype != "bool":
        raise TypeError("masked_scatter: needs a mask of truth values (bool)")
    if input.dtype != source.dtype:
        raise TypeError(f"masked_scatter: needs numbers of dtype {input.dtype}, got {source.dtype}")
    shape = tuple(np.broadcast_shapes(input.shape, mask.shape))
    places = np.flatnonzero(np.broadcast_to(mask.numpy(), shape))
    if len(places) > source.numel():
        raise Refusal(f"masked_scatter: needs {len(places)} numbers, got {source.numel()}")
    numbers = _core.slice(_core.reshape(source, (source.numel(),)), 0, 0, len(places))
    return replaced(_core.expand(input, shape) if shape != input.shape else input, places, numbers)


def take(input: Tensor, index: Tensor) -> Tensor:
    """Return the numbers at these places of the flattened tensor, in the shape of the index."""
    at = inside("take", integers("take", index), input.numel(), negative=True)
    return _core.index_select(_core.reshape(input, (input.numel(),)), 0, _core.from_numpy(at))


def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """Return input with numbers at these places of the flattened tensor; accumulate adds them."""
    at = inside("put", integers("put", index), input.numel(), negative=True).reshape(-1)
    if source.numel() != at.size or source.dtype != input.dtype:
        raise Refusal(f"put: needs {at.size} numbers of {input.dtype}, got {source.shape} of {source.dtype}")
    numbers = _core.reshape(source, (at.size,))
    return added(input, at, numbers, "put") if accumulate else replaced(input, at, numbers)


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """Return y[i, j] = x[i, indices[i, j]] for dim=1, with broadcasting; without dim as take."""
    if dim is None:
        return take(input, _core.reshape(indices, (indices.numel(),)))
    axis = axis_of(dim, input.ndim, "take_along_dim")
    if input.ndim != indices.ndim:
        raise Refusal(f"take_along_dim: needs equally many axes, got {input.shape} and {indices.shape}")
    at = inside("take_along_dim", integers("take_along_dim", indices), input.shape[axis], negative=True)

    def beside(mine: Sequence[int], others: Sequence[int]) -> list[int]:
        """Return the sizes that both have together, but along the axis its own."""
        together = [m if d == axis else max(m, o) for d, (m, o) in enumerate(zip(mine, others, strict=True))]
        return [
            0 if o == 0 and d != axis else t for d, (t, o) in enumerate(zip(together, others, strict=True))
        ]

    wide = _core.expand(input, beside(input.shape, at.shape))
    index = np.broadcast_to(at, beside(at.shape, input.shape))
    return _core.gather(wide, axis, _core.from_numpy(np.ascontiguousarray(index)))


def index_put(input: Tensor, indices: Sequence[Tensor], values: Tensor, accumulate: bool = False) -> Tensor:
    """Return input with values at input[indices]; accumulate adds them. indices is one tensor an axis."""
    key = tuple(slice(None) if i is None else i.numpy() for i in indices)
    numbered = np.arange(input.numel()).reshape(input.shape)
    try:
        places = np.asarray(numbered[key])
        source = _core.expand(values, places.shape) if values.shape != places.shape else values
    except (IndexError, ValueError) as error:
        raise type(error)(f"index_put: {error}") from None
    if input.dtype != values.dtype:
        raise TypeError(f"index_put: needs values of dtype {input.dtype}, got {values.dtype}")
    source = _core.reshape(source, (places.size,))
    flat = places.reshape(-1)
    return added(input, flat, source, "index_put") if accumulate else replaced(input, flat, source)
