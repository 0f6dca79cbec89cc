"""Convolution and pooling. x is (n, c, h, w): images, channels, height, width (chapter 5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor

Pair = int | Sequence[int]


def pair(name: str, value: object, least: int = 1) -> tuple[int, int]:
    """Return (height, width) from one number or two. ValueError for a number below `least`."""
    given = tuple(value) if isinstance(value, tuple | list) else (value,)
    two = given * 2 if len(given) == 1 else given
    if len(two) != 2 or any(isinstance(v, bool) or not isinstance(v, int) or v < least for v in two):
        raise ValueError(f"{name}: needs a whole number of at least {least}, or two of them, got {value!r}")
    return two


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair | str = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over images: x (n, c, h, w) gives (n, out, oh, ow) (chapter 5).

    weight (out, c / groups, kh, kw), bias (out,). padding is the number of zeros put around the image, or
    "valid" for none, or "same" for a result as large as the image. ValueError if shapes do not fit, or "same"
    comes with a stride above 1. tests/support/plain.py has the same in four loops.
    """
    if not isinstance(padding, str):
        return _core.conv2d(x, weight, bias, stride, padding, dilation, groups)
    if padding == "valid":
        return _core.conv2d(x, weight, bias, stride, 0, dilation, groups)
    if padding != "same":
        raise ValueError(f"conv2d: needs a number, 'same' or 'valid' as padding, got '{padding}'")
    if pair("conv2d: stride", stride) != (1, 1):
        raise ValueError(f"conv2d: padding 'same' needs a stride of 1, got {stride}")
    spread = pair("conv2d: dilation", dilation)
    total = [d * (k - 1) for d, k in zip(spread, weight.shape[2:], strict=True)]
    for axis, t in zip((2, 3), total, strict=True):
        if t % 2:  # an even kernel: one more row of zeros at the end, as in PyTorch
            shape = list(x.shape)
            shape[axis] = 1
            x = _core.cat([x, _core.from_numpy(np.zeros(shape, np.float32))], axis)
    return _core.conv2d(x, weight, bias, 1, [t // 2 for t in total], dilation, groups)


def max_pool2d(
    x: Tensor,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    dilation: Pair = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """Return the largest number of each window: x (n, c, h, w) gives (n, c, oh, ow) (chapter 5).

    stride is kernel_size by default. ceil_mode keeps windows that reach over the edge.
    """
    if dilation != 1 and pair("max_pool2d: dilation", dilation) != (1, 1):
        raise ValueError(f"max_pool2d: hello_dl has no dilation here, got {dilation}")
    return _core.max_pool2d(x, kernel_size, stride, padding, ceil_mode)


def avg_pool2d(
    x: Tensor,
    kernel_size: Pair,
    stride: Pair | None = None,
    padding: Pair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of each window: x (n, c, h, w) gives (n, c, oh, ow).

    stride is kernel_size by default; count_include_pad counts the zeros of the padding too.
    """
    return _core.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad)
