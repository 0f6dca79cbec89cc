"""Pooling by norms: of each window of lines, images or volumes the p-norm stays."""

from __future__ import annotations

import math
from collections.abc import Callable

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.functional.convolutions import Sizes, several
from hello_dl.functional.images import avg_pool2d
from hello_dl.functional.pooling import avg_pool1d, avg_pool3d


def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """Return the p-norm (sum of x^p)^(1/p) of each window, p = norm_type: (n, c, h, w) gives (n, c, oh, ow).

    Signs are not taken away first, as in PyTorch: use an even p, or positive numbers. A sum below 0 gives 0.
    """
    return _of_windows(avg_pool2d, 2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """Do the same to lines (n, c, t)."""
    return _of_windows(avg_pool1d, 1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Tensor:
    """Do the same to volumes (n, c, d, h, w)."""
    return _of_windows(avg_pool3d, 3, input, norm_type, kernel_size, stride, ceil_mode)


def _of_windows(
    mean_of: Callable[..., Tensor],
    axes: int,
    x: Tensor,
    p: float,
    kernel_size: Sizes,
    stride: Sizes | None,
    ceil_mode: bool,
) -> Tensor:
    """Return the p-norms of windows, from the means that mean_of gives."""
    count = math.prod(several(f"lp_pool{axes}d: kernel_size", kernel_size, axes))
    mean = mean_of(_core.pow(x, p), kernel_size, stride, 0, ceil_mode)
    # A relu, so that a negative sum gives 0 and not NaN, and its gradient is 0.
    return _core.pow(_core.mul(_core.relu(mean), float(count)), 1 / p)
