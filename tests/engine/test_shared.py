"""The same tensor in several places of one expression: every value, every gradient, however it is sliced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cases_shared import READERS, Shared, ops_of_several_tensors, shared_cases
from checks import build, gradient_error, leaves, relative_difference, value_of
from table import Array

h = build()
core: Any = h._core
OPS = ops_of_several_tensors(core)
ALL_ROWS = 10**9  # in one slice


@pytest.fixture(scope="module")
def double() -> Any:
    return build("double")


def results(package: Any, row: Shared) -> list[Array]:
    """Return the value and the gradients, made in one backward pass."""
    numbers = [x.astype(package._core.real) if x.dtype.kind == "f" else x for x in row.inputs()]
    tensors = leaves(package, numbers)
    y = row.run(package, *tensors)
    if y.requires_grad:
        g = np.random.default_rng(1).normal(size=y.shape).astype(package._core.real)
        y.backward(gradient=package.from_numpy(g))
    return [np.array(y.numpy()), *(np.array(t.grad.numpy()) for t in tensors if t.grad is not None)]


def step_by_step(package: Any, row: Shared) -> Array:
    """Return the value when each part is computed by itself, and the op gets copies."""

    def part(x: Any) -> Any:
        return package.from_numpy(np.array(x.numpy()))

    return value_of(package, lambda package, *x: row.run(package, *x, part=part), row.inputs())


ONE_FLOAT = {
    "channel_variance",
    "index_sum",
    "scatter_sum",
    "ctc",
    "gather",
    "index_select",
    "embedding",
    "pick",
}  # the others are its mean, an index, labels and lengths


@pytest.mark.parametrize("op", OPS)
def test_no_op_that_takes_several_tensors_is_left_out(op: str) -> None:
    rows = shared_cases(op)
    assert any(row.others for row in rows) == (op not in ONE_FLOAT)
    for result in (False, True):
        assert {(row.reader, row.before) for row in rows if row.reader and row.result == result} == {
            (reader, before) for reader in READERS for before in (False, True)
        }


@pytest.mark.parametrize("op", OPS)
def test_values_and_gradients(op: str, double: Any) -> None:
    for row in shared_cases(op):
        double._core.set_slice_units(ALL_ROWS)
        error = gradient_error(double, row.run, row.inputs(), at_once=True)
        assert error < 1e-6, f"{row}: the gradient is off by {error:.1e}"
        together = results(double, row)
        assert relative_difference(together[0], step_by_step(double, row)) < 1e-12, row
        for units in (0, 1, 3):
            double._core.set_slice_units(units)
            for a, b in zip(results(double, row), together, strict=True):
                assert relative_difference(a, b) < 1e-10, f"{row}, in slices of {units}"
    double._core.set_slice_units(0)


@pytest.mark.parametrize("op", OPS)
def test_threads_do_not_show(op: str) -> None:
    found: list[list[bytes]] = []
    rows = shared_cases(op)
    for threads in (1, 2, 3):
        core.set_num_threads(threads)
        bits = []
        for units in (1, 3):
            core.set_slice_units(units)
            bits += [b"".join(x.tobytes() for x in results(h, row)) for row in rows]
        found.append(bits)
    for one, two, three, row in zip(*found, rows * 2, strict=True):
        assert one == two == three, row
