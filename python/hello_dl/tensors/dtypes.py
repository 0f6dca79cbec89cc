"""The three kinds of numbers that a tensor holds (real numbers, integers, truth values), and their names."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from hello_dl import _core


class dtype(str):
    """A kind of numbers, such as float32: equal to its name as a text, with PyTorch's properties.

    Under `hello-dl run` it prints as PyTorch's does, "torch.float32".
    """

    __slots__ = ()
    prefix = ""  # what stands before the name when it is printed

    @property
    def is_floating_point(self) -> bool:
        """Whether it is one of real numbers."""
        return self.startswith(("float", "bfloat"))

    @property
    def is_complex(self) -> bool:
        """Whether it is one of complex numbers."""
        return self.startswith("complex")

    @property
    def is_signed(self) -> bool:
        """Whether it has negative numbers."""
        return not self.startswith(("uint", "bool"))

    @property
    def itemsize(self) -> int:
        """How many bytes a number takes."""
        return 2 if self == "bfloat16" else np.dtype(str.__str__(self)).itemsize

    def __repr__(self) -> str:
        return self.prefix + str.__str__(self)

    def __str__(self) -> str:
        return self.prefix + str.__str__(self)


float32, float64, float16, bfloat16 = (dtype(n) for n in ("float32", "float64", "float16", "bfloat16"))
int64, int32, int16, int8, uint8 = (dtype(n) for n in ("int64", "int32", "int16", "int8", "uint8"))
bool_ = dtype("bool")
complex64, complex128 = dtype("complex64"), dtype("complex128")  # named by programs, refused by tensors
# The dtype of real numbers in this build: float32, or float64 if HELLO_DL_ISA=double.
REAL = float64 if _core.real == "float64" else float32

BY_NAME = {str.__str__(kind): kind for kind in (float32, float64, int64, bool_)}  # those that tensors have
_SAME = {"float": REAL, "double": float64, "half": float16, "long": int64, "int": int64, "short": int16}
# What is asked for: what is given instead. A result may differ where numbers do not fit into the first.
_INSTEAD: dict[str, dtype] = {
    **dict.fromkeys((float64, float16, bfloat16), REAL),
    **dict.fromkeys((int32, int16, int8, uint8), int64),
}
_told: set[str] = set()  # the dtypes that a warning has been given about: one for each in a process


# PyTorch's names of the classes of tensors: FloatTensor and so on, which typed.py makes.
CLASSES = {
    "FloatTensor": float32,
    "DoubleTensor": float64,
    "HalfTensor": float16,
    "LongTensor": int64,
    "IntTensor": int32,
    "ShortTensor": int16,
    "CharTensor": int8,
    "ByteTensor": uint8,
    "BoolTensor": bool_,
}


def named(label: str) -> str:
    """Return PyTorch's name of the class of tensors of a dtype, such as "torch.FloatTensor"."""
    return "torch." + next(name for name, kind in CLASSES.items() if kind == label)


def dtype_named(text: str) -> str:
    """Return the dtype of a class such as "torch.FloatTensor"; any other text is returned as it is."""
    return CLASSES.get(str.__str__(text).removeprefix("torch."), text)


def name_of(wanted: Any) -> str:
    """Return the name of anything that names a dtype: a text, Python's float, int or bool, numpy's dtypes."""
    wanted = getattr(wanted, "tensor_dtype", wanted)  # of FloatTensor and its like
    if isinstance(wanted, type) and wanted in (float, int, bool):
        name = wanted.__name__
    elif isinstance(wanted, str):
        name = str.__str__(wanted).removeprefix("torch.")
    else:
        try:
            name = np.dtype(wanted).name
        except TypeError:
            name = str(wanted)
    return _SAME.get(name, name)


def few_bits(dtype: Any) -> str | None:
    """Return the name of a dtype of integers of fewer bits than int64, None for any other dtype."""
    name = name_of(dtype)
    return name if name in (int32, int16, int8, uint8) else None


def check_dtype(dtype: Any, who: str) -> str:
    """Return "float32" ("float64" in the double build), "int64" or "bool" for anything that names a dtype.

    It may be a name, Python's float, int or bool, or a dtype of numpy. For other real numbers and integers of
    PyTorch, such as float64 and int32, these stand in, with one warning for each; TypeError for a dtype
    without a stand-in, such as complex64. `who` is the function named in the message.
    """
    name = name_of(dtype)
    if name == float32 and float64 == REAL:
        return REAL
    if name in (REAL, int64, bool_):
        return name
    instead = _INSTEAD.get(name)
    if instead is None:
        raise TypeError(f"{who}: needs one of the dtypes {REAL}, int64 and bool, got {name}")
    if name not in _told:
        _told.add(name)
        message = f"{who}: hello_dl has no {name}; it computes in {instead} instead"
        warnings.warn(message, UserWarning, stacklevel=_outside())
    return instead


def _outside() -> int:
    """Return how many calls up the program's own line is, for a warning that names it."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("hello_dl"):
        level, frame = level + 1, frame.f_back
    return level


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """Return the dtype that arithmetic of two tensors or numbers gives."""
    kinds = (t.dtype if isinstance(t, _core.Tensor) else type(t) for t in (tensor1, tensor2))
    return promote_types(*kinds)


def can_cast(from_: Any, to: Any) -> bool:
    """Return whether PyTorch lets a result of one dtype be written into a tensor of another.

    Real numbers do not go into integers, and nothing but truth values into bool.
    """
    before, after = (BY_NAME[check_dtype(kind, "can_cast")] for kind in (from_, to))
    return promote_types(before, after) == after


def promote_types(type1: Any, type2: Any) -> dtype:
    """Return the dtype that numbers of two dtypes give together: bool, then integers, then real numbers."""
    names = check_dtype(type1, "promote_types"), check_dtype(type2, "promote_types")
    return max((BY_NAME[name] for name in names), key=(bool_, int64, REAL).index)
