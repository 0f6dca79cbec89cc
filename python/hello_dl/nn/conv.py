"""Layers for images (n, c, h, w), or one image (c, h, w): convolution and pooling."""

from __future__ import annotations

from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl.functional.images import Pair, pair
from hello_dl.nn.linear import need_place, need_sizes, start_evenly
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty


class Conv2d(Module):
    """Slide small filters over images: each output is the sum of products of filter and pixels.

    x (n, in_channels, h, w), weight (out_channels, in_channels / groups, kh, kw), bias (out_channels); each
    side of y is (side + 2 padding - dilation (kernel - 1) - 1) // stride + 1. padding="same" keeps h and w.
    Starts uniformly between +-1/sqrt(in_channels / groups kh kw). Chapter 5 of Hello Deep Learning.
    """

    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair | str = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        need_place("Conv2d", device, dtype)
        if padding_mode != "zeros":
            raise ValueError(f"Conv2d: hello_dl pads with 'zeros' alone, got padding_mode {padding_mode!r}")
        need_sizes("Conv2d", in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"Conv2d: needs channels that {groups} groups divide, got {in_channels} and {out_channels}"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = pair("Conv2d: kernel_size", kernel_size)
        self.stride = pair("Conv2d: stride", stride)
        self.dilation = pair("Conv2d: dilation", dilation)
        self.padding = padding if isinstance(padding, str) else pair("Conv2d: padding", padding, least=0)
        if self.padding not in ("same", "valid") and isinstance(padding, str):
            raise ValueError(f"Conv2d: padding needs numbers, 'same' or 'valid', got {padding!r}")
        self.weight = Parameter(empty(out_channels, in_channels // groups, *self.kernel_size))
        self.bias = Parameter(empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        start_evenly(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the filtered images (n, out_channels, h', w')."""
        return F.conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """Return the settings."""
        s = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        s += f", padding={self.padding}" * (self.padding != (0, 0))
        s += f", dilation={self.dilation}" * (self.dilation != (1, 1))
        s += f", groups={self.groups}" * (self.groups != 1)
        return s + ", bias=False" * (self.bias is None)


class MaxPool2d(Module):
    """Keep the largest number of each window: (n, c, h, w) becomes (n, c, h', w').

    A side becomes (side + 2 padding - kernel) // stride + 1; with ceil_mode it is rounded up, so that
    the last pixels have a window too. stride is kernel_size by default; dilation and return_indices are as in
    F.max_pool2d.
    """

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        dilation: Pair = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride or kernel_size, padding
        pair("MaxPool2d: kernel_size", kernel_size)
        pair("MaxPool2d: stride", self.stride)
        pair("MaxPool2d: padding", padding, least=0)
        pair("MaxPool2d: dilation", dilation)
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        """Return the maximum of each window, and with return_indices also where it is."""
        return F.max_pool2d(
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


class AvgPool2d(Module):
    """Keep the mean of each window: (n, c, h, w) becomes (n, c, h', w'), sides as in MaxPool2d."""

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair | None = None,
        padding: Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size, self.stride, self.padding = kernel_size, stride or kernel_size, padding
        pair("AvgPool2d: kernel_size", kernel_size)
        pair("AvgPool2d: stride", self.stride)
        pair("AvgPool2d: padding", padding, least=0)
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        """Return the mean of each window."""
        return F.avg_pool2d(
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
