"""Layers without parameters: activations, softmax and Dropout. The shape of x stays."""

from __future__ import annotations

from hello_dl import _core
from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.module import Module


def settings(inplace: bool, *settings: str) -> str:
    """Return the settings of a layer as they are printed."""
    return ", ".join((*settings, *["inplace=True"] * inplace))


class ReLU(Module):
    """max(x, 0): negative numbers become 0. Chapter 3 of Hello Deep Learning.

    inplace=True changes x itself, here and in all layers that have it.
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return max(x, 0)."""
        return F.relu(input, True) if self.inplace else input.relu()

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace)


class GELU(Module):
    """x Phi(x), with the normal distribution function Phi: a smooth ReLU (Hendrycks, Gimpel 2016).

    approximate="tanh" uses the paper's approximation, "none" the exact formula.
    """

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise Refusal(f"GELU: approximate needs 'none' or 'tanh', got {approximate!r}")
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Return x Phi(x)."""
        return _core.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"approximate={self.approximate!r}"


class LeakyReLU(Module):
    """x where it is positive, negative_slope x elsewhere."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x, or negative_slope x where x is negative."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace, f"negative_slope={self.negative_slope}")


class ELU(Module):
    """x where it is positive; below 0 a smooth curve down to -alpha (Clevert et al. 2015)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x, or alpha (exp(x) - 1) where x is negative."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace, f"alpha={self.alpha}")


class SiLU(Module):
    """x sigmoid(x), also called swish."""

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x sigmoid(x)."""
        return F.silu(input, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace)


class Softplus(Module):
    """log(1 + exp(beta x)) / beta: a smooth ReLU, sharper for a larger beta; x where beta x > threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        """Return log(1 + exp(beta x)) / beta."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Tanh(Module):
    """tanh(x), between -1 and 1."""

    def forward(self, input: Tensor) -> Tensor:
        """Return tanh(x)."""
        return input.tanh()


class Sigmoid(Module):
    """1 / (1 + exp(-x)), between 0 and 1."""

    def forward(self, input: Tensor) -> Tensor:
        """Return 1 / (1 + exp(-x))."""
        return input.sigmoid()


class Softmax(Module):
    """Turn scores into probabilities that add up to 1 along the axis `dim`; without it see F.softmax."""

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return exp(x) divided by its sum along dim."""
        return F.softmax(input, dim=self.dim)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of the softmax along `dim`, without overflow. Chapter 4 of Hello Deep Learning."""

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return x - log(sum of exp(x) along dim)."""
        return F.log_softmax(input, dim=self.dim)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"dim={self.dim}"


class Dropout(Module):
    """In training, set each number to 0 with probability p and divide the others by 1 - p; else do nothing.

    So a network cannot rely on any single number (Srivastava et al. 2014). The same seed drops the same
    numbers on any number of threads.
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        if not 0 <= p <= 1:
            raise Refusal(f"Dropout: needs a probability between 0 and 1, got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x with some numbers dropped, while training."""
        return F.dropout(input, self.p, True, self.inplace) if self.training else input

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"p={self.p}, inplace={self.inplace}"
