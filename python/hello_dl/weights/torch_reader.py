"""Reads the files that PyTorch's torch.save writes, safely: tensors and plain containers, nothing else.

Such a file is a zip archive: data.pkl describes the objects, data/0, data/1, ... hold the numbers of their
storages. Before PyTorch 1.6 it was five pickles, and then the storages. A tensor is a storage, the place in
it where it begins, a shape and strides. Nothing in the file is ever executed (see pickles.py).
"""

from __future__ import annotations

import math
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl._core.types import device
from hello_dl.files import zip_errors
from hello_dl.tensors import dtypes
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.size import Size
from hello_dl.weights.pickles import Machine, Refused

# PyTorch's classes of storages, and numpy's type of their numbers. bfloat16 is the upper half of a float32.
STORAGES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "BFloat16Storage": "<u2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
INSTEAD = "save its state_dict() with PyTorch: torch.save(model.state_dict(), path)"
MOST_REPEATED = (
    100_000_000  # numbers of a tensor that repeats those of a smaller storage; a larger one is refused
)
OLD_MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of a file before PyTorch 1.6


class Storage:
    """The numbers of a storage, in one row; bfloat16 as the upper 16 bits of a float32."""

    def __init__(self, numbers: NDArray[Any], kind: str) -> None:
        self.numbers, self.kind = numbers, kind

    def tensor(self, offset: int, size: Any, stride: Any) -> Tensor:
        """Return the tensor of these sizes and strides, counted in numbers, that begins at `offset`."""
        shape, steps = tuple(map(int, size)), tuple(map(int, stride))
        last = int(offset) + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
        is_empty, n = 0 in shape, len(self.numbers)
        if min((int(offset), *shape, *steps), default=0) < 0 or (not is_empty and last >= n):
            raise Refused(f"a tensor of shape {shape} lies outside of its storage")
        if math.prod(shape) > max(n, MOST_REPEATED):
            raise Refused(f"a tensor of shape {shape} has only {n} different numbers")
        part = self.numbers[:0] if is_empty else self.numbers[int(offset) : last + 1]
        if self.kind == "BFloat16Storage":
            part = (part.astype(np.uint32) << 16).view(np.float32)
        if is_empty:
            return as_tensor(np.zeros(shape, part.dtype))
        width = [step * part.itemsize for step in steps]
        return as_tensor(np.lib.stride_tricks.as_strided(part, shape, width, writeable=False))


def as_tensor(array: NDArray[Any]) -> Tensor:
    """Return a tensor of an array's numbers. Refused for float64 numbers that float32 cannot hold."""
    if array.dtype == np.float64 and dtypes.REAL == "float32" and array.size:
        largest = np.abs(array[np.isfinite(array)]).max(initial=0)
        if largest > np.finfo(np.float32).max:
            raise Refused(f"a float64 tensor holds {largest:g}, too large for float32")
    return tensor(np.array(array, order="C"))


def read_zip(file: BinaryIO, where: str) -> Any:
    """Return what a file of PyTorch 1.6 or newer holds. Raises ValueError in the name of `where`."""
    try:
        archive = zipfile.ZipFile(file)
    except zip_errors() as error:
        raise ValueError(f"{where}: is a damaged zip file ({error}); get it again") from None
    names = archive.namelist()
    pickles = [name for name in names if name.split("/")[-1] == "data.pkl"]
    if len(pickles) != 1 or any(name.endswith("constants.pkl") for name in names):
        raise ValueError(
            f"{where}: needs a file that torch.save has written, got another zip; of a model of torch.jit,"
            f" {INSTEAD}"
        )
    folder, storages = pickles[0].removesuffix("data.pkl"), dict[str, Storage]()

    def entry(name: str) -> bytes:
        """Return an entry. They are stored as they are, so no file grows when it is read."""
        try:
            info = archive.getinfo(folder + name)
            if info.compress_type != zipfile.ZIP_STORED:
                raise Refused(f"its entry {name} is packed, which PyTorch's are not")
            return archive.read(info)
        except KeyError:
            raise Refused(f"its entry {name} is missing") from None
        except Refused:
            raise
        except zip_errors() as error:
            raise Refused(f"its entry {name} is damaged ({error})") from None

    def storage(label: Any) -> Storage:
        """Return the storage for a label ("storage", class, key, device, size)."""
        kind, key, size = _label(label)
        if key not in storages:
            storages[key] = _storage(entry(f"data/{key}"), kind, size)
        return storages[key]

    with _named(where):
        if folder + "byteorder" in names and entry("byteorder").strip() != b"little":
            raise Refused("it was written on a big-endian machine")
        return Machine(ALLOWED, DTYPES, storage).run(entry("data.pkl"))


