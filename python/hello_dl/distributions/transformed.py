"""Distributions made of others: led through transforms, or mixed; LogNormal is the first such one."""

from __future__ import annotations

from collections.abc import Sequence

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.distributions.continuous import Normal
from hello_dl.distributions.discrete import Categorical
from hello_dl.distributions.distribution import Distribution, Parameter, sum_last
from hello_dl.distributions.transforms import ComposeTransform, ExpTransform, Transform
from hello_dl.tensors.grad_mode import no_grad


class TransformedDistribution(Distribution):
    """The distribution of y = transform(x), x being a draw of the base distribution."""

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.base_dist, self.has_rsample = base_distribution, base_distribution.has_rsample
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        self._all = ComposeTransform(self.transforms)
        shape = base_distribution.batch_shape + base_distribution.event_shape
        events = max(len(base_distribution.event_shape), self._all.event_dim)
        self._extra = events - len(base_distribution.event_shape)
        cut = len(shape) - events
        super().__init__(shape[:cut], shape[cut:], validate_args)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw values, without gradient."""
        with no_grad():
            return self._all(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw values as a function of the parameters, which get a gradient."""
        return self._all(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density: log p(x) - log |dy/dx|."""
        y, total = self._value(value), None
        for transform in reversed(self.transforms):
            x = transform._inverse(y)
            change = transform.log_abs_det_jacobian(x, y)
            change = sum_last(change, len(self.event_shape) - transform.event_dim)
            total = change if total is None else total + change
            y = x
        first = sum_last(self.base_dist.log_prob(y), self._extra)
        return first if total is None else first - total


class LogNormal(TransformedDistribution):
    """exp(x), x from the normal distribution of this loc and scale."""

    names = ("loc", "scale")

    def __init__(self, loc: Parameter, scale: Parameter, validate_args: bool | None = None) -> None:
        self._normal = Normal(loc, scale, validate_args)
        super().__init__(self._normal, ExpTransform(), validate_args)

    @property
    def loc(self) -> Tensor:
        """The mean of the logarithm."""
        return self._normal.loc

    @property
    def scale(self) -> Tensor:
        """The standard deviation of the logarithm."""
        return self._normal.scale

    @property
    def mean(self) -> Tensor:
        """The mean: exp(loc + scale^2 / 2)."""
        return (self.loc + self.scale**2 / 2).exp()

    @property
    def variance(self) -> Tensor:
        """The variance."""
        square = self.scale**2
        return _core.expm1(square) * (2 * self.loc + square).exp()

    def entropy(self) -> Tensor:
        """Return the entropy in nats."""
        return self._normal.entropy() + self.loc


class MixtureSameFamily(Distribution):
    """One of k distributions of a kind, chosen by a Categorical: the last axis of the batch is the choice."""

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        mixture, parts = mixture_distribution, component_distribution
        if not isinstance(mixture, Categorical) or not parts.batch_shape:
            raise ValueError("MixtureSameFamily: needs a Categorical, and components with a batch (..., k)")
        if mixture.param_shape[-1] != parts.batch_shape[-1]:
            raise ValueError(
                f"MixtureSameFamily: needs as many components as choices, got {parts.batch_shape[-1]} and"
                f" {mixture.param_shape[-1]}"
            )
        self.mixture_distribution, self.component_distribution = mixture, parts
        super().__init__(parts.batch_shape[:-1], parts.event_shape, validate_args)

    def _weights(self) -> Tensor:
        """Return the probabilities of the choices, with an axis of length 1 for each of the event."""
        p = self.mixture_distribution.probs
        return p.reshape((*p.shape, *[1] * len(self.event_shape)))

    @property
    def mean(self) -> Tensor:
        """The mean of all components, weighted."""
        return (self._weights() * self.component_distribution.mean).sum(-1 - len(self.event_shape))

    @property
    def variance(self) -> Tensor:
        """The variance within the components, and between them."""
        axis, parts = -1 - len(self.event_shape), self.component_distribution
        within = (self._weights() * parts.variance).sum(axis)
        return within + (self._weights() * (parts.mean - self.mean.unsqueeze(axis)) ** 2).sum(axis)

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw values, without gradient."""
        events = len(self.event_shape)
        with no_grad():
            values = self.component_distribution.sample(sample_shape)
            chosen = self.mixture_distribution.sample(sample_shape)
            places = chosen.reshape((*chosen.shape, *[1] * (events + 1)))
            places = places.expand((*values.shape[: values.ndim - events - 1], 1, *self.event_shape))
            return values.gather(values.ndim - events - 1, places).squeeze(-1 - events)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the weighted densities' sum."""
        value = self._value(value).unsqueeze(-1 - len(self.event_shape))
        return (self.component_distribution.log_prob(value) + self.mixture_distribution.logits).logsumexp(-1)
