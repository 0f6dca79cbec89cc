"""vmap: a function of one sample becomes one of many. Here it is a loop over the samples.

Ops take many samples at once anyway: rows (axis 0) are what the engine cuts into slices. vmap is for what has
no such axis, as the gradient of each sample by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hello_dl._core import Tensor
from hello_dl.tensors.functions import stack

Axes = int | None | tuple[Any, ...] | list[Any] | dict[str, Any]


def vmap(
    func: Callable[..., Any],
    in_dims: Axes = 0,
    out_dims: int | tuple[int, ...] = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Return a function that calls func for each sample, and stacks what it returns along axis out_dims.

    in_dims is the axis of the samples, for all arguments or as a tuple for each; None for an argument that
    all samples share. It is a loop: graphs of many samples are long, and an op of the whole batch is faster.
    randomness and chunk_size are accepted. ValueError for different numbers of samples.
    """
    del randomness, chunk_size

    def mapped(*args: Any, **kwargs: Any) -> Any:
        axes = tuple(in_dims) if isinstance(in_dims, tuple | list) else (in_dims,) * len(args)
        if len(axes) != len(args):
            raise ValueError(f"vmap: needs in_dims for {len(args)} arguments, got {len(axes)}")
        counts: set[int] = set()
        for arg, axis in zip(args, axes, strict=True):
            _count(arg, axis, counts)
        if len(counts) != 1:
            raise ValueError(
                f"vmap: needs one number of samples, got {sorted(counts) or 'no axis of samples'}"
            )
        calls = [
            [_sample(a, axis, i) for a, axis in zip(args, axes, strict=True)] for i in range(counts.pop())
        ]
        results = [func(*call, **kwargs) for call in calls]
        if not results:
            raise ValueError("vmap: needs at least one sample, got none")
        return _stacked(results, out_dims)

    return mapped


def _axis_of(axes: Any, key: Any) -> Any:
    return axes[key] if isinstance(axes, dict | list | tuple) else axes


def _count(value: Any, axis: Any, counts: set[int]) -> None:
    """Add the number of samples of each tensor."""
    if isinstance(value, Tensor) and axis is not None:
        if value.ndim == 0:
            raise ValueError(
                "vmap: needs tensors with an axis of samples, got a single number; in_dims=None?"
            )
        counts.add(value.shape[axis])
    elif isinstance(value, dict):
        for key, part in value.items():
            _count(part, _axis_of(axis, key), counts)
    elif isinstance(value, list | tuple):
        for i, part in enumerate(value):
            _count(part, _axis_of(axis, i), counts)


def _sample(value: Any, axis: Any, i: int) -> Any:
    """Return sample i of each tensor."""
    if isinstance(value, Tensor):
        return value if axis is None else value.select(axis, i)
    if isinstance(value, dict):
        return {key: _sample(part, _axis_of(axis, key), i) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_sample(part, _axis_of(axis, k), i) for k, part in enumerate(value)])
    return value


def _stacked(results: list[Any], axes: Any) -> Any:
    """Return what all calls returned, stacked."""
    first = results[0]
    if isinstance(first, Tensor):
        return stack(results, axes)
    if isinstance(first, dict):
        return {key: _stacked([r[key] for r in results], _axis_of(axes, key)) for key in first}
    if isinstance(first, list | tuple):
        return type(first)([_stacked([r[k] for r in results], _axis_of(axes, k)) for k in range(len(first))])
    raise TypeError(f"vmap: needs a func that returns tensors, got {type(first).__name__}")
