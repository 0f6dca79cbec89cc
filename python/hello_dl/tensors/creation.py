"""Make tensors: from lists and arrays, filled with one number, counted, or drawn at random.

In every function `dtype` is float32, int64 or bool, `device` can only be the CPU, and requires_grad=True
makes a leaf that gets a gradient. TypeError for another dtype, ValueError for another device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import check_device
from hello_dl.tensors.dtypes import REAL, check_dtype
from hello_dl.tensors.random import Generator, numpy_generator
from hello_dl.tensors.shapes import sizes_of

Size = int | Sequence[int]
Array = NDArray[Any]


def _label(array: Array, dtype: Any, who: str) -> str:
    """Return the dtype that a tensor made of this array gets. TypeError if it does not hold numbers."""
    if dtype is not None:
        return check_dtype(dtype, who)
    kind = array.dtype.kind
    if kind not in "fiub":
        raise TypeError(f"{who}: needs numbers, got {array.dtype}")
    return REAL if kind == "f" else "bool" if kind == "b" else "int64"


def _make(array: Array, dtype: Any, requires_grad: bool, who: str, device: Any = None) -> Tensor:
    """Make a tensor that holds a copy of an array; `who` is the function named in error messages."""
    check_device(device, who)
    label = _label(array, dtype, who)
    t = _core.from_numpy(array)
    if t.dtype != label:
        t = t._as_dtype(label)
    if requires_grad:
        t.requires_grad = True
    return t


def _array(data: Any, who: str) -> Array:
    """Return numbers, lists of numbers or a tensor as an array. ValueError for lists of unequal lengths."""
    if isinstance(data, Tensor):
        return data.numpy()
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ValueError(f"{who}: needs lists of equal lengths, got rows that differ ({error})") from None
    if array.size == 0 and not hasattr(data, "dtype"):
        return array.astype(np.float32)  # tensor([]) holds real numbers, as in PyTorch
    return array


def tensor(data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor from a number, lists of numbers, a numpy array or another tensor; the numbers are copied.

    Real numbers become float32, integers int64, truth values bool. ValueError for lists of unequal lengths,
    TypeError for anything but numbers.
    """
    return _make(_array(data, "tensor"), dtype, requires_grad, "tensor", device)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return `data` itself if it is a tensor of this dtype, else a tensor of its numbers."""
    if isinstance(data, Tensor) and (dtype is None or check_dtype(dtype, "as_tensor") == data.dtype):
        check_device(device, "as_tensor")
        return data
    return _make(_array(data, "as_tensor"), dtype, False, "as_tensor", device)


def from_numpy(array: Array) -> Tensor:
    """Make a tensor of a numpy array. The numbers are copied (PyTorch would share them)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: needs a numpy array, got {type(array).__name__}")
    return _make(array, None, False, "from_numpy")


def from_dlpack(other: Any) -> Tensor:
    """Make a tensor of another library's array, such as PyTorch's, through DLPack. The numbers are copied."""
    return _make(np.from_dlpack(other), None, False, "from_dlpack")


def _shape(size: tuple[Any, ...], who: str) -> tuple[int, ...]:
    """Return the shape that f(2, 3) or f((2, 3)) asks for. ValueError for a negative size."""
    shape = sizes_of(size, who)
    if any(s < 0 for s in shape):
        raise ValueError(f"{who}: needs sizes of 0 or more, got {shape}")
    return shape


