"""Rules of products and of what slides over images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.autograd.rules.rule import Table


def _turned(x: Tensor) -> Tensor:
    """Return the transposes of a stack of matrices (..., m, n)."""
    return _core.permute(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _lines(x: Tensor) -> Tensor:
    """Return all lines along the last axis as the rows of one matrix."""
    size = x.shape[-1]
    return _core.reshape(x, (math.prod(x.shape[:-1]), size))


def _of_right(G: Tensor, y: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return A' G; where A has further axes of rows and B has not, over all rows at once."""
    return _turned(_lines(a)) @ _lines(G) if b.ndim == 2 else _turned(a) @ G


# ---- convolution: y[i] = sum over k of x[i stride + k dilation - padding] w[k], along both axes ------------


def _two(numbers: list[int]) -> tuple[int, int]:
    """Return one number for each axis, of one or two."""
    return numbers[0], numbers[-1]


def _slide(how: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return stride, padding and dilation, which say how the filters slide; a number for each axis."""
    return _two(how["stride"]), _two(how["padding"]), _two(how["dilation"])


def _of_images(G: Tensor, y: Tensor, x: Tensor, w: Tensor, *_: Tensor, groups: int, **how: Any) -> Tensor:
    """Return a transposed convolution: G, its pixels a stride apart, meets the filters turned round."""
    out, c, *kernel = w.shape
    stride, padding, dilation = _slide(how)
    for axis, step, edge, gap, k in zip((2, 3), stride, padding, dilation, kernel, strict=True):
        reach, size = gap * (k - 1), x.shape[axis]
        places = np.arange(G.shape[axis]) * step + reach - edge
        seen = np.flatnonzero((places >= 0) & (places < size + reach))  # others lie on padding alone
        if len(seen) < len(places):
            G = _core.index_select(G, axis, _core.from_numpy(seen))
        G = _core.index_sum(G, axis, _core.from_numpy(places[seen]), size + reach)
    w = _core.permute(_core.reshape(w, (groups, out // groups, c, *kernel)), (0, 2, 1, 3, 4))
    w = _core.reshape(w, (groups * c, out // groups, *kernel))
    for axis, k in zip((2, 3), kernel, strict=True):
        w = _core.index_select(w, axis, _core.from_numpy(np.arange(k)[::-1].copy()))
    return _core.conv2d(G, w, None, 1, 0, dilation, groups)


def _of_filters(G: Tensor, y: Tensor, x: Tensor, w: Tensor, *_: Tensor, groups: int, **how: Any) -> Tensor:
    """Return a convolution of x with G: samples are its channels, stride and dilation change places."""
    (n, _channels, h, wide), (_out, c, *kernel) = x.shape, w.shape
    stride, padding, dilation = _slide(how)
    x = _core.reshape(
        _core.permute(_core.reshape(x, (n, groups, c, h, wide)), (2, 1, 0, 3, 4)), (c, -1, h, wide)
    )
    G = _core.permute(G, (1, 0, 2, 3))
    dw = _core.permute(_core.conv2d(x, G, None, dilation, padding, stride, groups), (1, 0, 2, 3))
    return _core.slice(_core.slice(dw, 2, 0, kernel[0]), 3, 0, kernel[1])  # windows beyond the filter


# ---- pooling -----------------------------------------------------------------------------------------------


class Windows:
    """The windows of a pooling along one axis of an image, as in cpp/ops/windows.hh."""

    def __init__(self, size: int, pixels: int, kernel: int, step: int, edge: int) -> None:
        """`size` windows over so many pixels; the first begins `edge` pixels before the image."""
        self.first = np.arange(size) * step - edge
        at = self.first[:, None] + np.arange(kernel)  # (windows, kernel)
        self.at, self.inside = np.clip(at, 0, pixels - 1), (at >= 0) & (at < pixels)
        self.padded = np.minimum(kernel, pixels + edge - self.first)  # how many pixels and padding
        self.meets = (self.inside[:, :, None] & (at[:, :, None] == np.arange(pixels))).any(1)


def _windows(x: Tensor, y: Tensor, how: dict[str, Any]) -> list[Windows]:
    """Return the windows along the height and along the width: kernel_size, stride and padding say which."""
    size = how["kernel_size"]
    sizes = _two(size), _two(how["stride"] or size), _two(how["padding"])
    return [Windows(y.shape[2 + i], x.shape[2 + i], *(both[i] for both in sizes)) for i in (0, 1)]


def _of_means(G: Tensor, y: Tensor, x: Tensor, count_include_pad: bool, **how: Any) -> Tensor:
    """Return for each pixel the shares of its windows: matrices say which windows these are."""
    h, w = _windows(x, y, how)
    along = [v.padded if count_include_pad else v.inside.sum(1) for v in (h, w)]
    shares = _real(1 / np.outer(*along))
    return _real(h.meets.T) @ (G * shares) @ _real(w.meets)


def _of_winners(G: Tensor, y: Tensor, x: Tensor, **how: Any) -> Tensor:
    """Return G at each window's largest pixel, found once more by argmax."""
    h, w = _windows(x, y, how)
    n, c, high, wide = x.shape
    pixels = (h.at[:, None, :, None] * wide + w.at[None, :, None, :]).reshape(y.shape[2] * y.shape[3], -1)
    inside = (h.inside[:, None, :, None] & w.inside[None, :, None, :]).reshape(pixels.shape)
    numbers = _core.index_select(_core.reshape(x, (n, c, high * wide)), 2, _core.from_numpy(pixels))
    best = _core.argmax(_core.where(_core.from_numpy(inside), numbers, -math.inf), -1)
    first = _core.from_numpy(np.arange(len(pixels)) * pixels.shape[1])
    winners = _core.index_select(_core.from_numpy(pixels.reshape(-1)), 0, best + first)
    image = _core.scatter_sum(_core.reshape(G, winners.shape), 2, winners, high * wide)
    return _core.reshape(image, x.shape)


def _real(numbers: object) -> Tensor:
    return _core.from_numpy(np.asarray(numbers, np.float64))


PRODUCTS: Table = {
    "matmul": (lambda G, y, a, b: G @ _turned(b), _of_right),
    "linear": (
        lambda G, y, x, w, b=None, **_: G @ w,
        lambda G, y, x, w, b=None, **_: _turned(_lines(G)) @ _lines(x),
        lambda G, y, x, w, b, **_: _core.sum(_lines(G), 0),
    ),
    "conv2d": (_of_images, _of_filters, lambda G, y, x, w, b, **_: _core.sum(G, (0, 2, 3))),
    "avg_pool2d": (_of_means,),
    "max_pool2d": (_of_winners,),
}
