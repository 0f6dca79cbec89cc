"""save and load with PyTorch's names: tensors and plain containers, without pickle.

What `save` writes is a safetensors file with JSON in its header, so a state_dict that is saved here opens in
every program that reads safetensors. `load` reads these, and safely what PyTorch's torch.save writes.
"""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from hello_dl._core.types import check_device
from hello_dl.files import MISSHAPEN, write_aside
from hello_dl.weights import torch_reader
from hello_dl.weights.containers import Packer, UnknownObjectError, unpack
from hello_dl.weights.tensors import from_bytes

SAVED = "hello_dl.saved"  # the key of the JSON in the header


def save(
    obj: Any,
    f: str | os.PathLike[str] | BinaryIO,
    pickle_module: Any = None,
    pickle_protocol: int | None = None,  # noqa: ARG001
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Save tensors and plain containers of them (a state_dict, a dict of these, lists, texts, numbers).

    `f` is a path, which is written whole or not at all, or a file open for writing in binary mode. Tensors
    that shared their memory do so no more when they are loaded. TypeError for other objects, such as a
    Module: save its state_dict(). OSError if the file cannot be written.
    """
    from safetensors.numpy import save as to_bytes

    if pickle_module is not None:
        raise ValueError("save: hello_dl uses no pickle; leave pickle_module out")
    packer = Packer()
    text = json.dumps(packer.pack(obj))
    content = to_bytes(packer.arrays, {SAVED: text})
    if not isinstance(f, str | os.PathLike):
        f.write(content)
        return
    with write_aside(Path(f)) as file:
        file.write(content)


def load(
    f: str | os.PathLike[str] | BinaryIO,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,  # noqa: ARG001
    mmap: bool | None = None,  # noqa: ARG001
    **_: Any,
) -> Any:
    """Load what `save` has saved, a safetensors file of another program, or a file of PyTorch's torch.save.

    Of PyTorch's files only tensors and plain containers are read, whatever weights_only says: nothing in a
    file is executed. float64 and float16 become float32, other integers int64. All is on the CPU; ValueError
    for another device as map_location, and for a file that is damaged or holds other objects, which it names.
    FileNotFoundError if there is no such file.
    """
    if pickle_module is not None:
        raise ValueError("load: hello_dl uses no pickle; leave pickle_module out")
    if isinstance(map_location, str):
        check_device(map_location, "load: map_location")
    is_path = isinstance(f, str | os.PathLike)
    where = str(f) if is_path else "load"
    if is_path and not Path(where).is_file():
        kind = "this is a folder" if Path(where).is_dir() else "there is no such file"
        raise FileNotFoundError(f"{where}: {kind}; needs a file that save has written")
    content = Path(where).read_bytes() if is_path else f.read()  # type: ignore[union-attr]
    if content[:2] == b"PK" or torch_reader.is_pickle(content[:2]):
        return torch_reader.read(content, where)
    metadata, arrays = from_bytes(content, where)
    if SAVED not in metadata:
        return {name: torch_reader.as_tensor(array) for name, array in arrays.items()}
    try:
        return unpack(json.loads(metadata[SAVED]), arrays)
    except UnknownObjectError as error:
        raise UnknownObjectError(f"{where}: {error}") from None
    except MISSHAPEN as error:
        raise ValueError(f"{where}: its header is damaged ({error}); save it again") from None


def safe_globals(classes: Any) -> Any:  # noqa: ARG001
    """Return a `with` block that changes nothing: no class is ever loaded."""
    return nullcontext()


def add_safe_globals(classes: Any) -> None:
    """Do nothing: no class is ever loaded."""
