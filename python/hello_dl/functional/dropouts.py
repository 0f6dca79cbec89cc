"""Dropout of whole channels, and dropout that keeps mean and variance; plain dropout is in activations.py."""

from __future__ import annotations

import math

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.smooth_activations import SELU_ALPHA, SELU_SCALE
from hello_dl.tensors.creation import ones
from hello_dl.tensors.in_place import change
from hello_dl.tensors.random import next_key


def _check(p: float, who: str) -> None:
    """Raise ValueError for a p that is no probability."""
    if not 0 <= p <= 1:
        raise Refusal(f"{who}: needs a probability from 0 to 1, got {p}")


def _mask(shape: tuple[int, ...], p: float) -> Tensor:
    """Return numbers that are 0 with probability p, else 1 / (1 - p)."""
    return _core.dropout(ones(*shape), p, next_key(None))


def _channels(x: Tensor, axes: int, who: str) -> tuple[int, ...]:
    """Return the shape (n, c, 1, ...) of one number a channel; (c, 1, ...) for an x with `axes` axes."""
    if x.ndim < 2:
        raise Refusal(f"{who}: needs x with channels, (n, c, ...), got {x.shape}")
    kept = 1 if x.ndim == axes else 2
    return (*x.shape[:kept], *(1,) * (x.ndim - kept))


def _of_channels(x: Tensor, p: float, training: bool, inplace: bool, single: int, who: str) -> Tensor:
    """Return x with some channels set to 0 and the others divided by 1 - p."""
    _check(p, who)
    if not training or p == 0 or 0 in x.shape:
        return x
    y = _core.mul(x, _mask(_channels(x, single, who), p))
    return change(x, y, who) if inplace else y


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Set each channel of (n, c, t) or (c, t) to 0 with probability p, and divide the others by 1 - p.

    Neighbours in time are alike, so that a single missing number could be guessed from them (Tompson et al.,
    2014). Outside training, x is returned; inplace changes `input` itself. ValueError for another shape.
    """
    if input.ndim not in (2, 3):
        raise Refusal(f"dropout1d: needs x (n, c, t) or (c, t), got {input.shape}")
    return _of_channels(input, p, training, inplace, 2, "dropout1d")


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Do the same to images (n, c, h, w). Three axes are read as (n, c, t), as in PyTorch."""
    return _of_channels(input, p, training, inplace, 0, "dropout2d")


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Do the same to volumes (n, c, d, h, w) or (c, d, h, w)."""
    return _of_channels(input, p, training, inplace, 4, "dropout3d")


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Set each number to selu's lowest value with probability p, then scale and shift all.

    Mean 0 and variance 1 stay so, which selu needs (Klambauer et al., 2017, section "new dropout").
    """
    return _alpha(input, p, training, inplace, input.shape, "alpha_dropout")


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Do the same to whole channels of (n, c, ...)."""
    idle = not training or p == 0  # then x may have any shape
    shape = input.shape if idle else _channels(input, 0, "feature_alpha_dropout")
    return _alpha(input, p, training, inplace, shape, "feature_alpha_dropout")


def _alpha(x: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...], who: str) -> Tensor:
    """Return alpha dropout of x, with one draw for each place of `shape`."""
    _check(p, who)
    if not training or p == 0 or 0 in x.shape:
        return x
    if p == 1:
        y = _core.mul(x, 0.0)
    else:
        lowest = -SELU_ALPHA * SELU_SCALE
        scale = 1 / math.sqrt((1 - p) * (1 + p * lowest * lowest))  # brings the variance back to 1
        kept = _core.where(_core.gt(_mask(shape, p), 0.0), x, lowest)
        y = _core.add(_core.mul(kept, scale), -lowest * scale * p)  # brings the mean back to 0
    return change(x, y, who) if inplace else y
