"""A leaf that changes in place before backward: the gradient is that of the old numbers, or it is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from cases import CASES
from cases_composed import COMPOSED
from checks import leaves, relative_difference
from hello_dl import nn
from table import Array, Case, make_inputs

core: Any = h._core


def gradients(case: Case, inputs: list[Array], changed: int | None) -> list[Array] | None:
    """Return the gradients; input number `changed` changes after the value is there. None: refused."""
    tensors = leaves(h, inputs)
    y = case.run(h, *tensors)
    if not y.requires_grad:
        return None
    h.evaluate([y])
    value = np.array(y.numpy())
    if changed is not None:
        with h.no_grad():
            tensors[changed].mul_(0.5).add_(7)
    try:
        y.backward(gradient=h.from_numpy(np.asarray(np.random.default_rng(1).normal(size=y.shape))))
    except ValueError as error:
        if changed is None or "was changed in place" not in str(error):
            raise
        return None
    is_view = case.composed or y.is_leaf  # a view follows the leaf
    assert is_view or np.array_equal(y.numpy(), value, equal_nan=True)
    return [np.array(t.grad.numpy()) for t in tensors if t.grad is not None]


@pytest.mark.parametrize("case", CASES + COMPOSED, ids=str)
def test_gradients_never_come_from_other_numbers_than_the_value(case: Case) -> None:
    for kinds in case.inputs:
        inputs = [x.astype(core.real) if x.dtype.kind == "f" else x for x in make_inputs(kinds)]
        right = gradients(case, inputs, None)
        for k, x in enumerate(inputs):
            found = gradients(case, inputs, k) if right is not None and x.dtype.kind == "f" else None
            for a, b in zip(found or [], right or [], strict=found is not None):
                assert relative_difference(a, b) < 1e-6, f"{case.op}, input {k}, {[i.shape for i in kinds]}"


@pytest.mark.parametrize(
    "made",
    [
        lambda w: w.clone(),
        lambda w: w.reshape(4),
        lambda w: w.t(),
        lambda w: w + 1,
        lambda w: w.exp(),
        lambda w: (w * 3).sum(0),
        lambda w: h.cat([w, w]),
        lambda w: w[1],
        lambda w: nn.functional.linear(h.ones(1, 2), w),
    ],
)
def test_a_gradient_that_does_not_read_the_leaf_is_computed(made: Any) -> None:
    gradients = []
    for changes in (False, True):
        w = h.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
        y = made(w)
        h.evaluate([y])
        if changes:
            w.grad = h.ones(2, 2)
            h.optim.SGD([w], lr=1.0).step()
            w.grad = None
        y.backward(gradient=h.ones(*y.shape))
        gradients.append(w.grad.tolist())
    assert gradients[0] == gradients[1]


def test_a_gradient_that_reads_it_is_refused() -> None:
    w = h.tensor([1.0, 2.0], requires_grad=True)
    y = w * w
    h.evaluate([y])
    with h.no_grad():
        w.fill_(0)
    with pytest.raises(ValueError, match=r"mul: its input of shape .* was changed in place"):
        y.backward(gradient=h.ones(2))
