"""How parameters start: each function overwrites a tensor's numbers in place and returns it.

Random ones draw from the global generator, so `hello_dl.manual_seed` repeats them.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from hello_dl._core import Tensor
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.instead import refusing
from hello_dl.tensors.random import default_generator

AnyTensor = TypeVar("AnyTensor", bound=Tensor)


def uniform_(t: AnyTensor, a: float = 0.0, b: float = 1.0) -> AnyTensor:
    """Draw from the uniform distribution between a and b."""
    with no_grad():
        t.uniform_(a, b)
    return t


def normal_(t: AnyTensor, mean: float = 0.0, std: float = 1.0) -> AnyTensor:
    """Draw from the normal distribution with this mean and standard deviation."""
    with no_grad():
        t.normal_(mean, std)
    return t


def trunc_normal_(
    t: AnyTensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> AnyTensor:
    """Draw from the normal distribution, and draw again each number that is not between a and b.

    ValueError if fewer than one number in 1000 lies there.
    """
    share = (math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2))) / 2
    if share < 1e-3:
        raise ValueError(f"trunc_normal_: a normal({mean}, {std}) almost never lies between {a} and {b}")
    draw = default_generator.numpy.standard_normal
    numbers = np.asarray(draw(t.shape, dtype=np.float32) * np.float32(std) + np.float32(mean))
    while (outside := (numbers < a) | (numbers > b)).any():
        numbers[outside] = draw(int(outside.sum()), dtype=np.float32) * np.float32(std) + np.float32(mean)
    with no_grad():
        t.copy_(numbers)
    return t


def constant_(t: AnyTensor, val: float) -> AnyTensor:
    """Write the same number everywhere."""
    with no_grad():
        t.fill_(val)
    return t


def zeros_(t: AnyTensor) -> AnyTensor:
    """Write zeros."""
    return constant_(t, 0.0)


def ones_(t: AnyTensor) -> AnyTensor:
    """Write ones."""
    return constant_(t, 1.0)


def fans(t: Tensor) -> tuple[int, int]:
    """Return fan_in and fan_out: how many inputs an output of this weight sums, and the other way round.

    A weight is (out, in) or (out, in, kh, kw). ValueError for fewer axes.
    """
    if t.ndim < 2:
        raise ValueError(f"init: needs a weight with at least 2 axes (out, in, ...), got {tuple(t.shape)}")
    pixels = math.prod(t.shape[2:])
    return t.shape[1] * pixels, t.shape[0] * pixels


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which weights must be larger to keep the variance after this nonlinearity."""
    gains = {"linear": 1.0, "conv2d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in gains:
        known = ", ".join([*gains, "leaky_relu"])
        raise ValueError(f"calculate_gain: needs one of {known}, got {nonlinearity!r}")
    return gains[nonlinearity]


def xavier_uniform_(t: AnyTensor, gain: float = 1.0) -> AnyTensor:
    """Draw uniformly, with the variance gain^2 2 / (fan_in + fan_out) (Glorot, Bengio 2010, equation 16)."""
    bound = gain * math.sqrt(6 / sum(fans(t)))
    return uniform_(t, -bound, bound)


def xavier_normal_(t: AnyTensor, gain: float = 1.0) -> AnyTensor:
    """Draw from the normal distribution, with the variance of xavier_uniform_."""
    return normal_(t, 0.0, gain * math.sqrt(2 / sum(fans(t))))


def kaiming_uniform_(
    t: AnyTensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> AnyTensor:
    """Draw uniformly, with the variance gain^2 / fan_in, or / fan_out (He et al. 2015, equation 10)."""
    bound = math.sqrt(3) * _kaiming_std(t, a, mode, nonlinearity)
    return uniform_(t, -bound, bound)


def kaiming_normal_(
    t: AnyTensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> AnyTensor:
    """Draw from the normal distribution, with the variance of kaiming_uniform_."""
    return normal_(t, 0.0, _kaiming_std(t, a, mode, nonlinearity))


def _kaiming_std(t: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """Return the standard deviation gain / sqrt(fan). ValueError for another mode."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"kaiming: mode needs 'fan_in' or 'fan_out', got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(t)[mode == "fan_out"])


__getattr__ = refusing("hello_dl.nn.init", "torch.nn.init")
