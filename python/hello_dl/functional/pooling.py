"""Pooling along one axis and three. Along two axes it is in images.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.convolutions import Sizes, batched, several
from hello_dl.functional.images import avg_pool2d, max_pool2d


def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest number of each window: (n, c, t) gives (n, c, ot); options as in max_pool2d."""
    size = several("max_pool1d: kernel_size", kernel_size, 1)[0]
    step = several("max_pool1d: stride", stride or kernel_size, 1)[0]
    edge = several("max_pool1d: padding", padding, 1, 0)[0]
    gap = several("max_pool1d: dilation", dilation, 1)[0]
    how = ((1, size), (1, step), (0, edge), (1, gap), ceil_mode, return_indices)
    return of_lines("max_pool1d", lambda x: max_pool2d(x, *how), input)


def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window: input (n, c, t) gives (n, c, ot); options as in avg_pool2d."""
    size = several("avg_pool1d: kernel_size", kernel_size, 1)[0]
    step = several("avg_pool1d: stride", stride or kernel_size, 1)[0]
    edge = several("avg_pool1d: padding", padding, 1, 0)[0]
    how = ((1, size), (1, step), (0, edge), ceil_mode, count_include_pad)
    y: Tensor = of_lines("avg_pool1d", lambda x: avg_pool2d(x, *how), input)
    return y


def of_lines(who: str, op: Callable[[Tensor], Any], x: Tensor) -> Any:
    """Return op of lines (n, c, t) or (c, t), as if they were images of height 1."""
    if x.ndim not in (2, 3):
        raise Refusal(f"{who}: needs lines (n, c, t) or one line (c, t), got {x.shape}")
    y = op(_core.reshape(x, (*x.shape[:-1], 1, x.shape[-1])))
    if isinstance(y, tuple):
        return tuple(_core.reshape(part, (*part.shape[:-2], part.shape[-1])) for part in y)
    return _core.reshape(y, (*y.shape[:-2], y.shape[-1]))


def max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest number of each window: input (n, c, d, h, w) gives (n, c, od, oh, ow).

    The largest of the largest of each layer: first along h and w, then along d. With return_indices also its
    place, (z * h + y) * w + x.
    """
    sizes = several("max_pool3d: kernel_size", kernel_size, 3)
    steps = several("max_pool3d: stride", stride or kernel_size, 3)
    edges, gaps = several("max_pool3d: padding", padding, 3, 0), several("max_pool3d: dilation", dilation, 3)
    single = input.ndim == 4
    x = _core.reshape(input, (1, *input.shape)) if single else input
    if x.ndim != 5:
        raise Refusal(f"max_pool3d: needs volumes (n, c, d, h, w) or one (c, d, h, w), got {input.shape}")
    n, c, d, h, w = x.shape
    flat, places = max_pool2d(
        _core.reshape(x, (n, c * d, h, w)), sizes[1:], steps[1:], edges[1:], gaps[1:], ceil_mode, True
    )
    oh, ow = flat.shape[2:]
    deep = _core.reshape(flat, (n, c, d, oh * ow))
    deepest = max_pool2d(
        deep, (sizes[0], 1), (steps[0], 1), (edges[0], 0), (gaps[0], 1), ceil_mode, return_indices
    )
    values = deepest[0] if return_indices else deepest
    shape = (*((c,) if single else (n, c)), values.shape[2], oh, ow)
    if not return_indices:
        return _core.reshape(values, shape)
    layers = deepest[1].numpy() // (oh * ow)
    inside = np.take_along_axis(places.numpy().reshape(n, c, d, oh * ow), layers, 2)
    found = (layers * h * w + inside).reshape(shape)
    return _core.reshape(values, shape), _core.from_numpy(found)


def avg_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window: input (n, c, d, h, w) gives (n, c, od, oh, ow); as avg_pool2d.

    The mean along d of the means along h and w.
    """
    sizes = several("avg_pool3d: kernel_size", kernel_size, 3)
    steps, edges = (
        several("avg_pool3d: stride", stride or kernel_size, 3),
        several("avg_pool3d: padding", padding, 3, 0),
    )
    if divisor_override == 0:
        raise Refusal("avg_pool3d: needs a divisor_override other than 0")
    one = None if divisor_override is None else 1

    def volumes(x: Tensor) -> Tensor:
        n, c, d, h, w = x.shape
        flat = _core.reshape(x, (n, c * d, h, w))
        flat = avg_pool2d(flat, sizes[1:], steps[1:], edges[1:], ceil_mode, count_include_pad, one)
        oh, ow = flat.shape[2:]
        deep = _core.reshape(flat, (n, c, d, oh * ow))
        how = ((sizes[0], 1), (steps[0], 1), (edges[0], 0), ceil_mode, count_include_pad, one)
        y = avg_pool2d(deep, *how)
        y = _core.reshape(y, (n, c, y.shape[2], oh, ow))
        return y if divisor_override is None else _core.mul(y, 1 / divisor_override)

    return batched("avg_pool3d", volumes, input, 3)
