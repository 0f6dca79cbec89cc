"""What a training is of, as JSON: code, settings and data. A checkpoint of another training is told by it."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from hello_dl import distributed, nn
from hello_dl._core import Tensor
from hello_dl._core.build_info import config
from hello_dl.optim import Optimizer
from hello_dl.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from hello_dl.runlog.rows import described

CODE = ("hello_dl", "instruction set", "precision", "Eigen", "numpy")  # versions on which the bits may depend
SHOWN = 50  # most characters of a value in a message
LARGE = 1 << 28  # bytes: of an array with more, evenly spread rows are hashed, about as many bytes as this
MOST = 10_000  # of a longer list of data, only so many items are hashed


def identity(settings: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a training is of: versions of the code, settings, and hashes of the data, by name."""
    versions = config()
    known = {f"version of {name}": versions[name] for name in CODE}
    known |= {name: _plain(value) for name, value in settings.items()}
    known |= {name: None if value is None else fingerprint(value) for name, value in data.items()}
    return dict(json.loads(json.dumps(known, default=str)))  # as a file gives it back


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return what differs between the identity in a checkpoint and the one that is wanted, in words."""
    names = [*wanted, *(name for name in found if name not in wanted)]
    return [
        f"{name} was {_shown(found.get(name))}, is now {_shown(wanted.get(name))}"
        for name in names
        if found.get(name) != wanted.get(name)
    ]


def check_alike(mine: Mapping[str, Any]) -> None:
    """Raise ValueError in a process whose training, of the identity `mine`, is not that of process 0."""
    first = json.loads(distributed.broadcast_bytes(json.dumps(mine).encode()))
    if differing := differences(first, mine):
        words = "; ".join(differing).replace(" was ", " is ").replace(", is now ", " in process 0, here ")
        raise ValueError(f"distributed: all processes must train the same: {words}")


def _shown(value: Any) -> str:
    """Return a value in a few words."""
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 11]}... ({_hash([text])[:6]})"


def _plain(value: Any) -> Any:
    """Return a setting as JSON; objects without numbers of their own by their names, without addresses."""
    if isinstance(value, nn.Module):
        shapes = {name: list(t.shape) for name, t in value.state_dict().items()}
        return f"{_hash([json.dumps(shapes)])[:6]} {value!r}"
    if isinstance(value, Optimizer):
        return _without_addresses(repr(value))
    if isinstance(value, LRScheduler | ReduceLROnPlateau):
        return f"{type(value).__name__} {_without_addresses(repr(sorted(value.state_dict().items())))}"
    if isinstance(value, functools.partial):
        parts = [_plain(part) for part in (value.func, *value.args, *value.keywords.values())]
        return f"partial {parts}"
    if isinstance(value, Tensor):
        return value.tolist()
    plain = described(value)
    return _without_addresses(plain) if isinstance(plain, str) else plain


def _without_addresses(text: str) -> str:
    """Return a text without the places in memory that Python shows of objects."""
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def fingerprint(data: Any) -> str:
    """Return what data are in a few words: their kind, how many there are, and a hash of what they hold.

    The hash is of arrays and tensors, and of texts in lists, such as names of classes, wherever they lie in
    the object: in its attributes, and in those of data sets that it is made of.
    """
    count = f" of {len(data):,}" if hasattr(data, "__len__") else ""
    return f"{type(data).__name__}{count}, {_hash(_contents(data, set()))[:12]}"


def _hash(parts: Iterable[Any]) -> str:
    """Return the SHA-256 of texts and arrays, in hexadecimal."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype} {part.shape}".encode())
            sparse = part[:: max(1, -(-part.nbytes // LARGE))] if part.ndim else part
            digest.update(np.ascontiguousarray(sparse).reshape(-1).view(np.uint8).data)
        else:
            digest.update(f"{part}\0".encode())
    return digest.hexdigest()


def _contents(value: Any, seen: set[int]) -> Iterable[Any]:
    """Yield all arrays in data, and texts in lists, in a fixed order."""
    if isinstance(value, Tensor):
        yield value.detach().numpy()
    elif isinstance(value, np.ndarray):
        yield value if value.dtype != object else str(value.shape)
    elif isinstance(value, type) or callable(value) or id(value) in seen:
        return
    elif isinstance(value, list | tuple):
        yield len(value)
        for item in value[:MOST]:
            yield from [item] if isinstance(item, str | int | float) else _contents(item, seen)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _contents(item, seen)
    elif hasattr(value, "__dict__"):
        seen.add(id(value))
        for name, item in sorted(vars(value).items()):
            yield name
            yield from _contents(item, seen)
