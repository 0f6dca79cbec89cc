"""Distributions of whole numbers: Bernoulli (0 or 1) and Categorical (0 to k - 1)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.distribution import SMALLEST, Distribution, Given, Parameter, broadcast, is_real
from hello_dl.functional.losses import binary_cross_entropy_with_logits
from hello_dl.tensors.creation import arange
from hello_dl.tensors.draws import multinomial, rand
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.grad_mode import no_grad


class Bernoulli(Distribution):
    """1 with probability probs, else 0. Give probs or logits = log(p / (1 - p))."""

    names = ("probs",)

    def __init__(self, probs: Given = None, logits: Given = None, validate_args: bool | None = None) -> None:
        given = one_of("Bernoulli", probs, logits)
        self.names = ("logits",) if probs is None else ("probs",)
        (self._parameter,) = broadcast("Bernoulli", parameter=given)
        self._has_probs = probs is not None
        super().__init__(self._parameter.shape, (), validate_args)
        p = self._parameter
        if self._has_probs:
            self._check(lambda: (p >= 0) & (p <= 1), "probs from 0 to 1")
        else:
            self._check(lambda: is_real(p), "logits of numbers, got NaN")

    @property
    def probs(self) -> Tensor:
        """The probability of 1."""
        return self._parameter if self._has_probs else _core.sigmoid(self._parameter)

    @property
    def logits(self) -> Tensor:
        """log(p / (1 - p)), p being the probability of 1."""
        if not self._has_probs:
            return self._parameter
        p = self._parameter.clamp(SMALLEST, 1 - SMALLEST)
        return p.log() - _core.log1p(-p)

    @property
    def mean(self) -> Tensor:
        """The mean: the probability of 1."""
        return self.probs

    @property
    def mode(self) -> Tensor:
        """The more likely value; NaN where both are equally likely."""
        half = _core.eq(self.probs, 0.5)
        return _core.where(half, math.nan, (self.probs >= 0.5) * 1.0)

    @property
    def variance(self) -> Tensor:
        """The variance: p (1 - p)."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw zeros and ones, as real numbers."""
        with no_grad():
            return (rand(self._shape(sample_shape)) < self.probs) * 1.0

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of each value, 0 or 1."""
        value = self._value(value)
        self._check(lambda: _core.eq(value * value, value), "values of 0 and 1")
        logits, value = broadcast("Bernoulli", logits=self.logits, value=value)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class Categorical(Distribution):
    """One of the numbers 0 to k - 1. Give probs (..., k), divided by their sum here, or logits (..., k)."""

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        given = one_of("Categorical", probs, logits)
        self.names = ("logits",) if probs is None else ("probs",)
        if not isinstance(given, Tensor) or given.ndim == 0:
            raise ValueError("Categorical: needs probs or logits as a tensor of at least one axis")
        super().__init__(given.shape[:-1], (), validate_args)
        self._num_events = given.shape[-1]
        self._probs = self._logits = None
        if probs is not None:
            self._check(lambda: (given >= 0) & (given.sum(-1, keepdim=True) > 0), ROWS)
            self._probs = given / given.sum(-1, keepdim=True)
        else:
            self._check(lambda: is_real(given), "logits of numbers, got NaN")
            self._logits = given - given.logsumexp(-1, keepdim=True)

    @property
    def probs(self) -> Tensor:
        """The probabilities (..., k)."""
        if self._probs is not None:
            return self._probs
        assert self._logits is not None
        return self._logits.exp()

    @property
    def logits(self) -> Tensor:
        """The logarithms of the probabilities (..., k)."""
        if self._logits is not None:
            return self._logits
        assert self._probs is not None
        return self._probs.clamp(SMALLEST, 1 - SMALLEST).log()

    def expand(self, batch_shape: Sequence[int]) -> Categorical:
        """Return the same distribution for a larger batch."""
        name = self.names[0]
        return Categorical(**{name: getattr(self, name).expand((*batch_shape, self._num_events))})

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of probs and logits."""
        return (*self.batch_shape, self._num_events)

    @property
    def mean(self) -> Tensor:
        """NaN: the numbers are names of classes."""
        return _core.from_numpy(np.full(self.batch_shape, math.nan, REAL))

    @property
    def variance(self) -> Tensor:
        """NaN: the numbers are names of classes."""
        return self.mean

    @property
    def mode(self) -> Tensor:
        """The most likely number."""
        return _core.argmax(self.probs, -1)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw numbers from 0 to k - 1."""
        shape = self._shape(sample_shape)
        count = math.prod(sample_shape)
        if 0 in shape:
            return _core.from_numpy(np.zeros(shape, np.int64))
        with no_grad():
            rows = self.probs.detach().reshape(-1, self._num_events)
            return multinomial(rows, count, replacement=True).t().reshape(shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of each value from 0 to k - 1."""
        value = self._value(value)
        top = self._num_events - 1
        self._check(
            lambda: (value >= 0) & (value <= top) & _core.eq(value, value.long()),
            f"whole numbers from 0 to {top}",
        )
        shape = np.broadcast_shapes(value.shape, self.batch_shape)
        places = value.long().expand(shape).unsqueeze(-1)
        return self.logits.expand((*shape, self._num_events)).gather(-1, places).squeeze(-1)

    def entropy(self) -> Tensor:
        """Return the entropy in nats: -sum p log p."""
        return -(self.probs * self.logits.clamp(min=float(np.finfo(REAL).min))).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """Return all values, 0 to k - 1, along a new first axis; with expand, for each of the batch."""
        values = arange(self._num_events).reshape((-1, *[1] * len(self.batch_shape)))
        return values.expand((-1, *self.batch_shape)) if expand else values


ROWS = "probs of 0 or more, whose sum is above 0"


def one_of(who: str, probs: Parameter | None, logits: Parameter | None) -> Parameter:
    """Return the one of both that was given. ValueError for both or none."""
    if (probs is None) == (logits is None):
        raise ValueError(f"{who}: needs either probs or logits, got {'none' if probs is None else 'both'}")
    given = logits if probs is None else probs
    assert given is not None
    return given
