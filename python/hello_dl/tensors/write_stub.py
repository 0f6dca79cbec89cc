"""Write _core/__init__.pyi, the types of the compiled engine, from its own list of ops.

Run it after adding an op: python -m hello_dl.tensors.write_stub
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hello_dl import _core
from hello_dl.tensors import later
from hello_dl.tensors.methods import ALIASES, PARTS, members

WIDTH = 110
IN_PLACE = ("__iadd__", "__isub__", "__imul__", "__itruediv__", "__ipow__")  # mypy wants them like __add__

HEADER = '''"""Types of the compiled engine. Written by hello_dl.tensors.write_stub: change that, not this."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hello_dl._core.types import Dim, RandomSource, Removable, ValuesAndIndices
from hello_dl._core.types import device as Device

_bool: TypeAlias = bool
_float: TypeAlias = float
_int: TypeAlias = int
TensorLike: TypeAlias = Tensor | float | NDArray[Any] | np.generic

VARIANTS: tuple[str, ...]
isa: str
eigen_version: str
real: str
registered_ops: tuple[tuple[str, str, str], ...]

def from_numpy(array: NDArray[Any]) -> Tensor: ...
def gpt_read(
    parameters: Sequence[Tensor], cache: Tensor, heads: int, ids: Sequence[int], first: int
) -> NDArray[Any]: ...
def evaluate(tensors: Sequence[Tensor]) -> None: ...
def is_grad_enabled() -> bool: ...
def clear_gradients(tensors: list[Tensor]) -> None: ...
def _set_faces(shape: type, dtypes: Sequence[str]) -> None: ...
def set_grad_enabled(enabled: bool) -> None: ...
def get_num_threads() -> int: ...
def set_num_threads(threads: int) -> None: ...
def set_slice_units(units: int) -> None: ...
def last_run() -> dict[str, int]: ...
def draw_strokes(
    segments: NDArray[Any], starts: NDArray[Any], height: int, width: int
) -> NDArray[np.uint8]: ...
def resample_strokes(
    points: NDArray[Any], starts: NDArray[Any], step: float, passes: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]: ...
