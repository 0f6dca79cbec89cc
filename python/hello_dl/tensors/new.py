"""Tensors made like another one, drawn normally with given means, and counted in powers."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.creation import full, make, shape_of, tensor, zeros
from hello_dl.tensors.draws import randint
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.random import Generator, numpy_generator


def _dtype(input: Tensor, dtype: Any) -> Any:
    return input.dtype if dtype is None else dtype


def new_zeros(
    input: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any
) -> Tensor:
    """Make zeros of these sizes, in the dtype of input."""
    shape = shape_of(size, "new_zeros", _.pop("size", None))
    return zeros(shape, dtype=_dtype(input, dtype), device=device, requires_grad=requires_grad)


def new_empty(input: Tensor, *size: Any, **named: Any) -> Tensor:
    """Make a tensor of these sizes whose numbers will be overwritten, in the dtype of input; here zeros."""
    return new_zeros(input, *size, **named)


def new_ones(
    input: Tensor, *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **_: Any
) -> Tensor:
    """Make ones of these sizes, in the dtype of input."""
    shape = shape_of(size, "new_ones", _.pop("size", None))
    return full(shape, 1, dtype=_dtype(input, dtype), device=device, requires_grad=requires_grad)


def new_full(
    input: Tensor,
    size: Any,
    fill_value: float,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **_: Any,
) -> Tensor:
    """Make a tensor of this size with the same number everywhere, in the dtype of input."""
    return full(size, fill_value, dtype=_dtype(input, dtype), device=device, requires_grad=requires_grad)


def new_tensor(
    input: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of these numbers, in the dtype of input."""
    return tensor(data, _dtype(input, dtype), device, requires_grad)


def randint_like(
    input: Tensor, low: int, high: int | None = None, *, dtype: Any = None, device: Any = None, **_: Any
) -> Tensor:
    """Draw integers from low to high - 1, or from 0 to low - 1, in the shape and dtype of input."""
    least, most = (0, low) if high is None else (low, high)
    return randint(int(least), int(most), input.shape, device=device).to(_dtype(input, dtype))


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make `steps` powers of the base whose exponents lie at equal distances from start to end."""
    if steps < 0:
        raise Refusal(f"logspace: needs a number of steps of 0 or more, got {steps}")
    if dtype == "int64":
        start, end = int(start), int(end)
    with np.errstate(all="ignore"):
        numbers = np.power(float(base), np.linspace(float(start), float(end), int(steps)))
    return make(numbers, REAL if dtype is None else dtype, requires_grad, "logspace", device)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """Draw numbers from the normal distribution; mean and std are numbers with a size, or tensors."""
    middle, width = (t.numpy() if isinstance(t, Tensor) else np.asarray(float(t)) for t in (mean, std))
    if (width < 0).any():
        raise Refusal(f"normal: needs a standard deviation of 0 or more, got {width.min()}")
    if size is None and not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        if out is None:
            raise TypeError("normal: needs a size, or a tensor as mean or std")
        size = out.shape
    shape = np.broadcast_shapes(middle.shape, width.shape) if size is None else shape_of((size,), "normal")
    drawn = numpy_generator(generator, "normal").standard_normal(shape, dtype=np.float32)
    y = make(
        np.asarray(drawn * width + middle), REAL if dtype is None else dtype, requires_grad, "normal", device
    )
    return y if out is None else out.copy_(y)
