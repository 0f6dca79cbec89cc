"""Ops that numpy computes at once, outside the graph, with a gradient rule that numpy computes, too.

For what the engine has no op, and ops cannot be composed to: where numbers are added up at given places, or a
matrix is taken apart. The inputs are computed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.tensors.dtypes import REAL

Array = NDArray[Any]
Rule = Callable[[Array], Sequence[Array | None]]
Again = Callable[[Tensor, Tensor], Sequence[Tensor | None]]


class OutsideRule:
    """What the engine calls with the gradient of the result, and what a graph of gradients is made of."""

    def __init__(self, rule: Rule, again: Again | None, shapes: Sequence[Any], needed: list[int]) -> None:
        self._rule, self._again, self._shapes, self._needed = rule, again, shapes, needed

    def __call__(self, gradient: Tensor) -> list[Tensor | None]:
        """Return the gradients of the inputs that record one, as numbers."""
        found = self._rule(gradient.numpy().astype(np.float64))
        return [
            None if g is None else _core.from_numpy(np.asarray(g).reshape(self._shapes[i]))
            for i in self._needed
            for g in (found[i],)
        ]

    def in_graph(self, gradient: Tensor, result: Tensor) -> list[Tensor | None] | None:
        """Return them as expressions; None if the op has no rule that is made of tensors."""
        if self._again is None:
            return None
        found = self._again(gradient, result)
        return [found[i] for i in self._needed]


def with_rule(
    name: str, numbers: Array, inputs: Sequence[Tensor], rule: Rule, again: Again | None = None
) -> Tensor:
    """Return numbers as the result of an op on these inputs.

    The rule gets dL/d(result) and returns dL/d(input) for each of the inputs, or None for those without. It
    is called only if gradients are recorded. What it needs of the inputs it must have copied. `again` gets
    dL/d(result) and the result, and says the same in tensors, for derivatives of derivatives.
    """
    y = _core.from_numpy(np.asarray(numbers))
    needed = [i for i, x in enumerate(inputs) if x.requires_grad]
    if not needed or not _core.is_grad_enabled() or y.dtype != REAL:
        return y
    call = OutsideRule(rule, again, [x.shape for x in inputs], needed)
    return _core.with_rule(name, y, [inputs[i] for i in needed], call)


def linear(
    name: str, x: Tensor, function: Callable[[Array], Array], transposed: Callable[[Array], Array]
) -> Tensor:
    """Return a linear function of x; `transposed` takes a gradient back to x.

    Each is the rule of the other, so there are derivatives of any order.
    """

    def again(G: Tensor, _: Tensor) -> list[Tensor | None]:
        return [linear(name, G, transposed, function)]

    return with_rule(name, function(exact(x)), [x], lambda g: [transposed(g)], again)


def exact(x: Tensor) -> Array:
    """Return a copy of real numbers in float64, so that what is computed of them is rounded once."""
    return x.numpy().astype(np.float64)


def number_by_number(
    name: str,
    x: Tensor,
    function: Callable[[Array], Array],
    slope: Callable[[Array], Array],
    again: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """Return a function of each number by itself; `slope` is its derivative, `again` the same of a tensor."""
    numbers = exact(x)
    with np.errstate(all="ignore"):
        y = function(numbers)

    def rule(g: Array) -> list[Array | None]:
        with np.errstate(all="ignore"):
            return [g * slope(numbers)]

    return with_rule(name, y, [x], rule, None if again is None else lambda G, _: [_core.mul(G, again(x))])
