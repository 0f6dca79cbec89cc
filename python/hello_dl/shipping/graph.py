"""A network's graph as plain data: values, and the steps that make them, in order.

The engine's own graph (cpp/engine/graph.hh) exists to be computed and differentiated. This one exists to be
written down: trace.py makes it, simplify.py shortens it, and the writers of ONNX and C go through its steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from numpy.typing import NDArray

# A length, or the lengths in several traces, where an axis of the input had several lengths (vary.py).
Size: TypeAlias = "int | tuple[int, ...]"


@dataclass(eq=False)
class Value:
    """What a step makes or needs: its shape, its dtype, and its numbers if they are constant.

    The name is that of a parameter, an input or an output; empty for what lies between.
    """

    shape: tuple[Any, ...]  # of Size
    dtype: str  # "float32" ("float64" in the build for double), "int64" or "bool"
    numbers: NDArray[Any] | None = None
    name: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether the numbers are known before there is any input."""
        return self.numbers is not None


@dataclass(eq=False)
class Step:
    """One call of an op of the engine: its name, its arguments by name, and its result.

    An argument that was a tensor is a Value, one that was a list of tensors a list of them.
    """

    op: str
    arguments: dict[str, Any]
    output: Value

    def __getitem__(self, name: str) -> Any:
        """Return the argument of that name."""
        return self.arguments[name]

    @property
    def inputs(self) -> list[Value]:
        """All values among the arguments."""
        listed: list[Value] = []
        for argument in self.arguments.values():
            if isinstance(argument, Value):
                listed.append(argument)
            elif isinstance(argument, list):
                listed += [item for item in argument if isinstance(item, Value)]
        return listed


@dataclass
class Graph:
    """The inputs, the steps in an order in which they can be done, and the outputs."""

    inputs: list[Value]
    steps: list[Step]
    outputs: list[Value]

    def values(self) -> Iterator[Value]:
        """Yield every value once: inputs, constants, results."""
        seen: set[int] = set()
        everything = [*self.inputs, *(v for s in self.steps for v in (*s.inputs, s.output)), *self.outputs]
        for value in everything:
            if id(value) not in seen:
                seen.add(id(value))
                yield value

    def uses(self) -> dict[Value, int]:
        """Return how often each value is needed, by steps or as an output."""
        counted: dict[Value, int] = {}
        for value in (*(v for step in self.steps for v in step.inputs), *self.outputs):
            counted[value] = counted.get(value, 0) + 1
        return counted

    def without_unused(self) -> Graph:
        """Return the graph without the steps whose results nothing needs."""
        needed, kept = {id(v) for v in self.outputs}, []
        for step in reversed(self.steps):
            if id(step.output) in needed:
                needed |= {id(v) for v in step.inputs}
                kept.append(step)
        return Graph(self.inputs, kept[::-1], self.outputs)


@dataclass
class About:
    """What a file says of its network, beside the graph."""

    name: str = "network"  # of the function in C
    classes: tuple[str, ...] = ()  # name the numbers of the last axis of the first output
    meaning: str = ""  # of inputs and outputs, in sentences
    picture: tuple[int, int] | None = None  # height and width, if the input is a picture, 0 = paper, 1 = ink
    notes: Mapping[str, Any] = field(default_factory=dict)  # what else JSON can hold


def refuse_unknown(graph: Graph, where: str, table: Mapping[str, Any]) -> None:
    """Raise ValueError that names all ops of the graph that are not in the table."""
    unknown = sorted({step.op for step in graph.steps if step.op not in table})
    if unknown:
        raise ValueError(f"export: {where} has no op for {', '.join(unknown)}; compose the network of others")


def chosen_names(names: Sequence[str], count: int, kind: str) -> list[str]:
    """Return the names given, or default ones. ValueError for another number of names, or equal ones."""
    chosen = list(names) or ([kind] if count == 1 else [f"{kind}{i}" for i in range(count)])
    if len(chosen) != count or len(set(chosen)) != count or not all(chosen):
        raise ValueError(f"export: needs {count} different {kind}_names, got {', '.join(map(repr, names))}")
    return chosen


def pair(numbers: Any) -> list[int]:
    """Return a setting for height and width: one number stands for both."""
    both = [int(n) for n in (numbers if isinstance(numbers, list) else [numbers])]
    return both * 2 if len(both) == 1 else both
