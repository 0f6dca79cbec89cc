"""Containers: modules in a row, in a list, or by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Self, overload

from hello_dl.nn.module import Module


class _Numbered(Module):
    """What Sequential and ModuleList share: children named "0", "1", ... that can be indexed and changed."""

    def _named(self) -> list[tuple[str, Any]]:
        """Return all children in order with their names; a number may stand for no module, None."""
        return [
            (name, value)
            for name, value in self.__dict__.items()
            if isinstance(value, Module) or (value is None and name.isdigit())
        ]

    def _list(self) -> list[Any]:
        """Return all children in order."""
        return [child for _, child in self._named()]

    def _replace(self, modules: Iterable[Module | None]) -> None:
        """Remove all children and put in these, numbered from 0."""
        for name, _ in self._named():
            delattr(self, name)
        for module in modules:
            self.append(module)

    def __len__(self) -> int:
        return len(self._list())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._list())

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Any:
        named = self._named()
        if isinstance(index, slice):
            part = type(self)()
            for name, module in named[index]:
                part.add_module(name, module)
            return part
        return named[self._place(index, len(named))][1]

    def __setitem__(self, index: int, module: Module | None) -> None:
        named = self._named()
        self.add_module(named[self._place(index, len(named))][0], module)

    def __delitem__(self, index: int | slice) -> None:
        modules = self._list()
        del modules[index]
        self._replace(modules)

    def append(self, module: Module | None) -> Self:
        """Add a module at the end, or None where one is left out."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module | None]) -> Self:
        """Add several modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module | None) -> Self:
        """Put a module in front of the one at index; the later ones move up by one."""
        modules = self._list()
        modules.insert(index, module)
        self._replace(modules)
        return self

    def _place(self, index: int, length: int) -> int:
        """Return an index with a negative one counted from the end. IndexError if it is out of range."""
        if not -length <= index < length:
            raise IndexError(f"{type(self).__name__}: needs an index below {length}, got {index}")
        return index % length


class Sequential(_Numbered):
    """Modules one after the other: each gets what the one before it returned.

    Takes modules, or one dict of names and modules. Indexing gives a module, slicing a shorter Sequential.
    """

    def __init__(self, *args: Module | Mapping[str, Module]) -> None:
        if len(args) == 1 and isinstance(args[0], Mapping):
            for name, module in args[0].items():
                self.add_module(name, module)
            return
        for i, layer in enumerate(args):
            if not isinstance(layer, Module):
                raise TypeError(f"Sequential: needs modules, got {type(layer).__name__} at {i}")
            self.add_module(str(i), layer)

    def forward(self, x: Any) -> Any:
        """Send x through all modules in turn."""
        for module in self.__dict__.values():
            if isinstance(module, Module):
                x = module(x)
        return x


class Residual(Sequential):
    """Modules in a row whose result is added to their input: y = x + f(x).

    The modules learn only the difference from x, and the gradient reaches x undiminished, so that deep
    networks can be trained (He, Zhang, Ren, Sun 2016, equation 1). f(x) needs the shape of x.
    """

    def forward(self, x: Any) -> Any:
        """Return x plus the result of the modules."""
        return x + super().forward(x)


class ModuleList(_Numbered):
    """A list of modules. Their parameters belong to the module that has the list as an attribute.

    None may stand where a module is left out, as for the one block without attention.
    """

    def __init__(self, modules: Iterable[Module | None] | None = None) -> None:
        self.extend(modules or ())

    def __repr__(self) -> str:
        """Return the text of the children; equal ones in a row are written once, as in 2 x ReLU()."""
        texts, lines, k = [repr(child).replace("\n", "\n  ") for child in self], [], 0
        for text, same in groupby(texts):
            n = len(list(same))
            lines.append(f"({k}): {text}" if n == 1 else f"({k}-{k + n - 1}): {n} x {text}")
            k += n
        inner = "".join(f"\n  {line}" for line in lines)
        return f"{type(self).__name__}({inner}\n)" if lines else f"{type(self).__name__}()"


class ModuleDict(Module):
    """A dict of modules. Their parameters belong to the module that has the dict as an attribute."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        self.update(modules or {})

    def update(self, modules: Mapping[str, Module]) -> None:
        """Add modules by name."""
        for name, module in modules.items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        if hasattr(type(self), name):
            raise KeyError(f"ModuleDict: the name {name!r} is taken by a method of modules, choose another")
        self.add_module(name, module)

    def __getitem__(self, name: str) -> Any:
        return dict(self.named_children())[name]

    def __delitem__(self, name: str) -> None:
        delattr(self, name)

    def __contains__(self, name: str) -> bool:
        return name in dict(self.named_children())

    def __len__(self) -> int:
        return len(dict(self.named_children()))

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.named_children())

    def keys(self) -> list[str]:
        """Return the names."""
        return list(self)

    def values(self) -> list[Module]:
        """Return the modules."""
        return list(self.children())

    def items(self) -> list[tuple[str, Module]]:
        """Return names and modules."""
        return list(self.named_children())
