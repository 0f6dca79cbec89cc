"""Convolution and pooling. input is (n, c, h, w): images, channels, height, width (chapter 5).

Every function also takes one image (c, h, w), and gives its result without the first axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.dtypes import int64 as INTEGER

Pair = int | Sequence[int]


def pair(name: str, value: object, least: int = 1) -> tuple[int, int]:
    """Return (height, width) from one number or two. ValueError for a number below `least`."""
    given = tuple(value) if isinstance(value, tuple | list) else (value,)
    two = given * 2 if len(given) == 1 else given
    if len(two) != 2 or any(isinstance(v, bool) or not isinstance(v, int) or v < least for v in two):
        raise Refusal(f"{name}: needs a whole number of at least {least}, or two of them, got {value!r}")
    return two


def _batched(op: Callable[[Tensor], Tensor], input: Tensor) -> Tensor:
    """Return op(input) for images (n, c, h, w), or for one image (c, h, w) without the first axis."""
    if input.ndim != 3:
        return op(input)
    y = op(_core.reshape(input, (1, *input.shape)))
    return _core.reshape(y, y.shape[1:])


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair | str = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over images: input (n, c, h, w) gives (n, out, oh, ow) (chapter 5).

    weight (out, c / groups, kh, kw), bias (out,). padding is the number of zeros put around the image, or
    "valid" for none, or "same" for a result as large as the image. ValueError if shapes do not fit, or "same"
    comes with a stride above 1. tests/support/plain.py has the same in four loops.
    """
    if weight.dtype is INTEGER and input.dtype is INTEGER:
        return _of_integers(input, weight, bias, stride, padding, dilation, groups)
    if input.ndim == 3:
        return _batched(lambda x: conv2d(x, weight, bias, stride, padding, dilation, groups), input)
    if not isinstance(padding, str):
        return _core.conv2d(input, weight, bias, stride, padding, dilation, groups)
    if padding == "valid":
        return _core.conv2d(input, weight, bias, stride, 0, dilation, groups)
    if padding != "same":
        raise Refusal(f"conv2d: needs a number, 'same' or 'valid' as padding, got '{padding}'")
    if pair("conv2d: stride", stride) != (1, 1):
        raise Refusal(f"conv2d: padding 'same' needs a stride of 1, got {stride}")
    spread = pair("conv2d: dilation", dilation)
    total = [d * (k - 1) for d, k in zip(spread, weight.shape[2:], strict=True)]
    for axis, t in zip((2, 3), total, strict=True):
        if t % 2:  # an even kernel: one more row of zeros at the end, as in PyTorch
            shape = list(input.shape)
            shape[axis] = 1
            input = _core.cat([input, _core.from_numpy(np.zeros(shape, np.float32))], axis)
    return _core.conv2d(input, weight, bias, 1, [t // 2 for t in total], dilation, groups)


def _of_integers(input: Tensor, weight: Tensor, bias: Tensor | None, *how: Any) -> Tensor:
    """Return conv2d of integers, as integers. ValueError if a sum could be too large for a float."""
    added = 0 if bias is None or bias.numel() == 0 else int(abs(bias.numpy()).max())
    per_output = np.abs(weight.numpy()).reshape(len(weight), -1).sum(1, initial=0).max(initial=0)
    most = int(np.abs(input.numpy()).max(initial=0)) * int(per_output) + added
    if most > 1 << 24:
        raise Refusal(f"conv2d: sums of these integers may reach {most}, which floats do not hold exactly")
    return conv2d(input.float(), weight.float(), None if bias is None else bias.float(), *how).long()


def max_pool2d(
    input: Tensor,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest number of each window: input (n, c, h, w) gives (n, c, oh, ow) (chapter 5).

    stride is kernel_size by default. dilation is the distance of the pixels of a window, ceil_mode keeps
    windows that reach over the edge. With return_indices: (numbers, places), where the place of the pixel in
    row y and column x of its image is y * w + x, int64.
    """
    if input.dtype is not REAL:
        largest = max_pool2d(input.float(), kernel_size, stride, padding, dilation, ceil_mode, return_indices)
        return (largest[0].to(input.dtype), largest[1]) if return_indices else largest.to(input.dtype)
    if not return_indices and (dilation == 1 or pair("max_pool2d: dilation", dilation) == (1, 1)):
        if input.ndim == 4:  # the usual case, without any detour
            return _core.max_pool2d(input, kernel_size, stride or None, padding, ceil_mode)
        return _batched(lambda x: _core.max_pool2d(x, kernel_size, stride or None, padding, ceil_mode), input)
    single = input.ndim == 3
    x = _core.reshape(input, (1, *input.shape)) if single else input
    values, places = _largest_of_windows(
        x, kernel_size, stride or kernel_size, padding, dilation, ceil_mode, return_indices
    )
    if single:
        values = _core.reshape(values, values.shape[1:])
    if not return_indices:
        return values
    return values, _core.from_numpy(places[0] if single else places)


def _largest_of_windows(
    x: Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    ceil_mode: bool,
    return_indices: bool,
) -> tuple[Tensor, NDArray[np.int64]]:
    """Return max_pool2d's numbers and places, composed: windows side by side, then the largest of each."""
    if x.ndim != 4:
        raise Refusal(f"max_pool2d: needs images (n, c, h, w) or one image (c, h, w), got {x.shape}")
    sizes, steps = pair("max_pool2d: kernel_size", kernel_size), pair("max_pool2d: stride", stride)
    pads, gaps = pair("max_pool2d: padding", padding, 0), pair("max_pool2d: dilation", dilation)
    if any(2 * pad > size for pad, size in zip(pads, sizes, strict=True)):
        raise Refusal(f"max_pool2d: needs padding of at most half the window {sizes}, got {pads}")
    rows, columns = (
        _pixels_of_windows(x.shape[2 + i], sizes[i], steps[i], pads[i], gaps[i], ceil_mode) for i in (0, 1)
    )
    return largest_of_windows(x, rows, columns, return_indices)


def largest_of_windows(
    x: Tensor, rows: NDArray[np.int64], columns: NDArray[np.int64], return_indices: bool
) -> tuple[Tensor, NDArray[np.int64]]:
    """Return the largest number of each window of images (n, c, h, w), and its place y * w + x.

    rows (oh, kh) and columns (ow, kw) say which pixels each window has. Without return_indices the places
    are those of all pixels of each window.
    """
    n, channels, _, width = x.shape
    # (n, c, h, w) -> (n, c, oh, kh, w) -> (n, c, oh, kh, ow, kw) -> (n, c, oh, ow, kh * kw)
    windows = _core.index_select(
        _core.index_select(x, 2, _core.from_numpy(rows)), 4, _core.from_numpy(columns)
    )
    shape = (n, channels, len(rows), len(columns), rows.shape[1] * columns.shape[1])
    windows = _core.reshape(_core.permute(windows, (0, 1, 2, 4, 3, 5)), shape)
    winners = _core.argmax(windows, -1, True)
    values = _core.reshape(_core.gather(windows, 4, winners), shape[:4])
    places = (rows[:, None, :, None] * width + columns[None, :, None, :]).reshape(shape[2:])
    if return_indices:  # the winners are computed for it
        places = np.take_along_axis(np.broadcast_to(places, shape), winners.numpy(), 4)[..., 0]
    return values, places


def _pixels_of_windows(
    size: int, kernel: int, stride: int, pad: int, gap: int, ceil_mode: bool
) -> NDArray[np.int64]:
    """Return which pixels of one axis each window has, (windows, kernel).

    In place of pixels outside the image the window's first pixel is named again, which changes no maximum.
    """
    last = size + 2 * pad - gap * (kernel - 1) - 1  # where the last window may begin, from the first one on
    if last < 0:
        raise Refusal(f"max_pool2d: windows of {kernel} with dilation {gap} do not fit into {size} pixels")
    count = (math.ceil(last / stride) if ceil_mode else last // stride) + 1
    if ceil_mode and (count - 1) * stride >= size + pad:  # a window that would begin behind the image
        count -= 1
    pixels = np.arange(count)[:, None] * stride - pad + np.arange(kernel) * gap
    inside = (pixels >= 0) & (pixels < size)
    first = np.take_along_axis(pixels, inside.argmax(1)[:, None], 1)
    return np.where(inside, pixels, first)


def avg_pool2d(
    input: Tensor,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of each window: input (n, c, h, w) gives (n, c, oh, ow).

    stride is kernel_size by default; count_include_pad counts the zeros of the padding too. divisor_override
    divides each window's sum by another number than its count. TypeError for integers, ValueError for 0.
    """
    if input.dtype in ("int64", "bool"):
        raise TypeError(f"avg_pool2d: needs real numbers, got {input.dtype}; use .float() first")
    stride = stride or kernel_size
    if divisor_override is None:
        return _batched(
            lambda x: _core.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad), input
        )
    if divisor_override == 0:
        raise Refusal("avg_pool2d: needs a divisor_override other than 0")
    y = _batched(lambda x: _core.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, True), input)
    sizes, steps = pair("avg_pool2d: kernel_size", kernel_size), pair("avg_pool2d: stride", stride)
    pads = pair("avg_pool2d: padding", padding, 0)
    # How many pixels, padding included, each mean was of: fewer at the edge with ceil_mode.
    counts = [
        np.minimum(sizes[i], input.shape[i - 2] + 2 * pads[i] - np.arange(y.shape[i - 2]) * steps[i])
        for i in (0, 1)
    ]
    factor = counts[0][:, None] * counts[1] / divisor_override
    return _core.mul(y, _core.from_numpy(factor))
