"""How a tensor prints: as in PyTorch, with four decimals and the op it came from, and shortened if large."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.grad_fn import name_of


@dataclass(frozen=True)
class Options:
    """How tensors print; `set_printoptions` changes it."""

    precision: int = 4  # decimals
    threshold: float = 1000  # most numbers of a tensor that is printed whole
    edgeitems: int = 3  # numbers at either end of each axis of a larger one
    linewidth: int = 80  # characters of a line
    sci_mode: bool | None = None  # whether numbers are written as 1.0000e+03; None: where it suits them


_PROFILES = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=math.inf),
}
_now = Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors print: what is None stays, except sci_mode, where it means "choose".

    `profile` is "default", "short" or "full", and comes first. ValueError for another profile.
    """
    global _now
    if profile is not None and profile not in _PROFILES:
        raise Refusal(f"set_printoptions: needs a profile of {', '.join(_PROFILES)}, got {profile!r}")
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    changed: Any = {name: value for name, value in given.items() if value is not None}
    _now = replace(_PROFILES[profile] if profile else _now, **changed, sci_mode=sci_mode)


def _number_format(numbers: NDArray[Any]) -> Callable[[Any], str]:
    """Return a function that writes a number in the style that suits all of them, right-aligned.

    The styles of real numbers are 1. and 0.1234 and 1.2340e-05; the limits between them are PyTorch's.
    """
    if numbers.dtype.kind != "f":
        widest = max((len(str(x)) for x in numbers.ravel().tolist()), default=0)
        return lambda x: str(x).rjust(widest)
    finite = numbers[np.isfinite(numbers)]
    style = _style(np.abs(finite))

    def write(x: Any) -> str:
        return style.format(x) if np.isfinite(x) else str(float(x))

    sized = finite[finite != 0]  # PyTorch gives inf, nan and 0 no room of their own
    width = max((len(write(x)) for x in ((sized.min(), sized.max()) if sized.size else ())), default=0)
    return lambda x: write(x).rjust(width)


def _style(size: NDArray[Any]) -> str:
    """Return the style for real numbers of these sizes."""
    positive = size[size > 0]
    whole = bool((size == np.rint(size)).all())
    far = bool(positive.size) and bool(
        positive.max() > 1e8 or positive.max() / positive.min() > 1e3 or (not whole and positive.min() < 1e-4)
    )
    scientific = _now.sci_mode
    if scientific is None:
        scientific = far and not (whole and bool((size < 1e7).all()))
    if scientific:
        return f"{{:.{_now.precision}e}}"
    return "{:.0f}." if whole else f"{{:.{_now.precision}f}}"


def _places(size: int, summed_up: bool) -> list[int | None]:
    """Return the places of an axis that are printed; None stands for those that are left out."""
    edge = _now.edgeitems
    if not summed_up or size <= 2 * edge:
        return [*range(size)]
    return [*range(edge), None, *range(size - edge, size)]


def _shown(array: NDArray[Any]) -> NDArray[Any]:
    """Return the numbers that are printed: of a large array the first and last places along each axis."""
    if array.size > _now.threshold:
        for axis, size in enumerate(array.shape):
            array = np.take(array, [i for i in _places(size, True) if i is not None], axis)
    return array


def _text(array: NDArray[Any], write: Callable[[Any], str], indent: int, summed_up: bool) -> str:
    """Return an array as nested brackets; a line that follows another begins behind `indent` spaces."""
    if array.ndim == 0:
        return write(array.item() if array.dtype.kind != "f" else array[()])
    inner = " " * (indent + 1)
    places = _places(len(array), summed_up)
    if array.ndim > 1:
        parts = ["..." if i is None else _text(array[i], write, indent + 1, summed_up) for i in places]
        return "[" + ("," + "\n" * (array.ndim - 1) + inner).join(parts) + "]"
    numbers = array.tolist() if array.dtype.kind != "f" else array
    parts = [" ..." if i is None else write(numbers[i]) for i in places]
    in_line = max(1, (_now.linewidth - indent) // (len(parts[0]) + 2)) if parts else 1
    lines = [", ".join(parts[i : i + in_line]) for i in range(0, len(parts), in_line)]
    return "[" + (",\n" + inner).join(lines) + "]"


def represent(t: Tensor, name: str = "tensor") -> str:
    """Return text such as `tensor([1., 2.], requires_grad=True)`. The numbers are computed for it."""
    array = t.numpy()
    write = _number_format(_shown(array))
    text = _text(array, write, len(name) + 1, array.size > _now.threshold)
    extra = []
    if array.size == 0:
        text = "[]"
        if array.ndim != 1:
            extra.append(f"size={array.shape}")
    if t.dtype not in (REAL, "int64", "bool") or (array.size == 0 and t.dtype != REAL):
        extra.append(f"dtype={t.dtype}")
    if t.requires_grad:
        extra.append("requires_grad=True" if t.is_leaf else f"grad_fn=<{name_of(t.op)}>")
    return f"{name}({', '.join([text, *extra])})"
