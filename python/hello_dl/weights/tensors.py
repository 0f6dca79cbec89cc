"""Reads the tensors of a safetensors file as numpy arrays, in each type of number that networks can take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.tensors.dtypes import REAL, float32

# Safetensors' names of the types that numpy has, too, and numpy's.
NUMPY_HAS = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1"},
    **{"U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"},
}
# PyTorch's names of types that are not read. Weights of 8 bits need scales, which no common form describes.
OTHERS = {"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "C64": "complex64"}


def read_tensors(path: Path) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Return metadata and arrays of a safetensors file. Raises as `from_bytes`, and OSError."""
    try:
        return from_bytes(path.read_bytes(), path)
    except OSError as error:
        raise type(error)(f"{path}: cannot be read ({error.strerror or error})") from None


def from_bytes(content: bytes, where: Path | str) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Return metadata and arrays of the content of a safetensors file. bfloat16 becomes float32, exactly.

    The content begins with the length of its header in 8 bytes, lowest first, and the header, which is JSON.
    Raises ValueError, in the name of `where`, if it is damaged, and one that names the tensor for a type of
    number that is not read, or for numbers in 64 bits that are too large for 32.
    """
    from safetensors import SafetensorError, deserialize

    try:
        parts: Any = deserialize(content)  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise ValueError(
            f"{where}: needs an intact safetensors file, this one is damaged or of another kind ({error});"
            " write or copy it again"
        ) from None
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    found = {name: _array(where, name, part) for name, part in parts}
    names = sorted(found, key=lambda name: header[name]["data_offsets"])
    return header.get("__metadata__") or {}, {name: found[name] for name in names}


def _array(where: Path | str, name: str, part: dict[str, Any]) -> NDArray[Any]:
    """Return a tensor of a file as an array. ValueError for a type of number that is not read."""
    kind, shape, data = part["dtype"], part["shape"], part["data"]
    if kind == "BF16":  # the upper 16 bits of a float32
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
    if kind not in NUMPY_HAS:
        raise ValueError(
            f"{where}: the tensor {name} has the type {OTHERS.get(kind, kind)}; needs float32, float16,"
            " bfloat16, float64 or integers; convert it where it was made"
        )
    array: NDArray[Any] = np.frombuffer(data, NUMPY_HAS[kind]).reshape(shape)
    _check_range(where, name, array)
    return array


def _check_range(path: Path | str, name: str, array: NDArray[Any]) -> None:
    """Raise ValueError if float64 numbers would become infinite as float32."""
    if array.dtype != np.float64 or array.size == 0 or float32 != REAL:
        return
    largest = np.abs(array[np.isfinite(array)]).max(initial=0)
    if largest > np.finfo(np.float32).max:
        raise ValueError(
            f"{path}: the tensor {name} has the type float64 and {largest:g}, too large for float32"
        )
