"""Variable: PyTorch's word, until 2018, for a tensor that records gradients."""

from __future__ import annotations

from typing import Any

from hello_dl._core import Tensor


class _AnyTensor(type):
    """Makes isinstance(x, Variable) true for every tensor, as in PyTorch."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_AnyTensor):
    """Return a tensor of the same numbers, cut off from the graph. Every tensor is a Variable today."""

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Any:
        """Return the tensor; `volatile` once meant no_grad, and today nothing."""
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable: needs a tensor, got {type(data).__name__}")
        del volatile
        return data.detach().requires_grad_(requires_grad)
