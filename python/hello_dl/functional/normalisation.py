"""Functions that bring numbers to mean 0 and variance 1, over a batch, layer or group; see functional.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.shapes import sizes_of


def _as_image(x: Tensor) -> Tensor:
    """(n, c, ...) as (n, c, h, w), the shape whose channels the engine can put side by side."""
    return x if x.ndim in (2, 4) else _core.reshape(x, (x.shape[0], x.shape[1], -1, 1))


def _per_channel(t: Tensor, dims: int) -> Tensor:
    """(c,) as (1, c, 1, 1), to meet (n, c, h, w)."""
    return t if dims == 2 else _core.reshape(t, (1, -1) + (1,) * (dims - 2))


def batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each channel to mean 0 and variance 1 over the whole batch (Ioffe, Szegedy 2015, algorithm 1).

    x (n, c) or (n, c, ...). While training the batch's own mean and variance are used, and the running ones
    (c,) move towards them by `momentum`; afterwards the running ones are used.
    """
    dims = x.ndim
    if dims < 2:
        raise ValueError(f"batch_norm: needs x (n, c) or (n, c, ...), got {x.shape}")
    if running_mean is None or running_var is None:
        mean, var = _batch_statistics(x)
    elif training:
        _catch_up(running_mean, running_var)
        mean, var = _batch_statistics(x)
        count = x.numel() // x.shape[1]
        _move(running_mean, mean, momentum)
        _move(running_var, var, momentum, count / (count - 1))  # the unbiased variance, as in PyTorch
    else:
        mean, var = running_mean, running_var
    # (x - mean) / sqrt(var + eps) * weight + bias, with everything that is the same for a channel put
    # together first.
    scale = _core.div(1.0, _core.sqrt(_core.add(var, eps)))
    if weight is not None:
        scale = _core.mul(scale, weight)
    shift = _core.mul(mean, scale)
    shift = _core.neg(shift) if bias is None else _core.sub(bias, shift)
    if dims in (2, 4):
        return _core.channel_affine(x, scale, shift)
    return _core.reshape(_core.channel_affine(_as_image(x), scale, shift), x.shape)


def _batch_statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and (biased) variance of each channel, (c,)."""
    shape = x.shape
    if 0 in shape or x.numel() == shape[1]:
        raise ValueError(
            f"batch_norm: needs more than one number per channel while training, got x of shape {shape}"
        )
    if len(shape) == 2:
        mean = _core.mean(x, 0)
        return mean, _core.channel_variance(x, mean)
    # From each image's own mean and variance: they are made while the image is still in the cache.
    moments = _core.image_moments(_as_image(x))
    means, variances = (_core.reshape(_core.slice(moments, 1, i, i + 1), (-1, shape[1])) for i in (0, 1))
    mean = _core.mean(means, 0)
    return mean, _core.add(_core.mean(variances, 0), _core.channel_variance(means, mean))


# The running statistics are expressions like any other: running = (1 - momentum) old + momentum batch.
# Nothing is computed for them; the batch's mean and variance come with the pass that somebody asks for.


def _move(running: Tensor, batch: Tensor, momentum: float, factor: float = 1.0) -> None:
    before = _core.is_grad_enabled()
    _core.set_grad_enabled(False)
    old = _core.mul(running, 1 - momentum)
    new = _core.mul(batch, momentum * factor)
    running._become(_core.add(old, new))
    _core.set_grad_enabled(before)


def _catch_up(running_mean: Tensor, running_var: Tensor) -> None:
    """Settle what the pass before has left: once its statistics are there the running ones are, too.

    A pass whose result nobody asked for, and nobody holds any more, has not happened.
    """
    if running_var.is_computed:
        return
    old, new = running_var.inputs
    batch = new.inputs[0]
    if batch.is_computed or not batch.requires_grad:
        _core.evaluate([running_mean, running_var])
    elif batch._references == 1:
        running_var._become(old.inputs[0])
        running_mean._become(running_mean.inputs[0].inputs[0])


def _last_axes(x: Tensor, normalized_shape: int | Sequence[int], who: str) -> tuple[int, ...]:
    """Return normalized_shape as a tuple. ValueError unless x's last axes have these lengths."""
    shape = sizes_of((normalized_shape,), who)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(f"{who}: needs x whose last axes are {shape}, got {x.shape}")
    return shape


def layer_norm(
    x: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each row of the last axes to mean 0 and variance 1 (Ba, Kiros and Hinton, 2016)."""
    shape = _last_axes(x, normalized_shape, "layer_norm")
    return _core.layer_norm(x, math.prod(shape), weight, bias, eps)


def rms_norm(
    x: Tensor, normalized_shape: int | Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divide each row of the last axes by its root mean square (Zhang and Sennrich, 2019, equation 4).

    eps, added to the mean square, is the smallest step of the float type by default, as in PyTorch.
    """
    shape = _last_axes(x, normalized_shape, "rms_norm")
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    tiny = float(np.finfo(REAL).eps) if eps is None else eps
    y = _core.div(x, _core.sqrt(_core.add(_core.mean(_core.mul(x, x), axes, True), tiny)))
    return y if weight is None else _core.mul(y, weight)


def group_norm(
    x: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Bring each group of channels of each image to mean 0 and variance 1 (Wu and He, 2018)."""
    if x.ndim < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(
            f"group_norm: needs channels that {num_groups} groups divide, got x of shape {x.shape}"
        )
    n = x.shape[0]
    size = x.numel() // max(1, n * num_groups)
    y = _core.reshape(
        _core.layer_norm(_core.reshape(x, (n * num_groups, size)), size, None, None, eps), x.shape
    )
    if weight is not None:
        y = _core.mul(y, _per_channel(weight, x.ndim))
    return y if bias is None else _core.add(y, _per_channel(bias, x.ndim))


def normalize(x: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """Divide by the length along an axis, so that the length becomes 1 (or stays 0)."""
    return _core.div(x, _core.maximum(x.norm(p, dim, True), eps))