def change_ink(picture: NDArray[np.uint8], key: int, how: Sequence[float]) -> NDArray[np.uint8]: ...
def bend_ink(
    picture: NDArray[np.uint8], grid: NDArray[Any], step: int, height: int, width: int
) -> NDArray[np.uint8]: ...
def augment(images: NDArray[np.uint8], seed: int, step: int, how: Sequence[float]) -> NDArray[np.uint8]: ...
def gradients(
    ys: Sequence[Tensor], seeds: Sequence[Tensor | None], xs: Sequence[Tensor], retain_graph: bool
) -> list[Tensor | None]: ...
def backward_all(ys: Sequence[Tensor], seeds: Sequence[Tensor | None], retain_graph: bool) -> None: ...
def with_rule(
    name: str,
    result: Tensor,
    inputs: Sequence[Tensor],
    rule: Callable[[Tensor], Tensor | list[Tensor | None] | None],
) -> Tensor: ...
def set_hook(tensor: Tensor, function: Callable[[Tensor], Tensor | None] | None) -> None: ...
def hook_of(tensor: Tensor) -> Callable[[Tensor], Tensor | None] | None: ...
def rule_of(tensor: Tensor) -> Callable[[Tensor], Any] | None: ...
def recipe_of(tensor: Tensor) -> tuple[list[Tensor], dict[str, Any]]: ...
def check_inputs(tensor: Tensor) -> None: ...
def set_gradient(tensor: Tensor, grad: Tensor) -> None: ...
class Frozen:
    def __init__(self, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None: ...
    def run(self, *arrays: NDArray[Any]) -> list[NDArray[Any]] | None: ...
    def watch(self) -> None: ...
    @property
    def steps(self) -> list[str]: ...

def begin_trace(inputs: list[Tensor]) -> None: ...
def end_trace() -> list[tuple[str, dict[str, Any], Tensor]]: ...
def sgd_step(
    parameters: Sequence[Tensor],
    buffers: list[Tensor | None],
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
) -> None: ...
def adam_step(
    parameters: Sequence[Tensor],
    means: Sequence[Tensor],
    squares: Sequence[Tensor],
    steps: Sequence[Tensor],
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None: ...
def _check_labels(who: str, labels: Tensor, classes: int, ignore: int, of: str = "classes") -> int: ...
def _set_integer_ops(compute: Callable[[str, tuple[Any, ...], dict[str, Any]], Any]) -> None: ...
'''

CLASS = '''
class Tensor:
    """Numbers along axes, with the recipe that made them; nothing is computed until you ask for it."""

    requires_grad: _bool
    @property
    def shape(self) -> tuple[_int, ...]: ...
    @property
    def ndim(self) -> _int: ...
    @property
    def dtype(self) -> str: ...
    @property
    def is_leaf(self) -> _bool: ...
    @property
    def is_computed(self) -> _bool: ...
    @property
    def op(self) -> str: ...
    @property
    def inputs(self) -> list[Tensor]: ...
    @property
    def id(self) -> _int: ...
    @property
    def _references(self) -> _int: ...
    def retain_grad(self) -> None: ...
    def __buffer__(self, flags: _int, /) -> memoryview: ...
    def _assign(self, other: Tensor) -> Tensor: ...
    def _as_dtype(self, name: str) -> Tensor: ...
    def _become(self, other: Tensor) -> Tensor: ...
    def _raw(self) -> NDArray[Any]: ...
    def _settle(self) -> None: ...
    def _own_numbers(self) -> None: ...
'''


def _function(name: str, parameters: list[str], result: str, doc: str, indent: str, prefix: str = "") -> str:
    """Return the text of one function or method, on one line if it fits."""
    line = f"{indent}def {name}({', '.join(parameters)}) -> {result}:"
    if len(line) + 4 > WIDTH:
        listed = "".join(f"{indent}    {p},\n" for p in parameters)
        line = f"{indent}def {name}(\n{listed}{indent}) -> {result}:"
    if not doc:
        return f"{prefix}{line} ...\n"
    room = WIDTH - len(indent) - 10
    text = f"\n{indent}    ".join(textwrap.wrap(" ".join(doc.split()), room))
    return f'{prefix}{line}\n{indent}    """{text}"""\n'


def _aliased(annotation: str) -> str:
    """Return an annotation for inside the class, where int, float and bool are methods: _int for int."""
    annotation = re.sub(r"\b(int|float|bool)\b", r"_\1", annotation)
    return annotation.replace("Flag", "_bool").replace("Whole", "_int")


def _op_parameters(signature: str) -> list[str]:
    """Return the parameters of an op with their types, from its signature in the engine."""
    inside = signature[1 : signature.rindex(") ->")]
    parts = re.split(r", (?=\w+: )", inside)
    return [
        p.replace("Tensor | float | None", "TensorLike | None").replace("Tensor | float", "TensorLike")
        for p in parts
    ]


def _ops() -> Iterable[str]:
    """Yield the text of each op as a function."""
    for name, signature, doc in _core.registered_ops:
        yield _function(name, _op_parameters(signature), "Tensor", doc, "")


def _op_methods(taken: set[str]) -> Iterable[str]:
    """Yield each op as a method if its first argument is a tensor and Python has no method of that name."""
    for name, signature, doc in _core.registered_ops:
        first, *others = _op_parameters(signature)
        if not first.endswith(": TensorLike"):
            continue
        parameters = ["self", *map(_aliased, others)]
        if name not in taken:
            yield _function(name, parameters, "Tensor", doc, "    ")
        for alias in ALIASES.get(name, ()):
            yield _function(alias, parameters, "Tensor", "", "    ")


def _parameters(function: Any) -> list[str]:
    """Return the parameters of a Python function with types and defaults, as they are written."""
    listed: list[str] = []
    star = False
    for p in inspect.signature(function).parameters.values():
        text = ("*" if p.kind is p.VAR_POSITIONAL else "**" if p.kind is p.VAR_KEYWORD else "") + p.name
        if p.kind is p.VAR_POSITIONAL:
            star = True
        if p.kind is p.KEYWORD_ONLY and not star:
            star = True
            listed.append("*")
        if p.name != "self":
            text += f": {_aliased(p.annotation)}"
        if p.default is not p.empty:
            text += f" = {p.default!r}"
        listed.append(text)
    return listed


def _python_methods() -> Iterable[str]:
    """Yield the text of each method of Tensor that is written in Python."""
    for part in PARTS:
        for name, member in members(part).items():
            if isinstance(member, property):
                yield _property(name, member)
            elif member is None or isinstance(member, int):
                yield f"    {name}: {'None' if member is None else '_int'}\n"
            else:
                result = _aliased(member.__annotations__["return"])
                doc = (member.__doc__ or "").split("\n\n")[0]
                comment = "  # type: ignore[misc]" if name in IN_PLACE else ""
                text = _function(name, _parameters(member), result, doc, "    ")
                yield text.replace(" ...\n", f" ...{comment}\n") if comment else text


def _later_methods() -> Iterable[str]:
    """Yield the text of each method that is imported when it is first used, and of its kin."""
    for name in later.names():
        method = later.method(name)
        if name.endswith("_"):
            yield f"    def {name}(self, *arguments: Any, **named: Any) -> Tensor: ...\n"
            continue
        result = _aliased(getattr(method, "__annotations__", {}).get("return", "Tensor"))
        if not re.fullmatch(r"(tuple\[)?Tensor(, Tensor\]|, \.\.\.\])?|ValuesAndIndices\[Tensor\]", result):
            result = "Any"
        try:
            parameters = ["self", *_parameters(method)[1:]]
        except (ValueError, TypeError):  # compiled, without a signature
            parameters = ["self", "*arguments: Any", "**named: Any"]
        doc = (method.__doc__ or "").split("\n\n")[0]
        yield _function(name, parameters, result, doc, "    ")


def _property(name: str, member: property) -> str:
    """Return the text of a property, and of its setter if it has one."""
    assert member.fget is not None
    result = _aliased(member.fget.__annotations__["return"])
    text = _function(name, ["self"], result, member.__doc__ or "", "    ", "    @property\n")
    if member.fset is not None:
        text += _function(name, _parameters(member.fset), "None", "", "    ", f"    @{name}.setter\n")
    return text


def stub() -> str:
    """Return the text of the stub."""
    taken = {name for part in PARTS for name in members(part)}
    return "".join([HEADER, *_ops(), CLASS, *_op_methods(taken), *_python_methods(), *_later_methods()])


def path() -> Path:
    """Return the path of the stub."""
    return Path(__file__).parents[1] / "_core" / "__init__.pyi"


if __name__ == "__main__":
    path().write_text(stub())
