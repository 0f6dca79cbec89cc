"""Numpy's names of arguments, axis and keepdims, for PyTorch's dim and keepdim."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

RENAMED = {"axis": "dim", "keepdims": "keepdim"}


def names_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's arguments; none of one that is compiled."""
    function = getattr(function, "__wrapped__", function)
    code = getattr(function, "__code__", None)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()


def take_own_names(name: str, named: dict[str, Any], names: dict[str, str]) -> None:
    """Rename arguments as `names` says. TypeError for one that is given under both names."""
    for old, new in names.items():
        if old in named:
            if new in named:
                raise TypeError(f"{name}: needs {new} or {old}, got both")
            named[new] = named.pop(old)


def with_numpys_names(name: str, method: Any) -> Any:
    """Return a method that takes axis for dim and keepdims for keepdim, too: itself, if it does already.

    The methods that are called most name all of these themselves: a call through this one takes longer.
    """
    known = names_of(method)
    added = {old: new for old, new in RENAMED.items() if new in known and old not in known}
    if not added:
        return method

    @functools.wraps(method)
    def called(*args: Any, **named: Any) -> Any:
        if named:
            take_own_names(name, named, added)
        return method(*args, **named)

    return called
