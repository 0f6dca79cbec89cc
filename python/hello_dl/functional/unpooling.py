"""The reverse of max pooling: numbers go back to the places that they came from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.convolutions import Sizes, several
from hello_dl.tensors.outside import with_rule


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    output_size: Any = None,
) -> Tensor:
    """Put the numbers of max_pool1d back to their places, with zeros around: (n, c, ot) gives (n, c, t)."""
    return _unpooled("max_unpool1d", input, indices, (kernel_size, stride, padding), output_size, 1)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    output_size: Any = None,
) -> Tensor:
    """Put the numbers of max_pool2d back to their places: (n, c, oh, ow) gives (n, c, h, w).

    indices are those of max_pool2d(..., return_indices=True); elsewhere are zeros. output_size says h and w
    where several sizes have one pooled size. ValueError for a place outside.
    """
    return _unpooled("max_unpool2d", input, indices, (kernel_size, stride, padding), output_size, 2)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Sizes,
    stride: Any = None,
    padding: Sizes = 0,
    output_size: Any = None,
) -> Tensor:
    """Put the numbers of max_pool3d back to their places, with zeros around, as max_unpool2d."""
    return _unpooled("max_unpool3d", input, indices, (kernel_size, stride, padding), output_size, 3)


def _unpooled(
    who: str, x: Tensor, indices: Tensor, how: tuple[Any, ...], output_size: Any, axes: int
) -> Tensor:
    """Return pooled numbers at their old places. Which number a place gets is found at once, by numpy."""
    if x.shape != indices.shape:
        raise Refusal(f"{who}: needs indices of the input's shape {x.shape}, got {indices.shape}")
    sizes = several(f"{who}: kernel_size", how[0], axes)
    steps, edges = (
        several(f"{who}: stride", how[1] or how[0], axes),
        several(f"{who}: padding", how[2], axes, 0),
    )
    lead, pooled = x.shape[: x.ndim - axes], x.shape[x.ndim - axes :]
    if output_size is None:
        whole = [(p - 1) * s - 2 * e + k for p, s, e, k in zip(pooled, steps, edges, sizes, strict=True)]
    else:
        whole = list(output_size)[-axes:]
    places = indices.numpy().reshape(-1, math.prod(pooled))
    total = math.prod(whole)
    if places.size and not (places.min() >= 0 and places.max() < total):
        raise Refusal(f"{who}: needs places from 0 to {total - 1}, got {places.min()} to {places.max()}")
    lines = np.arange(len(places))[:, None] * total
    flat = (lines + places).reshape(-1)
    y = np.zeros(len(places) * total)
    y[flat] = x.numpy().reshape(-1)  # of numbers at one place the last; all of them get its gradient
    shape = (*lead, *whole)

    def again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        taken = _core.index_select(_core.reshape(G, (-1,)), 0, _core.from_numpy(flat))
        return [_core.reshape(taken, x.shape)]

    return with_rule(who, y.reshape(shape), [x], lambda g: [g.reshape(-1)[flat]], again)
