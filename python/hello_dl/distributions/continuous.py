"""Distributions of real numbers: Normal, Uniform, Exponential."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.distribution import Distribution, Parameter, broadcast, is_real
from hello_dl.tensors.draws import rand, randn
from hello_dl.tensors.gamma import erfinv


class Located(Distribution):
    """Base class of distributions that lie evenly around loc."""

    loc: Tensor
    has_rsample = True

    @property
    def mean(self) -> Tensor:
        """The mean: loc."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        """The most likely value: loc."""
        return self.loc


class LocScale(Located):
    """Base class: loc + scale times a standard number."""

    names = ("loc", "scale")

    def __init__(self, loc: Parameter, scale: Parameter, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast(type(self).__name__, loc=loc, scale=scale)
        super().__init__(self.loc.shape, (), validate_args)
        self._check(lambda: is_real(self.loc), "a loc of numbers, got NaN")
        self._check(lambda: self.scale > 0, "a scale above 0")

    def _standard(self, value: Tensor) -> Tensor:
        """Return how many times scale each value lies above loc."""
        return (self._value(value) - self.loc) / self.scale


class Normal(LocScale):
    """The normal distribution: p(x) = exp(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi))."""

    @property
    def variance(self) -> Tensor:
        """The variance: scale^2."""
        return self.scale**2

    @property
    def stddev(self) -> Tensor:
        """The standard deviation: scale."""
        return self.scale

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw loc + scale e with e from the standard normal distribution."""
        return self.loc + self.scale * randn(self._shape(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value."""
        z = self._standard(value)
        return -(z * z) / 2 - self.scale.log() - math.log(2 * math.pi) / 2

    def cdf(self, value: Tensor) -> Tensor:
        """Return the probability of a number up to each value."""
        return (_core.erf((self._value(value) - self.loc) / (self.scale * math.sqrt(2))) + 1) / 2

    def icdf(self, value: Tensor) -> Tensor:
        """Return the number below which this share of the distribution lies."""
        return self.loc + self.scale * erfinv(2 * value - 1) * math.sqrt(2)

    def entropy(self) -> Tensor:
        """Return the entropy in nats: log(scale sqrt(2 pi e))."""
        return self.scale.log() + (math.log(2 * math.pi) + 1) / 2


class Uniform(Distribution):
    """The uniform distribution from low to high: p(x) = 1 / (high - low) there."""

    names = ("low", "high")
    has_rsample = True

    def __init__(self, low: Parameter, high: Parameter, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast("Uniform", low=low, high=high)
        super().__init__(self.low.shape, (), validate_args)
        self._check(lambda: self.low < self.high, "a low below high")

    @property
    def mean(self) -> Tensor:
        """The mean."""
        return (self.low + self.high) / 2

    @property
    def variance(self) -> Tensor:
        """The variance: (high - low)^2 / 12."""
        return (self.high - self.low) ** 2 / 12

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw low + (high - low) u with u from 0 to 1."""
        return self.low + (self.high - self.low) * rand(self._shape(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value; -inf outside, where validate_args allows it."""
        value = self._value(value)
        self._check(lambda: (value >= self.low) & (value <= self.high), "values from low to high")
        inside = (value >= self.low) & (value < self.high)
        return _core.where(inside, -(self.high - self.low).log(), -math.inf)

    def cdf(self, value: Tensor) -> Tensor:
        """Return the probability of a number up to each value."""
        return ((self._value(value) - self.low) / (self.high - self.low)).clamp(0, 1)

    def entropy(self) -> Tensor:
        """Return the entropy in nats: log(high - low)."""
        return (self.high - self.low).log()


class Exponential(Distribution):
    """The exponential distribution: p(x) = rate exp(-rate x) for x from 0 on."""

    names = ("rate",)
    has_rsample = True

    def __init__(self, rate: Parameter, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast("Exponential", rate=rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._check(lambda: self.rate > 0, "a rate above 0")

    @property
    def mean(self) -> Tensor:
        """The mean: 1 / rate."""
        return 1 / self.rate

    @property
    def variance(self) -> Tensor:
        """The variance: 1 / rate^2."""
        return 1 / self.rate**2

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw -log(1 - u) / rate with u from 0 to 1."""
        return -_core.log1p(-rand(self._shape(sample_shape))) / self.rate

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value."""
        value = self._value(value)
        self._check(lambda: value >= 0, "values of 0 or more")
        return self.rate.log() - self.rate * value

    def cdf(self, value: Tensor) -> Tensor:
        """Return the probability of a number up to each value."""
        return 1 - (-self.rate * self._value(value)).exp()

    def entropy(self) -> Tensor:
        """Return the entropy in nats: 1 - log(rate)."""
        return 1 - self.rate.log()
