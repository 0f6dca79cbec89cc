"""Distributions of counts: Poisson, Geometric, Binomial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.discrete import Bernoulli
from hello_dl.distributions.distribution import (
    SMALLEST,
    Distribution,
    Given,
    Parameter,
    broadcast,
    log_factorial,
)
from hello_dl.functional.activations import softplus
from hello_dl.tensors.creation import arange
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.random import numpy_generator


def _whole(value: Tensor) -> Tensor:
    """Return where values are whole numbers of 0 or more."""
    return (value >= 0) & _core.eq(value, value.floor())


def _real(numbers: object) -> Tensor:
    return _core.from_numpy(np.asarray(numbers, dtype=str.__str__(REAL)))


class Poisson(Distribution):
    """How many events come in a time in which `rate` of them come on average."""

    names = ("rate",)

    def __init__(self, rate: Parameter, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast("Poisson", rate=rate)
        super().__init__(self.rate.shape, (), validate_args)
        self._check(lambda: self.rate >= 0, "a rate of 0 or more")

    @property
    def mean(self) -> Tensor:
        """The mean: rate."""
        return self.rate

    @property
    def variance(self) -> Tensor:
        """The variance: rate."""
        return self.rate

    @property
    def mode(self) -> Tensor:
        """The most likely value."""
        return self.rate.floor()

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw counts, as real numbers."""
        rate = self.rate.detach().numpy()
        return _real(numpy_generator(None, "Poisson").poisson(rate, self._shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of each count."""
        value = self._value(value)
        self._check(lambda: _whole(value), "whole numbers of 0 or more")
        never = _core.eq(value, 0) & _core.eq(self.rate, 0)
        return value * _core.where(never, 1.0, self.rate).log() - self.rate - log_factorial(value)


class Geometric(Distribution):
    """How many tries fail before the first success of probability probs: 0, 1, 2, ..."""

    names = ("probs",)

    def __init__(self, probs: Given = None, logits: Given = None, validate_args: bool | None = None) -> None:
        once = Bernoulli(probs, logits, validate_args)
        self.probs, self.logits = once.probs, once.logits
        super().__init__(once.batch_shape, (), validate_args)
        self._check(lambda: self.probs > 0, "probs above 0")

    @property
    def mean(self) -> Tensor:
        """The mean: 1 / p - 1."""
        return 1 / self.probs - 1

    @property
    def variance(self) -> Tensor:
        """The variance: (1 / p - 1) / p."""
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw counts, as real numbers."""
        p = self.probs.detach().numpy()
        return _real(numpy_generator(None, "Geometric").geometric(p, self._shape(sample_shape)) - 1)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of each count."""
        value = self._value(value)
        self._check(lambda: _whole(value), "whole numbers of 0 or more")
        p = self.probs.clamp(max=1 - SMALLEST)
        return value * _core.log1p(-p) + self.probs.log()

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        return Bernoulli(self.probs).entropy() / self.probs


class Binomial(Distribution):
    """How many of total_count tries succeed, each with probability probs."""

    names = ("total_count", "probs")

    def __init__(
        self,
        total_count: Parameter = 1,
        probs: Given = None,
        logits: Given = None,
        validate_args: bool | None = None,
    ) -> None:
        once = Bernoulli(probs, logits, validate_args)
        self.total_count, self.probs = broadcast("Binomial", total_count=total_count, probs=once.probs)
        self.logits = once.logits
        super().__init__(self.probs.shape, (), validate_args)
        self._check(lambda: _whole(self.total_count), "a total_count of 0 or more")

    @property
    def mean(self) -> Tensor:
        """The mean: total_count p."""
        return self.total_count * self.probs

    @property
    def variance(self) -> Tensor:
        """The variance: total_count p (1 - p)."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw counts, as real numbers."""
        n, p = (t.detach().numpy() for t in (self.total_count, self.probs))
        drawn = numpy_generator(None, "Binomial").binomial(n.astype(np.int64), p, self._shape(sample_shape))
        return _real(drawn)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of each count from 0 to total_count."""
        value = self._value(value)
        self._check(
            lambda: _whole(value) & (value <= self.total_count), "whole numbers from 0 to total_count"
        )
        return self._log_prob(value)

    def _log_prob(self, value: Tensor) -> Tensor:
        n = self.total_count
        ways = log_factorial(n) - log_factorial(value) - log_factorial(n - value)
        # p^k (1 - p)^(n - k) = exp(k l) / (1 + exp(l))^n with the logit l
        return ways + value * self.logits - n * softplus(self.logits)

    def entropy(self) -> Tensor:
        """Return the entropy in nats, the sum of -p log p over all counts."""
        most = int(self.total_count.max().item())
        counts = arange(most + 1).float().reshape((-1, *[1] * len(self.batch_shape)))
        possible = counts <= self.total_count
        logs = self._log_prob(counts.minimum(self.total_count))
        return -_core.where(possible, logs.exp() * logs, 0.0).sum(0)
