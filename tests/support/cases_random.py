"""Random graphs: programs in PyTorch's words, which any build of the package runs, and PyTorch.

cases_random_lines.py makes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cases_sequences import by_torch
from table import Array


@dataclass
class Graph:
    """A program: leaves, lines `name = code`, and the results whose weighted sums are differentiated."""

    seed: int
    leaves: dict[str, Array] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    held: set[str] = field(default_factory=set)  # Python keeps a handle on these, so their values are kept
    retained: dict[str, str] = field(default_factory=dict)  # retain_grad(); the leaf of zeros added to it
    separately: bool = False  # each output has a backward pass of its own
    constants: dict[str, Array] = field(default_factory=dict)  # what was computed under no_grad

    def __str__(self) -> str:
        leaves = [f"{name} = randn{array.shape}" for name, array in self.leaves.items()]
        lines = [f"{name} = {code}" for name, code in self.lines]
        more = f"outputs {self.outputs}, held {sorted(self.held)}, retained {self.retained}"
        return "\n".join([f"graph {self.seed}", *leaves, *lines, more])

    def last_uses(self) -> dict[str, int]:
        """Return the number of the last line in which each name stands."""
        return {name: i for i, (_, code) in enumerate(self.lines) for name in names_in(code)}


def names_in(code: str) -> set[str]:
    return set(re.findall(r"\b[vw]\d+\b", code))


# ---- running a graph in a library

Results = dict[str, Array]


def run(graph: Graph, h: Any, leaves: dict[str, Array], real: Any, gradients: bool = True) -> Results:
    """Return the outputs of a graph and, with gradients, those of its leaves and of what retains its own.

    h is a build of the package or PyTorch, real the numpy type of its numbers.
    """

    def stop(name: str, make: Callable[[], Any]) -> Any:
        if not gradients:  # the leaves have been moved, and a constant must not move with them
            return h.from_numpy(graph.constants[name])
        with h.no_grad():
            y = make()
        graph.constants.setdefault(name, numbers(y))
        return y

    names: dict[str, Any] = {"h": h, "F": h.nn.functional, "stop": stop, "recurrent": recurrent_of(h)}
    for name, array in leaves.items():
        names[name] = h.from_numpy(np.array(array, real))
        names[name].requires_grad = gradients
    last_use = graph.last_uses()
    for i, (name, code) in enumerate(graph.lines):
        y = eval(code, names)
        if name in graph.retained and gradients:
            y.retain_grad()
        names[name] = y
        for used in names_in(code):
            if last_use[used] == i and used not in (*graph.held, *graph.outputs, *graph.retained, *leaves):
                del names[used]
    results = {}
    if gradients:
        losses = [
            (names[name] * h.from_numpy(weights(graph, name, names[name].shape, real))).sum()
            for name in graph.outputs
        ]
        if graph.separately:
            for loss in losses:
                loss.backward(retain_graph=True)
        else:
            sum(losses[1:], losses[0]).backward()
        tracked = (*leaves, *graph.retained)
        results = {f"gradient of {n}": numbers(names[n].grad) for n in tracked if names[n].grad is not None}
    return {**results, **{name: numbers(names[name]) for name in (*graph.outputs, *graph.held)}}


def numbers(x: Any) -> Array:
    return np.array(x.detach().numpy())


def weights(graph: Graph, name: str, shape: tuple[int, ...], real: Any) -> Array:
    """Return the random numbers by which the loss weighs an output."""
    return np.asarray(np.random.default_rng([graph.seed, int(name[1:])]).normal(size=tuple(shape)), real)


def recurrent_of(h: Any) -> Callable[..., Any]:
    if hasattr(h, "_core"):
        return lambda op, *x: getattr(h._core, op)(*x)
    return lambda op, *x: by_torch(h, op, None, False, "tanh", *x)
