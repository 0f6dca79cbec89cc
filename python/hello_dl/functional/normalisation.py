"""Functions that bring numbers to mean 0 and variance 1, over a batch, a layer or a group of channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors import view_changes
from hello_dl.tensors.creation import ones, zeros
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.shapes import sizes_of
from hello_dl.tensors.views import family_of


def _as_image(x: Tensor) -> Tensor:
    """Return x (n, c, ...) as (n, c, h, w); in this shape the engine can store channels side by side."""
    return x if x.ndim in (2, 4) else _core.reshape(x, (x.shape[0], x.shape[1], -1, 1))


def _per_channel(t: Tensor, dims: int) -> Tensor:
    """Return t (c,) as (1, c, 1, 1), which broadcasts to (n, c, h, w)."""
    return t if dims == 2 else _core.reshape(t, (1, -1) + (1,) * (dims - 2))


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each channel to mean 0 and variance 1 over the whole batch (Ioffe, Szegedy 2015, algorithm 1).

    input (n, c) or (n, c, ...), and weight and bias (c,). In training the mean and variance of the batch are
    used, and the running ones (c,) move towards them: running = (1 - momentum) running + momentum batch; an
    empty batch leaves them as they are. Outside training the running ones are used. ValueError if a channel
    has only one number in training, or there are no running ones outside it.
    """
    x, dims = input, input.ndim
    if dims < 2:
        raise Refusal(f"batch_norm: needs x (n, c) or (n, c, ...), got {x.shape}")
    if 0 in x.shape:
        mean, var = zeros(x.shape[1]), ones(x.shape[1])
    elif running_mean is None or running_var is None:
        if not training:
            raise Refusal("batch_norm: needs running_mean and running_var outside training, got None")
        mean, var = _batch_statistics(x)
    elif training:
        _catch_up(running_mean, running_var)
        mean, var = _batch_statistics(x)
        count = x.numel() // x.shape[1]
        _move(running_mean, mean, momentum)
        _move(running_var, var, momentum, count / (count - 1))  # the unbiased variance, as in PyTorch
    else:
        mean, var = running_mean, running_var
    # y = (x - mean) / sqrt(var + eps) * weight + bias = x * scale + shift, with scale and shift (c,).
    scale = _core.div(1.0, _core.sqrt(_core.add(var, eps)))
    if weight is not None:
        scale = _core.mul(scale, weight)
    shift = _core.mul(mean, scale)
    shift = _core.neg(shift) if bias is None else _core.sub(bias, shift)
    if dims in (2, 4):
        return _core.channel_affine(x, scale, shift)
    return _core.reshape(_core.channel_affine(_as_image(x), scale, shift), x.shape)


