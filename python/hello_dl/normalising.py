"""Functions that bring numbers to mean 0 and variance 1, over a batch, a layer or a group (part of functional)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _core
from ._core import Tensor


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
    """Bring each channel to mean 0 and variance 1, over the whole batch (Ioffe and Szegedy, 2015, algorithm 1).

    x (n, c) or (n, c, ...). While training the batch's own mean and variance are used, and the running ones (c,) move
    towards them by `momentum`; afterwards the running ones are used.
    """
    if x.ndim < 2:
        raise ValueError(f"batch_norm: needs x (n, c) or (n, c, ...), got {x.shape}")
    if training or running_mean is None or running_var is None:
        mean, var = _batch_statistics(x)
        if training and running_mean is not None and running_var is not None:
            count = x.numel() // x.shape[1]
            move(running_mean, mean, momentum)
            move(running_var, var, momentum, count / (count - 1))
    else:
        mean, var = _per_channel(running_mean, x.ndim), _per_channel(running_var, x.ndim)
    scale = _core.div(1.0, _core.sqrt(_core.add(var, eps)))
    if weight is not None:
        scale = _core.mul(scale, _per_channel(weight, x.ndim))
    y = _core.mul(_core.sub(x, mean), scale)
    return y if bias is None else _core.add(y, _per_channel(bias, x.ndim))


def _batch_statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and (biased) variance of each channel, (1, c, 1, ...)."""
    dims = [d for d in range(x.ndim) if d != 1]
    count = x.numel() // max(1, x.shape[1])
    if count < 2:
        raise ValueError(f"batch_norm: needs more than one number per channel while training, got x of shape {x.shape}")
    mean = _core.mean(x, dims, True)
    centred = _core.sub(x, mean)
    return mean, _core.mean(_core.mul(centred, centred), dims, True)


def move(running: Tensor, batch: Tensor, momentum: float, factor: float = 1.0) -> None:
    """Make running = (1 - momentum) running + momentum * factor * batch, when somebody asks for it.

    The batch's statistics are computed with everything else, in the pass that somebody asks for.
    """
    before = _core.is_grad_enabled()
    _core.set_grad_enabled(False)
    try:
        batch = _core.reshape(batch, running.shape)
        if running.is_computed or not before:
            pass
        running._become(_core.add(_core.mul(running, 1 - momentum), _core.mul(batch, momentum * factor)))
    finally:
        _core.set_grad_enabled(before)


def layer_norm(
    x: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each row of the last axes to mean 0 and variance 1 (Ba, Kiros and Hinton, 2016)."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(f"layer_norm: needs x whose last axes are {shape}, got {x.shape}")
    size = 1
    for s in shape:
        size *= s
    return _core.layer_norm(x, size, weight, bias, eps)


def group_norm(
    x: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Bring each group of channels of each image to mean 0 and variance 1 (Wu and He, 2018)."""
    if x.ndim < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(f"group_norm: needs channels that {num_groups} groups divide, got x of shape {x.shape}")
    n, c = x.shape[:2]
    size = x.numel() // max(1, n * num_groups)
    y = _core.reshape(_core.layer_norm(_core.reshape(x, (n * num_groups, size)), size, None, None, eps), x.shape)
    if weight is not None:
        y = _core.mul(y, _per_channel(weight, x.ndim))
    return y if bias is None else _core.add(y, _per_channel(bias, x.ndim))


def normalize(x: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """Divide by the length along an axis, so that the length becomes 1 (or stays 0)."""
    return _core.div(x, _core.maximum(x.norm(p, dim, True), eps))
