"""Methods and properties of Tensor that programs written for PyTorch ask about, and what numpy needs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL, bool_, check_dtype, int64
from hello_dl.tensors.grad_fn import node_of
from hello_dl.tensors.size import Size

# Methods that numpy's functions of the same name call, as in np.mean(x), with out=None among the arguments.
CALLED_BY_NUMPY = (
    "sum",
    "mean",
    "prod",
    "max",
    "min",
    "all",
    "any",
    "argmax",
    "argmin",
    "cumsum",
    "std",
    "var",
)


class FaceMethods(Tensor):
    """What a tensor shows of itself. methods.py moves these methods to Tensor itself."""

    # numpy leaves `array + tensor` to the tensor, whose number is larger than its own, and computes np.exp(x)
    # of x.__array__(); its result comes back through __array_wrap__.
    __array_priority__ = 1000

    def __array_wrap__(self, array: NDArray[Any], context: Any = None, return_scalar: bool = False) -> Tensor:
        if self.requires_grad:
            raise TypeError("a function of numpy has no gradient here; call it on x.detach()")
        return _core.from_numpy(np.asarray(array))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.item(), digits)

    @property
    def grad_fn(self) -> Any:
        """The op that the tensor came from, if it has a gradient; None for a leaf."""
        return None if self.is_leaf else node_of(self)

    @property
    def is_cuda(self) -> bool:
        """False: hello_dl runs on the CPU alone."""
        return False

    is_mps = is_xpu = is_sparse = is_quantized = is_meta = is_nested = is_cuda

    @property
    def is_cpu(self) -> bool:
        """True: hello_dl runs on the CPU alone."""
        return True

    @property
    def layout(self) -> str:
        """The kind of memory: "torch.strided", numbers side by side, not sparse."""
        return "torch.strided"

    @property
    def itemsize(self) -> int:
        """How many bytes a number takes, as element_size()."""
        return np.dtype(self.dtype).itemsize

    @property
    def nbytes(self) -> int:
        """How many bytes all numbers take, in PyTorch and in numpy."""
        return self.numel() * np.dtype(self.dtype).itemsize

    @property
    def names(self) -> tuple[None, ...]:
        """None for each axis: axes have no names."""
        return (None,) * self.ndim

    def get_device(self) -> int:
        """Return -1, PyTorch's number of the CPU."""
        return -1

    def is_pinned(self) -> bool:
        """Return False: there is no accelerator that memory would be pinned for."""
        return False

    def pin_memory(self) -> Tensor:
        """Return the tensor itself: there is no accelerator to copy it to."""
        return self

    share_memory_ = pin_memory

    def is_complex(self) -> bool:
        """Return False: there are no complex numbers."""
        return False

    def is_signed(self) -> bool:
        """Return whether the tensor's dtype has negative numbers: all but bool have."""
        return self.dtype != "bool"

    def ndimension(self) -> int:
        """Return the number of axes, as dim()."""
        return self.ndim

    def data_ptr(self) -> int:
        """Return the address of the first number in memory; the numbers are computed for it."""
        return int(self.numpy().__array_interface__["data"][0])

    # ---- dtypes that others stand in for -------------------------------------------------------------------

    def half(self) -> Tensor:
        """Return the tensor as real numbers; float32 stands in for float16, with a warning."""
        return self.to(check_dtype("float16", "half"))

    def bfloat16(self) -> Tensor:
        """Return the tensor as real numbers; float32 stands in for bfloat16, with a warning."""
        return self.to(check_dtype("bfloat16", "bfloat16"))

    def short(self) -> Tensor:
        """Return the tensor as integers; int64 stands in for int16, with a warning."""
        return _wrapped(self, "int16")

    def char(self) -> Tensor:
        """Return the tensor as integers; int64 stands in for int8, with a warning."""
        return _wrapped(self, "int8")

    def byte(self) -> Tensor:
        """Return the tensor as integers from 0 to 255; int64 stands in for uint8, with a warning."""
        return _wrapped(self, "uint8")


def _wrapped(x: Tensor, name: str) -> Tensor:
    """Return the numbers that x has as integers of few bits: what is too large wraps around."""
    label = check_dtype(name, name)
    whole = x.long().numpy()
    return _core.from_numpy(whole.astype(name).astype(label))


def taking_out(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a reduction that takes numpy's ddof, and out: a tensor that the result is written into, too."""

    @functools.wraps(method)
    def called(self: Tensor, *args: Any, **named: Any) -> Any:
        if not named:
            return method(self, *args)
        out = named.pop("out", None)
        if "ddof" in named:
            named["correction"] = named.pop("ddof")
        if named.get("dtype", self) is None:
            del named["dtype"]
        y = method(self, *args, **named)
        return y if out is None else out.copy_(y)

    return called


# From now on shapes and dtypes are objects that print as PyTorch's.
_core._set_faces(Size, [REAL, int64, bool_])
