"""What c_ops.py and c_layers.py write with: constants, buffers and loops of one C function.

All lengths are known, so all buffers have fixed places in one static array; two that are never needed at the
same time may share a place. Nothing is allocated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.shipping.graph import Graph, Step, Value
from hello_dl.shipping.grid import on_grid

TYPES = {"float32": "float", "float64": "float", "int64": "long long", "bool": "unsigned char"}
BYTES = {"float": 4, "long long": 8, "unsigned char": 1, "signed char": 1}
ARRAYS = {"float": "memory", "long long": "integers", "unsigned char": "truths"}  # of buffers, by type
LETTERS = "ijklmnpq"  # of loops
BLOCK = 8  # output channels whose weights lie together, see c/conv2d.c
FEW = (
    32  # weights of an output; fewer stay real numbers in 8 bits: their grid's two numbers would cost as much
)
IN_LINE = 100  # characters of a line of constants

Index = Callable[[Sequence[str]], str]  # from the places of all operands to a statement


def c_type(value: Value) -> str:
    """Return the C type of a value's numbers."""
    return TYPES[value.dtype]


def number(x: float) -> str:
    """Return a real constant in C."""
    if math.isinf(x) or math.isnan(x):
        return "NAN" if math.isnan(x) else "INFINITY" if x > 0 else "-INFINITY"
    text = f"{np.float32(x):.9g}"
    return f"{text}f" if set(text) & set(".e") else f"{text}.0f"


def size_of(value: Value) -> int:
    """Return how many numbers a value has."""
    return math.prod(value.shape)


