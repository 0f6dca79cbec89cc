"""More activations as layers: curves, gates, and slopes that are learned or drawn."""

from __future__ import annotations

from typing import Any

from hello_dl import functional as F
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.nn.activations import settings
from hello_dl.nn.linear import need_place, need_sizes
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter
from hello_dl.tensors.creation import full


class CELU(Module):
    """x where it is positive, alpha (exp(x / alpha) - 1) elsewhere: ELU with slope 1 at 0 (Barron, 2017)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return celu(x)."""
        return F.celu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace, f"alpha={self.alpha}")


class SELU(Module):
    """ELU times a constant, so that deep networks keep mean 0 and variance 1 (Klambauer et al., 2017).

    Start the weights with init.kaiming_normal_(w, nonlinearity="linear"), and use AlphaDropout.
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return selu(x)."""
        return F.selu(input, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace)


class Mish(Module):
    """x tanh(softplus(x)), a curve close to SiLU (Misra, 2019)."""

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return mish(x)."""
        return F.mish(input, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace)


class GLU(Module):
    """Half of the channels, each times the sigmoid of its partner in the other half (Dauphin et al. 2016)."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return a sigmoid(b), a and b the halves of x along dim."""
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"dim={self.dim}"


class LogSigmoid(Module):
    """log(sigmoid(x)), without overflow."""

    def forward(self, input: Tensor) -> Tensor:
        """Return log(sigmoid(x))."""
        return F.logsigmoid(input)


class Softsign(Module):
    """x / (1 + |x|), between -1 and 1."""

    def forward(self, input: Tensor) -> Tensor:
        """Return x / (1 + |x|)."""
        return F.softsign(input)


class Tanhshrink(Module):
    """x - tanh(x)."""

    def forward(self, input: Tensor) -> Tensor:
        """Return x - tanh(x)."""
        return F.tanhshrink(input)


class Softmin(Module):
    """The softmax of -x along `dim`: the smallest number has the largest probability."""

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return softmax(-x)."""
        return F.softmin(input, self.dim)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"dim={self.dim}"


class Softmax2d(Module):
    """The softmax over the channels of each pixel: x (n, c, h, w) or (c, h, w)."""

    def forward(self, input: Tensor) -> Tensor:
        """Return probabilities that add up to 1 at each pixel."""
        if input.ndim not in (3, 4):
            raise Refusal(f"Softmax2d: needs x (n, c, h, w) or (c, h, w), got {input.shape}")
        return F.softmax(input, -3)


class PReLU(Module):
    """x where it is positive, w x elsewhere; w is learned, one number or one a channel (He et al., 2015).

    Leave its weight out of weight decay, which would pull it to plain ReLU.
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        need_place("PReLU", device, dtype)
        need_sizes("PReLU", num_parameters=num_parameters)
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full((num_parameters,), float(init)))

    def reset_parameters(self) -> None:
        """Set the weight back to its first value."""
        self.weight.data.fill_(self.init)

    def forward(self, input: Tensor) -> Tensor:
        """Return x, or w x where x is negative."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """Return the settings."""
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """LeakyReLU with a slope drawn between lower and upper in training, else their mean (Xu et al. 2015)."""

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return x, or a x where x is negative, with a random slope a while training."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the settings."""
        return settings(self.inplace, f"lower={self.lower}, upper={self.upper}")
