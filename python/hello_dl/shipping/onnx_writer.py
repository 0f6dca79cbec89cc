"""What onnx_ops.py and onnx_layers.py write with: nodes, constants, and lengths known at run time.

ONNX (onnx.ai) is a format for networks that many programs read: a list of nodes, each an op of its list of
about 200, its inputs and outputs by name. A length that follows the input's, such as that of the batch, is
computed by nodes as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.shipping.graph import Graph, Size, Value

OPSET = 20  # the version of ONNX's list of ops (2023): the first with Gelu
TYPES = {"float32": np.float32, "float64": np.float32, "int64": np.int64, "bool": np.bool_}
NUMBERS = {"float32": 1, "float64": 1, "int64": 7, "bool": 9}  # ONNX's numbers of its types
END = np.iinfo(np.int64).max


class Writer:
    """Collects nodes and constants; the methods return names of values."""

    def __init__(self, graph: Graph, lengths: dict[str, tuple[int, ...]]) -> None:
        self.nodes: list[tuple[str, list[str], list[str], dict[str, Any]]] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.names: dict[Value, str] = {}
        self._graph, self._lengths, self._numbered = graph, lengths, 0
        self._known: dict[tuple[Any, ...], str] = {}  # small constants by their content

    def new(self) -> str:
        """Return a name for a value between two nodes."""
        self._numbered += 1
        return f"v{self._numbered}"

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node of one output."""
        return self.nodes_of(op, inputs, 1, **attributes)[0]

    def nodes_of(self, op: str, inputs: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        """Add a node of several outputs; an empty name stands for an input that is left out."""
        made = [self.new() for _ in range(outputs)]
        self.nodes.append((op, list(inputs), made, attributes))
        return made

    def constant(self, numbers: Any, dtype: str = "", name: str = "") -> str:
        """Add a constant, as int64 or as the dtype named; small ones are added once."""
        array: NDArray[Any] = np.asarray(numbers, TYPES[dtype] if dtype else np.int64)
        key = (array.tobytes(), array.shape, array.dtype.str) if array.size <= 16 and not name else None
        if key is not None and key in self._known:
            return self._known[key]
        named = name if name and name not in self.constants else self.new()
        self.constants[named] = array
        if key is not None:
            self._known[key] = named
        return named

    def of(self, value: Value) -> str:
        """Return the name of a value; a constant is added when it is first needed."""
        if value not in self.names:
            assert value.numbers is not None
            numbers = value.numbers
            fixed = all(isinstance(size, int) for size in value.shape)
            named = self.constant(numbers, value.dtype, value.name)
            if not fixed:
                named = self.node("Expand", named, self.shape(value.shape, []))
            self.names[value] = named
        return self.names[value]

    def array(self, value: Value, numbers: NDArray[Any], name: str = "") -> str:
        """Return the name of a constant value whose numbers are stored in another order or shape."""
        return self.constant(numbers, value.dtype, name or (f"{value.name}_" if value.name else ""))

    def cast(self, value: Value, dtype: str) -> str:
        """Return the name of a value as another dtype."""
        if NUMBERS[value.dtype] == NUMBERS[dtype]:
            return self.of(value)
        if value.numbers is not None and all(isinstance(size, int) for size in value.shape):
            return self.constant(value.numbers, dtype)
        return self.node("Cast", self.of(value), to=NUMBERS[dtype])

    # ---- lengths -------------------------------------------------------------------------------------------

    def shape(self, sizes: Sequence[Size], near: Sequence[Value], infer: bool = False) -> str:
        """Return the name of a vector of lengths; with `infer`, one may be -1, which Reshape works out."""
        known = list(sizes)
        free = [axis for axis, size in enumerate(known) if isinstance(size, tuple)]
        if infer and len(free) == 1:
            known[free[0]] = -1
            free = []
        if not free:
            return self.constant(known)
        if len(known) == 1:
            return self.length(known[0], near)
        return self.node("Concat", *[self.length(size, near) for size in known], axis=0)

    def length(self, size: Size, near: Sequence[Value]) -> str:
        """Return the name of a length as a vector of one number, computed from the lengths of other values.

        ValueError if it is no linear function of one of them, or of the product of two lengths of the input.
        """
        if isinstance(size, int):
            return self.constant([size])
        candidates = [v for v in (*near, *self._graph.inputs) if not v.is_constant]
        for value in candidates:
            for axis, other in enumerate(value.shape):
                if other == size:
                    return self._axis(value, axis)
        for value in candidates:
            for axis, other in enumerate(value.shape):
                if isinstance(other, tuple) and (line := _line(other, size)) is not None:
                    return self._on_line(self._axis(value, axis), *line)
        pairs = [
            (a, i, b, j)
            for a in candidates
            for b in candidates
            for i in range(len(a.shape))
            for j in range(len(b.shape))
        ]
        for a, i, b, j in pairs:
            if isinstance(a.shape[i], tuple) and isinstance(b.shape[j], tuple):
                product = tuple(x * y for x, y in zip(a.shape[i], b.shape[j], strict=True))
                if (line := _line(product, size)) is not None:
                    return self._on_line(self.node("Mul", self._axis(a, i), self._axis(b, j)), *line)
        raise ValueError(
            f"export: a length is {', '.join(map(str, size))} where the input's are"
            f" {', '.join(f'{name} {sizes}' for name, sizes in self._lengths.items())}, which is no linear"
            " function of them; fix these lengths with dynamic_axes"
        )

    def _axis(self, value: Value, axis: int) -> str:
        """Return the name of the length of an axis of a value."""
        return self.node("Shape", self.of(value), start=axis, end=axis + 1)

    def _on_line(self, x: str, slope: Fraction, start: int) -> str:
        """Return the name of slope x + start."""
        if slope.numerator != 1:
            x = self.node("Mul", x, self.constant([slope.numerator]))
        if slope.denominator != 1:
            x = self.node("Div", x, self.constant([slope.denominator]))
        return self.node("Add", x, self.constant([start])) if start else x

    def reshaped(self, x: str, sizes: Sequence[Size], near: Sequence[Value]) -> str:
        """Return the name of x in another shape."""
        return self.node("Reshape", x, self.shape(sizes, near, infer=True))


def _line(xs: Sequence[int], ys: Sequence[int]) -> tuple[Fraction, int] | None:
    """Return (slope, start) if ys = slope xs + start in all traces, with a whole start; None if not."""
    different = [(x, y) for x, y in zip(xs, ys, strict=True) if x != xs[0]]
    if not different:
        return None
    slope = Fraction(different[0][1] - ys[0], different[0][0] - xs[0])
    start = ys[0] - slope * xs[0]
    fits = slope > 0 and start.denominator == 1
    return (
        (slope, int(start))
        if fits and all(slope * x + start == y for x, y in zip(xs, ys, strict=True))
        else None
    )
