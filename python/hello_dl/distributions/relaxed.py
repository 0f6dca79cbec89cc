"""Choices that are nearly made, so that they have a gradient: between classes, as the temperature falls."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.discrete import Bernoulli
from hello_dl.distributions.distribution import SMALLEST, Distribution, Given, Parameter
from hello_dl.distributions.transforms import SigmoidTransform
from hello_dl.distributions.vectors import OfClasses
from hello_dl.functional.activations import softplus
from hello_dl.tensors.draws import rand


def _noise(shape: tuple[int, ...]) -> Tensor:
    """Draw numbers between 0 and 1, both excluded."""
    return rand(shape).clamp(SMALLEST, 1 - SMALLEST)


class RelaxedBernoulli(Distribution):
    """A number between 0 and 1, near one of both if the temperature is low (Maddison, Mnih, Teh 2017)."""

    has_rsample = True

    def __init__(
        self,
        temperature: Parameter,
        probs: Given = None,
        logits: Given = None,
        validate_args: bool | None = None,
    ) -> None:
        once = Bernoulli(probs, logits, validate_args)
        self.temperature, self.probs, self.logits = temperature, once.probs, once.logits
        super().__init__(once.batch_shape, (), validate_args)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw numbers between 0 and 1."""
        u = _noise(self._shape(sample_shape))
        return SigmoidTransform()((self.logits + u.log() - _core.log1p(-u)) / self.temperature)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each number between 0 and 1."""
        sigmoid = SigmoidTransform()
        x = sigmoid._inverse(self._value(value))
        z = self.logits - x * self.temperature
        log_temperature = _log(self.temperature)
        return log_temperature + z - 2 * softplus(z) - sigmoid.log_abs_det_jacobian(x, value)


class RelaxedOneHotCategorical(OfClasses):
    """Shares of k classes, near one class alone if the temperature is low (Jang, Gu, Poole 2017)."""

    has_rsample = True

    def __init__(
        self,
        temperature: Parameter,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        self.temperature = temperature
        super().__init__(probs, logits, validate_args)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw softmax((logits + Gumbel numbers) / temperature)."""
        noise = -(-_noise(self._shape(sample_shape)).log()).log()
        return ((self.logits + noise) / self.temperature).softmax(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each vector of shares."""
        value, k = self._value(value), self.event_shape[0]
        score = self.logits - value.log() * self.temperature
        score = (score - score.logsumexp(-1, keepdim=True)).sum(-1)
        scale = math.lgamma(k) + (k - 1) * _log(self.temperature)
        return score + scale - value.log().sum(-1)


def _log(temperature: Parameter) -> Tensor | float:
    return temperature.log() if isinstance(temperature, Tensor) else math.log(temperature)
