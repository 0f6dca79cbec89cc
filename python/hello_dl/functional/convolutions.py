"""Convolution along one axis and three, and transposed convolution: all of them by conv2d of images.py.

A line (n, c, t) is an image of height 1. A volume (n, c, d, h, w) is images whose channels are those of
several neighbouring layers. A transposed convolution is a convolution of a stretched image: between its
pixels are stride - 1 zeros, and the filter is turned round (Dumoulin and Visin, 2016, chapter 4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.images import conv2d
from hello_dl.functional.padding import pad

Sizes = int | Sequence[int]


def several(name: str, value: Any, count: int, least: int = 1) -> tuple[int, ...]:
    """Return `count` whole numbers from one or from so many. ValueError for a number below `least`."""
    given = tuple(value) if isinstance(value, tuple | list) else (value,)
    sizes = given * count if len(given) == 1 else given
    whole = all(isinstance(v, int | np.integer) and not isinstance(v, bool) and v >= least for v in sizes)
    if len(sizes) != count or not whole:
        raise Refusal(f"{name}: needs a whole number of at least {least}, or {count} of them, got {value!r}")
    return tuple(int(v) for v in sizes)


def batched(who: str, op: Callable[[Tensor], Tensor], x: Tensor, axes: int) -> Tensor:
    """Return op(x) for several samples (n, c, ...), or for one (c, ...) without the first axis."""
    if x.ndim == axes + 2:
        return op(x)
    if x.ndim != axes + 1:
        raise Refusal(f"{who}: needs {axes + 2} axes, or {axes + 1} for one sample, got {x.shape}")
    y = op(_core.reshape(x, (1, *x.shape)))
    return _core.reshape(y, y.shape[1:])


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over lines: input (n, c, t) gives (n, out, ot); weight (out, c / groups, k), bias (out,).

    The options are those of conv2d.
    """
    if weight.ndim != 3:
        raise Refusal(f"conv1d: needs a weight (out, c / groups, k), got {weight.shape}")
    step, gap = several("conv1d: stride", stride, 1)[0], several("conv1d: dilation", dilation, 1)[0]
    edge: Any = padding if isinstance(padding, str) else (0, *several("conv1d: padding", padding, 1, 0))

    def lines(x: Tensor) -> Tensor:
        image = _core.reshape(x, (*x.shape[:2], 1, x.shape[2]))
        filters = _core.reshape(weight, (*weight.shape[:2], 1, weight.shape[2]))
        y = conv2d(image, filters, bias, (1, step), edge, (1, gap), groups)
        return _core.reshape(y, (*y.shape[:2], y.shape[3]))

    return batched("conv1d", lines, input, 1)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide filters over volumes: input (n, c, d, h, w) gives (n, out, od, oh, ow).

    weight is (out, c / groups, kd, kh, kw), bias (out,); the options are those of conv2d.
    """
    if weight.ndim != 5:
        raise Refusal(f"conv3d: needs a weight (out, c / groups, kd, kh, kw), got {weight.shape}")
    steps, gaps = several("conv3d: stride", stride, 3), several("conv3d: dilation", dilation, 3)
    depth = weight.shape[2]
    edge: Any = padding
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise Refusal(f"conv3d: needs a number, 'same' or 'valid' as padding, got {padding!r}")
        if padding == "same" and steps != (1, 1, 1):
            raise Refusal(f"conv3d: padding 'same' needs a stride of 1, got {stride}")
        total = gaps[0] * (depth - 1) if padding == "same" else 0
        before, after = total // 2, total - total // 2
    else:
        before, *edge = several("conv3d: padding", padding, 3, 0)
        after = before

    def volumes(x: Tensor) -> Tensor:
        x = pad(x, (0, 0, 0, 0, before, after))
        n, c, d, h, w = x.shape
        count = (d - gaps[0] * (depth - 1) - 1) // steps[0] + 1
        if count < 1:
            raise Refusal(f"conv3d: a filter of depth {depth} does not fit into {input.shape}")
        layers = np.arange(count)[:, None] * steps[0] + np.arange(depth) * gaps[0]
        x = _core.index_select(_core.permute(x, (0, 2, 1, 3, 4)), 1, _core.from_numpy(layers))
        x = _core.reshape(_core.permute(x, (0, 1, 3, 2, 4, 5)), (n * count, c * depth, h, w))
        filters = _core.reshape(weight, (weight.shape[0], -1, *weight.shape[3:]))
        y = conv2d(x, filters, bias, steps[1:], edge, gaps[1:], groups)
        return _core.permute(_core.reshape(y, (n, count, *y.shape[1:])), (0, 2, 1, 3, 4))

    return batched("conv3d", volumes, input, 3)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Undo conv1d's change of shape: input (n, c, t) gives (n, out, ot), as in conv_transpose2d."""
    return _transposed(conv1d, 1, input, weight, bias, (stride, padding, output_padding, dilation), groups)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Undo conv2d's change of shape: each pixel of (n, c, h, w) writes a whole filter into (n, out, oh, ow).

    weight (c, out / groups, kh, kw), bias (out,); oh = (h - 1) stride - 2 padding + dilation (kh - 1) +
    output_padding + 1. It is the gradient of a conv2d with the same weight. ValueError if shapes do not fit,
    or output_padding is not below stride or dilation.
    """
    return _transposed(conv2d, 2, input, weight, bias, (stride, padding, output_padding, dilation), groups)


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Undo conv3d's change of shape: input (n, c, d, h, w) gives (n, out, od, oh, ow)."""
    return _transposed(conv3d, 3, input, weight, bias, (stride, padding, output_padding, dilation), groups)


