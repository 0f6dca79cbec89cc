"""Pooling: of each window of lines, images or volumes one number stays; adaptive_pools.py has more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl.functional.convolutions import several
from hello_dl.nn.module import Module

Sizes = int | Sequence[int]


def _check(layer: Module, axes: int, **sizes: Any) -> None:
    """Raise ValueError unless each size is a whole number, or one for each axis; padding may be 0."""
    for name, size in sizes.items():
        several(f"{type(layer).__name__}: {name}", size, axes, least=0 if name == "padding" else 1)


class _MaxPoolNd(Module):
    """What MaxPool1d to 3d share."""

    axes: int
    function: Callable[..., Any]

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride or kernel_size, padding
        _check(
            self, self.axes, kernel_size=kernel_size, stride=self.stride, padding=padding, dilation=dilation
        )
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Return the maximum of each window, and with return_indices also where it is."""
        return type(self).function(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding},"
            f" dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool2d(_MaxPoolNd):
    """Keep the largest number of each window: (n, c, h, w) becomes (n, c, h', w').

    A side becomes (side + 2 padding - kernel) // stride + 1; with ceil_mode it is rounded up, so that
    the last pixels have a window too. stride is kernel_size by default; dilation and return_indices are as in
    F.max_pool2d.
    """

    axes = 2
    function = staticmethod(F.max_pool2d)


class MaxPool1d(_MaxPoolNd):
    """MaxPool2d for lines (n, c, t)."""

    axes = 1
    function = staticmethod(F.max_pool1d)


class MaxPool3d(_MaxPoolNd):
    """MaxPool2d for volumes (n, c, d, h, w)."""

    axes = 3
    function = staticmethod(F.max_pool3d)


class AvgPool2d(Module):
    """Keep the mean of each window: (n, c, h, w) becomes (n, c, h', w'), sides as in MaxPool2d."""

    axes = 2
    function: Callable[..., Tensor] = staticmethod(F.avg_pool2d)

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride or kernel_size, padding
        _check(self, self.axes, kernel_size=kernel_size, stride=self.stride, padding=padding)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """Return the mean of each window."""
        return type(self).function(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """AvgPool2d for volumes (n, c, d, h, w)."""

    axes = 3
    function = staticmethod(F.avg_pool3d)


class AvgPool1d(Module):
    """AvgPool2d for lines (n, c, t)."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size = several("AvgPool1d: kernel_size", kernel_size, 1)
        self.stride = several("AvgPool1d: stride", stride or kernel_size, 1)
        self.padding = several("AvgPool1d: padding", padding, 1, least=0)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """Return the mean of each window."""
        return F.avg_pool1d(
            *(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _LPPoolNd(Module):
    """What LPPool1d to 3d share."""

    axes: int
    function: Callable[..., Tensor]

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        _check(self, self.axes, kernel_size=kernel_size, stride=stride or kernel_size)
        self.norm_type, self.kernel_size = norm_type, kernel_size
        self.stride, self.ceil_mode = stride, ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        """Return the norm of each window."""
        return type(self).function(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride},"
            f" ceil_mode={self.ceil_mode}"
        )


class LPPool2d(_LPPoolNd):
    """Keep the p-norm of each window, p = norm_type: 1 gives sums, a large p nearly the maximum."""

    axes = 2
    function = staticmethod(F.lp_pool2d)


class LPPool1d(_LPPoolNd):
    """LPPool2d for lines (n, c, t)."""

    axes = 1
    function = staticmethod(F.lp_pool1d)


class LPPool3d(_LPPoolNd):
    """LPPool2d for volumes (n, c, d, h, w)."""

    axes = 3
    function = staticmethod(F.lp_pool3d)
