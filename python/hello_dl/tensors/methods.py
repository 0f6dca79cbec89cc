"""Tensor's methods in Python: operators, Python's protocols, and all other methods attached to the C++ class.

The class itself, its numbers and its ops are C++ (cpp/engine/graph.hh, cpp/bindings/). A method that only
rearranges arguments, or composes ops, is written in Python, with PyTorch's name and meaning. The methods are
in arithmetic.py, shapes.py, parts.py, reductions.py, order.py, in_place.py, conversion.py and this file.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import Refusal
from hello_dl.tensors import indexing, later, printing
from hello_dl.tensors.argument_names import with_numpys_names
from hello_dl.tensors.arithmetic import ArithmeticMethods, remainder, rounded
from hello_dl.tensors.conversion import ConversionMethods
from hello_dl.tensors.creation import of_sizes_or_numbers
from hello_dl.tensors.dtypes import REAL
from hello_dl.tensors.gradients import HookMethods, add_gradients, call_after_backward, reached
from hello_dl.tensors.in_place import InPlaceMethods
from hello_dl.tensors.instead import lacks
from hello_dl.tensors.order import OrderMethods
from hello_dl.tensors.parts import PartMethods, row
from hello_dl.tensors.reductions import ReductionMethods
from hello_dl.tensors.shapes import ShapeMethods
from hello_dl.tensors.torch_face import CALLED_BY_NUMPY, FaceMethods, taking_out
from hello_dl.tensors.view_steps import PART

_init, _backward = Tensor.__init__, Tensor.backward  # the engine's own, before they get PyTorch's arguments


def _is_number(x: object) -> bool:
    """Whether x can be compared with a tensor number by number."""
    return isinstance(x, Tensor | int | float | np.ndarray | np.generic)


def _bitwise(who: str, function: Any, *operands: Any) -> Tensor:
    """Return a function of the bits of integers or truth values. TypeError for real numbers."""
    arrays = [x.numpy() if isinstance(x, Tensor) else np.asarray(x) for x in operands]
    for array in arrays:
        if array.dtype.kind not in "iub":
            raise TypeError(f"{who}: needs truth values (bool) or integers, got {array.dtype}")
    try:
        return _core.from_numpy(np.asarray(function(*arrays)))
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise Refusal(f"{who}: needs shapes that broadcast, got {shapes}") from None


def _are_truths(*operands: Any) -> bool:
    """Whether all operands are tensors, arrays or numbers that hold truth values."""
    return all(
        x.dtype == "bool" if isinstance(x, Tensor | np.ndarray | np.generic) else isinstance(x, bool)
        for x in operands
    )


class TensorMethods(Tensor):
    """Operators, Python's protocols and small compositions. _attach moves these methods to Tensor itself."""

    def __init__(self, *data: Any) -> None:
        _init(self, data[0] if len(data) == 1 and isinstance(data[0], Tensor) else of_sizes_or_numbers(data))

    # ---- operators with the tensor on the right, and those without an op of their own ----------------------

    def __rsub__(self, other: Any) -> Tensor:
        return _core.sub(other, self)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _core.div(other, self)

    def __rpow__(self, other: Any) -> Tensor:
        return _core.pow(other, self)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _core.matmul(other, self)

    def __eq__(self, other: Any) -> Any:
        return _core.eq(self, other) if _is_number(other) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        return _core.ne(self, other) if _is_number(other) else NotImplemented

    def __hash__(self) -> int:
        return id(self)

    def __pos__(self) -> Tensor:
        return self

    def __floordiv__(self, other: Any) -> Tensor:
        return rounded(self, other, "floor")

    def __rfloordiv__(self, other: Any) -> Tensor:
        return rounded(other, self, "floor")

    def __mod__(self, other: Any) -> Tensor:
        return remainder(self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return remainder(other, self)

    def __and__(self, other: Any) -> Tensor:
        truths = _are_truths(self, other)
        return _core.mul(self, other).bool() if truths else _bitwise("&", np.bitwise_and, self, other)

    def __or__(self, other: Any) -> Tensor:
        truths = _are_truths(self, other)
        return _core.maximum(self, other).bool() if truths else _bitwise("|", np.bitwise_or, self, other)

    def __xor__(self, other: Any) -> Tensor:
        return (
            _core.ne(self, other) if _are_truths(self, other) else _bitwise("^", np.bitwise_xor, self, other)
        )

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Tensor:
        return _core.logical_not(self) if _are_truths(self) else _bitwise("~", np.invert, self)

    # ---- Python's own protocols ----------------------------------------------------------------------------

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len: a tensor without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            raise TypeError("iter: a tensor without axes cannot be iterated over")
        return (row(self, 0, i, PART) for i in range(self.shape[0]))

    def __contains__(self, number: Any) -> bool:
        return bool((self.numpy() == (number.numpy() if isinstance(number, Tensor) else number)).any())

    def __bool__(self) -> bool:
        if self.numel() != 1:
            raise Refusal(
                f"bool: a tensor of shape {self.shape} is neither true nor false; use .any() or .all()"
            )
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.dtype == REAL or self.numel() != 1:
            raise TypeError(f"index: needs a tensor of one integer, got {self.dtype} of shape {self.shape}")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item() if self.ndim == 0 or (spec and self.numel() == 1) else repr(self), spec)

    def __repr__(self) -> str:
        return printing.represent(self)

    def __getitem__(self, key: Any) -> Tensor:
        return indexing.get(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        indexing.put(self, key, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise AttributeError(f"Tensor has no '{name}': {lacks(f'torch.Tensor.{name}')}")

    # ---- gradients -----------------------------------------------------------------------------------------

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Add the derivatives of this number to the .grad of every leaf it depends on (chapter 3).

        A tensor of several numbers needs `gradient`, dL/d(this), in its own shape. The graph is freed unless
        retain_graph is true. With `inputs`, only their .grad changes. With create_graph the gradients are
        expressions that can be differentiated again.
        """
        if create_graph:
            importlib.import_module("hello_dl.autograd").backward(self, gradient, True, True, inputs)
        elif inputs is None:
            _backward(self, gradient, bool(retain_graph))
        else:
            alone = [inputs] if isinstance(inputs, Tensor) else list(inputs)
            add_gradients([self], [gradient], alone, bool(retain_graph))
        if reached:
            call_after_backward()

    # ---- small compositions --------------------------------------------------------------------------------

    def square(self) -> Tensor:
        """Return x * x."""
        return _core.pow(self, 2)

    def reciprocal(self) -> Tensor:
        """Return 1 / x."""
        return _core.div(1.0, self)

    def rsqrt(self) -> Tensor:
        """Return 1 / sqrt(x)."""
        return _core.div(1.0, _core.sqrt(self))

    def dot(self, other: Tensor) -> Tensor:
        """Return the dot product of two vectors (n,): the sum of their products."""
        if self.ndim != 1 or self.shape != other.shape:
            raise Refusal(f"dot: needs two vectors of one length, got {self.shape} and {other.shape}")
        return _core.sum(_core.mul(self, other))

    def allclose(
        self, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
    ) -> bool:
        """Return whether all numbers differ by at most rtol * |other| + atol."""
        return bool(np.allclose(self.numpy(), other.numpy(), rtol, atol, equal_nan))

    def equal(self, other: Tensor) -> bool:
        """Return whether both have the same shape and the same numbers."""
        return self.shape == other.shape and bool((self.numpy() == other.numpy()).all())


# Other names of ops: Python's operators, and PyTorch's second names.
ALIASES = {
    "abs": ("__abs__", "absolute"),
    "add": ("__add__", "__radd__"),
    "div": ("__truediv__",),
    "ge": ("__ge__", "greater_equal"),
    "gt": ("__gt__", "greater"),
    "le": ("__le__", "less_equal"),
    "lt": ("__lt__", "less"),
    "matmul": ("__matmul__", "mm", "bmm", "mv"),
    "mul": ("__mul__", "__rmul__", "multiply"),
    "neg": ("__neg__", "negative"),
    "pow": ("__pow__",),
    "sub": ("__sub__",),
}
PARTS: tuple[type[Tensor], ...] = (
    ShapeMethods,
    PartMethods,
    ArithmeticMethods,
    ReductionMethods,
    OrderMethods,
    InPlaceMethods,
    HookMethods,
    ConversionMethods,
    FaceMethods,
    TensorMethods,
)


def members(part: type[Tensor]) -> dict[str, Any]:
    """Return what a class of this folder defines, without what Python adds to every class."""
    added = {"__module__", "__doc__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}
    return {name: member for name, member in vars(part).items() if name not in added}


def _attach() -> None:
    """Give the C++ class the methods written in Python, and its ops their operators and second names."""
    Tensor._assign = Tensor.copy_  # type: ignore[method-assign]
    for op, names in ALIASES.items():
        for name in names:
            setattr(Tensor, name, getattr(Tensor, op))
    for part in PARTS:
        for name, member in members(part).items():
            if hasattr(member, "__qualname__"):
                member.__qualname__ = f"Tensor.{name}"
            setattr(Tensor, name, with_numpys_names(name, member))
    for name in CALLED_BY_NUMPY:
        setattr(Tensor, name, taking_out(getattr(Tensor, name)))
    Tensor.__module__ = "hello_dl"
    later.attach()


_attach()
