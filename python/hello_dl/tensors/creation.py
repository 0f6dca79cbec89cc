"""Make tensors: from lists and arrays, filled with one number, or counted. draws.py draws them at random.

In every function `dtype` is float32, int64 or bool, `device` can only be the CPU, and requires_grad=True
makes a leaf that gets a gradient. TypeError for another dtype, ValueError for another device. PyTorch's
layout, pin_memory and memory_format change nothing; `out` is a tensor that gets the numbers, too.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal, check_device
from hello_dl.tensors.dtypes import REAL, check_dtype
from hello_dl.tensors.shapes import is_integer, sizes_of

Size = int | Sequence[int]
Array = NDArray[Any]
P = ParamSpec("P")
_HINTS = ("layout", "memory_format", "pin_memory")  # of PyTorch, about memory


def _label(array: Array, dtype: Any, who: str) -> str:
    """Return the dtype that a tensor made of this array gets. TypeError if it does not hold numbers."""
    if dtype is not None:
        return check_dtype(dtype, who)
    kind = array.dtype.kind
    if kind == "O" and all(isinstance(number, int) for number in array.ravel()):
        raise Refusal(f"{who}: integers need to lie within int64, -2^63 to 2^63 - 1; got larger ones")
    if kind not in "fiub":
        raise TypeError(f"{who}: needs numbers, got {array.dtype}")
    return REAL if kind == "f" else "bool" if kind == "b" else "int64"


def make(array: Array, dtype: Any, requires_grad: bool, who: str, device: Any = None) -> Tensor:
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
        raise Refusal(f"{who}: needs lists of equal lengths, got rows that differ ({error})") from None
    if array.size == 0 and not hasattr(data, "dtype"):
        return array.astype(np.float32)  # tensor([]) holds real numbers, as in PyTorch
    return array


def placed(function: Callable[P, Tensor]) -> Callable[P, Tensor]:
    """Return a function that takes PyTorch's hints about memory, which change nothing, and `out`, too."""

    @functools.wraps(function)
    def made(*args: P.args, **named: P.kwargs) -> Tensor:
        if not named:
            return function(*args)  # type: ignore[call-arg]
        for hint in _HINTS:
            named.pop(hint, None)
        out: Any = named.pop("out", None)
        y = function(*args, **named)
        return y if out is None else out.copy_(y)

    return made


