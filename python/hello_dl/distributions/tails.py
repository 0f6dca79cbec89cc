"""Distributions of real numbers with other tails than the normal's: Laplace, Cauchy, Gumbel, HalfNormal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.continuous import LocScale
from hello_dl.distributions.distribution import SMALLEST, Distribution, Parameter, broadcast
from hello_dl.tensors.draws import rand, randn

EULER = 0.5772156649015329  # Euler's constant, the mean of a standard Gumbel number


def _inside(shape: tuple[int, ...]) -> Tensor:
    """Draw numbers between 0 and 1, both excluded."""
    return rand(shape).clamp(SMALLEST, 1 - SMALLEST)


class Laplace(LocScale):
    """The Laplace distribution: p(x) = exp(-|x - loc| / scale) / (2 scale)."""

    @property
    def variance(self) -> Tensor:
        """The variance: 2 scale^2."""
        return 2 * self.scale**2

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw loc - scale sign(u) log(1 - |u|) with u from -1 to 1."""
        u = 2 * _inside(self._shape(sample_shape)) - 1
        return self.loc - self.scale * u.sign() * _core.log1p(-u.abs().clamp(max=1 - SMALLEST))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value."""
        return -(2 * self.scale).log() - self._standard(value).abs()

    def cdf(self, value: Tensor) -> Tensor:
        """Return the probability of a number up to each value."""
        z = self._standard(value)
        return 0.5 - 0.5 * z.sign() * _core.expm1(-z.abs())

    def entropy(self) -> Tensor:
        """Return the entropy in nats: 1 + log(2 scale)."""
        return 1 + (2 * self.scale).log()


class Cauchy(LocScale):
    """The Cauchy distribution, whose tails are too heavy for a mean: p(x) = 1 / (pi scale (1 + z^2))."""

    @property
    def mean(self) -> Tensor:
        """NaN: there is none."""
        return self.loc * math.nan

    @property
    def variance(self) -> Tensor:
        """Infinite."""
        return self.scale * math.inf

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw loc + scale tan(pi (u - 1/2)) with u from 0 to 1."""
        return self.loc + self.scale * ((_inside(self._shape(sample_shape)) - 0.5) * math.pi).tan()

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value."""
        return -math.log(math.pi) - self.scale.log() - _core.log1p(self._standard(value) ** 2)

    def cdf(self, value: Tensor) -> Tensor:
        """Return the probability of a number up to each value."""
        return self._standard(value).atan() / math.pi + 0.5

    def entropy(self) -> Tensor:
        """Return the entropy in nats: log(4 pi scale)."""
        return (4 * math.pi * self.scale).log()


class Gumbel(LocScale):
    """The largest of many numbers, in the limit: p(x) = exp(-z - exp(-z)) / scale."""

    @property
    def mean(self) -> Tensor:
        """The mean: loc + 0.5772 scale."""
        return self.loc + self.scale * EULER

    @property
    def variance(self) -> Tensor:
        """The variance: (pi scale)^2 / 6."""
        return (math.pi * self.scale) ** 2 / 6

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw loc - scale log(-log(u)) with u from 0 to 1."""
        return self.loc - self.scale * (-_inside(self._shape(sample_shape)).log()).log()

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value."""
        z = self._standard(value)
        return -z - (-z).exp() - self.scale.log()

    def entropy(self) -> Tensor:
        """Return the entropy in nats: log(scale) + 1 + 0.5772."""
        return self.scale.log() + 1 + EULER


class HalfNormal(Distribution):
    """The size of a normal number around 0."""

    names = ("scale",)
    has_rsample = True

    def __init__(self, scale: Parameter, validate_args: bool | None = None) -> None:
        (self.scale,) = broadcast("HalfNormal", scale=scale)
        super().__init__(self.scale.shape, (), validate_args)
        self._check(lambda: self.scale > 0, "a scale above 0")

    @property
    def mean(self) -> Tensor:
        """The mean: scale sqrt(2 / pi)."""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Tensor:
        """The variance: scale^2 (1 - 2 / pi)."""
        return self.scale**2 * (1 - 2 / math.pi)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw scale |e| with e from the standard normal distribution."""
        return self.scale * randn(self._shape(sample_shape)).abs()

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value; -inf below 0, where validate_args allows it."""
        value = self._value(value)
        self._check(lambda: value >= 0, "values of 0 or more")
        z = value / self.scale
        return _core.where(value >= 0, math.log(2 / math.pi) / 2 - self.scale.log() - z * z / 2, -math.inf)

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        return self.scale.log() + (math.log(math.pi / 2) + 1) / 2
