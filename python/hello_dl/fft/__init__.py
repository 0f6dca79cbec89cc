"""Fourier transforms, named as torch.fft. There are no complex numbers: their two parts are a last axis of 2.

So rfft of (..., n) gives (..., n // 2 + 1, 2), PyTorch's view_as_real(torch.fft.rfft(x)), and irfft takes
that form. Computed by numpy, with gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.instead import lacks
from hello_dl.tensors.outside import linear
from hello_dl.tensors.rearranging import roll
from hello_dl.tensors.shapes import axis_of, length_along, sizes_of

__all__ = ["fft", "fftfreq", "fftshift", "ifft", "ifftshift", "irfft", "rfft", "rfftfreq"]

Array = NDArray[Any]
_NORMS = (None, "backward", "forward", "ortho")


def _as_pairs(z: Array) -> Array:
    """Return complex numbers as a last axis of two real ones."""
    return np.stack([z.real, z.imag], -1)


def _check(who: str, norm: Any, length: int) -> None:
    if norm not in _NORMS:
        raise Refusal(f"{who}: norm needs 'backward', 'forward' or 'ortho', got {norm!r}")
    if length < 1:
        raise Refusal(f"{who}: needs at least one number along the axis, got {length}")


def _fitted(x: Array, axis: int, n: int) -> Array:
    """Return n places along an axis: the first ones, or with zeros behind."""
    kept = np.take(x, np.arange(min(n, x.shape[axis])), axis)
    missing = [(0, n - kept.shape[axis] if d == axis else 0) for d in range(x.ndim)]
    return np.pad(kept, missing)


def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return the frequencies 0 ... n // 2 of real numbers along an axis, as pairs (real, imaginary).

    n cuts off or adds zeros first. norm "ortho" divides by sqrt(n), "forward" by n.
    """
    axis, length = length_along(input, dim, "rfft")
    size = length if n is None else int(n)
    _check("rfft", norm, size)

    def function(x: Array) -> Array:
        return _as_pairs(np.fft.rfft(x, size, axis, norm))  # type: ignore[arg-type]

    def back(g: Array) -> Array:  # of a sum over frequencies the adjoint: a sum over the same, not mirrored
        whole = _fitted(g[..., 0] + 1j * g[..., 1], axis, size)
        scale = {"ortho": size**-0.5, "forward": 1 / size}.get(norm or "", 1.0)
        return _fitted(np.fft.ifft(whole, size, axis).real * size * scale, axis, length)

    return linear("rfft", input, function, back)


def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return the real numbers whose rfft is given as pairs (..., frequencies, 2).

    dim counts axes without that of the pairs. n is how many numbers there were, by default
    2 (frequencies - 1).
    """
    if input.ndim < 2 or input.shape[-1] != 2:
        raise Refusal(f"irfft: needs pairs (..., frequencies, 2), as rfft gives them, got {input.shape}")
    axis = axis_of(dim, input.ndim - 1, "irfft")
    length = input.shape[axis]
    size = 2 * (length - 1) if n is None else int(n)
    _check("irfft", norm, size)

    def function(pairs: Array) -> Array:
        return np.fft.irfft(pairs[..., 0] + 1j * pairs[..., 1], size, axis, norm)  # type: ignore[arg-type]

    def adjoint(g: Array) -> Array:
        scale = {"ortho": size**-0.5, "forward": 1.0}.get(norm or "", 1 / size)
        back = _as_pairs(np.fft.rfft(g, size, axis)) * scale
        count = back.shape[axis]
        twice = np.full(count, 2.0)  # but the first, and the middle one, stand for two frequencies
        twice[0] = 1
        if size % 2 == 0:
            twice[-1] = 1
        back *= twice.reshape([count if d == axis else 1 for d in range(back.ndim)])
        return _fitted(back, axis, length)

    return linear("irfft", input, function, adjoint)


def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return all frequencies of pairs (..., n, 2), or of real numbers (..., n) as pairs (..., n, 2).

    A last axis of 2 is taken for pairs; real numbers with such an axis need rfft.
    """
    return _whole("fft", input, n, dim, norm)


def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return the pairs (..., n, 2) whose fft is given."""
    return _whole("ifft", input, n, dim, norm)


def _whole(who: str, x: Tensor, n: int | None, dim: int, norm: str | None) -> Tensor:
    """Return fft or ifft of pairs."""
    if x.ndim == 0 or x.shape[-1] != 2:
        x = _core.cat(
            [_core.reshape(x, (*x.shape, 1)), _core.from_numpy(np.zeros((*x.shape, 1), np.float32))], x.ndim
        )
    if x.ndim < 2:
        raise Refusal(f"{who}: needs pairs (..., n, 2), got {x.shape}")
    axis = axis_of(dim, x.ndim - 1, who)
    length = x.shape[axis]
    size = length if n is None else int(n)
    _check(who, norm, size)
    forward = np.fft.fft if who == "fft" else np.fft.ifft
    mirrored = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}[norm]
    back = np.fft.ifft if who == "fft" else np.fft.fft

    def function(pairs: Array) -> Array:
        return _as_pairs(forward(pairs[..., 0] + 1j * pairs[..., 1], size, axis, norm))  # type: ignore[arg-type]

    def adjoint(g: Array) -> Array:
        z = back(g[..., 0] + 1j * g[..., 1], size, axis, mirrored)  # type: ignore[arg-type]
        return _fitted(_as_pairs(z), axis, length)

    return linear(who, x, function, adjoint)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """Move frequency 0 into the middle of each axis, or of the axes `dim`."""
    axes = range(input.ndim) if dim is None else sizes_of((dim,), "fftshift", "axes")
    return roll(input, [input.shape[d] // 2 for d in axes], list(axes))


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """Undo fftshift."""
    axes = range(input.ndim) if dim is None else sizes_of((dim,), "ifftshift", "axes")
    return roll(input, [-(input.shape[d] // 2) for d in axes], list(axes))


def fftfreq(n: int, d: float = 1.0, **_: Any) -> Tensor:
    """Return the frequencies of fft's results, for n numbers at distances d: 0, 1, ..., -2, -1 over n d."""
    return _core.from_numpy(np.fft.fftfreq(n, d))


def rfftfreq(n: int, d: float = 1.0, **_: Any) -> Tensor:
    """Return the frequencies of rfft's results, for n numbers at distances d."""
    return _core.from_numpy(np.fft.rfftfreq(n, d))


def __getattr__(name: str) -> Any:
    """Name what is missing."""
    raise AttributeError(f"hello_dl.fft has no '{name}': {lacks(f'torch.fft.{name}')}")
