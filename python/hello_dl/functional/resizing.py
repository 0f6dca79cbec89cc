"""Images of another size, and images seen through a grid: interpolate, grid_sample, affine_grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.adaptive import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, along
from hello_dl.tensors.dtypes import REAL

Array = NDArray[Any]

_AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
_MEANS = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)
_SHARPNESS = -0.75  # of the cubic kernel (Keys 1981, where it is a); more negative is sharper


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Return lines (n, c, t), images (n, c, h, w) or volumes in another size, or scale_factor times as large.

    mode "nearest" repeats pixels; "linear" (lines), "bilinear" (images), "trilinear" (volumes) and "bicubic"
    mix neighbours; "area" takes means; "nearest-exact" is nearest without PyTorch's shift by half a pixel.
    With align_corners the centres of the outer pixels stay where they are, else the image's edges do.
    ValueError for a mode that does not fit, or for antialias, which hello_dl does not have.
    """
    axes = input.ndim - 2
    if not 1 <= axes <= 3 or 0 in input.shape[1:]:
        raise Refusal(f"interpolate: needs 3, 4 or 5 axes (n, c, ...) with numbers, got {input.shape}")
    if mode not in (*_AXES, "nearest", "nearest-exact", "area") or _AXES.get(mode, axes) != axes:
        raise Refusal(f"interpolate: no mode {mode!r} for an input of {input.ndim} axes")
    if align_corners is not None and mode not in _AXES:
        raise Refusal(f"interpolate: mode {mode!r} takes no align_corners")
    if antialias:
        raise Refusal("interpolate: hello_dl has no antialias; mode='area' takes means")
    sizes, ratios = _sizes(input, size, scale_factor, bool(recompute_scale_factor))
    if mode == "area":
        return _MEANS[axes - 1](input, sizes)
    for i, (new, ratio) in enumerate(zip(sizes, ratios, strict=True)):
        old = input.shape[2 + i]
        if mode in _AXES:
            at = _positions(old, new, ratio, bool(align_corners), clip=mode != "bicubic")
            if new != old or (at != np.arange(old)).any():
                input = along(input, 2 + i, _weights(at, old, mode == "bicubic"))
        else:
            shift = 0.5 if mode == "nearest-exact" else 0.0
            places = np.floor((np.arange(new, dtype=np.float32) + np.float32(shift)) * np.float32(ratio))
            chosen = np.minimum(places.astype(np.int64), old - 1)
            if new != old or (chosen != np.arange(old)).any():
                input = _core.index_select(input, 2 + i, _core.from_numpy(chosen))
    return input


def _sizes(x: Tensor, size: Any, scale_factor: Any, recompute: bool) -> tuple[list[int], list[float]]:
    """Return the new size of each axis, and how many old pixels a new one is wide."""
    old = x.shape[2:]
    if (size is None) == (scale_factor is None):
        raise Refusal("interpolate: needs either size or scale_factor")
    given = size if scale_factor is None else scale_factor
    each = list(given) if isinstance(given, tuple | list) else [given] * len(old)
    if len(each) != len(old):
        raise Refusal(f"interpolate: needs one number for each of {len(old)} axes, got {given}")
    new = (
        [int(s) for s in each]
        if scale_factor is None
        else [math.floor(o * s) for o, s in zip(old, each, strict=True)]
    )
    if min(new) < 1:
        raise Refusal(f"interpolate: needs sizes of at least 1, got {new}")
    if scale_factor is None or recompute:
        return new, [o / n for o, n in zip(old, new, strict=True)]
    return new, [1 / s for s in each]


def _positions(old: int, new: int, ratio: float, align_corners: bool, clip: bool) -> Array:
    """Return where along the old axis each new pixel lies, in old pixels."""
    at = np.arange(new)
    if align_corners:
        return at * ((old - 1) / (new - 1) if new > 1 else 0.0)
    places = (at + 0.5) * ratio - 0.5
    return np.maximum(places, 0) if clip else places


def _weights(at: Array, old: int, cubic: bool) -> Array:
    """Return the matrix (new, old) of how much of each old pixel each new one has."""
    first = np.floor(at).astype(np.int64)
    matrix = np.zeros((len(at), old))
    t = at - first
    parts = _cubic(t) if cubic else ((0, 1 - t), (1, t))
    for step, weight in parts:
        np.add.at(matrix, (np.arange(len(at)), np.clip(first + step, 0, old - 1)), weight)
    return matrix


