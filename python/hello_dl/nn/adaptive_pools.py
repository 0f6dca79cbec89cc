"""Pooling to a given size, whatever the input's; and MaxUnpool, which puts maxima back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl.functional.convolutions import several
from hello_dl.nn.module import Module

Sizes = int | Sequence[int]


class _AdaptiveAvgPoolNd(Module):
    """What all three share."""

    function: Callable[..., Tensor]

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """Return the mean of each window."""
        return type(self).function(input, self.output_size)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """Keep the means of output_size windows, as equal as can be: (n, c, h, w) becomes (n, c, *output_size).

    One number stands for a square, None for the input's own side. With output_size 1 the mean of each
    channel is left, so that a network takes images of any size (Lin et al., 2013, section 3.2).
    """

    function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """AdaptiveAvgPool2d for lines (n, c, t)."""

    function = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """AdaptiveAvgPool2d for volumes (n, c, d, h, w)."""

    function = staticmethod(F.adaptive_avg_pool3d)


class _AdaptiveMaxPoolNd(Module):
    """What all three share."""

    function: Callable[..., Any]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Tensor) -> Any:
        """Return the maximum of each window, and with return_indices also where it is."""
        return type(self).function(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """Keep the largest numbers of output_size windows, which are those of AdaptiveAvgPool2d."""

    function = staticmethod(F.adaptive_max_pool2d)


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """AdaptiveMaxPool2d for lines (n, c, t)."""

    function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """AdaptiveMaxPool2d for volumes (n, c, d, h, w)."""

    function = staticmethod(F.adaptive_max_pool3d)


class _MaxUnpoolNd(Module):
    """What all three share."""

    axes: int
    function: Callable[..., Tensor]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        who = type(self).__name__
        self.kernel_size = several(f"{who}: kernel_size", kernel_size, self.axes)
        self.stride = several(f"{who}: stride", stride or kernel_size, self.axes)
        self.padding = several(f"{who}: padding", padding, self.axes, least=0)

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Return an image with these numbers at these places, and zeros elsewhere."""
        return type(self).function(
            *(input, indices, self.kernel_size, self.stride, self.padding, output_size)
        )

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool2d(_MaxUnpoolNd):
    """Put the numbers of a MaxPool2d(..., return_indices=True) back to their places, with zeros around."""

    axes = 2
    function = staticmethod(F.max_unpool2d)


class MaxUnpool1d(_MaxUnpoolNd):
    """MaxUnpool2d for lines (n, c, t)."""

    axes = 1
    function = staticmethod(F.max_unpool1d)


class MaxUnpool3d(_MaxUnpoolNd):
    """MaxUnpool2d for volumes (n, c, d, h, w)."""

    axes = 3
    function = staticmethod(F.max_unpool3d)
