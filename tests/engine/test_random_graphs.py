"""Random graphs of all ops: gradients by finite differences and PyTorch; slices and threads must not show.

HELLO_DL_GRAPHS=5000 runs so many instead of the usual few; HELLO_DL_GRAPHS_FROM is the first one's seed.
"""

from __future__ import annotations

import importlib.util
import os
from typing import Any

import numpy as np
import pytest

from cases_random import Graph, Results, run, weights
from cases_random_lines import random_graph
from checks import build

COUNT, FIRST = int(os.environ.get("HELLO_DL_GRAPHS", "200")), int(os.environ.get("HELLO_DL_GRAPHS_FROM", "0"))
IN_A_TEST = 20  # so many graphs are one test


@pytest.fixture(scope="module")
def double() -> Any:
    return build("double")


def largest_difference(a: Results, b: Results) -> tuple[float, str]:
    """Return the largest difference of all results, relative to the largest number of each, and its name."""
    assert a.keys() == b.keys()
    shares = {
        name: float(np.abs(a[name] - x).max() / max(np.abs(x).max(), 1e-2)) if x.size else 0.0
        for name, x in b.items()
    }
    name = max(shares, key=lambda n: shares[n])
    return shares[name], name


def gradient_error(graph: Graph, double: Any, results: Results, attempt: int) -> float:
    """Return how far <v, gradient> is from the loss's change along v, as a share of the gradient's length.

    v is a random vector through all leaves, another one in each attempt; the step becomes smaller, too.
    """
    rng = np.random.default_rng([graph.seed, attempt])
    direction = {name: rng.normal(size=x.shape) for name, x in graph.leaves.items()}
    step = 1e-5 * 0.3**attempt

    def loss(sign: int) -> float:
        leaves = {name: x + sign * step * direction[name] for name, x in graph.leaves.items()}
        outputs = run(graph, double, leaves, np.float64, gradients=False)
        return sum(
            float((outputs[n] * weights(graph, n, outputs[n].shape, np.float64)).sum()) for n in graph.outputs
        )

    expected = (loss(1) - loss(-1)) / (2 * step)
    gradients = [(results.get(f"gradient of {name}"), v) for name, v in direction.items()]
    got = sum(float((g * v).sum()) for g, v in gradients if g is not None)
    length = sum(float((g**2).sum()) for g, _ in gradients if g is not None) ** 0.5
    return abs(got - expected) / max(abs(expected), length, 1e-2)


def check_double(graph: Graph, double: Any) -> Results:
    """Check gradients by finite differences, those that results retain, and slices; return all numbers."""
    core = double._core
    results = run(graph, double, graph.leaves, np.float64)
    # A step across a kink shows in one direction, a wrong gradient in all of them.
    error = gradient_error(graph, double, results, 0)
    if error > 1e-6:
        error = min(gradient_error(graph, double, results, attempt) for attempt in range(1, 5))
    assert error < 1e-6, f"a gradient is off by {error:.1e} in\n{graph}"
    for name, zeros in graph.retained.items():
        a, b = (results.get(f"gradient of {n}") for n in (name, zeros))
        assert (a is None) == (b is None), f"{name} and {zeros} differ in\n{graph}"
        assert a is None or b is None or np.array_equal(a, b), f"{name} and {zeros} differ in\n{graph}"
    for units in (1, 3, 10**9):
        core.set_slice_units(units)
        difference, name = largest_difference(run(graph, double, graph.leaves, np.float64), results)
        core.set_slice_units(0)
        assert difference < 1e-9, f"{name} is off by {difference:.1e} in slices of {units} in\n{graph}"
    return results


def check_single(graph: Graph, exact: Results) -> None:
    """Check the float32 build: about the same numbers, and the same bits on any number of threads."""
    h = build()
    core: Any = h._core
    for units in (0, 1, 3):
        core.set_slice_units(units)
        bits = []
        for threads in (1, 2, 3):
            core.set_num_threads(threads)
            results = run(graph, h, graph.leaves, np.float32)
            bits.append({name: x.tobytes() for name, x in results.items()})
        assert bits[0] == bits[1] == bits[2], f"threads show in slices of {units} in\n{graph}"
        difference, name = largest_difference(results, exact)
        assert difference < 5e-3, f"{name} is off by {difference:.1e} in slices of {units} in\n{graph}"
    core.set_slice_units(0)


def check_pytorch(graph: Graph, exact: Results) -> None:
    import torch

    expected = run(graph, torch, graph.leaves, np.float64)
    difference, name = largest_difference(exact, expected)
    assert difference < 1e-8, f"{name} is off from PyTorch's by {difference:.1e} in\n{graph}"


@pytest.mark.parametrize("first", range(FIRST, FIRST + COUNT, IN_A_TEST))
def test_random_graphs(first: int, double: Any) -> None:
    for seed in range(first, min(first + IN_A_TEST, FIRST + COUNT)):
        graph = random_graph(seed, double)
        exact = check_double(graph, double)
        check_single(graph, exact)
        if importlib.util.find_spec("torch"):
            check_pytorch(graph, exact)
