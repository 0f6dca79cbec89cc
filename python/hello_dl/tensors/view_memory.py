"""The numbers of a tensor in memory: whether they can be overwritten, and how (view_changes.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors import view_steps
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.view_steps import Steps

_numpy = Tensor.numpy  # the engine's own method


def has_memory(x: Tensor) -> bool:
    """Whether the numbers of x can be overwritten: x is a leaf, or no gradient is recorded behind it."""
    return x.is_leaf or not x.requires_grad


def array_of(x: Tensor) -> NDArray[Any]:
    """Return the numbers of x: real ones as they are stored, others as a copy."""
    return x._raw() if x.dtype == REAL else _numpy(x)


def overwrite(base: Tensor, steps: Steps, write: Callable[[NDArray[Any]], None]) -> bool:
    """Call `write` with an array of the numbers that these steps lead to, which it changes.

    Return whether anything else reads these numbers.
    """
    awaited = not base.is_computed and base._references
    base._settle()
    if awaited:  # by expressions made of it, which are to be computed from the old numbers
        base._become(_core.from_numpy(_numpy(base)))
    if base.dtype == REAL:
        array = _numpy(base)
        if array.flags.writeable:  # nothing else reads the numbers
            write(view_steps.in_array(array, steps))
            return False
        del array  # or it would share the numbers
        base._own_numbers()
    array = array_of(base)
    write(view_steps.in_array(array, steps))
    base._assign(base if base.dtype == REAL else _core.from_numpy(array))  # tells who reads them
    return True
