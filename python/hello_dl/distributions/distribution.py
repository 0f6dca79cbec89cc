"""What all distributions share: shapes, checks, and Independent, which takes several as one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.grad_mode import no_grad

Shape = tuple[int, ...]
Parameter = Tensor | float
Given = Parameter | None  # of probs and logits, one is given
SMALLEST = float(np.finfo(REAL).eps)  # probabilities are kept this far from 0 and 1 before a logarithm


class Distribution:
    """Base class. A sample has the shape sample_shape + batch_shape + event_shape.

    batch_shape is that of the parameters: so many distributions, independent of each other. event_shape is
    that of one draw: () for a number. `log_prob` returns one number for each draw. Parameters and values are
    checked, with ValueError for what cannot be, unless validate_args is False.
    """

    has_rsample = False
    names: tuple[str, ...] = ()  # of the parameters, as the class takes them

    def __init__(
        self,
        batch_shape: Sequence[int] = (),
        event_shape: Sequence[int] = (),
        validate_args: bool | None = None,
    ) -> None:
        self.batch_shape: Shape = tuple(batch_shape)
        self.event_shape: Shape = tuple(event_shape)
        self._checks = validate_args is not False

    @property
    def mean(self) -> Tensor:
        """The mean, in the shape batch_shape + event_shape."""
        raise self._lacks("mean")

    @property
    def variance(self) -> Tensor:
        """The variance, in the shape batch_shape + event_shape."""
        raise self._lacks("variance")

    @property
    def stddev(self) -> Tensor:
        """The standard deviation, in the shape batch_shape + event_shape."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw values, without gradient."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw values as a function of the parameters, which get a gradient (Kingma, Welling 2014, 2.4)."""
        del sample_shape
        raise self._lacks("rsample: a draw of it has no derivative; use sample, and log_prob for REINFORCE")

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability, or of its density, of each value."""
        del value
        raise self._lacks("log_prob")

    def entropy(self) -> Tensor:
        """Return the entropy in nats, in the shape batch_shape."""
        raise self._lacks("entropy")

    def cdf(self, value: Tensor) -> Tensor:
        """Return the probability of a number up to each value."""
        del value
        raise self._lacks("cdf")

    def expand(self, batch_shape: Sequence[int]) -> Distribution:
        """Return the same distribution for a larger batch."""
        if not self.names:
            raise self._lacks("expand: give it larger parameters")
        shape = (*batch_shape, *self.event_shape)
        return type(self)(**{name: getattr(self, name).expand(shape) for name in self.names})

    def sample_n(self, n: int) -> Tensor:
        """Draw n values, as sample((n,))."""
        return self.sample((n,))

    def perplexity(self) -> Tensor:
        """Return e^entropy: among how many equally likely values the choice would be as uncertain."""
        return self.entropy().exp()

    def _lacks(self, what: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} has no {what}")

    def _shape(self, sample_shape: Sequence[int]) -> Shape:
        """Return the shape of a sample."""
        return (*sample_shape, *self.batch_shape, *self.event_shape)

    def _check(self, right: Callable[[], Tensor], what: str) -> None:
        """Raise ValueError unless all numbers of right() are true."""
        if not self._checks:
            return
        with no_grad():
            fits = bool(right().all())
        if not fits:
            raise ValueError(f"{type(self).__name__}: needs {what}")

    def _value(self, value: Any) -> Tensor:
        """Return a value whose shape fits. TypeError for something else than a tensor, ValueError if not."""
        name = type(self).__name__
        if not isinstance(value, Tensor):
            raise TypeError(f"{name}: log_prob needs a tensor, got {type(value).__name__}")
        shape, events = self.batch_shape + self.event_shape, len(self.event_shape)
        try:
            if events and value.shape[-events:] != self.event_shape:
                raise ValueError
            np.broadcast_shapes(value.shape, shape)
        except ValueError:
            raise ValueError(
                f"{name}: needs values of a shape that fits {shape}, got {value.shape}"
            ) from None
        return value

    def __repr__(self) -> str:
        if not self.names:
            return f"{type(self).__name__}(batch_shape={self.batch_shape}, event_shape={self.event_shape})"
        known = {name: getattr(self, name) for name in self.names}
        small = all(t.numel() == 1 for t in known.values())
        parts = (f"{name}: {t if small else repr(t.shape)}" for name, t in known.items())
        return f"{type(self).__name__}({', '.join(parts)})"


class Independent(Distribution):
    """Take the last axes of a batch of distributions as one draw: log_prob and entropy add up over them."""

    def __init__(
        self,
        base_distribution: Distribution,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        batch, count = base_distribution.batch_shape, reinterpreted_batch_ndims
        if not 0 <= count <= len(batch):
            raise ValueError(f"Independent: needs 0 to {len(batch)} axes of the batch {batch}, got {count}")
        self.base_dist, self.reinterpreted_batch_ndims = base_distribution, count
        self.has_rsample = base_distribution.has_rsample
        kept = len(batch) - count
        super().__init__(batch[:kept], batch[kept:] + base_distribution.event_shape, validate_args)

    @property
    def mean(self) -> Tensor:
        """The mean, in the shape batch_shape + event_shape."""
        return self.base_dist.mean

    @property
    def variance(self) -> Tensor:
        """The variance, in the shape batch_shape + event_shape."""
        return self.base_dist.variance

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw values, without gradient."""
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        """Draw values as a function of the parameters, which get a gradient."""
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density of each value."""
        return sum_last(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Tensor:
        """Return the entropy in nats, in the shape batch_shape."""
        return sum_last(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"


def sum_last(x: Tensor, axes: int) -> Tensor:
    """Return x summed over its last axes."""
    return _core.sum(x, list(range(x.ndim - axes, x.ndim))) if axes else x


def broadcast(who: str, **parameters: Parameter) -> list[Tensor]:
    """Return all parameters as tensors of one shape. ValueError if they do not fit each other."""
    given = [p if isinstance(p, Tensor) else tensor(float(p)) for p in parameters.values()]
    given = [p if p.dtype == REAL else p.float() for p in given]
    try:
        shape = np.broadcast_shapes(*(p.shape for p in given))
    except ValueError:
        shapes = ", ".join(f"{name} {p.shape}" for name, p in zip(parameters, given, strict=True))
        raise ValueError(f"{who}: needs parameters whose shapes fit each other, got {shapes}") from None
    return [p if p.shape == shape else p.expand(shape) for p in given]


def is_real(x: Tensor) -> Tensor:
    """Return where x is a number, not NaN."""
    return _core.eq(x, x)


def log_factorial(counts: Tensor) -> Tensor:
    """Return log(n!) of each number, without gradient."""
    numbers = np.vectorize(math.lgamma, otypes=[np.float64])(counts.detach().numpy().astype(np.float64) + 1)
    return _core.from_numpy(np.asarray(numbers, dtype=REAL))