def _cubic(t: Any) -> tuple[tuple[int, Any], ...]:
    """Return the weights of four neighbours for a place t behind the second (Keys 1981, equation 4)."""
    a = _SHARPNESS

    def near(d: Any) -> Any:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Any) -> Any:
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    return (-1, far(t + 1)), (0, near(t)), (1, near(1 - t)), (2, far(2 - t))


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: Any = None,
) -> Tensor:
    """Return images in another size: PyTorch's old name of interpolate."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Return images in another size, by repeating pixels."""
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Return images in another size, mixed of four neighbours; the centres of the corners stay in place."""
    return interpolate(input, size, scale_factor, "bilinear", True)


def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """Return for each pixel of (n, c, h, w) where theta (n, 2, 3) sends it: (n, h, w, 2), x before y.

    Places run from -1 to 1 between the edges of the image, or between its outer pixels' centres with
    align_corners (Jaderberg et al., 2015, equation 1). Volumes have theta (n, 3, 4).
    """
    axes = len(size) - 2
    if axes not in (2, 3) or theta.shape != (size[0], axes, axes + 1):
        raise Refusal(f"affine_grid: needs theta (n, {axes}, {axes + 1}) for size {size}, got {theta.shape}")
    if any(s < 1 for s in size):
        raise Refusal(f"affine_grid: needs sizes of at least 1, got {tuple(size)}")
    lines = []
    for s in size[2:]:
        steps = np.linspace(-1, 1, s) if s > 1 else np.zeros(1)
        lines.append(steps if align_corners else steps * (s - 1) / s)
    meshes = np.meshgrid(*lines, indexing="ij")[::-1]
    base = np.stack([*meshes, np.ones_like(meshes[0])], -1).reshape(-1, axes + 1)
    grid = _core.matmul(
        _core.from_numpy(base.astype(np.dtype(str.__str__(REAL)))), _core.permute(theta, (0, 2, 1))
    )
    return _core.reshape(grid, (size[0], *size[2:], axes))


def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Return what an image shows at the places of a grid.

    input (n, c, h, w) and grid (n, oh, ow, 2) give (n, c, oh, ow). A place is (x, y) from -1 to 1, as
    affine_grid makes them. mode is "bilinear", "nearest" or, for images, "bicubic"; padding_mode says what is
    outside: "zeros", the "border" or a "reflection". Volumes (n, c, d, h, w) have a grid (n, od, oh, ow, 3).
    ValueError if shapes do not fit.
    """
    axes = input.ndim - 2
    if (
        axes not in (2, 3)
        or grid.ndim != input.ndim
        or grid.shape[-1] != axes
        or grid.shape[0] != input.shape[0]
    ):
        raise Refusal(
            f"grid_sample: needs (n, c, h, w) and (n, oh, ow, 2), got {input.shape} and {grid.shape}"
        )
    if mode not in ("bilinear", "nearest", "bicubic") or (mode == "bicubic" and axes == 3):
        raise Refusal(f"grid_sample: no mode {mode!r} for an input of {input.ndim} axes")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise Refusal(f"grid_sample: needs 'zeros', 'border' or 'reflection', got {padding_mode!r}")
    if 0 in input.shape[1:]:
        raise Refusal(f"grid_sample: needs an input with numbers, got {input.shape}")
    n, c, *sizes = input.shape
    flat = _core.reshape(input, (n, c, math.prod(sizes)))
    spots = math.prod(grid.shape[1:-1])
    points = _core.reshape(grid, (n, spots, axes))
    corners = [
        (_core.from_numpy(np.zeros((n, spots), np.int64)), _core.from_numpy(np.ones((n, spots), np.float32)))
    ]
    for i, size in enumerate(sizes):  # y before x, which is the last of a grid's numbers
        place = _core.reshape(_core.slice(points, 2, axes - 1 - i, axes - i), (n, spots))
        near = _neighbours(place, size, mode, padding_mode, bool(align_corners))
        corners = [
            (_core.add(_core.mul(at, size), index), _core.mul(weight, w))
            for at, weight in corners
            for index, w in near
        ]
    y = None
    for at, weight in corners:
        index = _core.expand(_core.reshape(at, (n, 1, spots)), (n, c, spots))
        part = _core.mul(_core.gather(flat, 2, index), _core.reshape(weight, (n, 1, spots)))
        y = part if y is None else _core.add(y, part)
    assert y is not None
    return _core.reshape(y, (n, c, *grid.shape[1:-1]))


def _neighbours(
    place: Tensor, size: int, mode: str, outside: str, align: bool
) -> list[tuple[Tensor, Tensor]]:
    """Return which pixels along one axis a place in -1..1 is mixed of, and their weights."""
    x = (
        _core.mul(_core.add(place, 1.0), (size - 1) / 2)
        if align
        else _core.sub(_core.mul(_core.add(place, 1.0), size / 2), 0.5)
    )
    if mode != "bicubic":  # there each neighbour is brought inside by itself
        x = _inside(x, size, outside, align)
    if mode == "nearest":
        first = _core.round(x.detach())
        parts: tuple[tuple[int, Any], ...] = ((0, _core.mul(_core.sub(x, x.detach()), 0.0) + 1.0),)
    else:
        first = _core.floor(x.detach())
        t = _core.sub(x, first)
        parts = _cubic(t) if mode == "bicubic" else ((0, _core.sub(1.0, t)), (1, t))
    near = []
    for step, weight in parts:
        index = _core.add(first, float(step))
        if mode == "bicubic":
            index = _inside(index, size, outside, align)
        within = _core.mul(_core.ge(index, 0.0), _core.lt(index, float(size)))
        whole = _core.where(within.bool(), index, 0.0).long()
        near.append((whole, _core.where(within.bool(), weight, 0.0)))
    return near


def _inside(x: Tensor, size: int, outside: str, align: bool) -> Tensor:
    """Return places brought back into the image: to its border, or by reflection; unchanged for zeros."""
    if outside == "zeros":
        return x
    if outside == "reflection":
        low, span = (0.0, float(size - 1)) if align else (-0.5, float(size))
        if span == 0:
            return _core.mul(x, 0.0)
        away = _core.abs(_core.sub(x, low))
        turns = _core.floor(_core.mul(away.detach(), 1 / span))
        rest = _core.sub(away, _core.mul(turns, span))
        is_odd = _core.eq(_core.remainder(turns, 2.0), 1.0)
        x = _core.add(_core.where(is_odd, _core.sub(span, rest), rest), low)
    return _core.clamp(x, 0.0, float(size - 1))
