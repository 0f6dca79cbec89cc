"""Every gradient rule against central differences (double build): <v, J'g> = <J v, g>, v and g random."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cases import CASES
from cases_composed import COMPOSED
from checks import build, gradient_error
from table import Case, make_inputs

TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def double() -> Any:
    return build("double")


def test_both_builds_live_side_by_side(double: Any) -> None:
    single = build()
    assert (single.ones(2).dtype, double.ones(2).dtype) == ("float32", "float64")
    assert not isinstance(double.ones(2), single.Tensor)


@pytest.mark.parametrize("case", CASES + COMPOSED, ids=str)
def test_gradient(case: Case, double: Any) -> None:
    for kinds in case.inputs:
        error = gradient_error(double, case.run, make_inputs(kinds))
        assert error < TOLERANCE, f"{case.op} on shapes {[k.shape for k in kinds]} is off by {error:.1e}"


def lost_denominator(h: Any, x: Any) -> Any:
    """Return x / sum(x), but the gradient does not see the sum."""
    return x / x.sum().detach()


def doubled(h: Any, x: Any) -> Any:
    """Return the sine of x, with twice its gradient."""
    return x.sin() + x.sin() - x.sin().detach()


def swapped(h: Any, x: Any) -> Any:
    """Return x, with the gradient of each number given to its mirror image: a plain sum would not notice."""
    mirror = x[h.arange(len(x) - 1, -1, -1)]
    return mirror + (x - mirror).detach()


@pytest.mark.parametrize("wrong", [lost_denominator, doubled, swapped])
def test_the_checker_finds_a_wrong_rule(wrong: Any, double: Any) -> None:
    x = np.random.default_rng(0).uniform(0.5, 2.0, 6)
    assert gradient_error(double, wrong, [x]) > 1e-2
