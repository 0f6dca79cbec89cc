"""Every gradient rule against central differences (double build): <v, J'g> = <J v, g>, v and g random."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cases import CASES
from checks import engine, gradient_error
from table import Case, make_inputs

TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def double() -> Any:
    core = engine("double")
    assert core.real == "float64"
    return core


def test_both_builds_live_side_by_side(double: Any) -> None:
    assert engine().real == "float32"
    assert engine("double").isa == "double"
    with pytest.raises(TypeError):
        double.neg(engine().from_numpy(np.ones(2)), 1)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradient(case: Case, double: Any) -> None:
    for kinds in case.inputs:
        error = gradient_error(double, case.ours, make_inputs(kinds))
        assert error < TOLERANCE, f"{case.op} on shapes {[k.shape for k in kinds]} is off by {error:.1e}"


def lost_denominator(c: Any, x: Any) -> Any:
    """Return x / sum(x), but the gradient does not see the sum."""
    return c.div(x, c.sum(x).detach())


def doubled(c: Any, x: Any) -> Any:
    """Return the sine of x, with twice its gradient."""
    y = c.sin(x)
    return c.sub(c.add(y, y), y.detach())


def swapped(c: Any, x: Any) -> Any:
    """Return x, with the gradient of each number given to its mirror image: a plain sum would not notice."""
    mirror = c.index_select(x, 0, c.from_numpy(np.arange(x.shape[0])[::-1].copy()))
    return c.add(mirror, c.sub(x, mirror).detach())


@pytest.mark.parametrize("wrong", [lost_denominator, doubled, swapped])
def test_the_checker_finds_a_wrong_rule(wrong: Any, double: Any) -> None:
    x = np.random.default_rng(0).uniform(0.5, 2.0, 6)
    assert gradient_error(double, wrong, [x]) > 1e-2
