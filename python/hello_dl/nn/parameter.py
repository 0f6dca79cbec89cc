"""Parameter: a tensor that a module learns; UninitializedParameter: one whose shape is not known yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hello_dl._core import Tensor
from hello_dl.tensors.creation import empty, tensor


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


class UninitializedParameter(Parameter):
    """The parameter of a lazy layer, which gets its shape and numbers when the layer first sees an input.

    It stays the same object then, so that an optimizer may have it already.
    """

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        del device, dtype
        super().__init__(empty(0), requires_grad)
        self._waiting: list[Callable[[], object]] = []

    def when_known(self, function: Callable[[], object]) -> None:
        """Have a function called as soon as the shape is known: an optimizer begins its memory then."""
        self._waiting.append(function)

    def materialize(self, numbers: Tensor | Sequence[int]) -> None:
        """Become a Parameter of this shape, or with these numbers."""
        known = numbers if isinstance(numbers, Tensor) else empty(*numbers)
        fresh = Parameter(known.detach(), self.requires_grad)
        self._become(fresh)
        self.__class__ = Parameter  # type: ignore[assignment]
        for function in self.__dict__.pop("_waiting"):
            function()

    def __deepcopy__(self, memo: dict[Any, Any]) -> UninitializedParameter:
        return UninitializedParameter(self.requires_grad)

    def __repr__(self) -> str:
        return "<UninitializedParameter>"
