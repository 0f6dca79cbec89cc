"""Settings of PyTorch that programs make at their beginning: accepted where there is nothing to set."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl._core.types import CPU, Refusal, check_device
from hello_dl.tensors.dtypes import REAL, dtype, name_of

_precision = "highest"
_deterministic = False


def get_default_dtype() -> dtype:
    """Return the dtype of real numbers, float32."""
    return REAL


def set_default_dtype(d: Any) -> None:
    """Accept float32 and nothing else. ValueError: real numbers have one dtype here."""
    if name_of(d) != REAL:
        raise Refusal(f"set_default_dtype: real numbers are {REAL} in hello_dl, got {name_of(d)}")


def set_default_tensor_type(t: Any) -> None:
    """Accept FloatTensor and nothing else, as set_default_dtype."""
    name = str(t).removeprefix("torch.") if isinstance(t, str) else getattr(t, "__name__", str(t))
    if name != "FloatTensor" and name_of(t) != REAL:
        raise Refusal(f"set_default_tensor_type: real numbers are {REAL} in hello_dl, got {name}")


def set_default_device(device: Any) -> None:
    """Accept the CPU and nothing else. ValueError for another device."""
    check_device(device, "set_default_device")


def get_default_device() -> Any:
    """Return the device that new tensors are on: the CPU."""
    return CPU


def set_float32_matmul_precision(precision: str) -> None:
    """Accept "highest", "high" and "medium": products are always computed in float32, as exact as that is."""
    global _precision
    if precision not in ("highest", "high", "medium"):
        raise Refusal(f"set_float32_matmul_precision: needs highest, high or medium, got {precision!r}")
    _precision = precision


def get_float32_matmul_precision() -> str:
    """Return what set_float32_matmul_precision was given."""
    return _precision


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:  # noqa: ARG001
    """Do nothing but keep the mode: the same seed always gives the same bits here."""
    global _deterministic
    _deterministic = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """Return what use_deterministic_algorithms was given."""
    return _deterministic


def set_num_interop_threads(threads: int) -> None:
    """Do nothing: there is one pool of threads; `set_num_threads` sets its size."""


def get_num_interop_threads() -> int:
    """Return 1: operations do not run beside each other; the threads share each of them."""
    return 1


def set_flush_denormal(mode: bool) -> bool:  # noqa: ARG001
    """Return False: tiny numbers are computed as they are."""
    return False


def finfo(type: Any = REAL) -> Any:
    """Return the limits of a dtype of real numbers: max, min, eps, tiny, as numpy has them."""
    return np.finfo(name_of(type))


def iinfo(type: Any) -> Any:
    """Return the limits of a dtype of integers: max and min, as numpy has them."""
    return np.iinfo(name_of(type))


def compile(model: Any = None, **_: Any) -> Any:
    """Return the model or function itself: here the engine sees the whole graph anyway."""
    return model if model is not None else lambda function: function
