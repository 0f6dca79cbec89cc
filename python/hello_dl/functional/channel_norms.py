"""Normalisation by channel: of each image alone, and by the neighbouring channels."""

from __future__ import annotations

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.functional.normalisation import batch_norm, group_norm
from hello_dl.tensors.creation import zeros
from hello_dl.tensors.grad_mode import no_grad


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each channel of each image to mean 0 and variance 1 (Ulyanov et al., 2016).

    input (n, c, ...), all else (c,). The running mean and variance, if there are any, move towards the mean
    over the images: running = (1 - momentum) running + momentum now. Without use_input_stats they are used
    instead. ValueError if a channel has one number only.
    """
    if input.ndim < 3:
        raise Refusal(f"instance_norm: needs x (n, c, ...), got {input.shape}")
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    n, c = input.shape[:2]
    count = input.numel() // max(n * c, 1)
    if count == 1:
        raise Refusal(f"instance_norm: needs more than one number per channel, got x of shape {input.shape}")
    if running_mean is not None and running_var is not None and input.numel():
        with no_grad():
            x = _core.reshape(input.detach(), (n, c, count))
            mean, var = _core.mean(x, 2), x.var(2)
            running_mean.mul_(1 - momentum).add_(_core.mul(_core.mean(mean, 0), momentum))
            running_var.mul_(1 - momentum).add_(_core.mul(_core.mean(var, 0), momentum))
    return group_norm(input, c, weight, bias, eps)


def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Divide by (k + alpha m)^beta, m the mean square over `size` channels around (Krizhevsky et al. 2012).

    input (n, c, ...); channels outside count as 0. ValueError for fewer than three axes.
    """
    if input.ndim < 3 or size < 1:
        raise Refusal(
            f"local_response_norm: needs x (n, c, ...) and a size from 1, got {input.shape}, {size}"
        )
    if 0 in input.shape:
        return input
    n, c = input.shape[:2]
    squares = _core.reshape(_core.mul(input, input), (n, 1, c, -1))
    pixels = squares.shape[3]
    ends = [zeros(n, 1, end, pixels) for end in (size // 2, (size - 1) // 2)]
    parts = [part for part in (ends[0], squares, ends[1]) if part.shape[2]]
    padded = parts[0] if len(parts) == 1 else _core.cat(parts, 2)
    mean = _core.reshape(_core.avg_pool2d(padded, (size, 1), 1), input.shape)
    return _core.div(input, _core.pow(_core.add(_core.mul(mean, alpha), k), beta))
