"""Ops on integers, computed by numpy in int64 where the engine's `real` numbers would round the result.

The engine calls `compute` when all tensors of an op hold integers or truth values, and an input or the
result may be larger than what `real` holds exactly (2^24 for float32). Integers have no gradient, so no graph
is needed: the numbers are computed at once. A result beyond int64 wraps around, as in PyTorch and numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal

Array = NDArray[Any]


def power(base: Any, exponent: Any) -> Any:
    """Return base ** exponent for integers. 1 / base^n is an integer for a base of 1 or -1, else 0."""
    base, exponent = np.asarray(base), np.asarray(exponent)
    positive = np.power(base, np.where(exponent < 0, 0, exponent))
    negative = np.where(base == 1, 1, np.where(base == -1, np.where(exponent % 2 == 0, 1, -1), 0))
    return np.where(exponent < 0, negative, positive)


def _axes(dim: int | Sequence[int] | None) -> Any:
    """Return numpy's axes: no axis at all means all of them, as in PyTorch."""
    return (tuple(dim) or None) if isinstance(dim, list | tuple) else dim


def _sum(x: Array, dim: Any = None, keepdim: bool = False) -> Any:
    return np.sum(x, axis=_axes(dim), keepdims=keepdim, dtype=np.int64)


def _clamp(x: Array, min: Any = None, max: Any = None) -> Any:
    return np.clip(x, min, max) if (min, max) != (None, None) else x


def _index_select(x: Array, dim: int, index: Array) -> Any:
    return np.take(x, index, axis=dim)


def _slice(x: Array, dim: int, start: int, stop: int, step: int = 1) -> Any:
    return x[(slice(None),) * (dim % x.ndim) + (slice(start, stop, step),)]


# What numpy computes for each op of the engine whose result is made of integers or truth values.
OPS: Mapping[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "pow": power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "neg": np.negative,
    "abs": np.abs,
    "relu": lambda x: np.maximum(x, 0),
    "clamp": _clamp,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "logical_not": np.logical_not,
    "where": np.where,
    "tril": np.tril,
    "triu": np.triu,
    "sum": _sum,
    "cumsum": lambda x, dim: np.cumsum(x, axis=dim, dtype=np.int64),
    "matmul": np.matmul,
    "amax": lambda x, dim=None, keepdim=False: np.max(x, axis=_axes(dim), keepdims=keepdim),
    "amin": lambda x, dim=None, keepdim=False: np.min(x, axis=_axes(dim), keepdims=keepdim),
    "argmax": lambda x, dim=None, keepdim=False: np.argmax(x, axis=dim, keepdims=keepdim),
    "argmin": lambda x, dim=None, keepdim=False: np.argmin(x, axis=dim, keepdims=keepdim),
    "gather": lambda x, dim, index: np.take_along_axis(x, index, axis=dim),
    "index_select": _index_select,
    "embedding": lambda index, weight: weight[index],
    "reshape": lambda x, shape: np.reshape(x, shape),
    "permute": lambda x, dims: np.transpose(x, dims),
    "expand": lambda x, shape: np.broadcast_to(x, _expanded(x.shape, shape)),
    "slice": _slice,
    "cat": lambda tensors, dim=0: np.concatenate(tensors, axis=dim),
}


def _expanded(old: tuple[int, ...], new: Any) -> tuple[int, ...]:
    """Return the shape that -1 in `new` leaves as it is."""
    sizes = (new,) if isinstance(new, int) else tuple(new)
    kept = (*([1] * (len(sizes) - len(old))), *old)
    return tuple(k if n == -1 else n for n, k in zip(sizes, kept, strict=True))


def compute(op: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Return the op's result on integers, computed in int64; NotImplemented for an op with a real result."""
    if op not in OPS:
        return NotImplemented
    numbers = [_exact(a) for a in arguments]
    others = {name: _exact(a) for name, a in named.items()}
    try:
        with np.errstate(all="ignore"):
            return _core.from_numpy(np.asarray(OPS[op](*numbers, **others)))
    except OverflowError as error:
        raise Refusal(f"{op}: integers need to lie within int64 ({error})") from None
    except (ValueError, IndexError, TypeError) as error:
        raise type(error)(f"{op}: {error}") from None


def _exact(argument: Any) -> Any:
    """Return tensors as arrays of int64 or bool; anything else as it is."""
    if isinstance(argument, Tensor):
        return argument.numpy()
    if isinstance(argument, list | tuple) and any(isinstance(a, Tensor) for a in argument):
        return [_exact(a) for a in argument]
    return argument


_core._set_integer_ops(compute)