def _batch_statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and (biased) variance of each channel, (c,) each."""
    shape = x.shape
    if x.numel() == shape[1]:
        raise Refusal(
            f"batch_norm: needs more than one number per channel while training, got x of shape {shape}"
        )
    if len(shape) == 2:
        mean = _core.mean(x, 0)
        return mean, _core.channel_variance(x, mean)
    # From the mean and variance of each image, which are computed while the image is in the cache.
    moments = _core.image_moments(_as_image(x))
    means, variances = (_core.reshape(_core.slice(moments, 1, i, i + 1), (-1, shape[1])) for i in (0, 1))
    mean = _core.mean(means, 0)
    return mean, _core.add(_core.mean(variances, 0), _core.channel_variance(means, mean))


# The running statistics are expressions: running = (1 - momentum) old + momentum batch. They need no pass of
# their own, since the batch's mean and variance are computed together with the layer's result.


def _move(running: Tensor, batch: Tensor, momentum: float, factor: float = 1.0) -> None:
    """Make `running` the expression (1 - momentum) running + momentum factor batch, without gradient."""
    before = _core.is_grad_enabled()
    _core.set_grad_enabled(False)
    old = _core.mul(running, 1 - momentum)
    new = _core.mul(batch, momentum * factor)
    _stand_for(running, _core.add(old, new))
    _core.set_grad_enabled(before)


def _stand_for(running: Tensor, expression: Tensor) -> None:
    """Make `running` an expression, not computed yet; if it has views, change it and them at once."""
    if family_of(running) is None:
        running._become(expression)
    else:
        view_changes.change(running, expression, False)


def _catch_up(running_mean: Tensor, running_var: Tensor) -> None:
    """Compute the running statistics of the last training pass, before the next one changes them.

    If the last forward result was never computed and no tensor refers to it, the running statistics are not
    updated: they become again what they were before that pass.
    """
    if running_var.is_computed:
        return
    old, new = running_var.inputs
    batch = new.inputs[0]
    if batch.is_computed or not batch.requires_grad or running_mean.is_computed:
        _core.evaluate([running_mean, running_var])
    elif batch._references == 1:  # only the running variance refers to it
        _stand_for(running_var, old.inputs[0])
        _stand_for(running_mean, running_mean.inputs[0].inputs[0])


def _last_axes(x: Tensor, normalized_shape: int | Sequence[int], who: str) -> tuple[int, ...]:
    """Return normalized_shape as a tuple. ValueError unless x's last axes have these lengths."""
    shape = sizes_of((normalized_shape,), who)
    if not shape or x.shape[-len(shape) :] != shape:
        raise Refusal(f"{who}: needs x whose last axes are {shape}, got {x.shape}")
    return shape


def layer_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each row of the last axes to mean 0 and variance 1 (Ba, Kiros and Hinton, 2016).

    normalized_shape is the shape of these axes, and of weight and bias, which scale and shift the result.
    ValueError if input's last axes have another shape.
    """
    shape = _last_axes(input, normalized_shape, "layer_norm")
    if 0 in shape:
        return _scaled(input, weight, bias)
    return _core.layer_norm(input, math.prod(shape), weight, bias, eps)


def _scaled(y: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Return y * weight + bias, without those that are None."""
    if weight is not None:
        y = _core.mul(y, weight)
    return y if bias is None else _core.add(y, bias)


def rms_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """Divide each row of the last axes by its root mean square (Zhang and Sennrich, 2019, equation 4).

    normalized_shape is the shape of these axes and of weight. eps, added to the mean square, is by default
    the distance from 1 to the next float, as in PyTorch. ValueError if input's last axes have another shape.
    """
    x, shape = input, _last_axes(input, normalized_shape, "rms_norm")
    axes = tuple(range(x.ndim - len(shape), x.ndim))
    tiny = float(np.finfo(REAL).eps) if eps is None else eps
    if 0 in shape:
        return _scaled(x, weight, None)
    y = _core.div(x, _core.sqrt(_core.add(_core.mean(_core.mul(x, x), axes, True), tiny)))
    return _scaled(y, weight, None)


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each group of channels of each image to mean 0 and variance 1 (Wu and He, 2018).

    input (n, c, ...), weight and bias (c,). ValueError if num_groups does not divide c.
    """
    x, y = input, input
    if x.ndim < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise Refusal(f"group_norm: needs channels that {num_groups} groups divide, got x of shape {x.shape}")
    if 0 not in x.shape:
        groups = x.shape[0] * num_groups
        size = x.numel() // groups
        y = _core.layer_norm(_core.reshape(x, (groups, size)), size, None, None, eps)
        y = _core.reshape(y, x.shape)
    per_channel = (None if t is None else _per_channel(t, x.ndim) for t in (weight, bias))
    return _scaled(y, *per_channel)


def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """Divide vectors along the axis `dim` by their p-norm, so that it becomes 1.

    A norm below eps counts as eps, so that a vector of zeros stays, with the gradient of x / eps.
    """
    return _core.div(input, _core.clamp(input.norm(p, dim, True), eps))
