"""Reads and writes idx files, the format of MNIST and EMNIST: one array of numbers, plain or gzipped.

The format: two zero bytes, one byte for the type of the numbers, one for the number of dimensions, the length
of each dimension as a big-endian 32-bit number, then the numbers, big-endian, the last dimension fastest.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from hello_dl.files import write_aside

TYPES: dict[int, np.dtype[Any]] = {  # code in the file: type of the numbers
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
GZIP_MAGIC = b"\x1f\x8b"  # the first two bytes of a gzipped file
GZIP_BEST = 1032  # most bytes that one byte of a gzipped file can become (deflate: 258 bytes in 2 bits)
CHUNK = 1 << 20  # bytes that are read at once
MAX_DIMS = 64  # numpy's own limit
AGAIN = "get the file again"


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read the array in an idx file. Whether it is gzipped is seen from its content, not its name.

    Returns an array of the file's shape and type, in the byte order of this machine, writable. Raises
    ValueError, with the path, if the file is not idx, is damaged, cut short or too long, or holds NaN.
    """
    path = Path(path)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        zipped = file.read(2) == GZIP_MAGIC
        file.seek(0)
        if not zipped:
            return _parse(file, path, most=size)
        try:
            with gzip.GzipFile(fileobj=file) as stream:
                return _parse(stream, path, most=size * GZIP_BEST)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{path}: damaged gzip file ({error}); {AGAIN}") from None


def write_idx(path: str | os.PathLike[str], array: NDArray[Any]) -> None:
    """Write an array as an idx file, gzipped if the name ends in .gz; equal arrays give equal files.

    Raises TypeError for a type of number that idx has no code for, ValueError for NaN, OSError if the file
    cannot be written.
    """
    path, array = Path(path), np.asarray(array)
    code = next((code for code, known in TYPES.items() if known == array.dtype.newbyteorder(">")), None)
    if code is None:
        raise TypeError(f"{path}: idx holds uint8, int8, int16, int32, float32 or float64, got {array.dtype}")
    if any(n >= 1 << 32 for n in array.shape):
        raise ValueError(f"{path}: idx dimensions have 32 bits, got the shape {array.shape}")
    _need_finite(array, path)
    header = struct.pack(f">2xBB{array.ndim}I", code, array.ndim, *array.shape)
    with write_aside(path) as file:
        if path.suffix == ".gz":  # without name and time in it, so that equal arrays give equal files
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
                stream.write(header + array.astype(TYPES[code]).tobytes())
        else:
            file.write(header + array.astype(TYPES[code]).tobytes())


def _parse(stream: BinaryIO | gzip.GzipFile, path: Path, most: int) -> NDArray[Any]:
    """Read header and numbers from a stream; `most` is the largest number of bytes that it can hold."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or magic[3] > MAX_DIMS:
        page = " (a web page?)" if magic.lstrip()[:1] == b"<" else ""
        raise ValueError(
            f"{path}: not an idx file{page}: it starts with the bytes {magic.hex(' ') or '(none)'}, where"
            " idx has 00 00, a type (08, 09, 0b, 0c, 0d or 0e) and the number of dimensions"
        )
    dtype, ndim = TYPES[magic[2]], magic[3]
    sizes = stream.read(4 * ndim)
    if len(sizes) < 4 * ndim:
        raise ValueError(f"{path}: cut short inside its header; {AGAIN}")
    shape = struct.unpack(f">{ndim}I", sizes)
    wanted = math.prod(shape) * dtype.itemsize
    promise = f"{path}: its header promises {shape} numbers of type {dtype.name}, {wanted} bytes"
    room = most - 4 - 4 * ndim
    if wanted > room:  # checked before memory is asked for: a damaged header can promise terabytes
        raise ValueError(f"{promise}, but there is room for {max(room, 0)}: damaged or cut short; {AGAIN}")
    data = _read_at_most(stream, wanted)
    if len(data) < wanted:
        raise ValueError(f"{promise}, but {len(data)} follow: cut short; {AGAIN}")
    if stream.read(1):
        raise ValueError(f"{promise}, but more follow: not what its header says; {AGAIN}")
    try:
        stored: NDArray[Any] = np.frombuffer(data, dtype).reshape(shape)
    except ValueError as error:  # numpy refuses (0, 4294967295, 4294967295), though it holds no number
        raise ValueError(f"{promise}, which numpy cannot hold ({error})") from None
    array: NDArray[Any] = stored.astype(dtype.newbyteorder("="), copy=False)
    _need_finite(array, path)
    return array


def _read_at_most(stream: BinaryIO | gzip.GzipFile, wanted: int) -> bytearray:
    """Read up to `wanted` bytes in pieces: memory grows with the data that come, not with `wanted`."""
    data = bytearray()
    while len(data) < wanted and (piece := stream.read(min(CHUNK, wanted - len(data)))):
        data += piece
    return data


def _need_finite(array: NDArray[Any], path: Path) -> None:
    """Raise ValueError, with the first place, if an array holds NaN or infinity."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        bad = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{path}: holds NaN or infinity, first at {bad}; a network cannot learn from those")
