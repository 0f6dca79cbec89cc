"""The three kinds of numbers that a tensor holds: real numbers, integers and truth values."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl import _core

float32 = "float32"
float64 = "float64"
int64 = "int64"
bool_ = "bool"
REAL: str = _core.real  # the dtype of real numbers in this build: float32, or float64 if HELLO_DL_ISA=double

_SAME = {"float": REAL, "double": float64, "long": int64, "int": int64}


def check_dtype(dtype: Any, who: str) -> str:
    """Return "float32" ("float64" in the double build), "int64" or "bool" for anything that names a dtype.

    It may be a name, Python's float, int or bool, or a dtype of numpy. TypeError for a dtype that does not
    exist here; `who` is the function named in the message.
    """
    if isinstance(dtype, type) and dtype in (float, int, bool):
        name = dtype.__name__
    elif isinstance(dtype, str):
        name = dtype
    else:
        try:
            name = np.dtype(dtype).name
        except TypeError:
            name = str(dtype)
    name = _SAME.get(name, name)
    if name == float32 and float64 == REAL:
        return REAL
    if name in (REAL, int64, bool_):
        return name
    if name == float64:
        raise TypeError(
            f"{who}: real numbers are float32 in this build, got float64 (HELLO_DL_ISA=double computes in it)"
        )
    raise TypeError(f"{who}: needs one of the dtypes {REAL}, int64 and bool, got {name}")