def strides_of(shape: Sequence[int]) -> list[int]:
    """Return how far apart neighbours along each axis are."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def broadcast(shape: Sequence[int], to: Sequence[int]) -> list[int]:
    """Return the strides of an array of `shape` that is repeated to the shape `to`."""
    new = len(to) - len(shape)
    own = [0 if n == 1 else stride for n, stride in zip(shape, strides_of(shape), strict=True)]
    return [0] * new + own


class CWriter:
    """Collects the parts of a C file: the methods return names and texts."""

    def __init__(self, graph: Graph, bits: int) -> None:
        self.graph, self.bits = graph, bits
        self.constants: list[str] = []
        self.lines: list[str] = []  # of the function's body
        self.helpers: list[str] = []  # names of the snippets in c/ that are called
        self.names: dict[Value, str] = {}
        self.buffers: list[Buffer] = []
        self.weight_bytes = 0
        self.now = 0  # the number of the step that is being written
        self._made: dict[tuple[Any, ...], str] = {}

    # ---- constants -----------------------------------------------------------------------------------------

    def constant(self, numbers: NDArray[Any], kind: str = "float") -> str:
        """Add an array of constants and return its name; the same array is added once."""
        flat = np.ascontiguousarray(numbers).reshape(-1)
        key = (kind, flat.shape, flat.tobytes())
        if key not in self._made:
            self._made[key] = name = f"c{len(self._made)}"
            self.constants.append(f"static const {kind} {name}[{flat.size}] = {{{_listed(flat, kind)}}};")
            self.weight_bytes += flat.size * BYTES[kind]
        return self._made[key]

    def of(self, value: Value) -> str:
        """Return the name of the array of a value's numbers."""
        if value.numbers is not None and value not in self.names:
            self.names[value] = self.constant(value.numbers, c_type(value))
        return self.names[value]

    def fixed(self, value: Value | None, step: Step) -> NDArray[Any] | None:
        """Return the numbers of weights. ValueError if they depend on the input."""
        if value is not None and value.numbers is None:
            raise ValueError(f"export: C needs constant weights in {step.op}, these depend on the input")
        return None if value is None else value.numbers

    def bias(self, numbers: NDArray[Any] | None, count: int) -> str:
        """Add a bias, zeros if there is none, filled up to whole blocks."""
        filled = np.zeros(-(-count // BLOCK) * BLOCK, np.float32)
        filled[:count] = 0 if numbers is None else numbers
        return self.constant(filled)

    def in_blocks(
        self, weight: NDArray[Any], call: Callable[[str, str, str], str], bits: int | None = None
    ) -> None:
        """Write a call that takes weights (out, ...), which lie in blocks of 8 outputs.

        call(weights, "o", count) returns the call for the outputs from o on; weights in 8 bits are unpacked,
        a block at a time, before it.
        """
        out = len(weight)
        count = weight[0].size
        if (bits or self.bits) == 32 or count < FEW:
            self.lines.append(call(self.constant(in_blocks_of_8(weight)), "0", str(out)))
            return
        codes, line = on_grid(weight.reshape(out, -1))
        self.use("unpack")
        middle, step = (self.bias(part, out) for part in line.T)
        packed = self.constant(in_blocks_of_8(codes), "signed char")
        block = self.temporary(count * BLOCK)
        rest = f"{out} - o < {BLOCK} ? {out} - o : {BLOCK}" if out % BLOCK else str(BLOCK)
        self.lines += [
            f"for (int o = 0; o < {out}; o += {BLOCK}) {{",
            f"    unpack({packed} + o * {count}, {step} + o, {middle} + o, {count}, {block});",
            f"    {call(block, 'o', rest)}",
            "}",
        ]

    # ---- helpers, buffers ----------------------------------------------------------------------------------

    def use(self, *helpers: str) -> None:
        """Have the file contain these snippets of c/."""
        self.helpers += [name for name in helpers if name not in self.helpers]

    def buffer(self, count: int, kind: str, last: int) -> str:
        """Return the name of a new buffer that is needed from now on until the step `last`."""
        self.buffers.append(Buffer(f"v{len(self.buffers)}", max(1, count), kind, self.now, last))
        return self.buffers[-1].name

    def temporary(self, count: int) -> str:
        """Return the name of a buffer of real numbers for this step alone."""
        return self.buffer(count, "float", self.now)

    # ---- loops ---------------------------------------------------------------------------------------------

    def loops(self, shape: Sequence[int], operands: Sequence[Sequence[int]], statement: Index) -> None:
        """Write loops over `shape` round a statement, which is made of the places of all operands.

        An operand is the list of its strides. Axes that lie together in all operands become one.
        """
        self.lines += nest(shape, operands, statement)


class Buffer:
    """An array for a result: its size, its C type, from which step to which it is needed, and its place."""

    def __init__(self, name: str, count: int, kind: str, first: int, last: int) -> None:
        self.name, self.count, self.kind, self.first, self.last, self.place = (
            name,
            count,
            kind,
            first,
            last,
            0,
        )


def laid_out(buffers: list[Buffer]) -> dict[str, int]:
    """Give each buffer a place, the largest first, and return the size of the array for each type.

    A place is the lowest at which a buffer meets no other that is needed at the same time.
    """
    sizes: dict[str, int] = {}
    placed: list[Buffer] = []
    for one in sorted(buffers, key=lambda b: (-b.count, b.first)):
        others = [b for b in placed if b.kind == one.kind and b.first <= one.last and one.first <= b.last]
        for other in sorted(others, key=lambda b: b.place):
            if one.place + one.count <= other.place:
                break
            one.place = max(one.place, other.place + other.count)
        placed.append(one)
        sizes[one.kind] = max(sizes.get(one.kind, 0), one.place + one.count)
    return sizes


def nest(
    shape: Sequence[int],
    operands: Sequence[Sequence[int]],
    statement: Index,
    outer: Sequence[str] = (),
    depth: int = 0,
) -> list[str]:
    """Return the lines of loops over `shape`; `outer` are the places where each operand begins."""
    sizes, strides = _joined(shape, operands)
    places = [[place] if place != "0" else [] for place in outer or ["0"] * len(operands)]
    lines = []
    for d, n in enumerate(sizes):
        letter = LETTERS[d + depth]
        lines.append(f"{'    ' * d}for (int {letter} = 0; {letter} < {n}; {letter}++)")
        for place, stride in zip(places, strides, strict=True):
            if stride[d]:
                place.append(letter if stride[d] == 1 else f"{letter} * {stride[d]}")
    body = statement([" + ".join(place) or "0" for place in places]).split("\n")
    return lines + [f"{'    ' * len(sizes)}{line}" for line in body]


def _joined(shape: Sequence[int], operands: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """Return sizes and strides without axes of length 1; axes are joined where one continues another."""
    sizes: list[int] = []
    strides: list[list[int]] = [[] for _ in operands]
    for axis, n in enumerate(shape):
        if n == 1:
            continue
        if sizes and all(s[-1] == own[axis] * n for s, own in zip(strides, operands, strict=True)):
            sizes[-1] *= n
            for s, own in zip(strides, operands, strict=True):
                s[-1] = own[axis]
            continue
        sizes.append(n)
        for s, own in zip(strides, operands, strict=True):
            s.append(own[axis])
    return sizes, strides


def in_blocks_of_8(weight: NDArray[Any]) -> NDArray[Any]:
    """Return weights (out, ...) as (out / 8, ..., 8), filled up with zeros."""
    out = len(weight)
    filled = np.zeros((-(-out // BLOCK) * BLOCK, weight[0].size), weight.dtype)
    filled[:out] = weight.reshape(out, -1)
    return filled.reshape(-1, BLOCK, filled.shape[1]).transpose(0, 2, 1)


def _listed(flat: NDArray[Any], kind: str) -> str:
    """Return constants separated by commas, in lines; real ones with as many digits as say them exactly."""
    if kind == "float":
        texts = [t if t[-1] not in "nfN" else number(float(t)) for t in flat.astype(np.float32).astype(str)]
    else:
        texts = [str(int(x)) for x in flat]
    lines, width = [""], 0
    for text in texts:
        if width + len(text) > IN_LINE:
            lines.append("")
            width = 0
        lines[-1] += f"{text}, "
        width += len(text) + 2
    return "\n".join(line.rstrip() for line in ["", *lines]).rstrip(",")
