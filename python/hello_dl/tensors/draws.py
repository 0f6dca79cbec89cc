"""Tensors of random numbers, drawn by a Generator or the global one; see creation.py for dtype and device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import Size, make, placed, shape_of
from hello_dl.tensors.dtypes import REAL, check_dtype
from hello_dl.tensors.random import Generator, numpy_generator


@placed
def rand(
    *sizes: Size,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw numbers from the uniform distribution from 0 to 1, 1 excluded."""
    drawn = numpy_generator(generator, "rand").random(shape_of(sizes, "rand", size), dtype=np.float32)
    return make(drawn, _real(dtype, "rand"), requires_grad, "rand", device)


@placed
def randn(
    *sizes: Size,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw numbers from the normal distribution with mean 0 and standard deviation 1."""
    drawn = numpy_generator(generator, "randn").standard_normal(
        shape_of(sizes, "randn", size), dtype=np.float32
    )
    return make(np.asarray(drawn), _real(dtype, "randn"), requires_grad, "randn", device)


def _real(dtype: Any, who: str) -> str:
    """Return the dtype of real numbers. TypeError if another dtype is asked for."""
    if dtype is not None and check_dtype(dtype, who) != REAL:
        raise TypeError(f"{who}: draws real numbers, got dtype {dtype}")
    return REAL


@placed
def randint(
    low: int | Tensor = 0,
    high: int | Tensor | Sequence[int] | None = None,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
) -> Tensor:
    """Draw integers from `low` (or 0) up to `high`, not included, as in hello_dl.randint(5, 10, (2, 3))."""
    if isinstance(high, Sequence):  # randint(10, (2, 3))
        high, size = None, high
    low, high = (0, low) if high is None else (low, high)
    bounds: list[Any] = [value.item() if isinstance(value, Tensor) else value for value in (low, high)]
    if size is None or not all(isinstance(value, int | np.integer) for value in bounds):
        raise TypeError("randint: needs an upper bound and a size, as in randint(0, 10, (2, 3))")
    if bounds[1] <= bounds[0]:
        raise Refusal(f"randint: needs an upper bound above {bounds[0]}, got {bounds[1]}")
    drawn = numpy_generator(generator, "randint").integers(bounds[0], bounds[1], shape_of((size,), "randint"))
    return make(np.asarray(drawn), dtype, False, "randint", device)


@placed
def randperm(n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None) -> Tensor:
    """Return the integers 0 to n - 1 in random order."""
    (count,) = shape_of((n,), "randperm")
    return make(numpy_generator(generator, "randperm").permutation(count), dtype, False, "randperm", device)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Draw class numbers with probabilities in proportion to weights.

    Weights (k,) or (n, k) give int64 (num_samples,) or (n, num_samples). Without replacement no class is
    drawn twice from one row. ValueError for negative or infinite weights, or too few above zero, TypeError
    for weights that are no real numbers.
    """
    if input.dtype != REAL:
        raise TypeError(f"multinomial: needs real numbers as weights, got {input.dtype}; use .float() first")
    weights = np.asarray(input.numpy(), np.float64)
    rows = weights.reshape(-1, weights.shape[-1])
    finite = weights.ndim in (1, 2) and np.isfinite(rows).all()
    if not finite or (rows < 0).any() or (rows.sum(1) <= 0).any():
        raise Refusal(
            f"multinomial: needs weights (k,) or (n, k), finite and not all zero, got {weights.shape}"
        )
    if not replacement and (np.count_nonzero(rows, axis=1) < num_samples).any():
        raise Refusal(
            f"multinomial: cannot draw {num_samples} without replacement from fewer weights above zero"
        )
    draws = numpy_generator(generator, "multinomial")
    if replacement:
        edges = np.cumsum(rows, axis=1)
        points = draws.random((len(rows), num_samples)) * edges[:, -1:]
        chosen = np.stack(
            [np.searchsorted(e[:-1], p, side="right") for e, p in zip(edges, points, strict=True)]
        )
    else:
        # The k largest of log(w) + Gumbel noise: a draw without replacement (Kool et al., 2019, section 3).
        with np.errstate(divide="ignore"):
            keys = np.log(rows) + draws.gumbel(size=rows.shape)
        chosen = np.argsort(-keys, axis=1)[:, :num_samples]
    return _core.from_numpy(chosen.reshape(*weights.shape[:-1], num_samples))


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """Draw a 1 with the probability that each number of `input` gives, else a 0; the shape stays.

    ValueError for a number that is no probability.
    """
    p = input.numpy()
    if not ((p >= 0) & (p <= 1)).all():
        raise Refusal(f"bernoulli: needs probabilities from 0 to 1, got {p.min()} to {p.max()}")
    drawn = numpy_generator(generator, "bernoulli").random(p.shape) < p
    return _core.from_numpy(np.asarray(drawn, np.float32))


@placed
def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw numbers from the uniform distribution from 0 to 1, in the shape of input."""
    return rand(input.shape, generator=generator, dtype=dtype, device=device, requires_grad=requires_grad)


@placed
def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw numbers from the normal distribution with mean 0 and deviation 1, in the shape of input."""
    return randn(input.shape, generator=generator, dtype=dtype, device=device, requires_grad=requires_grad)