@placed
def tensor(data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make a tensor from a number, lists of numbers, a numpy array or another tensor; the numbers are copied.

    Real numbers become float32, integers int64, truth values bool. ValueError for lists of unequal lengths,
    TypeError for anything but numbers.
    """
    return make(_array(data, "tensor"), dtype, requires_grad, "tensor", device)


def of_sizes_or_numbers(data: tuple[Any, ...]) -> Tensor:
    """Return what PyTorch's Tensor(...) is: real numbers from a list, or a tensor of these sizes.

    PyTorch leaves the numbers of Tensor(2, 3) to chance; here they are zeros. Tensor() has the shape (0,).
    """
    if all(is_integer(size) for size in data):
        return empty(*(data or (0,)))
    if len(data) != 1 or isinstance(data[0], float):
        raise TypeError(
            f"Tensor: needs sizes, or a list of numbers, got {data}; tensor(...) takes one number"
        )
    numbers = _array(data[0], "Tensor")
    _label(numbers, None, "Tensor")
    return make(numbers, REAL, False, "Tensor")


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return `data` itself if it is a tensor of this dtype, else a tensor of its numbers."""
    if isinstance(data, Tensor) and (dtype is None or check_dtype(dtype, "as_tensor") == data.dtype):
        check_device(device, "as_tensor")
        return data
    return make(_array(data, "as_tensor"), dtype, False, "as_tensor", device)


def from_numpy(array: Array) -> Tensor:
    """Make a tensor of a numpy array. The numbers are copied (PyTorch would share them)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: needs a numpy array, got {type(array).__name__}")
    return make(array, None, False, "from_numpy")


def from_dlpack(other: Any) -> Tensor:
    """Make a tensor of another library's array, such as PyTorch's, through DLPack. The numbers are copied."""
    return make(np.from_dlpack(other), None, False, "from_dlpack")


def shape_of(sizes: tuple[Any, ...], who: str, size: Any = None) -> tuple[int, ...]:
    """Return the shape that f(2, 3), f((2, 3)) or f(size=(2, 3)) asks for. ValueError for a negative size."""
    if size is not None:
        if sizes:
            raise TypeError(f"{who}: needs sizes one by one, or size=, got both")
        sizes = (size,)
    shape = sizes_of(sizes, who)
    if any(s < 0 for s in shape):
        raise Refusal(f"{who}: needs sizes of 0 or more, got {shape}")
    return shape


@placed
def full(
    size: Size, fill_value: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of shape `size` with the same number everywhere."""
    return make(np.full(shape_of((size,), "full"), fill_value), dtype, requires_grad, "full", device)


def _filled(
    shape: tuple[int, ...], number: float, dtype: Any, device: Any, requires_grad: bool, who: str
) -> Tensor:
    """Make a tensor of one number everywhere: what zeros, ones and empty share."""
    array = np.full(shape, number, np.float32)
    return make(array, dtype, requires_grad, who, device)


@placed
def zeros(
    *sizes: Size, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of zeros; the sizes may come one by one or together, as 2, 3 or (2, 3)."""
    return _filled(shape_of(sizes, "zeros", size), 0, dtype, device, requires_grad, "zeros")


@placed
def ones(
    *sizes: Size, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor of ones, with sizes as in zeros."""
    return _filled(shape_of(sizes, "ones", size), 1, dtype, device, requires_grad, "ones")


@placed
def empty(
    *sizes: Size, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor whose numbers will be overwritten. Here they are zeros, in PyTorch anything."""
    return _filled(shape_of(sizes, "empty", size), 0, dtype, device, requires_grad, "empty")


@placed
def arange(
    start: float | None = None,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Count from `start` (0 if only `end` is given) up to, but not including, `end`, in steps of `step`.

    Integers give int64, real numbers float32; with dtype=int64 the decimals of all three are cut off first,
    as in PyTorch. ValueError for a step of 0 or away from `end`, or for what is not finite.
    """
    if end is None:
        start, end = None, start
    if end is None:
        raise TypeError("arange: needs an end, got none")
    start = 0 if start is None else start
    if not all(math.isfinite(number) for number in (start, end, step)):
        raise Refusal(f"arange: needs finite numbers, got {start}, {end} and {step}")
    if dtype is not None and check_dtype(dtype, "arange") == "int64":
        start, end, step = int(start), int(end), int(step)
    if step == 0 or (end - start) * step < 0:
        raise Refusal(f"arange: needs a step that leads from {start} to {end}, got {step}")
    return make(np.arange(start, end, step), dtype, requires_grad, "arange", device)


@placed
def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Make `steps` real numbers at equal distances, from `start` to `end`, both included.

    With dtype=int64 the decimals of start, end and each number are cut off, as in PyTorch.
    """
    if not is_integer(steps) or steps < 0:
        raise Refusal(f"linspace: needs a whole number of 0 or more as steps, got {steps}")
    for name, number in (("start", start), ("end", end)):
        if isinstance(number, Tensor) and number.ndim:
            raise Refusal(f"linspace: needs one number as {name}, got a tensor of shape {number.shape}")
    start, end = float(start), float(end)
    if dtype is not None and check_dtype(dtype, "linspace") == "int64":
        start, end = int(start), int(end)
    count, step = int(steps), (end - start) / max(1, steps - 1)
    # The second half is counted back from the end, as in PyTorch: that is what decimals are cut off from.
    half = max(1, count // 2)
    down = end - step * np.arange(max(0, count - half))[::-1]
    numbers = np.concatenate([start + step * np.arange(min(half, count)), down])
    return make(numbers, dtype, requires_grad, "linspace", device)


@placed
def eye(
    n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a matrix (n, m or n) with ones on the diagonal and zeros elsewhere."""
    rows, columns = shape_of((n, n if m is None else m), "eye")
    return make(np.eye(rows, columns, dtype=np.float32), dtype, requires_grad, "eye", device)


def _like(input: Tensor, dtype: Any) -> Any:
    """Return the dtype that is asked for, or that of input."""
    return input.dtype if dtype is None else dtype


@placed
def zeros_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make zeros in the shape and dtype of input."""
    return zeros(input.shape, dtype=_like(input, dtype), device=device, requires_grad=requires_grad)


@placed
def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Make ones in the shape and dtype of input."""
    return ones(input.shape, dtype=_like(input, dtype), device=device, requires_grad=requires_grad)


@placed
def empty_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make a tensor in the shape and dtype of x whose numbers will be overwritten. Here they are zeros."""
    return zeros_like(input, dtype=dtype, device=device, requires_grad=requires_grad)


@placed
def full_like(
    input: Tensor, fill_value: float, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Make the same number everywhere, in the shape and dtype of input."""
    return full(
        input.shape, fill_value, dtype=_like(input, dtype), device=device, requires_grad=requires_grad
    )
