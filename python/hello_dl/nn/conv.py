"""Convolutions of lines, images and volumes; conv_transpose.py has transposed ones, pools.py pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.convolutions import several
from hello_dl.nn.linear import need_place, need_sizes, start_evenly
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import empty

Sizes = int | Sequence[int]
PADDINGS = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What all convolutions share: settings, and weight and bias that start evenly."""

    axes: int  # over which the filters slide
    transposed = False
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        who = type(self).__name__
        need_place(who, device, dtype)
        if padding_mode not in PADDINGS:
            raise Refusal(f"{who}: padding_mode needs one of {', '.join(PADDINGS)}, got {padding_mode!r}")
        need_sizes(who, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise Refusal(
                f"{who}: needs channels that {groups} groups divide, got {in_channels} and {out_channels}"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = several(f"{who}: kernel_size", kernel_size, self.axes)
        self.stride = several(f"{who}: stride", stride, self.axes)
        self.dilation = several(f"{who}: dilation", dilation, self.axes)
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise Refusal(f"{who}: padding needs numbers, 'same' or 'valid', got {padding!r}")
            if padding == "same" and any(step != 1 for step in self.stride):
                raise Refusal(f"{who}: padding 'same' needs a stride of 1, got {stride}")
            self.padding: Any = padding
        else:
            self.padding = several(f"{who}: padding", padding, self.axes, least=0)
        self.output_padding: tuple[int, ...] = (0,) * self.axes
        self.padding_mode = padding_mode
        ends = (
            (in_channels, out_channels // groups)
            if self.transposed
            else (out_channels, in_channels // groups)
        )
        self.weight = Parameter(empty(*ends, *self.kernel_size))
        self.bias = Parameter(empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        start_evenly(self.weight, self.bias)

    def _padded(self, x: Tensor) -> tuple[Tensor, Any]:
        """Return x and the zeros that are still to be put around it, for any padding_mode."""
        if self.padding_mode == "zeros":
            return x, self.padding
        if isinstance(self.padding, str):
            total = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            pairs = [(t // 2, t - t // 2) if self.padding == "same" else (0, 0) for t in total]
        else:
            pairs = [(p, p) for p in self.padding]
        return F.pad(x, [p for pair in reversed(pairs) for p in pair], self.padding_mode), 0

    def extra_repr(self) -> str:
        """Return the settings."""
        s = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        none, one = (0,) * self.axes, (1,) * self.axes
        s += f", padding={self.padding}" * bool(self.padding != none)
        s += f", dilation={self.dilation}" * (self.dilation != one)
        s += f", output_padding={self.output_padding}" * (self.output_padding != none)
        s += f", groups={self.groups}" * (self.groups != 1)
        s += ", bias=False" * (self.bias is None)
        s += f", padding_mode={self.padding_mode}" * (self.padding_mode != "zeros")
        return s


class Conv2d(_ConvNd):
    """Slide small filters over images: each output is the sum of products of filter and pixels.

    x (n, in_channels, h, w), weight (out_channels, in_channels / groups, kh, kw), bias (out_channels); each
    side of y is (side + 2 padding - dilation (kernel - 1) - 1) // stride + 1. padding="same" keeps h and w.
    padding_mode says what is put around: zeros, or pixels of the image itself, as in F.pad. Starts uniformly
    between +-1/sqrt(in_channels / groups kh kw). Chapter 5 of Hello Deep Learning.
    """

    axes = 2

    def forward(self, input: Tensor) -> Tensor:
        """Return the filtered images (n, out_channels, h', w')."""
        x, padding = (input, self.padding) if self.padding_mode == "zeros" else self._padded(input)
        return F.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(_ConvNd):
    """Conv2d for lines, such as sound: x (n, in_channels, t), weight (out, in_channels / groups, k)."""

    axes = 1

    def forward(self, input: Tensor) -> Tensor:
        """Return the filtered lines (n, out_channels, t')."""
        x, padding = self._padded(input)
        return F.conv1d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv3d(_ConvNd):
    """Conv2d for volumes, such as films: x (n, in_channels, d, h, w)."""

    axes = 3

    def forward(self, input: Tensor) -> Tensor:
        """Return the filtered volumes (n, out_channels, d', h', w')."""
        x, padding = self._padded(input)
        return F.conv3d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
