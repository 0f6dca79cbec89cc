"""In-place twins, made of the methods whose names they have with an underscore behind: x.roll_ of x.roll."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors.clones import before_change
from hello_dl.tensors.conversion import convert
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.in_place import change
from hello_dl.tensors.views import family_of, steps_of


def twin(name: str) -> Callable[..., Tensor]:
    """Return the method that puts the result of a method into the tensor itself."""
    method = getattr(Tensor, name[:-1])

    @functools.wraps(method)
    def in_place(self: Tensor, *arguments: Any, **named: Any) -> Tensor:
        y = method(self, *arguments, **named)
        if y.dtype == "bool" and self.dtype != "bool":
            y = convert(y, self.dtype)  # comparisons give 0 and 1 in the tensor's own dtype, as in PyTorch
        return change(self, y, name)

    in_place.__name__, in_place.__qualname__ = name, f"Tensor.{name}"
    in_place.__doc__ = f"Put the result of {name[:-1]} into the tensor itself, and return it."
    return in_place


def reshaping_twin(name: str) -> Callable[..., Tensor]:
    """Return the method that gives the tensor itself the shape which a method's result has."""
    method = getattr(Tensor, name[:-1])

    @functools.wraps(method)
    def in_place(self: Tensor, *arguments: Any, **named: Any) -> Tensor:
        if steps_of(self) or family_of(self):
            raise Refusal(f"{name}: cannot reshape a tensor that shares its numbers; use {name[:-1]}")
        if self.is_leaf and self.requires_grad and _core.is_grad_enabled():
            raise Refusal(f"{name}: a leaf that requires a gradient cannot change in place")
        return _become(self, method(self, *arguments, **named))

    in_place.__name__, in_place.__qualname__ = name, f"Tensor.{name}"
    in_place.__doc__ = f"Give the tensor itself the shape of {name[:-1]}'s result, and return it."
    return in_place


def _become(x: Tensor, y: Tensor) -> Tensor:
    """Let x stand for y, which has x's numbers in another shape."""
    before_change()
    if y.requires_grad:
        return x._become(_core.reshape(y, y.shape))
    numbers = y._raw() if y.dtype == REAL else y.numpy()
    fresh = _core.from_numpy(numbers.copy())
    return x._become(fresh if fresh.dtype == y.dtype else fresh._as_dtype(y.dtype))
