"""Transposed convolutions, which make images larger: from a convolution's output back to its input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.convolutions import several
from hello_dl.nn.conv import Sizes, _ConvNd


class _ConvTransposeNd(_ConvNd):
    """What all three share."""

    transposed = True
    function: Callable[..., Tensor]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        who = type(self).__name__
        if padding_mode != "zeros" or isinstance(padding, str):
            raise Refusal(f"{who}: needs a number as padding, and zeros, got {padding!r}, {padding_mode!r}")
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            "zeros",
            device,
            dtype,
        )
        self.output_padding = several(f"{who}: output_padding", output_padding, self.axes, least=0)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Return the larger images. output_size, the sides of the result, stands for output_padding."""
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        return type(self).function(
            *(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)
        )

    def _extra(self, x: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """Return the output_padding that gives this output_size. ValueError if none does."""
        wanted = tuple(output_size)[-self.axes :]
        least = [
            (side - 1) * step - 2 * pad + gap * (kernel - 1) + 1
            for side, step, pad, gap, kernel in zip(
                *(x.shape[-self.axes :], self.stride, self.padding, self.dilation, self.kernel_size),
                strict=True,
            )
        ]
        most = [side + step - 1 for side, step in zip(least, self.stride, strict=True)]
        if len(wanted) != self.axes or not all(
            low <= w <= high for low, w, high in zip(least, wanted, most, strict=True)
        ):
            raise Refusal(f"{type(self).__name__}: needs an output_size from {least} to {most}, got {wanted}")
        return tuple(w - low for w, low in zip(wanted, least, strict=True))


class ConvTranspose2d(_ConvTransposeNd):
    """Put a filter, times the pixel, around each pixel, and add up where they overlap: images become larger.

    x (n, in_channels, h, w), weight (in_channels, out_channels / groups, kh, kw), bias (out_channels); each
    side of y is (side - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1. It is what turns
    the gradient of a Conv2d's result into that of its input (Dumoulin and Visin, 2016, chapter 4).
    """

    axes = 2
    function = staticmethod(F.conv_transpose2d)


class ConvTranspose1d(_ConvTransposeNd):
    """ConvTranspose2d for lines (n, in_channels, t)."""

    axes = 1
    function = staticmethod(F.conv_transpose1d)


class ConvTranspose3d(_ConvTransposeNd):
    """ConvTranspose2d for volumes (n, in_channels, d, h, w)."""

    axes = 3
    function = staticmethod(F.conv_transpose3d)
