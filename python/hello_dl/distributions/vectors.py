"""Distributions of vectors: one class as a vector with a single 1, and the counts of several draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.discrete import Categorical
from hello_dl.distributions.distribution import SMALLEST, Distribution, log_factorial
from hello_dl.functional.tables import one_hot
from hello_dl.tensors.creation import arange
from hello_dl.tensors.grad_mode import no_grad


class OfClasses(Distribution):
    """Base class of distributions of vectors (..., k) that come from draws of one of k classes."""

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        self._categorical = Categorical(probs, logits, validate_args)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args)

    @property
    def probs(self) -> Tensor:
        """The probabilities (..., k)."""
        return self._categorical.probs

    @property
    def logits(self) -> Tensor:
        """The logarithms of the probabilities (..., k)."""
        return self._categorical.logits

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of probs and logits."""
        return self._categorical.param_shape


class OneHotCategorical(OfClasses):
    """One of k classes as a vector of zeros with a single 1. Give probs or logits (..., k)."""

    @property
    def mean(self) -> Tensor:
        """The mean: the probabilities."""
        return self.probs

    @property
    def mode(self) -> Tensor:
        """The most likely vector."""
        return one_hot(self._categorical.mode, self.event_shape[0]) * 1.0

    @property
    def variance(self) -> Tensor:
        """The variance: p (1 - p)."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw vectors of zeros with a single 1."""
        return one_hot(self._categorical.sample(sample_shape), self.event_shape[0]) * 1.0

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of each vector."""
        value = self._value(value)
        self._check(
            lambda: _core.eq(value * value, value).all(-1) & _core.eq(value.sum(-1), 1),
            "vectors of zeros with a single 1",
        )
        return self._categorical.log_prob(_core.argmax(value, -1))

    def entropy(self) -> Tensor:
        """Return the entropy in nats: -sum p log p."""
        return self._categorical.entropy()


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """OneHotCategorical whose draws pass gradients on to probs as if they were these (Bengio et al. 2013)."""

    has_rsample = True

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw vectors of zeros with a single 1; their gradient is that of probs."""
        return self.sample(sample_shape) + (self.probs - self.probs.detach())


class Multinomial(OfClasses):
    """How often each of k classes came in total_count draws. Give probs or logits (..., k)."""

    def __init__(
        self,
        total_count: int = 1,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise ValueError(f"Multinomial: needs one total_count for all, an int, got {total_count!r}")
        if total_count < 0:
            raise ValueError(f"Multinomial: needs a total_count of 0 or more, got {total_count}")
        self.total_count = total_count
        super().__init__(probs, logits, validate_args)

    @property
    def mean(self) -> Tensor:
        """The mean: total_count p."""
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        """The variance: total_count p (1 - p)."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw vectors of counts, as real numbers."""
        with no_grad():
            drawn = self._categorical.sample((self.total_count, *sample_shape))
            return one_hot(drawn, self.event_shape[0]).sum(0) * 1.0

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of each vector of counts."""
        value = self._value(value)
        self._check(
            lambda: (value >= 0).all(-1) & _core.eq(value.sum(-1), self.total_count),
            f"counts of 0 or more whose sum is {self.total_count}",
        )
        ways = math.lgamma(self.total_count + 1) - log_factorial(value).sum(-1)
        logits = _core.where(_core.eq(value, 0) & _core.eq(self.logits, -math.inf), 0.0, self.logits)
        return ways + (logits * value).sum(-1)

    def entropy(self) -> Tensor:
        """Return the entropy in nats: each count by itself has a binomial distribution."""
        n = self.total_count
        if n == 0:
            return self._categorical.entropy() * 0
        counts = (arange(n) + 1.0).reshape((n, *[1] * len(self.param_shape)))
        p = self.probs.clamp(SMALLEST, 1 - SMALLEST)
        ways = math.lgamma(n + 1) - log_factorial(counts) - log_factorial(n - counts)
        likely = (ways + counts * p.log() + (n - counts) * _core.log1p(-p)).exp()
        repeats = (likely * log_factorial(counts)).sum(0).sum(-1)
        first: Tensor = n * self._categorical.entropy() - math.lgamma(n + 1)
        return first + repeats