def _transposed(
    conv: Callable[..., Tensor],
    axes: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    how: tuple[Sizes, Sizes, Sizes, Sizes],
    groups: int,
) -> Tensor:
    """Return a transposed convolution along `axes` axes, by the plain one."""
    who = f"conv_transpose{axes}d"
    steps, edges, more, gaps = (
        several(f"{who}: {name}", value, axes, least)
        for name, value, least in zip(
            ("stride", "padding", "output_padding", "dilation"), how, (1, 0, 0, 1), strict=True
        )
    )
    if any(m >= max(s, d) for m, s, d in zip(more, steps, gaps, strict=True)):
        raise Refusal(f"{who}: needs output_padding below stride or dilation, got {how[2]}")
    if weight.ndim != axes + 2:
        raise Refusal(f"{who}: needs a weight of {axes + 2} axes (c, out / groups, ...), got {weight.shape}")
    channels = input.shape[-axes - 1] if input.ndim > axes else 0
    if weight.shape[0] != channels or groups < 1 or channels % groups:
        raise Refusal(f"{who}: needs a weight for {channels} channels in {groups} groups, got {weight.shape}")
    kernel = weight.shape[2:]
    filters = _turned(weight, groups)
    reach = [d * (k - 1) for d, k in zip(gaps, kernel, strict=True)]

    def stretched(x: Tensor) -> Tensor:
        for i, step in enumerate(steps):
            x = _with_zeros_between(x, 2 + i, step)
        around = [(r - e, r - e + m) for r, e, m in zip(reach, edges, more, strict=True)]
        x = pad(x, [size for both in reversed(around) for size in both])
        return conv(x, filters, bias, 1, 0, gaps, groups)

    if axes == 2 and max(steps) > 1 and gaps == (1, 1):
        sizes = list(zip(edges, more, strict=True))
        return batched(who, lambda x: _by_phases(x, weight, bias, steps, sizes, groups), input, axes)
    return batched(who, stretched, input, axes)


def _by_phases(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    steps: tuple[int, ...],
    edges: list[tuple[int, int]],
    groups: int,
) -> Tensor:
    """Return a transposed convolution without a product by the zeros of a stretched image.

    With steps of 2, every second row of the result meets every second row of the filter, and no other. So
    one convolution of x has all these parts of the filter as channels; then channels become pixels.
    """
    n, _, h, w = x.shape
    filters = _turned(weight, groups)
    (sh, sw), (kh, kw) = steps, filters.shape[2:]
    jh, jw = -(-kh // sh), -(-kw // sw)
    filters = pad(filters, (jw * sw - kw, 0, jh * sh - kh, 0))  # turned round: what is added comes first
    o, c = filters.shape[:2]
    parts = _core.permute(_core.reshape(filters, (o, c, jh, sh, jw, sw)), (0, 3, 5, 1, 2, 4))
    y = conv2d(x, _core.reshape(parts, (o * sh * sw, c, jh, jw)), None, 1, (jh - 1, jw - 1), 1, groups)
    high, wide = y.shape[2:]
    y = _core.permute(_core.reshape(y, (n, o, sh, sw, high, wide)), (0, 1, 4, 2, 5, 3))
    for axis, step in ((3, sh), (5, sw)):  # turned round, the parts come in reverse order
        y = _core.index_select(y, axis, _core.from_numpy(np.arange(step)[::-1].copy()))
    y = _core.reshape(y, (n, o, high * sh, wide * sw))
    cut = []
    for size, step, k, total, (edge, more) in zip((h, w), steps, (kh, kw), y.shape[2:], edges, strict=True):
        cut.append((-edge, (size - 1) * step + k - edge + more - total))
    y = pad(y, (*cut[1], *cut[0]))
    return y if bias is None else _core.add(y, _core.reshape(bias, (o, 1, 1)))


def _turned(weight: Tensor, groups: int) -> Tensor:
    """Return filters (c, out / groups, ...) as (out, c / groups, ...), turned round along the other axes."""
    c, out, *kernel = weight.shape
    parts = _core.reshape(weight, (groups, c // groups, out, *kernel))
    parts = _core.permute(parts, (0, 2, 1, *range(3, 3 + len(kernel))))
    parts = _core.reshape(parts, (groups * out, c // groups, *kernel))
    for i, size in enumerate(kernel):
        if size > 1:
            parts = _core.index_select(parts, 2 + i, _core.from_numpy(np.arange(size)[::-1].copy()))
    return parts


def _with_zeros_between(x: Tensor, axis: int, step: int) -> Tensor:
    """Return x with step - 1 zeros between neighbours along one axis."""
    size = x.shape[axis]
    if step == 1 or size < 2:
        return x
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    zeros = _core.from_numpy(np.zeros((*before, size, step - 1, *after), np.float32))
    parts = _core.cat([_core.reshape(x, (*before, size, 1, *after)), zeros], axis + 1)
    joined = _core.reshape(parts, (*before, size * step, *after))
    return _core.slice(joined, axis, 0, (size - 1) * step + 1)
