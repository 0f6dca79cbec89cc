"""Distributions made of gamma draws: Gamma, Chi2, Beta, Dirichlet, StudentT."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.distribution import Distribution, Parameter, broadcast, is_real
from hello_dl.distributions.gamma_draws import draw
from hello_dl.tensors.draws import randn
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.gamma import digamma, lgamma

_TINY = float(np.finfo(REAL).tiny)  # draws of small concentrations are kept this far above 0


class Gamma(Distribution):
    """The gamma distribution: p(x) = rate^a x^(a - 1) exp(-rate x) / Gamma(a), a being the concentration."""

    names: tuple[str, ...] = ("concentration", "rate")
    has_rsample = True

    def __init__(self, concentration: Parameter, rate: Parameter, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast("Gamma", concentration=concentration, rate=rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._check(lambda: (self.concentration > 0) & (self.rate > 0), "a concentration and a rate above 0")

    @property
    def mean(self) -> Tensor:
        """The mean: concentration / rate."""
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        """The most likely value."""
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        """The variance: concentration / rate^2."""
        return self.concentration / self.rate**2

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw numbers; the gradient is that of the inverse of the distribution function (gamma_draws.py)."""
        return (draw(self.concentration, self._shape(sample_shape)) / self.rate).clamp(min=_TINY)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value above 0."""
        value = self._value(value)
        self._check(lambda: value >= 0, "values of 0 or more")
        a, rate = self.concentration, self.rate
        return a * rate.log() + (a - 1) * value.log() - rate * value - lgamma(a)

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        a = self.concentration
        return a - self.rate.log() + lgamma(a) + (1 - a) * digamma(a)


class Chi2(Gamma):
    """The chi-squared distribution: the sum of df squares of standard normal numbers."""

    names = ("df",)

    def __init__(self, df: Parameter, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Tensor:
        """The degrees of freedom."""
        return self.concentration * 2


class Dirichlet(Distribution):
    """Probabilities of k classes, drawn at random: p(x) is proportional to prod x_i^(a_i - 1)."""

    names = ("concentration",)
    has_rsample = True

    def __init__(self, concentration: Tensor, validate_args: bool | None = None) -> None:
        if concentration.ndim < 1:
            raise ValueError("Dirichlet: needs a concentration (..., k), got one number")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)
        self._check(lambda: self.concentration > 0, "a concentration above 0")

    @property
    def mean(self) -> Tensor:
        """The mean: a / sum a."""
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def variance(self) -> Tensor:
        """The variance of each probability."""
        mean, total = self.mean, self.concentration.sum(-1, keepdim=True)
        return mean * (1 - mean) / (total + 1)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw gamma numbers, and divide them by their sum."""
        drawn = draw(self.concentration, self._shape(sample_shape)).clamp(min=_TINY)
        return drawn / drawn.sum(-1, keepdim=True)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each vector of probabilities."""
        value = self._value(value)
        self._check(lambda: (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-5), "vectors of sum 1")
        a = self.concentration
        return ((a - 1) * value.log()).sum(-1) + lgamma(a.sum(-1)) - lgamma(a).sum(-1)

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        a, total = self.concentration, self.concentration.sum(-1)
        spread = (total - a.shape[-1]) * digamma(total) - ((a - 1) * digamma(a)).sum(-1)
        return lgamma(a).sum(-1) - lgamma(total) + spread


class Beta(Distribution):
    """A probability, drawn at random: p(x) is proportional to x^(a - 1) (1 - x)^(b - 1).

    a is concentration1, b is concentration0.
    """

    names = ("concentration1", "concentration0")
    has_rsample = True

    def __init__(
        self, concentration1: Parameter, concentration0: Parameter, validate_args: bool | None = None
    ) -> None:
        a, b = broadcast("Beta", concentration1=concentration1, concentration0=concentration0)
        self.concentration1, self.concentration0 = a, b
        super().__init__(a.shape, (), validate_args)
        self._check(lambda: (a > 0) & (b > 0), "concentrations above 0")

    @property
    def _dirichlet(self) -> Dirichlet:
        both = (self.concentration1, self.concentration0)
        return Dirichlet(_core.cat([a.unsqueeze(-1) for a in both], len(self.batch_shape)), self._checks)

    @property
    def mean(self) -> Tensor:
        """The mean: a / (a + b)."""
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def variance(self) -> Tensor:
        """The variance."""
        a, b = self.concentration1, self.concentration0
        return a * b / ((a + b) ** 2 * (a + b + 1))

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw numbers between 0 and 1."""
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value between 0 and 1."""
        value = self._value(value)
        self._check(lambda: (value >= 0) & (value <= 1), "values from 0 to 1")
        a, b = self.concentration1, self.concentration0
        ways = lgamma(a + b) - lgamma(a) - lgamma(b)
        return (a - 1) * value.log() + (b - 1) * _core.log1p(-value) + ways

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        return self._dirichlet.entropy()


class StudentT(Distribution):
    """Student's t: a normal number, divided by the root of an uncertain variance; df small, heavy tails."""

    names = ("df", "loc", "scale")
    has_rsample = True

    def __init__(
        self, df: Parameter, loc: Parameter = 0.0, scale: Parameter = 1.0, validate_args: bool | None = None
    ) -> None:
        self.df, self.loc, self.scale = broadcast("StudentT", df=df, loc=loc, scale=scale)
        super().__init__(self.df.shape, (), validate_args)
        self._check(lambda: (self.df > 0) & (self.scale > 0) & is_real(self.loc), "df and scale above 0")

    @property
    def mean(self) -> Tensor:
        """The mean: loc; NaN for a df of 1 or less."""
        return _core.where(self.df <= 1, math.nan, self.loc)

    @property
    def mode(self) -> Tensor:
        """The most likely value: loc."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """The variance: scale^2 df / (df - 2); infinite from 1 to 2, NaN up to 1."""
        without = np.where(self.df.detach().numpy() > 1, np.inf, np.nan).astype(str.__str__(REAL))
        df = self.df.clamp(min=2)
        return _core.where(self.df > 2, self.scale**2 * df / (df - 2), _core.from_numpy(without))

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw loc + scale e sqrt(df / z): e is a standard normal number, z a chi-squared one."""
        shape = self._shape(sample_shape)
        z = 2 * draw(self.df / 2, shape)
        return self.loc + self.scale * randn(shape) * (self.df / z).sqrt()

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value."""
        y, df = (self._value(value) - self.loc) / self.scale, self.df
        scale = self.scale.log() + 0.5 * df.log() + 0.5 * math.log(math.pi)
        return lgamma((df + 1) / 2) - lgamma(df / 2) - scale - 0.5 * (df + 1) * _core.log1p(y**2 / df)

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        df = self.df
        ways = lgamma(0.5 * df) + 0.5 * math.lgamma(0.5) * 2 - lgamma(0.5 * (df + 1))
        spread = 0.5 * (df + 1) * (digamma(0.5 * (df + 1)) - digamma(0.5 * df))
        return self.scale.log() + spread + 0.5 * df.log() + ways
