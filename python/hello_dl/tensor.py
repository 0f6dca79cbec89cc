"""Tensor's Python side: operators, conversions and copies, attached to the C++ class together with its other methods.

The class itself, its numbers and its ops are C++ (cpp/graph.hh, cpp/bindings.cc). What only rearranges arguments, or
composes ops, is written here: PyTorch's names and meanings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core, indexing, printing
from ._core import Tensor
from .dtypes import CPU, REAL, check_device, check_dtype, device
from .inplace import InPlace
from .reducing import Reducing
from .shaping import Shaping

_detached_now = Tensor.detach  # C++'s own, before they get the friendlier ones below
_backward = Tensor.backward


def _rebuild(kind: type[Tensor], numbers: NDArray[Any], requires_grad: bool) -> Tensor:
    """Make the tensor that was pickled or copied."""
    t = _core.from_numpy(numbers)
    if kind is not Tensor:
        t = kind(t)
    if t.requires_grad != requires_grad:
        t.requires_grad = requires_grad
    return t


class Face(Tensor):
    """These methods are moved to Tensor itself; as a class of their own they only read better."""

    __array_ufunc__ = None  # numpy leaves `array + tensor` to the tensor

    # ---- arithmetic with the tensor on the right; the rest is C++'s ------------------------------------------------

    def __rsub__(self, other: Any) -> Tensor:
        return _core.sub(other, self)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _core.div(other, self)

    def __rpow__(self, other: Any) -> Tensor:
        return _core.pow(other, self)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _core.matmul(other, self)

    def __eq__(self, other: object) -> Any:
        return _core.eq(self, other) if _is_number(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return _core.ne(self, other) if _is_number(other) else NotImplemented

    def __hash__(self) -> int:
        return id(self)

    def __pos__(self) -> Tensor:
        return self

    def __floordiv__(self, other: Any) -> Tensor:
        return _floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return _floor_divide(other, self)

    def __mod__(self, other: Any) -> Tensor:
        return _core.sub(self, _core.mul(_floor_divide(self, other), other))

    def __and__(self, other: Any) -> Tensor:
        return _core.mul(_truth(self, "&"), _truth(other, "&")).bool()

    def __or__(self, other: Any) -> Tensor:
        return _core.maximum(_truth(self, "|"), _truth(other, "|")).bool()

    def __xor__(self, other: Any) -> Tensor:
        return _core.ne(_truth(self, "^"), _truth(other, "^"))

    def __invert__(self) -> Tensor:
        return _core.logical_not(_truth(self, "~"))

    # ---- Python's own conversions ----------------------------------------------------------------------------------

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len: a tensor without axes has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            raise TypeError("iter: a tensor without axes cannot be iterated over")
        return (self[i] for i in range(self.shape[0]))

    def __contains__(self, number: Any) -> bool:
        return bool((self.numpy() == (number.numpy() if isinstance(number, Tensor) else number)).any())

    def __bool__(self) -> bool:
        if self.numel() != 1:
            raise ValueError(f"bool: a tensor of shape {self.shape} is neither true nor false; use .any() or .all()")
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
        return format(self.item(), spec) if spec and self.numel() == 1 else format(repr(self), spec)

    def __repr__(self) -> str:
        return printing.represent(self)

    def __getitem__(self, key: Any) -> Tensor:
        return indexing.get(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        indexing.put(self, key, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise AttributeError(f"Tensor has no '{name}' (hello_dl does not have PyTorch's Tensor.{name})")

    def item(self) -> Any:
        """Return the number in a tensor of one number, as Python's own."""
        numbers = self._raw()
        if numbers.size != 1:
            raise ValueError(f"item: needs a tensor of one number, got shape {self.shape}")
        number = numbers.item()
        return number if self.dtype == REAL else bool(number) if self.dtype == "bool" else int(number)

    def tolist(self) -> Any:
        """Return the numbers as nested Python lists."""
        return self.numpy().tolist()

    # ---- arrays of other libraries ---------------------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            if copy is False:
                raise ValueError(f"__array__: {self.dtype} numbers cannot be {np.dtype(dtype)} without a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    def __dlpack__(self, **options: Any) -> Any:
        return self.numpy().__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)  # kDLCPU

    # ---- copies ----------------------------------------------------------------------------------------------------

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _rebuild, (type(self), self.numpy().copy(), self.requires_grad)

    def __copy__(self) -> Tensor:
        return _rebuild(type(self), self.numpy(), self.requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        t = _rebuild(type(self), self.numpy(), self.requires_grad)
        if self.grad is not None:
            t.grad = self.grad
        memo[id(self)] = t
        return t

    def clone(self) -> Tensor:
        """Return an expression with the same numbers; gradients flow through it."""
        if self.is_computed and not (self.requires_grad and _core.is_grad_enabled()):
            return _core.from_numpy(self._raw())._as_dtype(self.dtype)
        return _core.reshape(self, self.shape)

    def detach(self) -> Tensor:
        """Return the same numbers, cut off from the graph; nothing is computed for it."""
        if self.is_computed:
            return _detached_now(self)
        before = _core.is_grad_enabled()
        _core.set_grad_enabled(False)
        try:
            return _core.reshape(self, self.shape)
        finally:
            _core.set_grad_enabled(before)

    @property
    def data(self) -> Tensor:
        """The same numbers without gradient; assigning to it overwrites them."""
        return self.detach()

    @data.setter
    def data(self, numbers: Tensor) -> None:
        self._assign(numbers)

    # ---- gradients -------------------------------------------------------------------------------------------------

    def backward(
        self, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """Add the derivatives of this number to the .grad of every leaf it depends on (chapter 3).

        A tensor of several numbers needs `gradient`, dL/d(this), of its own shape. The graph is freed unless
        retain_graph is true. Derivatives of derivatives (create_graph) do not exist here.
        """
        if create_graph:
            raise ValueError("backward: hello_dl has no create_graph (no derivatives of derivatives)")
        _backward(self, gradient, bool(retain_graph))

    # ---- dtype and device ------------------------------------------------------------------------------------------

    @property
    def device(self) -> device:
        """Where the tensor lives: "cpu"."""
        return CPU

    def to(self, *targets: Any, dtype: Any = None, device: Any = None, copy: bool = False, **_: Any) -> Tensor:
        """Return the tensor with another dtype: to(hello_dl.int64), to("cpu"), to(other)."""
        for target in targets:
            if isinstance(target, Tensor):
                dtype = target.dtype
            elif isinstance(target, str) and not _is_dtype_name(target):
                device = target
            elif not isinstance(target, bool):  # PyTorch's non_blocking
                dtype = target
        check_device(device, "to")
        y = self if dtype is None else _converted(self, check_dtype(dtype, "to"))
        return y.clone() if copy and y is self else y

    def type(self, dtype: Any = None) -> Any:
        """Return the tensor with another dtype; without one, the name of its own."""
        return self.dtype if dtype is None else self.to(dtype=dtype)

    def type_as(self, other: Tensor) -> Tensor:
        """Return the tensor with the dtype of `other`."""
        return _converted(self, other.dtype)

    def float(self) -> Tensor:
        """Return real numbers."""
        return _converted(self, REAL)

    def double(self) -> Tensor:
        """Return float64 numbers, which only the double build has."""
        return _converted(self, check_dtype("float64", "double"))

    def long(self) -> Tensor:
        """Return integers; what is after the point is cut off."""
        return _converted(self, "int64")

    def int(self) -> Tensor:
        """Return integers; what is after the point is cut off."""
        return _converted(self, "int64")

    def bool(self) -> Tensor:
        """Return truth values: what is not zero is true."""
        return _converted(self, "bool")

    def cpu(self) -> Tensor:
        """Return the tensor itself."""
        return self

    def cuda(self, *_: Any) -> Tensor:
        """Refuse: hello_dl runs on the CPU alone."""
        raise ValueError("cuda: hello_dl runs on the CPU alone")

    def is_floating_point(self) -> builtins_bool:
        """Whether these are real numbers."""
        return self.dtype == REAL

    # ---- small compositions ----------------------------------------------------------------------------------------

    def square(self) -> Tensor:
        """Return x * x."""
        return _core.mul(self, self)

    def reciprocal(self) -> Tensor:
        """Return 1 / x."""
        return _core.div(1.0, self)

    def rsqrt(self) -> Tensor:
        """Return 1 / sqrt(x)."""
        return _core.div(1.0, _core.sqrt(self))

    def masked_fill(self, mask: Tensor, value: Any) -> Tensor:
        """Return the tensor with `value` where the mask is true."""
        return _core.where(mask, value, self)

    def dot(self, other: Tensor) -> Tensor:
        """Return the sum of products of two vectors."""
        if self.ndim != 1 or self.shape != other.shape:
            raise ValueError(f"dot: needs two vectors of one length, got {self.shape} and {other.shape}")
        return _core.sum(_core.mul(self, other))

    def allclose(self, other: Tensor, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: Any = False) -> builtins_bool:
        """Whether all numbers are equal up to rtol * |other| + atol."""
        return bool(np.allclose(self.numpy(), other.numpy(), rtol, atol, equal_nan))

    def equal(self, other: Tensor) -> builtins_bool:
        """Whether both have the same shape and the same numbers."""
        return self.shape == other.shape and bool((self.numpy() == other.numpy()).all())


builtins_bool = bool  # inside the class, `bool` is the method


def _is_number(x: object) -> bool:
    return isinstance(x, Tensor | int | float | np.ndarray | np.generic)


def _is_dtype_name(name: str) -> bool:
    return name.startswith(("float", "int", "uint", "bool", "long", "double", "half", "bfloat", "complex"))


def _truth(x: Any, who: str) -> Any:
    dtype = x.dtype if isinstance(x, Tensor | np.ndarray | np.generic) else type(x).__name__
    if dtype != "bool":
        raise TypeError(f"{who}: needs tensors of truth values (bool), got {dtype}")
    return x


def _floor_divide(a: Any, b: Any) -> Tensor:
    """The largest integer below a / b. It is flat, so it has no gradient; the numbers are computed for it."""
    a, b = (x.numpy() if isinstance(x, Tensor) else np.asarray(x) for x in (a, b))
    if a.dtype.kind in "iub" and b.dtype.kind in "iub" and (b == 0).any():
        raise ValueError("floor division: an integer cannot be divided by 0")
    with np.errstate(divide="ignore", invalid="ignore"):
        return _core.from_numpy(np.asarray(np.floor_divide(a, b)))


def _converted(x: Tensor, dtype: str) -> Tensor:
    if x.dtype == dtype:
        return x
    if dtype == REAL:
        return _core.mul(x, 1.0)
    if dtype == "bool":
        return _core.ne(x, 0)
    return _core.add(x, 0) if x.dtype == "bool" else x._as_dtype(dtype)


_OPERATORS = {
    "add": ("__add__", "__radd__"),
    "mul": ("__mul__", "__rmul__"),
    "sub": ("__sub__", "subtract"),
    "div": ("__truediv__", "divide", "true_divide"),
    "pow": ("__pow__",),
    "matmul": ("__matmul__", "mm", "bmm"),
    "neg": ("__neg__", "negative"),
    "abs": ("__abs__", "absolute"),
    "lt": ("__lt__", "less"),
    "le": ("__le__", "less_equal"),
    "gt": ("__gt__", "greater"),
    "ge": ("__ge__", "greater_equal"),
    "clamp": ("clip",),
}


def _attach() -> None:
    """Move the Python methods to the C++ class, and give its ops their operators."""
    Tensor._assign = Tensor.copy_  # type: ignore[method-assign]
    for op, names in _OPERATORS.items():
        if hasattr(Tensor, op):
            for name in names:
                setattr(Tensor, name, getattr(Tensor, op))
    skipped = {"__module__", "__doc__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}
    for part in (Shaping, Reducing, InPlace, Face):
        for name, member in vars(part).items():
            if name in skipped:
                continue
            if isinstance(member, Callable):  # type: ignore[arg-type]
                member.__qualname__ = f"Tensor.{name}"
            setattr(Tensor, name, member)
    Tensor.__module__ = "hello_dl"


_attach()