def full(
    size: Size, fill_value: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of shape `size` with the same number everywhere."""
    return _make(np.full(_shape((size,), "full"), fill_value), dtype, requires_grad, "full", device)


def _filled(
    size: tuple[Any, ...], number: float, dtype: Any, device: Any, requires_grad: bool, who: str
) -> Tensor:
    """Make a tensor of one number everywhere: what zeros, ones and empty share."""
    array = np.full(_shape(size, who), number, np.float32)
    return _make(array, dtype, requires_grad, who, device)


def zeros(*size: Size, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of zeros; the sizes may come one by one or together, as 2, 3 or (2, 3)."""
    return _filled(size, 0, dtype, device, requires_grad, "zeros")


def ones(*size: Size, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor of ones, with sizes as in zeros."""
    return _filled(size, 1, dtype, device, requires_grad, "ones")


def empty(*size: Size, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor whose numbers will be overwritten. Here they are zeros, in PyTorch anything."""
    return _filled(size, 0, dtype, device, requires_grad, "empty")


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Count from `start` (0 if only `end` is given) up to, but not including, `end`, in steps of `step`.

    Integers give int64, real numbers float32. ValueError for a step of 0 or away from `end`.
    """
    if end is None:
        start, end = 0, start
    if step == 0 or (end - start) * step < 0:
        raise ValueError(f"arange: needs a step that leads from {start} to {end}, got {step}")
    return _make(np.arange(start, end, step), dtype, requires_grad, "arange", device)


def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make `steps` real numbers at equal distances, from `start` to `end`, both included."""
    return _make(np.linspace(start, end, steps), dtype, requires_grad, "linspace", device)


def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a matrix (n, m or n) with ones on the diagonal and zeros elsewhere."""
    return _make(np.eye(n, m, dtype=np.float32), dtype, requires_grad, "eye", device)


def rand(
    *size: Size,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw numbers from the uniform distribution from 0 to 1, 1 excluded."""
    drawn = numpy_generator(generator, "rand").random(_shape(size, "rand"), dtype=np.float32)
    return _make(drawn, _real(dtype, "rand"), requires_grad, "rand", device)


def randn(
    *size: Size,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw numbers from the normal distribution with mean 0 and standard deviation 1."""
    drawn = numpy_generator(generator, "randn").standard_normal(_shape(size, "randn"), dtype=np.float32)
    return _make(np.asarray(drawn), _real(dtype, "randn"), requires_grad, "randn", device)


def _real(dtype: Any, who: str) -> str:
    """Return the dtype of real numbers. TypeError if another dtype is asked for."""
    if dtype is not None and check_dtype(dtype, who) != REAL:
        raise TypeError(f"{who}: draws real numbers, got dtype {dtype}")
    return REAL


def randint(
    low: int,
    high: int | Sequence[int] | None = None,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
) -> Tensor:
    """Draw integers from `low` (or 0) up to `high`, not included, as in hello_dl.randint(5, 10, (2, 3))."""
    if size is None and isinstance(high, Sequence):
        return randint(0, low, high, generator=generator, dtype=dtype, device=device)
    if size is None or not isinstance(high, int | np.integer):
        raise TypeError("randint: needs an upper bound and a size, as in randint(0, 10, (2, 3))")
    if high <= low:
        raise ValueError(f"randint: needs an upper bound above {low}, got {high}")
    drawn = numpy_generator(generator, "randint").integers(low, high, _shape((size,), "randint"))
    return _make(np.asarray(drawn), dtype, False, "randint", device)


def randperm(n: int, *, generator: Generator | None = None, device: Any = None) -> Tensor:
    """Return the integers 0 to n - 1 in random order."""
    return _make(numpy_generator(generator, "randperm").permutation(n), None, False, "randperm", device)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Draw class numbers with probabilities in proportion to weights.

    Weights (k,) or (n, k) give int64 (num_samples,) or (n, num_samples). Without replacement no class is
    drawn twice from one row. ValueError for negative or infinite weights, or too few above zero.
    """
    weights = np.asarray(input.numpy(), np.float64)
    rows = weights.reshape(-1, weights.shape[-1])
    finite = weights.ndim in (1, 2) and np.isfinite(rows).all()
    if not finite or (rows < 0).any() or (rows.sum(1) <= 0).any():
        raise ValueError(
            f"multinomial: needs weights (k,) or (n, k), finite and not all zero, got {weights.shape}"
        )
    if not replacement and (np.count_nonzero(rows, axis=1) < num_samples).any():
        raise ValueError(
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
    """Draw a 1 with the probability that each number of `input` gives, else a 0; the shape stays."""
    p = input.numpy()
    return _core.from_numpy((numpy_generator(generator, "bernoulli").random(p.shape) < p).astype(np.float32))


def _like(x: Tensor, dtype: Any) -> Any:
    """Return the dtype that is asked for, or that of x."""
    return x.dtype if dtype is None else dtype


def zeros_like(x: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make zeros in the shape and dtype of x."""
    return zeros(x.shape, dtype=_like(x, dtype), device=device, requires_grad=requires_grad)


def ones_like(x: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make ones in the shape and dtype of x."""
    return ones(x.shape, dtype=_like(x, dtype), device=device, requires_grad=requires_grad)


def empty_like(x: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor in the shape and dtype of x whose numbers will be overwritten. Here they are zeros."""
    return zeros_like(x, dtype=dtype, device=device, requires_grad=requires_grad)


def full_like(
    x: Tensor, fill_value: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make the same number everywhere, in the shape and dtype of x."""
    return full(x.shape, fill_value, dtype=_like(x, dtype), device=device, requires_grad=requires_grad)


def rand_like(x: Tensor, *, generator: Generator | None = None, requires_grad: bool = False) -> Tensor:
    """Draw numbers from the uniform distribution from 0 to 1, in the shape of x."""
    return rand(x.shape, generator=generator, requires_grad=requires_grad)


def randn_like(x: Tensor, *, generator: Generator | None = None, requires_grad: bool = False) -> Tensor:
    """Draw numbers from the normal distribution with mean 0 and standard deviation 1, in the shape of x."""
    return randn(x.shape, generator=generator, requires_grad=requires_grad)
