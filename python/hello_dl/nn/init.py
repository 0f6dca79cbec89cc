"""How parameters start: each function overwrites a tensor's numbers in place and returns it.

Random ones draw from the global generator, so `hello_dl.manual_seed` repeats them.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, TypeVar

import numpy as np

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.grad_mode import no_grad
from hello_dl.tensors.instead import refusing
from hello_dl.tensors.random import numpy_generator

T = TypeVar("T", bound=Tensor)


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Any = None) -> T:
    """Draw from the uniform distribution between a and b."""
    with no_grad():
        tensor.uniform_(a, b, generator=generator)
    return tensor


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> T:
    """Draw from the normal distribution with this mean and standard deviation."""
    with no_grad():
        tensor.normal_(mean, std, generator=generator)
    return tensor


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> T:
    """Draw from the normal distribution, and draw again each number that is not between a and b.

    ValueError if fewer than one number in 1000 lies there.
    """
    share = (math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2))) / 2
    if share < 1e-3:
        raise Refusal(f"trunc_normal_: a normal({mean}, {std}) almost never lies between {a} and {b}")
    draw = numpy_generator(generator, "trunc_normal_").standard_normal
    numbers = np.asarray(draw(tensor.shape, dtype=np.float32) * np.float32(std) + np.float32(mean))
    while (outside := (numbers < a) | (numbers > b)).any():
        numbers[outside] = draw(int(outside.sum()), dtype=np.float32) * np.float32(std) + np.float32(mean)
    with no_grad():
        tensor.copy_(numbers)
    return tensor


def constant_(tensor: T, val: float) -> T:
    """Write the same number everywhere."""
    with no_grad():
        tensor.fill_(val)
    return tensor


def zeros_(tensor: T) -> T:
    """Write zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: T) -> T:
    """Write ones."""
    return constant_(tensor, 1.0)


def fans(tensor: Tensor) -> tuple[int, int]:
    """Return fan_in and fan_out: how many inputs an output of this weight sums, and the other way round.

    A weight is (out, in) or (out, in, kh, kw). ValueError for fewer axes.
    """
    if tensor.ndim < 2:
        raise Refusal(f"init: needs a weight with at least 2 axes (out, in, ...), got {tuple(tensor.shape)}")
    pixels = math.prod(tensor.shape[2:])
    return tensor.shape[1] * pixels, tensor.shape[0] * pixels


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which weights must be larger to keep the variance after this nonlinearity."""
    linear = (
        "linear",
        *(f"conv{kind}{axes}d" for kind in ("", "_transpose") for axes in (1, 2, 3)),
        "sigmoid",
    )
    gains = {**dict.fromkeys(linear, 1.0), "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in gains:
        known = ", ".join([*gains, "leaky_relu"])
        raise Refusal(f"calculate_gain: needs one of {known}, got {nonlinearity!r}")
    return gains[nonlinearity]


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Draw uniformly, with the variance gain^2 2 / (fan_in + fan_out) (Glorot, Bengio 2010, equation 16)."""
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Draw from the normal distribution, with the variance of xavier_uniform_."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Draw uniformly, with the variance gain^2 / fan_in, or / fan_out (He et al. 2015, equation 10)."""
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Draw from the normal distribution, with the variance of kaiming_uniform_."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """Return the standard deviation gain / sqrt(fan). ValueError for another mode."""
    if mode not in ("fan_in", "fan_out"):
        raise Refusal(f"kaiming: mode needs 'fan_in' or 'fan_out', got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans(tensor)[mode == "fan_out"])


def eye_(tensor: T) -> T:
    """Write the identity: 1 on the diagonal of a matrix, 0 elsewhere. A Linear then returns its input."""
    if tensor.ndim != 2:
        raise Refusal(f"eye_: needs a matrix, got {tuple(tensor.shape)}")
    return _written(tensor, np.eye(*tensor.shape, dtype=np.float32))


def dirac_(tensor: T, groups: int = 1) -> T:
    """Write filters (out, in, ...) that return their input: 1 in the middle of filter i for channel i.

    ValueError if groups does not divide the filters.
    """
    if not 3 <= tensor.ndim <= 5 or tensor.shape[0] % groups:
        raise Refusal(f"dirac_: needs filters (out, in, ...) in {groups} groups, got {tuple(tensor.shape)}")
    numbers = np.zeros(tensor.shape, np.float32)
    out = tensor.shape[0] // groups
    middle = tuple(size // 2 for size in tensor.shape[2:])
    i = np.arange(min(out, tensor.shape[1]))
    for group in range(groups):
        place: Any = (group * out + i, i, *middle)
        numbers[place] = 1
    return _written(tensor, numbers)


def orthogonal_(tensor: T, gain: float = 1, generator: Any = None) -> T:
    """Draw rows (or columns, if there are more rows) of length `gain` at right angles (Saxe et al., 2013).

    All axes but the first count as columns. Vectors keep their length in such a layer, forward and backward.
    """
    if tensor.ndim < 2:
        raise Refusal(f"orthogonal_: needs at least 2 axes, got {tuple(tensor.shape)}")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    drawn = numpy_generator(generator, "orthogonal_").standard_normal((rows, tensor.numel() // rows))
    q, r = np.linalg.qr(drawn if rows >= drawn.shape[1] else drawn.T)
    q = q * np.sign(np.diag(r))  # so that every such matrix is as likely as any other
    numbers = gain * (q if rows >= drawn.shape[1] else q.T)
    return _written(tensor, numbers.reshape(tensor.shape).astype(np.float32))


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Any = None) -> T:
    """Draw from the normal distribution, and set the share `sparsity` of each column to 0 (Martens, 2010)."""
    if tensor.ndim != 2:
        raise Refusal(f"sparse_: needs a matrix, got {tuple(tensor.shape)}")
    draw = numpy_generator(generator, "sparse_")
    numbers = (draw.standard_normal(tensor.shape) * std).astype(np.float32)
    zeros = math.ceil(sparsity * tensor.shape[0])
    numbers[draw.random(tensor.shape).argsort(0) < zeros] = 0
    return _written(tensor, numbers)


def _written(tensor: T, numbers: Any) -> T:
    """Overwrite a tensor with an array."""
    with no_grad():
        tensor.copy_(numbers)
    return tensor


_missing = refusing("hello_dl.nn.init", "torch.nn.init")
_OLD = {
    *("constant", "dirac", "eye", "kaiming_normal", "kaiming_uniform", "normal", "orthogonal", "sparse"),
    *("uniform", "xavier_normal", "xavier_uniform"),
}


def __getattr__(name: str) -> Any:
    """Return the function that PyTorch's old name without _ stands for, or say what is missing."""
    if name in _OLD:
        warnings.warn(f"nn.init.{name} is called nn.init.{name}_ today", FutureWarning, stacklevel=2)
        return globals()[f"{name}_"]
    if name == "_calculate_fan_in_and_fan_out":
        return fans
    return _missing(name)
