"""How a batch is cut up must not show: any slices give the same numbers, any threads the same bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cases import CASES
from cases_composed import COMPOSED
from checks import build, leaves, relative_difference
from table import Array, Case, make_inputs

h = build()
core: Any = h._core
ALL = CASES + COMPOSED


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    threads = core.get_num_threads()
    yield
    core.set_num_threads(threads)
    core.set_slice_units(0)


def run(case: Case, inputs: list[Array], turned: bool = False) -> list[Array]:
    """Return the value by itself, then a loss of it and all gradients; the op stands between others.

    turned: images among the inputs are stored with their channels last.
    """
    tensors = leaves(h, [x.astype(core.real) if x.dtype.kind == "f" else x for x in inputs])

    def wrapped(x: Any) -> Any:
        if not x.requires_grad:
            return x
        return core.mul(core.avg_pool2d(x, 1) if turned and len(x.shape) == 4 else x, 1)

    def result() -> Any:
        return case.run(h, *(wrapped(t) for t in tensors))

    value = np.array(result().numpy())
    g = core.from_numpy(np.random.default_rng(1).normal(size=value.shape).astype(core.real))
    loss = core.sum(core.mul(result(), g))
    if loss.requires_grad:
        loss.backward()
    gradients = [np.array(t.grad.numpy()) for t in tensors if t.grad is not None]
    terms = float(np.abs(value * g.numpy()).sum())  # what rounding errors of the sum are parts of
    return [value, 2 + loss.numpy() / max(terms, 1e-6), *gradients]


@pytest.mark.parametrize("case", ALL, ids=str)
def test_slices_do_not_show(case: Case) -> None:
    for kinds in case.inputs:
        inputs = make_inputs(kinds)
        core.set_slice_units(10**9)
        together = run(case, inputs)
        for units in (1, 3):
            core.set_slice_units(units)
            for a, b in zip(run(case, inputs), together, strict=True):
                where = f"{case.op} on shapes {[k.shape for k in kinds]} in slices of {units}"
                assert relative_difference(a, b) < 1e-5, where


@pytest.mark.parametrize("case", ALL, ids=str)
def test_threads_do_not_show(case: Case) -> None:
    for kinds in case.inputs:
        inputs = make_inputs(kinds)
        core.set_slice_units(1)
        core.set_num_threads(1)
        alone = run(case, inputs)
        for threads in (2, 5):
            core.set_num_threads(threads)
            for a, b in zip(run(case, inputs), alone, strict=True):
                where = f"{case.op} on shapes {[k.shape for k in kinds]} on {threads} threads"
                assert a.tobytes() == b.tobytes(), where


def with_images(case: Case) -> bool:
    """Return whether the case takes images; not dropout's, which draws for each number where it is stored."""
    return case.op != "dropout" and any(len(k.shape) == 4 for kinds in case.inputs for k in kinds)


@pytest.mark.parametrize("case", [case for case in ALL if with_images(case)], ids=str)
def test_the_order_of_channels_in_memory_does_not_show(case: Case) -> None:
    for kinds in case.inputs:
        inputs = make_inputs(kinds)
        for a, b in zip(run(case, inputs, turned=True), run(case, inputs), strict=True):
            assert relative_difference(a, b) < 1e-5, f"{case.op} on shapes {[k.shape for k in kinds]}"
