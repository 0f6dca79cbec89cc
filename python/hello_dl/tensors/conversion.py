"""The methods of Tensor that convert it: to Python numbers, to arrays, to copies, to other dtypes."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl._core.types import CPU, Refusal, check_device
from hello_dl._core.types import device as Device
from hello_dl.tensors.clones import before_change, clone_of
from hello_dl.tensors.dtypes import REAL, check_dtype, dtype_named, few_bits, named
from hello_dl.tensors.view_changes import let_go, shared_with
from hello_dl.tensors.view_steps import detached, in_array, new_detach
from hello_dl.tensors.views import gradient, has_references, sharing_with, view_of

Flag: TypeAlias = bool  # in the class below, `bool` and `int` are methods
Whole: TypeAlias = int

_numpy = Tensor.numpy  # the engine's own method, and its own property
_grad: Any = vars(Tensor)["grad"]


def rebuild(kind: type[Tensor], numbers: NDArray[Any], requires_grad: bool) -> Tensor:
    """Make a tensor of the class `kind` again from what pickle or copy has kept of it."""
    t = _core.from_numpy(numbers)
    if kind is not Tensor:
        t = kind(t)
    if t.requires_grad != requires_grad:
        t.requires_grad = requires_grad
    return t


def convert(x: Tensor, dtype: str) -> Tensor:
    """Return x as real numbers, integers or truth values. Only real to int64 computes the numbers at once."""
    if x.dtype == dtype:
        return x
    if dtype == REAL:
        return _core.mul(x, 1.0)
    if dtype == "bool":
        return _core.ne(x, 0)
    return _core.add(x, 0) if x.dtype == "bool" else x._as_dtype(dtype)


def as_asked(x: Tensor, dtype: Any, who: str) -> Tensor:
    """Return x with a dtype that is asked for; in one of few bits, numbers too large for it wrap around.

    So they are PyTorch's, though int64 holds them. Such a tensor is computed for it.
    """
    y, bits = convert(x, check_dtype(dtype, who)), few_bits(dtype)
    return y if bits is None or x.dtype == "bool" else wrapped_around(y, bits)


def wrapped_around(y: Tensor, bits: str) -> Tensor:
    """Return integers as those of a dtype of few bits: what does not fit wraps around."""
    numbers = y.numpy()
    wrapped = numbers.astype(bits)
    return y if (wrapped == numbers).all() else _core.from_numpy(wrapped.astype(np.int64))


def _is_dtype_name(name: str) -> bool:
    """Whether a string given to `to` names a dtype; any other string names a device."""
    return name.startswith(("float", "int", "uint", "bool", "long", "double", "half", "bfloat", "complex"))


def _shared_array(x: Tensor) -> NDArray[Any]:
    """Return an array on the memory of x, or of the base of a view, read-only where others have copies."""
    base = shared_with(x)
    array = _numpy(x) if base is None else in_array(_numpy(base[0]), base[1])
    if any(not t.is_computed or not np.may_share_memory(t._raw(), array) for t in sharing_with(x)):
        array.flags.writeable = False
    return array


class ConversionMethods(Tensor):
    """Methods that convert. methods.py moves them to Tensor itself."""

    # ---- Python's numbers, and arrays of other libraries ---------------------------------------------------

    def item(self) -> Any:
        """Return the number in a tensor of one number, as Python's own. ValueError for any other size."""
        numbers = self._raw() if self.dtype == REAL else self.numpy()
        if numbers.size != 1:
            raise Refusal(f"item: needs a tensor of one number, got shape {self.shape}")
        return numbers.item()

    def numpy(self) -> NDArray[Any]:
        """Return the numbers as a numpy array. Real numbers share their memory with the tensor.

        The array is read-only where a change would not reach all that PyTorch would change: while the tensor
        is a view or has views, or an expression is still to be computed from the numbers. What is made of the
        tensor later, views too, keeps the numbers of its time, whatever is written into the array then.
        """
        plain = self.dtype is not REAL or not has_references(self)  # nothing else shares its numbers
        return _numpy(self) if plain else _shared_array(self)

    def tolist(self) -> Any:
        """Return the numbers as nested Python lists."""
        return self.numpy().tolist()

    def __array__(self, dtype: Any = None, copy: Flag | None = None) -> NDArray[Any]:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            if copy is False:
                raise Refusal(f"__array__: {self.dtype} numbers cannot be {np.dtype(dtype)} without a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    def __dlpack__(self, **options: Any) -> Any:
        array = self.numpy()  # DLPack knows no read-only arrays
        return (array if array.flags.writeable else array.copy()).__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return (1, 0)  # DLPack's device type kDLCPU, device number 0

    # ---- copies --------------------------------------------------------------------------------------------

    def __reduce_ex__(self, protocol: Any) -> Any:
        return rebuild, (type(self), self.numpy().copy(), self.requires_grad)

    def __copy__(self) -> Tensor:
        return rebuild(type(self), self.numpy(), self.requires_grad)

    def __deepcopy__(self, memo: dict[Any, Any]) -> Tensor:
        t = rebuild(type(self), self.numpy().copy(), self.requires_grad)
        if self.grad is not None:
            t.grad = self.grad.clone()
        return t

    def clone(self, *, memory_format: Any = None) -> Tensor:
        """Return a copy that keeps the numbers of now; gradients flow through it."""
        del memory_format  # PyTorch's; there is one
        return clone_of(self)

    def detach(self) -> Tensor:
        """Return the same numbers without gradient, cut off from the graph. Nothing is computed for it."""
        return view_of(self, detached(self), new_detach())

    @property
    def data(self) -> Tensor:
        """The same numbers without gradient; assigning to it overwrites them."""
        return self.detach()

    @data.setter
    def data(self, numbers: Tensor) -> None:
        if numbers.shape != self.shape:
            raise Refusal(f"x.data = y: needs shape {self.shape}, got {numbers.shape}")
        let_go(self)
        before_change()
        self._assign(numbers)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has added up, or None; the same object as long as it is in use."""
        return gradient(_grad.fget(self))

    @grad.setter
    def grad(self, numbers: Tensor | None) -> None:
        _grad.fset(self, numbers)

    # ---- dtype and device ----------------------------------------------------------------------------------

    @property
    def device(self) -> Device:
        """Where the tensor lives: "cpu"."""
        return CPU

    def to(
        self, *targets: Any, dtype: Any = None, device: Any = None, copy: Flag = False, **_: Any
    ) -> Tensor:
        """Return the tensor with another dtype or the dtype of another tensor, as in x.to(hello_dl.int64).

        ValueError for a device other than the CPU, TypeError for a dtype that does not exist here.
        """
        for target in targets:
            if isinstance(target, Tensor):
                dtype = target.dtype
            elif isinstance(target, str) and not _is_dtype_name(target):
                device = target
            elif target is not None and not isinstance(target, Flag):  # True, False: PyTorch's non_blocking
                dtype = target
        check_device(device, "to")
        y = self if dtype is None else as_asked(self, dtype, "to")
        return y.clone() if copy and y is self else y

    def type(self, dtype: Any = None) -> Any:
        """Return the tensor with another dtype; without an argument, its own class as PyTorch names it.

        That is a text such as "torch.FloatTensor"; `dtype` may be such a text, too.
        """
        if dtype is None:
            return named(self.dtype)
        return self.to(dtype=dtype_named(dtype) if isinstance(dtype, str) else dtype)

    def type_as(self, other: Tensor) -> Tensor:
        """Return the tensor with the dtype of `other`."""
        return convert(self, other.dtype)

    def float(self) -> Tensor:
        """Return the tensor as real numbers (float32)."""
        return convert(self, REAL)

    def double(self) -> Tensor:
        """Return the tensor as real numbers; float32 stands in for float64, with a warning.

        The build HELLO_DL_ISA=double computes in float64.
        """
        return convert(self, check_dtype("float64", "double"))

    def long(self) -> Tensor:
        """Return the tensor as integers (int64); decimals are cut off."""
        return convert(self, "int64")

    def int(self) -> Tensor:
        """Return the tensor as integers; decimals are cut off, and what int32 does not hold wraps around."""
        return wrapped_around(convert(self, "int64"), "int32")

    def bool(self) -> Tensor:
        """Return the tensor as truth values: every number but 0 is true."""
        return convert(self, "bool")

    @property
    def real(self) -> Tensor:
        """The tensor itself: there are no complex numbers."""
        return self

    def conj(self) -> Tensor:
        """Return the tensor itself: there are no complex numbers."""
        return self

    resolve_conj = resolve_neg = conj

    def cpu(self, memory_format: Any = None) -> Tensor:
        """Return the tensor itself."""
        del memory_format
        return self

    def cuda(self, *_: Any) -> Tensor:
        """Raise ValueError: hello_dl runs on the CPU alone."""
        raise Refusal("cuda: hello_dl runs on the CPU alone")

    def element_size(self) -> Whole:
        """Return how many bytes a number takes in PyTorch and numpy: float32 4, int64 8, bool 1."""
        return np.dtype(self.dtype).itemsize

    def is_floating_point(self) -> Flag:
        """Return whether the tensor holds real numbers."""
        return self.dtype == REAL
