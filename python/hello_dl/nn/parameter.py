"""Parameter: a tensor that a module learns."""

from __future__ import annotations

from typing import Any

from hello_dl._core import Tensor
from hello_dl.tensors.creation import tensor


class Parameter(Tensor):
    """A tensor that belongs to a module and that an optimizer may change.

    `data` is a tensor (whose memory is shared), an array or nested lists. If a Parameter is an attribute of a
    Module, the module's `parameters()` finds it. ValueError for integers: they have no gradient.
    """

    def __init__(self, data: Any, requires_grad: bool = True) -> None:
        super().__init__(data if isinstance(data, Tensor) else tensor(data))
        self.requires_grad = requires_grad

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()
