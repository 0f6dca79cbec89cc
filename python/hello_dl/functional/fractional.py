"""Fractional max pooling: windows at random places, so that a side shrinks by any factor (Graham, 2014)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.convolutions import Sizes, several
from hello_dl.tensors.draws import rand

Ratio = float | Sequence[float] | None


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: Ratio = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """Return the largest number of each window: (n, c, h, w) gives (n, c, *output_size).

    Give output_size, or output_ratio, the share of each side that stays, between 0 and 1. For a random u,
    window i of o along an axis of k pixels begins at floor((i + u) a) - floor(u a), where
    a = (k - kernel) / (o - 1), and the last one ends where the image ends. _random_samples (n, c, 2) are the
    u of each image, the last axis first. With return_indices also the place y * w + x of each number.
    ValueError if the windows do not fit.
    """
    return _pooled(2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    output_size: Sizes | None = None,
    output_ratio: Ratio = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """Do the same to volumes (n, c, d, h, w); _random_samples are (n, c, 3), the first axis first."""
    return _pooled(3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def _pooled(
    axes: int, input: Tensor, kernel_size: Sizes, size: Any, ratio: Any, indices: bool, samples: Tensor | None
) -> Any:
    """Return the largest number of windows at random places, of images or of volumes."""
    who = f"fractional_max_pool{axes}d"
    if input.ndim not in (axes + 1, axes + 2):
        raise Refusal(f"{who}: needs {axes + 2} axes, or {axes + 1} for one sample, got {input.shape}")
    if (size is None) == (ratio is None):
        raise Refusal(f"{who}: needs either output_size or output_ratio")
    sides = input.shape[-axes:]
    kernels = several(f"{who}: kernel_size", kernel_size, axes)
    if size is None:
        shares = tuple(ratio) if isinstance(ratio, tuple | list) else (ratio,) * axes
        if len(shares) != axes or not all(0 < share < 1 for share in shares):
            raise Refusal(f"{who}: needs an output_ratio between 0 and 1, got {ratio}")
        size = tuple(int(side * share) for side, share in zip(sides, shares, strict=True))
    wanted = several(f"{who}: output_size", size, axes)
    if any(o + k - 1 > side for o, k, side in zip(wanted, kernels, sides, strict=True)):
        raise Refusal(f"{who}: {wanted} windows of {kernels} do not fit into {sides}")
    lead = input.shape[:-axes]  # (n, c) or (c,)
    planes = math.prod(lead)
    full_lead = lead if len(lead) == 2 else (1, *lead)
    u = (rand(*full_lead, axes) if samples is None else samples).numpy().astype(np.float32)
    if u.shape != (*full_lead, axes):
        raise Refusal(f"{who}: needs _random_samples {(*full_lead, axes)}, got {u.shape}")
    u = u.reshape(planes, axes)[:, :: -1 if axes == 2 else 1]
    places: NDArray[Any] = np.zeros((planes, *[1] * 2 * axes), np.int64)
    for i in range(axes):  # (planes, o1, o2, ..., k1, k2, ...), the place in a plane of each window's pixels
        at = _begins(u[:, i], sides[i], wanted[i], kernels[i])[:, :, None] + np.arange(kernels[i])
        shape = [planes, *[1] * 2 * axes]
        shape[1 + i], shape[1 + axes + i] = wanted[i], kernels[i]
        places = places * sides[i] + at.reshape(shape)
    places = places.reshape(planes, math.prod(wanted), math.prod(kernels))
    flat = _core.reshape(input, (planes, math.prod(sides)))
    all_places = _core.from_numpy(places.reshape(planes, math.prod(places.shape[1:])))
    windows = _core.reshape(_core.gather(flat, 1, all_places), places.shape)
    winners = _core.argmax(windows, 2, True)
    y = _core.reshape(_core.gather(windows, 2, winners), (*lead, *wanted))
    if not indices:
        return y
    return y, _core.from_numpy(np.take_along_axis(places, winners.numpy(), 2).reshape(y.shape))


def _begins(u: NDArray[Any], side: int, count: int, kernel: int) -> NDArray[Any]:
    """Return where each window begins: (planes, count), for the random numbers u (planes,)."""
    last = np.full((len(u), 1), side - kernel)
    if count == 1:
        return last
    a = np.float32(side - kernel) / np.float32(count - 1)
    i = np.arange(count - 1, dtype=np.float32)
    begins = ((i + u[:, None]) * a).astype(np.int64) - (u[:, None] * a).astype(np.int64)
    return np.concatenate([begins, last], 1)
