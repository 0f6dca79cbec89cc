"""Reads a pickle without running it: only plain containers, and what a caller allows by name.

A pickle is a program for a small machine with a stack. Python's own machine may call any function that the
file names. This one knows the instructions that plain data need, and each class or function that a file names
is looked up in a table of the caller: what is not in it is refused, before anything happens.
"""

from __future__ import annotations

import pickletools
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

MOST_STEPS = 20_000_000  # instructions of one pickle; more is no file of weights
MARK = object()
CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_DICT": dict,
    "EMPTY_SET": set,
}
VALUES = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BINSTRING", "SHORT_BINSTRING", "STRING"),
}


class Refused(ValueError):
    """A pickle names something that is not allowed, or is damaged."""


class Machine:
    """The stack and the memory of one pickle.

    allowed      for each name that may be called, such as "collections.OrderedDict", what is called for it
    objects      for each name that may stand for itself, such as "torch.float32", the object
    persistent   returns the object for what the pickle calls a persistent id
    """

    def __init__(
        self,
        allowed: Mapping[str, Callable[..., Any]],
        objects: Mapping[str, Any] | None = None,
        persistent: Callable[[Any], Any] | None = None,
    ) -> None:
        self.allowed, self.objects, self.persistent = allowed, objects or {}, persistent
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}
        self.names: set[int] = set()  # ids of the functions that the pickle may call

    def run(self, content: bytes | BinaryIO) -> Any:
        """Return the object that a pickle describes; a file is read up to its end. Raises Refused."""
        try:
            for step, (opcode, argument, _) in enumerate(pickletools.genops(content)):
                if step > MOST_STEPS:
                    raise Refused("the pickle has too many instructions")
                if opcode.name == "STOP":
                    return self.stack.pop()
                self._do(opcode.name, argument)
        except Refused:
            raise
        except Exception as error:  # a damaged pickle may fail at any instruction
            raise Refused(f"the pickle is damaged ({type(error).__name__}: {error})") from None
        raise Refused("the pickle has no end")

    def _do(self, name: str, argument: Any) -> None:
        """Do one instruction."""
        if name in VALUES:
            self.stack.append(argument)
        elif name in CONSTANTS:
            self.stack.append(CONSTANTS[name]())
        elif name == "MARK":
            self.stack.append(MARK)
        elif name in ("BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"):
            self.memory[len(self.memory) if name == "MEMOIZE" else argument] = self.stack[-1]
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            self.stack.append(self.memory[argument])
        elif name in ("PROTO", "FRAME"):
            pass
        else:
            method = getattr(self, f"_{name.lower()}", None)
            if method is None:
                raise Refused(f"the pickle uses {name}, which no weights need")
            method(argument)

    def _above_mark(self) -> list[Any]:
        """Take all objects above the last mark from the stack."""
        k = len(self.stack) - 1
        while self.stack[k] is not MARK:
            k -= 1
        items = self.stack[k + 1 :]
        del self.stack[k:]
        return items

    def _pop(self, _: Any) -> None:
        self.stack.pop()

    def _list(self, _: Any) -> None:
        self.stack.append(self._above_mark())

    def _tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._above_mark()))

    def _dict(self, _: Any) -> None:
        items = self._above_mark()
        self.stack.append(dict(zip(items[::2], items[1::2], strict=True)))

    def _tuple1(self, _: Any, n: int = 1) -> None:
        items = tuple(self.stack[-n:])
        del self.stack[-n:]
        self.stack.append(items)

    def _tuple2(self, _: Any) -> None:
        self._tuple1(_, 2)

    def _tuple3(self, _: Any) -> None:
        self._tuple1(_, 3)

    def _append(self, _: Any) -> None:
        item = self.stack.pop()
        self._top(list).append(item)

    def _appends(self, _: Any) -> None:
        items = self._above_mark()
        self._top(list).extend(items)

    def _setitem(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._top(dict)[key] = value

    def _setitems(self, _: Any) -> None:
        items = self._above_mark()
        self._top(dict).update(zip(items[::2], items[1::2], strict=True))

    def _additems(self, _: Any) -> None:
        items = self._above_mark()
        self._top(set).update(items)

    def _top(self, kind: type) -> Any:
        """Return the object on top of the stack. Raises Refused unless it is of this kind."""
        if not isinstance(self.stack[-1], kind):
            raise Refused(
                f"the pickle fills a {type(self.stack[-1]).__name__} as if it were a {kind.__name__}"
            )
        return self.stack[-1]

    def _global(self, argument: str) -> None:
        name = argument.replace(" ", ".", 1)
        if name in self.objects:
            self.stack.append(self.objects[name])
            return
        if name not in self.allowed:
            raise Refused(f"it holds an object of {name}")
        function = self.allowed[name]
        self.names.add(id(function))
        self.stack.append(function)

    def _stack_global(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self._global(f"{module} {name}")

    def _reduce(self, _: Any) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        if id(function) not in self.names or not isinstance(arguments, tuple):
            raise Refused("the pickle calls what is no function")
        self.stack.append(function(*arguments))

    _newobj = _reduce

    def _build(self, _: Any) -> None:
        """Leave out the attributes of an OrderedDict, such as a state_dict's _metadata; refuse all others."""
        self.stack.pop()
        self._top(OrderedDict)

    def _binpersid(self, _: Any) -> None:
        if self.persistent is None:
            raise Refused("the pickle names objects outside of itself")
        self.stack.append(self.persistent(self.stack.pop()))