def read_old(file: BinaryIO, where: str) -> Any:
    """Return what a file from before PyTorch 1.6 holds. Raises ValueError in the name of `where`.

    Its storages stand behind the pickle that names them, so that is read twice.
    """
    with _named(where):
        if Machine({}).run(file) != OLD_MAGIC:
            raise Refused("it is a pickle that torch.save has not written")
        Machine({}).run(file)  # the version of the format
        Machine({}).run(file)  # what machine has written it
        start = file.tell()
        labels: dict[str, tuple[str, int]] = {}

        def note(label: Any) -> None:
            kind, key, size = _label(label)
            labels[key] = (kind, size)

        kinds = {name: make for name, make in ALLOWED.items() if name.endswith("Storage")}
        Machine({name: lambda *_: OrderedDict() for name in ALLOWED} | kinds, DTYPES, note).run(file)
        storages = {}
        for key in Machine({}).run(file):
            kind, size = labels[str(key)]
            file.read(8)  # how many numbers there are
            storages[str(key)] = _storage(file.read(size * np.dtype(STORAGES[kind]).itemsize), kind, size)
        file.seek(start)
        return Machine(ALLOWED, DTYPES, lambda label: storages[_label(label)[1]]).run(file)


class _named:
    """Gives an error within a `with` block the file's name, and says what to do instead."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, _: Any) -> None:
        if isinstance(error, Refused):
            message = f"{self.where}: {error}; only tensors and plain containers are read; {INSTEAD}"
            raise ValueError(message) from None


def _label(label: Any) -> tuple[str, str, int]:
    """Return class, key and size of the storage that a pickle names."""
    if not (isinstance(label, tuple) and len(label) in (5, 6) and label[0] == "storage"):
        raise Refused("the pickle names an unknown object outside of itself")
    kind = label[1]() if callable(label[1]) else None
    if kind not in STORAGES:
        raise Refused(f"it has a storage of another kind, {kind}")
    return kind, str(label[2]), int(label[4])


def _storage(content: bytes, kind: str, size: int) -> Storage:
    """Return the storage with these bytes."""
    width = np.dtype(STORAGES[kind]).itemsize
    numbers = np.frombuffer(content[: len(content) // width * width], STORAGES[kind])
    if len(numbers) < size:
        raise Refused(f"a storage has {len(numbers)} numbers in place of {size}")
    return Storage(numbers, kind)


def _rebuild(storage: Storage, offset: int, size: Any, stride: Any, *_: Any) -> Tensor:
    return storage.tensor(offset, size, stride)


def _parameter(data: Tensor, requires_grad: bool, *_: Any) -> nn.Parameter:
    return nn.Parameter(data, requires_grad=bool(requires_grad))


def _bytes(text: str, encoding: str = "latin1") -> bytes:
    """Return bytes, which a pickle of protocol 2 keeps as text."""
    if encoding not in ("latin1", "latin-1"):
        raise Refused(f"the pickle has bytes in the encoding {encoding!r}")
    return str(text).encode("latin1")


def _class(name: str) -> Callable[[], str]:
    """Return what stands for a class of storages: a function that gives its name."""
    return lambda: name


ALLOWED: dict[str, Callable[..., Any]] = {
    "_codecs.encode": _bytes,
    "builtins.set": lambda items=(): set(items),
    "builtins.frozenset": lambda items=(): frozenset(items),
    "__builtin__.set": lambda items=(): set(items),
    "collections.Counter": lambda items=(): Counter(items),
    "collections.OrderedDict": lambda items=(): OrderedDict(items),
    "torch.Size": lambda sizes=(): Size(sizes),
    "torch.device": lambda *place: device(*place),
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_tensor": _rebuild,
    "torch._utils._rebuild_tensor_v2": _rebuild,
    **{f"torch.{name}": _class(name) for name in STORAGES},
    **{f"torch.storage.{name}": _class(name) for name in STORAGES},
}
DTYPES = {
    f"torch.{name}": dtypes.dtype(name)
    for name in (
        *("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"),
    )
}


def is_pickle(first: bytes) -> bool:
    """Return whether a file's first bytes are those of a pickle."""
    return first[:1] == b"\x80" and first[1:2] in b"\x01\x02\x03\x04\x05"


def read(content: bytes, where: str) -> Any:
    """Return what a file of PyTorch holds, of either kind. Raises ValueError in the name of `where`."""
    return (read_zip if content[:2] == b"PK" else read_old)(BytesIO(content), where)
