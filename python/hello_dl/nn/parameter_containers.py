"""ParameterList and ParameterDict: parameters in a list or by name, which the module around them finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from hello_dl._core import Tensor
from hello_dl.nn.module import Module
from hello_dl.nn.parameter import Parameter


def _kept(value: Any) -> Any:
    """Return a plain tensor as a Parameter, and all else as it is."""
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _line(name: object, value: Any) -> str:
    """Return how a container prints one of its values."""
    if isinstance(value, Tensor):
        kind = "Parameter" if isinstance(value, Parameter) else "Tensor"
        return f"({name}): {kind} containing: [torch.{value.dtype} of size {'x'.join(map(str, value.shape))}]"
    return f"({name}): Object of type: {type(value).__name__}"


class ParameterList(Module):
    """A list of parameters. Plain tensors that are put in become parameters."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self._size = 0
        self.extend(values or ())

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self.__dict__[str(i)] for i in range(self._size))

    def _place(self, index: int) -> str:
        """Return the name of the value at this index. IndexError if there is none."""
        if not -self._size <= index < self._size:
            raise IndexError(f"ParameterList: needs an index below {self._size}, got {index}")
        return str(index % self._size)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self.__dict__[self._place(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._place(index), _kept(value))

    def append(self, value: Any) -> Self:
        """Add a value at the end."""
        setattr(self, str(self._size), _kept(value))
        self._size += 1
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add several values at the end. TypeError for a single tensor."""
        if isinstance(values, Tensor):
            raise TypeError(f"ParameterList: needs a list of tensors, got one of shape {values.shape}")
        for value in list(values):
            self.append(value)
        return self

    def pop(self, index: int = -1) -> Any:
        """Take a value out, and return it."""
        values = list(self)
        value = values.pop(int(self._place(index)))
        for i in range(self._size):
            delattr(self, str(i))
        self._size = 0
        self.extend(values)
        return value

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def extra_repr(self) -> str:
        """Return a line for each value."""
        return "\n".join("  " + _line(i, value) for i, value in enumerate(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(\n{self.extra_repr()}\n)" if len(self) else f"{type(self).__name__}()"


class ParameterDict(Module):
    """A dict of parameters. Plain tensors that are put in become parameters."""

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        self._keys: dict[str, None] = {}
        self.update(parameters or {})

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return self.__dict__[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(f"ParameterDict: needs names, got {key!r}")
        if hasattr(type(self), key):
            raise KeyError(f"ParameterDict: the name {key!r} is taken by a method of modules, choose another")
        self._keys[key] = None
        setattr(self, key, _kept(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._keys.keys()

    def values(self) -> Iterable[Any]:
        """Return the parameters."""
        return (self[key] for key in self._keys)

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return names and parameters."""
        return ((key, self[key]) for key in self._keys)

    def update(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add parameters by name."""
        pairs = parameters.items() if isinstance(parameters, Mapping | ParameterDict) else parameters
        for key, value in list(pairs):
            self[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the parameter of this name, or `default`."""
        return self[key] if key in self._keys else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the parameter of this name; put in `default` if there is none."""
        if key not in self._keys:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Take a parameter out, and return it."""
        value = self[key]
        del self[key]
        return value

    def clear(self) -> None:
        """Take all out."""
        for key in list(self._keys):
            del self[key]

    def copy(self) -> Self:
        """Return another dict of the same parameters."""
        return type(self)(self.items())

    def extra_repr(self) -> str:
        """Return a line for each parameter."""
        return "\n".join("  " + _line(key, value) for key, value in self.items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}(\n{self.extra_repr()}\n)" if len(self) else f"{type(self).__name__}()"
