"""How a tensor prints: as in PyTorch, with four decimals and the op it came from, and shortened if large."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL


def _number_format(numbers: NDArray[Any]) -> Callable[[Any], str]:
    """Return a function that writes a number in the style that suits all of them, right-aligned.

    The styles are 1. and 0.1234 and 1.2340e-05; the limits between them are PyTorch's.
    """
    finite = numbers[np.isfinite(numbers)]
    size = np.abs(finite)
    positive = size[size > 0]
    if (size == np.rint(size)).all() and (size < 1e7).all():
        style = "{:.0f}."
    elif positive.size and (
        positive.max() > 1e8 or positive.min() < 1e-4 or positive.max() / positive.min() > 1e3
    ):
        style = "{:.4e}"
    else:
        style = "{:.4f}"

    def write(x: Any) -> str:
        return style.format(x) if np.isfinite(x) else str(float(x))

    extremes = [*([finite.min(), finite.max()] if finite.size else []), *numbers[~np.isfinite(numbers)][:1]]
    width = max((len(write(x)) for x in extremes), default=0)
    return lambda x: write(x).rjust(width)


def _shown(array: NDArray[Any]) -> NDArray[Any]:
    """Return the first and last three places along each axis of an array of more than 1000 numbers."""
    if array.size > 1000:
        for axis, size in enumerate(array.shape):
            if size > 6:
                array = np.take(array, [0, 1, 2, -3, -2, -1], axis)
    return array


def represent(t: Tensor, name: str = "tensor") -> str:
    """Return text such as `tensor([1., 2.], requires_grad=True)`. The numbers are computed for it."""
    array = t.numpy()
    formats: dict[str, Callable[[Any], str]] = {}
    if array.dtype.kind == "f":
        formats["float_kind"] = _number_format(_shown(array))
    text = np.array2string(
        array,
        max_line_width=80,
        separator=", ",
        prefix=f"{name}(",
        threshold=1000,
        edgeitems=3,
        formatter=formats or None,  # type: ignore[arg-type]
    )
    extra = []
    if array.size == 0:
        text = "[]"
        if array.ndim != 1:
            extra.append(f"size={array.shape}")
    if t.dtype not in (REAL, "int64", "bool") or (array.size == 0 and t.dtype != REAL):
        extra.append(f"dtype={t.dtype}")
    if t.requires_grad:
        extra.append("requires_grad=True" if t.is_leaf else f"grad_fn=<{t.op}>")
    return f"{name}({', '.join([text, *extra])})"
