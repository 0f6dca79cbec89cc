"""Finds which lengths in a graph follow the lengths of its input: by writing it down for several of them.

A network in Python says `x.reshape(x.shape[0], -1)`; the engine sees numbers. With a batch of 2, 3 and 5
these numbers differ exactly where they depend on the batch. So no length is guessed, and a network that does
something else for another length is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from hello_dl.shipping.graph import Graph, Step, Value
from hello_dl.shipping.trace import Array, as_arrays, trace

TIMES = (2, 3, 5)  # the example's length is multiplied by these; they share no factor
Places: TypeAlias = Mapping[str, Sequence[tuple[int, int]]]  # an axis's name: the (input, axis) that have it


def trace_varying(model: Callable[..., Any], example: Any, free: Places) -> tuple[Graph, dict[str, Any]]:
    """Return the graph for any length of the axes in `free`, and the lengths of each in the traces.

    A length that follows one of them is a tuple in the graph, see graph.Size. ValueError if the network's
    steps differ from one length to another, or a constant does.
    """
    arrays = as_arrays(example)
    cases = [dict.fromkeys(free, TIMES[0])]
    cases += [{**cases[0], name: times} for name in free for times in TIMES[1:]]
    graphs, lengths = [], []
    for case in cases:
        larger = [_larger(array, i, free, case) for i, array in enumerate(arrays)]
        lengths.append({name: larger[at[0][0]].shape[at[0][1]] for name, at in free.items()})
        graphs.append(trace(model, larger))
    merged = _merged(graphs, lengths)
    return merged, {name: tuple(length[name] for length in lengths) for name in free}


def _larger(array: Array, i: int, free: Places, case: Mapping[str, int]) -> Array:
    """Return input i, repeated along its free axes as often as this case says."""
    for name, places in free.items():
        for which, axis in places:
            if which == i:
                array = np.concatenate([array] * case[name], axis)
    return array


def _merged(graphs: list[Graph], lengths: list[dict[str, int]]) -> Graph:
    """Return one graph of several that differ in lengths alone."""
    first = graphs[0]
    for other, length in zip(graphs[1:], lengths[1:], strict=True):
        if [s.op for s in other.steps] != [s.op for s in first.steps]:
            raise ValueError(
                f"export: the network takes other steps for an input of {_told(length)} than of"
                f" {_told(lengths[0])}; fix these lengths with dynamic_axes"
            )
    found: dict[int, Value] = {}
    several = [list(parts) for parts in zip(*(_in_order(graph) for graph in graphs), strict=True)]
    for values in several:
        one = _one_value(values, lengths)
        found.update((id(value), one) for value in values)
    steps = []
    for same in zip(*(graph.steps for graph in graphs), strict=True):
        arguments = {
            name: _one_argument([step.arguments[name] for step in same], found) for name in same[0].arguments
        }
        steps.append(Step(same[0].op, arguments, found[id(same[0].output)]))
    return Graph([found[id(v)] for v in first.inputs], steps, [found[id(v)] for v in first.outputs])


def _in_order(graph: Graph) -> list[Value]:
    """Return the values of a graph in the order in which they come up."""
    return list(graph.values())


def _told(length: Mapping[str, int]) -> str:
    """Return lengths in words: batch 2, width 64."""
    return ", ".join(f"{name} {n}" for name, n in length.items())


def _one_value(values: list[Value], lengths: list[dict[str, int]]) -> Value:
    """Return the value that stands for one and the same in all traces."""
    first = values[0]
    if any(v.dtype != first.dtype or len(v.shape) != len(first.shape) for v in values):
        raise ValueError("export: a result has other axes for another length of the input; fix that length")
    shape = tuple(one_size([v.shape[axis] for v in values]) for axis in range(len(first.shape)))
    if not first.is_constant:
        return Value(shape, first.dtype, name=first.name)
    return Value(shape, first.dtype, _one_constant(values, shape, lengths), first.name)


def _one_constant(values: list[Value], shape: tuple[Any, ...], lengths: list[dict[str, int]]) -> Array:
    """Return the numbers of a constant: the same in all traces, or repeated along the axes that vary.

    Of repeated ones a single place along such an axis is returned.
    """
    once = tuple(slice(0, 1) if isinstance(size, tuple) else slice(None) for size in shape)
    numbers = [np.asarray(v.numbers) for v in values]
    first = numbers[0][once]
    if all(np.array_equal(np.broadcast_to(first, n.shape), n, n.dtype.kind == "f") for n in numbers):
        return first
    raise ValueError(
        f"export: the network uses other numbers for an input of {_told(lengths[1])} than of"
        f" {_told(lengths[0])} (a constant of shape {numbers[0].shape}); fix these lengths with dynamic_axes"
    )


def one_size(sizes: list[Any]) -> Any:
    """Return a length that is the same in all traces, or all of them."""
    return sizes[0] if len(set(sizes)) == 1 else tuple(sizes)


def _one_argument(arguments: list[Any], found: dict[int, Value]) -> Any:
    """Return what an argument is in all traces."""
    first = arguments[0]
    if isinstance(first, Value):
        if len({id(found[id(value)]) for value in arguments}) > 1:
            raise ValueError(
                "export: the network's steps use other results for another input; fix its length"
            )
        return found[id(first)]
    if isinstance(first, list):
        if any(len(a) != len(first) for a in arguments):
            raise ValueError(
                "export: the network uses lists of other lengths for another input; fix its length"
            )
        return [_one_argument(list(parts), found) for parts in zip(*arguments, strict=True)]
    return one_size(arguments)
