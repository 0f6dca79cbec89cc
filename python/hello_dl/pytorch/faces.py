"""Modules with PyTorch's names: a Face passes each name on to the modules of hello_dl that have it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any

from hello_dl.pytorch.places import PLACES
from hello_dl.tensors.instead import lacks

TOPS = ("torch", "torchvision")
VERSIONS = {
    "torch": "2.13.0",
    "torchvision": "0.28.0",
}  # which programs that ask for a version are content with
ABSENT = object()


class Face(ModuleType):
    """A module in PyTorch's place. AttributeError, which names what is missing, for a name it has not."""

    def __init__(self, path: str) -> None:
        super().__init__(path, f"hello_dl in the place of {path}.")
        self.__path__: list[str] = []  # a module with __path__ may have submodules
        if path in VERSIONS:
            self.__version__ = VERSIONS[path]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{self.__name__} has no {name!r}")
        found = find(self.__name__, name)
        if f"{self.__name__}.{name}" in PLACES and not isinstance(found, FunctionType):
            return importlib.import_module(f"{self.__name__}.{name}")
        if found is ABSENT:
            raise AttributeError(lacks(f"{self.__name__}.{name}"))
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing torch.nn.utils.weight_norm shall not hide the function of that name.
        if not (isinstance(value, Face) and isinstance(find(self.__name__, name), FunctionType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        names = {name for place in places(self.__name__) for name in dir(place) if not name.startswith("_")}
        return sorted(names | set(vars(self)))


def places(path: str) -> Iterator[Any]:
    """Yield the modules and objects of hello_dl that stand behind a module of PyTorch, if they exist."""
    for text in PLACES[path]:
        module, _, inner = text.partition(":")
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not module.startswith(error.name):
                raise  # something that it imports is missing
            continue
        yield getattr(found, inner) if inner else found


def find(path: str, name: str) -> Any:
    """Return what hello_dl has under a name of a module of PyTorch, or ABSENT."""
    inner = name.startswith("_") and not path.endswith(("_utils", "lr_scheduler"))
    if inner and not path.startswith("torch.nn.modules."):
        return ABSENT
    for place in places(path):
        found = (
            ABSENT if inner and name not in getattr(place, "__all__", ()) else getattr(place, name, ABSENT)
        )
        if found is not ABSENT:
            return found
    return ABSENT


class FaceFinder(MetaPathFinder, Loader):
    """Finds torch and torchvision, before Python looks for the installed ones."""

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return the spec of a module of PyTorch, None for others. ModuleNotFoundError for a missing one."""
        if fullname.partition(".")[0] not in TOPS:
            return None
        if fullname not in PLACES:
            inner = fullname.split(".")[-1].startswith("_")  # what other libraries ask the real PyTorch for
            why = "; it stands in PyTorch's place in this process, so the real one cannot be imported"
            # Without `name`, Python shows this message for `from torch.nn import X`, too.
            raise ModuleNotFoundError(lacks(fullname) + (why if inner else ""))
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> Face:
        """Return the module of that name."""
        return Face(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: a face finds its names when they are asked for."""


def installed() -> bool:
    """Return whether `import torch` gives hello_dl in this process."""
    return isinstance(sys.modules.get("torch"), Face)
