"""Plain containers as JSON: dicts, lists, tuples, texts, numbers and so on, with their tensors beside them.

In JSON, lists, texts, numbers, true, false and null stand for themselves. All else is an object of one key
that says what it is: {"tuple": [...]}, {"dict": [[key, value], ...]}, {"tensor": name of the tensor}.
"""

from __future__ import annotations

import argparse
import base64
import math
from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl._core import Tensor
from hello_dl._core.types import device
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.dtypes import dtype
from hello_dl.tensors.size import Size

DEEPEST = 100  # containers inside each other; more may be one that holds itself


class UnknownObjectError(ValueError):
    """A file names an object that is not in it."""


class Objects(Protocol):
    """What becomes of other objects than plain containers, such as a whole Module."""

    def keep(self, value: Any, packer: Packer, path: str) -> dict[str, Any]:
        """Return what stands for the object in JSON."""
        ...

    def take(self, content: dict[str, Any]) -> Any:
        """Return the object. UnknownObjectError if it is not there."""
        ...


# `hello-dl run` and `as_torch` set it (pytorch/whole_objects.py).
others: list[Objects] = []


class Packer:
    """Turns an object into JSON; `arrays` gets the numbers of its tensors, by name."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}

    def pack(self, value: Any, path: str = "", depth: int = 0) -> Any:
        """Return what stands for a value in JSON. TypeError, with its place, for one that is not plain."""
        if depth > DEEPEST:
            raise ValueError(
                f"save: {path[:60]!r} lies in more than {DEEPEST} containers; does one hold itself?"
            )
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if type(value) is list:
            return self._items(value, path, depth)
        for kind, name, parts in SEQUENCES:
            if type(value) is kind:
                return {name: self._items(parts(value), path, depth)}
        for kind, name in MAPPINGS:
            if type(value) is kind:
                pairs = value.__dict__ if kind is argparse.Namespace else value
                return {name: self._pairs(pairs, path, depth)}
        return self._leaf(value, path)

    def _items(self, values: Any, path: str, depth: int) -> list[Any]:
        return [self.pack(value, _join(path, str(i)), depth + 1) for i, value in enumerate(values)]

    def _pairs(self, values: Any, path: str, depth: int) -> list[Any]:
        return [
            [self.pack(key, path, depth + 1), self.pack(value, _join(path, str(key)), depth + 1)]
            for key, value in values.items()
        ]

    def _leaf(self, value: Any, path: str) -> Any:
        """Return what stands for a value that holds no others."""
        if isinstance(value, Tensor):
            kind = "parameter" if isinstance(value, nn.Parameter) else "tensor"
            name = self._keep(value.detach().numpy(), path)
            return {kind: [name, True]} if value.requires_grad else {kind: name}
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf":
            return {"numpy": self._keep(np.asarray(value), path), "scalar": isinstance(value, np.generic)}
        if isinstance(value, bytes | bytearray):
            return {"bytes": base64.b64encode(value).decode()}
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, dtype | device):
            return {"dtype" if isinstance(value, dtype) else "device": str.__str__(value)}
        if isinstance(value, PurePath):
            return str(value)
        if others:
            return {"whole": others[0].keep(value, self, path)}
        raise TypeError(_refusal(value, path))

    def _keep(self, array: NDArray[Any], path: str) -> str:
        """Keep an array under its path, or one like it that is not in use."""
        name, k = path or "tensor", 1
        while name in self.arrays:
            k += 1
            name = f"{path}#{k}"
        self.arrays[name] = np.array(array, order="C")
        return name


def unpack(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """Return the object that `Packer.pack` has turned into JSON. ValueError for other JSON."""
    if isinstance(value, list):
        return [unpack(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    for name, content in value.items():
        if name in _SEQUENCE:
            return _SEQUENCE[name](unpack(content, arrays))
        if name in _MAPPING:
            pairs = [(unpack(key, arrays), unpack(item, arrays)) for key, item in content]
            return _MAPPING[name](pairs)
        if name in ("tensor", "parameter"):
            array, grad = content if isinstance(content, list) else (content, False)
            t = tensor(arrays[array])
            return nn.Parameter(t, requires_grad=grad) if name == "parameter" else t.requires_grad_(grad)
        if name == "numpy":
            return arrays[content][()] if value["scalar"] else arrays[content]
        if name == "whole":
            if not others:
                raise UnknownObjectError(
                    f"holds a whole {content['class']}, which is no tensor or plain container"
                )
            return others[0].take(content)
        if name in _LEAF:
            return _LEAF[name](content)
    raise ValueError(f"its JSON has an unknown part, {str(value)[:60]}")


SEQUENCES: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (tuple, "tuple", list),
    (Size, "size", list),
    (set, "set", list),
    (frozenset, "frozenset", list),
)
MAPPINGS: tuple[tuple[type, str], ...] = (
    (dict, "dict"),
    (OrderedDict, "ordered"),
    (Counter, "counter"),
    (argparse.Namespace, "namespace"),
)
_SEQUENCE: dict[str, Callable[[Any], Any]] = {name: kind for kind, name, _ in SEQUENCES}
_MAPPING: dict[str, Callable[[Any], Any]] = {
    "dict": dict,
    "ordered": OrderedDict,
    "counter": lambda pairs: Counter(dict(pairs)),
    "namespace": lambda pairs: argparse.Namespace(**dict(pairs)),
}
_LEAF: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "bytes": base64.b64decode,
    "complex": lambda parts: complex(*parts),
    "dtype": dtype,
    "device": device,
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refusal(value: Any, path: str) -> str:
    """Return the message for a value that cannot be saved."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    place = f" at {path!r}" if path else ""
    needs = f"save: needs tensors and plain containers, got {kind}{place}"
    if hasattr(value, "state_dict"):
        return f"{needs}; save its state_dict(), and load it with load_state_dict()"
    if isinstance(value, dict | list | tuple):
        return f"{needs}; make a plain {'dict' if isinstance(value, dict) else 'list'} of it"
    return f"{needs}; save the numbers and texts that it is made of"
