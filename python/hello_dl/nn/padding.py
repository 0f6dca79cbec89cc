"""Padding: numbers around lines, images and volumes. Each layer takes one width, or one for each end.

Widths begin with the last axis: an image's are (left, right, top, bottom).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.module import Module


class _PadNd(Module):
    """What all share: widths, and F.pad's mode. A negative width of zeros or constants cuts off."""

    axes: int
    mode: str

    def __init__(self, padding: int | Sequence[int]) -> None:
        ends = 2 * self.axes
        one = isinstance(padding, int | np.integer)
        self.padding = (int(padding),) * ends if one else tuple(padding)  # type: ignore[arg-type]
        if len(self.padding) != ends:
            raise Refusal(f"{type(self).__name__}: needs one width or {ends}, got {padding!r}")

    def forward(self, input: Tensor) -> Tensor:
        """Return x with its edge."""
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"{self.padding}"


class _ConstantPadNd(_PadNd):
    """Put the number `value` around."""

    mode = "constant"

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """Return x with its edge."""
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """Put one number, `value`, around lines (n, c, t)."""

    axes = 1


class ConstantPad2d(_ConstantPadNd):
    """Put one number, `value`, around images (n, c, h, w)."""

    axes = 2


class ConstantPad3d(_ConstantPadNd):
    """Put one number, `value`, around volumes (n, c, d, h, w)."""

    axes = 3


class ZeroPad1d(_PadNd):
    """Put zeros around lines (n, c, t)."""

    axes = 1
    mode = "constant"


class ZeroPad2d(_PadNd):
    """Put zeros around images (n, c, h, w)."""

    axes = 2
    mode = "constant"


class ZeroPad3d(_PadNd):
    """Put zeros around volumes (n, c, d, h, w)."""

    axes = 3
    mode = "constant"


class ReflectionPad1d(_PadNd):
    """Put the mirror image around lines (n, c, t), without repeating the pixel at the edge."""

    axes = 1
    mode = "reflect"


class ReflectionPad2d(_PadNd):
    """Put the mirror image around images (n, c, h, w), without repeating the pixel at the edge."""

    axes = 2
    mode = "reflect"


class ReflectionPad3d(_PadNd):
    """Put the mirror image around volumes (n, c, d, h, w), without repeating the pixel at the edge."""

    axes = 3
    mode = "reflect"


class ReplicationPad1d(_PadNd):
    """Repeat the outermost numbers around lines (n, c, t)."""

    axes = 1
    mode = "replicate"


class ReplicationPad2d(_PadNd):
    """Repeat the outermost numbers around images (n, c, h, w)."""

    axes = 2
    mode = "replicate"


class ReplicationPad3d(_PadNd):
    """Repeat the outermost numbers around volumes (n, c, d, h, w)."""

    axes = 3
    mode = "replicate"


class CircularPad1d(_PadNd):
    """Continue lines (n, c, t) from the other end, as if they went in a circle."""

    axes = 1
    mode = "circular"


class CircularPad2d(_PadNd):
    """Continue images (n, c, h, w) from the other end, as if they went in a circle."""

    axes = 2
    mode = "circular"


class CircularPad3d(_PadNd):
    """Continue volumes (n, c, d, h, w) from the other end, as if they went in a circle."""

    axes = 3
    mode = "circular"
