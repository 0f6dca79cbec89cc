"""Windows side by side: unfold cuts images into patches, fold adds patches up to images; pixel shuffles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.adaptive import along
from hello_dl.functional.convolutions import Sizes, batched, several
from hello_dl.functional.padding import pad


def _pixels(who: str, size: int, kernel: int, step: int, gap: int) -> NDArray[np.int64]:
    """Return which pixel of an axis each place of the kernel meets in each window, (kernel, windows)."""
    count = (size - gap * (kernel - 1) - 1) // step + 1
    if count < 1:
        raise Refusal(f"{who}: windows of {kernel} with dilation {gap} do not fit into {size} pixels")
    return np.arange(kernel)[:, None] * gap + np.arange(count) * step


def unfold(
    input: Tensor, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Tensor:
    """Cut images into patches: (n, c, h, w) gives (n, c * kh * kw, patches), a patch a column.

    A product with conv2d's filters as rows is then a convolution ("im2col").
    """
    sizes, gaps = several("unfold: kernel_size", kernel_size, 2), several("unfold: dilation", dilation, 2)
    edges, steps = several("unfold: padding", padding, 2, 0), several("unfold: stride", stride, 2)

    def patches(x: Tensor) -> Tensor:
        x = pad(x, (edges[1], edges[1], edges[0], edges[0]))
        n, c, h, w = x.shape
        rows, columns = (
            _pixels("unfold", size, *how)
            for size, how in zip((h, w), zip(sizes, steps, gaps, strict=True), strict=True)
        )
        x = _core.index_select(_core.index_select(x, 2, _core.from_numpy(rows)), 4, _core.from_numpy(columns))
        shape = (n, c * sizes[0] * sizes[1], rows.shape[1] * columns.shape[1])
        return _core.reshape(_core.permute(x, (0, 1, 2, 4, 3, 5)), shape)

    return batched("unfold", patches, input, 2)


def fold(
    input: Tensor,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Tensor:
    """Add patches up to images of output_size: (n, c * kh * kw, patches) gives (n, c, h, w).

    The reverse of unfold, but pixels that several patches have are their sum. ValueError if the number of
    patches does not fit.
    """
    whole, sizes = several("fold: output_size", output_size, 2), several("fold: kernel_size", kernel_size, 2)
    edges, steps = several("fold: padding", padding, 2, 0), several("fold: stride", stride, 2)
    gaps = several("fold: dilation", dilation, 2)
    meets = [_pixels("fold", whole[i] + 2 * edges[i], sizes[i], steps[i], gaps[i]) - edges[i] for i in (0, 1)]
    counts = [at.shape[1] for at in meets]
    area = sizes[0] * sizes[1]
    single = input.ndim == 2
    x = _core.reshape(input, (1, *input.shape)) if single else input
    if x.ndim != 3 or x.shape[1] % area or x.shape[2] != counts[0] * counts[1]:
        raise Refusal(
            f"fold: needs (n, c * {area}, {counts[0] * counts[1]}) for this size, got {input.shape}"
        )
    n, c = x.shape[0], x.shape[1] // area
    x = _core.reshape(x, (n, c, *sizes, *counts))
    x = _core.reshape(
        _core.permute(x, (0, 1, 2, 4, 3, 5)), (n, c, sizes[0] * counts[0], sizes[1] * counts[1])
    )
    for i in (0, 1):  # each pixel is the sum of those places of patches that meet it
        x = along(x, 2 + i, np.arange(whole[i])[:, None] == meets[i].reshape(1, -1))
    return _core.reshape(x, x.shape[1:]) if single else x


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Turn channels into pixels: (..., c * r * r, h, w) gives (..., c, h * r, w * r) (Shi et al., 2016)."""
    r = upscale_factor
    if input.ndim < 3 or r < 1 or input.shape[-3] % (r * r):
        raise Refusal(f"pixel_shuffle: needs a multiple of {r} * {r} channels, got {input.shape}")
    *lead, c, h, w = input.shape
    k = len(lead)
    x = _core.reshape(input, (*lead, c // (r * r), r, r, h, w))
    x = _core.permute(x, (*range(k + 1), k + 3, k + 1, k + 4, k + 2))
    return _core.reshape(x, (*lead, c // (r * r), h * r, w * r))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Turn pixels into channels: (..., c, h * r, w * r) gives (..., c * r * r, h, w)."""
    r = downscale_factor
    if input.ndim < 3 or r < 1 or input.shape[-2] % r or input.shape[-1] % r:
        raise Refusal(f"pixel_unshuffle: needs images whose sides are multiples of {r}, got {input.shape}")
    *lead, c, h, w = input.shape
    k = len(lead)
    x = _core.reshape(input, (*lead, c, h // r, r, w // r, r))
    x = _core.permute(x, (*range(k + 1), k + 2, k + 4, k + 1, k + 3))
    return _core.reshape(x, (*lead, c * r * r, h // r, w // r))


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """Mix the channels of groups: channel j of group i becomes channel i of group j (Zhang et al., 2018)."""
    if input.ndim < 3 or groups < 1 or input.shape[1] % groups:
        raise Refusal(f"channel_shuffle: needs a multiple of {groups} channels on axis 1, got {input.shape}")
    n, c, *rest = input.shape
    x = _core.reshape(input, (n, groups, c // groups, *rest))
    return _core.reshape(_core.permute(x, (0, 2, 1, *range(3, x.ndim))), input.shape)
