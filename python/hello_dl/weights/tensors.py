"""Reads the tensors of a safetensors file as numpy arrays, in each type of number that networks can take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.tensors.dtypes import REAL, float32

# Safetensors' names of the types that numpy has, too.
NUMPY_HAS = {"F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"}
# PyTorch's names of types that are not read. Weights of 8 bits need scales, which no common form describes.
OTHERS = {"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "C64": "complex64"}


def read_tensors(path: Path) -> tuple[dict[str, str], dict[str, NDArray[Any]]]:
    """Return metadata and arrays of a safetensors file. bfloat16 becomes float32, which holds it exactly.

    Raises OSError if the file cannot be read; ValueError if it is damaged, and one that names the tensor for
    a type of number that is not read, or for numbers in 64 bits that are too large for 32.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
            for name, kind in kinds.items():
                if kind not in NUMPY_HAS and kind != "BF16":
                    raise ValueError(
                        f"{path}: the tensor {name} has the type {OTHERS.get(kind, kind)}; needs float32,"
                        " float16, bfloat16, float64 or integers; convert it where it was made"
                    )
            arrays = {n: file.get_tensor(n) for n, kind in kinds.items() if kind in NUMPY_HAS}
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(
            f"{path}: needs an intact safetensors file, this one is damaged or of another kind ({error});"
            " write or copy it again"
        ) from None
    except OSError as error:
        raise type(error)(f"{path}: cannot be read ({error.strerror or error})") from None
    arrays |= _read_bfloat16(path, [name for name, kind in kinds.items() if kind == "BF16"])
    for name, array in arrays.items():
        _check_range(path, name, array)
    return metadata, {name: arrays[name] for name in kinds}


def _read_bfloat16(path: Path, names: list[str]) -> dict[str, NDArray[np.float32]]:
    """Return tensors of bfloat16, the upper 16 bits of a float32, as float32. The file is known to be intact.

    It begins with the length of its header in 8 bytes, lowest first, and the header: JSON that tells where
    the numbers of each tensor are, counted from the end of the header.
    """
    arrays: dict[str, NDArray[np.float32]] = {}
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        for name in names:
            start, end = header[name]["data_offsets"]
            file.seek(8 + length + start)
            upper = np.frombuffer(bytearray(file.read(end - start)), "<u2").astype(np.uint32)
            arrays[name] = (upper << 16).view(np.float32).reshape(header[name]["shape"])
    return arrays


def _check_range(path: Path, name: str, array: NDArray[Any]) -> None:
    """Raise ValueError if float64 numbers would become infinite as float32."""
    if array.dtype != np.float64 or array.size == 0 or float32 != REAL:
        return
    largest = np.abs(array[np.isfinite(array)]).max(initial=0)
    if largest > np.finfo(np.float32).max:
        raise ValueError(
            f"{path}: the tensor {name} has the type float64 and {largest:g}, too large for float32"
        )
