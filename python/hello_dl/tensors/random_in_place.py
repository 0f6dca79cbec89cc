"""Methods that overwrite a tensor with drawn numbers, other than uniform_, normal_ and bernoulli_."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl._core import Tensor
from hello_dl._core.types import RandomSource, Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.random import numpy_generator


def random_(
    self: Tensor,
    from_: int = 0,
    to: int | None = None,
    *,
    generator: RandomSource | None = None,
    **named: Any,
) -> Tensor:
    """Overwrite with whole numbers from `from` to `to` - 1; of one number, from 0 to it - 1.

    Without an end: up to the largest that the dtype holds exactly, 2^24 for real numbers.
    """
    low = int(named.pop("from", from_))
    if named:
        raise TypeError(f"random_: got unknown arguments {', '.join(named)}")
    if to is None:
        largest = {"bool": 2, REAL: 2**24 + 1}.get(str.__str__(self.dtype), 2**63 - 1)
        low, to = (0, low) if low else (0, largest)
    if to <= low:
        raise Refusal(f"random_: needs from < to, got {low} and {to}")
    drawn = numpy_generator(generator, "random_").integers(low, to, self.shape)
    return self.copy_(np.asarray(drawn))


def exponential_(self: Tensor, lambd: float = 1, *, generator: RandomSource | None = None) -> Tensor:
    """Overwrite with numbers from the exponential distribution with rate lambd, above 0."""
    if not lambd > 0:
        raise Refusal(f"exponential_: needs a rate above 0, got {lambd}")
    drawn = numpy_generator(generator, "exponential_").exponential(1 / lambd, self.shape)
    return self.copy_(np.asarray(drawn))


def geometric_(self: Tensor, p: float, *, generator: RandomSource | None = None) -> Tensor:
    """Overwrite with how many tries a success of probability p, between 0 and 1, takes: 1, 2, ..."""
    if not 0 < p < 1:
        raise Refusal(f"geometric_: needs a probability between 0 and 1, got {p}")
    return self.copy_(np.asarray(numpy_generator(generator, "geometric_").geometric(p, self.shape)))


def cauchy_(
    self: Tensor, median: float = 0, sigma: float = 1, *, generator: RandomSource | None = None
) -> Tensor:
    """Overwrite with numbers from the Cauchy distribution around its median, of half width sigma above 0."""
    if not sigma > 0:
        raise Refusal(f"cauchy_: needs a sigma above 0, got {sigma}")
    drawn = numpy_generator(generator, "cauchy_").standard_cauchy(self.shape)
    return self.copy_(np.asarray(drawn * sigma + median))


def log_normal_(
    self: Tensor, mean: float = 1, std: float = 2, *, generator: RandomSource | None = None
) -> Tensor:
    """Overwrite with e to the power of normally distributed numbers of this mean and deviation, above 0."""
    if not std > 0:
        raise Refusal(f"log_normal_: needs a standard deviation above 0, got {std}")
    return self.copy_(np.asarray(numpy_generator(generator, "log_normal_").lognormal(mean, std, self.shape)))
