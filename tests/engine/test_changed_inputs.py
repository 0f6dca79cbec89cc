"""A leaf that changes in place: expressions made before keep the old numbers, for values and for gradients.

A gradient that would have to read the old numbers is refused, as PyTorch refuses it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from cases import CASES
from cases_composed import COMPOSED
from checks import leaves, relative_difference
from hello_dl import nn
from hello_dl.tensors import views
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


@pytest.mark.parametrize("case", CASES + COMPOSED, ids=str)
def test_a_value_computed_later_is_that_of_the_numbers_of_its_time(case: Case) -> None:
    for kinds in case.inputs:
        inputs = [x.astype(core.real) if x.dtype.kind == "f" else x for x in make_inputs(kinds)]
        h.manual_seed(0)
        right = case.run(h, *leaves(h, inputs)).numpy()
        for k in [k for k, x in enumerate(inputs) if x.dtype.kind == "f"]:
            tensors = leaves(h, inputs)
            h.manual_seed(0)
            y = case.run(h, *tensors)
            if y.is_leaf or _is_view_of(y, tensors):
                continue  # it follows the leaf
            with h.no_grad():
                tensors[k].mul_(0.5).add_(7)
            if "with statistics" in str(case) and k in (1, 2):  # it reads them through detach()
                with pytest.raises(ValueError, match="changed in place"):
                    y.numpy()
                continue
            found = y.numpy()
            assert np.array_equal(found, right, equal_nan=True), f"{case.op}, input {k}, {found} {right}"


def _is_view_of(y: h.Tensor, tensors: list[h.Tensor]) -> bool:
    return any(y is t or any(other is y for other in views.sharing_with(t)) for t in tensors)


CHANGES: dict[str, Any] = {
    "add_": lambda x: x.add_(1),
    "zero_": lambda x: x.zero_(),
    "+=": lambda x: x.__iadd__(1),
    "[0] =": lambda x: x.__setitem__(0, 5.0),
    "[mask] =": lambda x: x.__setitem__(x > 1, 5.0),
    "[0].mul_": lambda x: x[0].mul_(3),
    "copy_": lambda x: x.copy_(h.tensor([7.0, 8.0])),
    "normal_": lambda x: h.nn.init.normal_(x),
    "clamp_ twice": lambda x: x.clamp_(max=1.5).clamp_(min=1.2),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("needs_gradient", [False, True], ids=["plain", "parameter"])
def test_whatever_changes_a_leaf_an_expression_keeps_its_numbers(change: Any, needs_gradient: bool) -> None:
    x = h.tensor([1.0, 2.0], requires_grad=needs_gradient)
    y, total, again = x * 2, (x * x).sum(), x + 1
    with h.no_grad():
        change(x)
    after = x.tolist()
    assert after != [1, 2]
    assert (y.tolist(), total.item()) == ([2, 4], 5)
    with h.no_grad():
        change(x)
    assert (again.tolist(), (x * 1).tolist()) == ([2, 3], x.tolist())


def optimizers() -> dict[str, Any]:
    o = h.optim
    return {"SGD": o.SGD, "Adam": o.Adam, "Adagrad": o.Adagrad, "Rprop": o.Rprop, "Adadelta": o.Adadelta}


@pytest.mark.parametrize("name", optimizers())
def test_what_was_made_before_a_step_of_an_optimizer_is_of_the_old_numbers(name: str) -> None:
    w = h.tensor([[1.0, 2.0]], requires_grad=True)
    optimizer = optimizers()[name]([w], lr=0.5)
    with h.no_grad():
        before = nn.functional.linear(h.ones(3, 2), w).mean(0)
    later = (w + 1).sum()
    w.grad = h.ones(1, 2)
    optimizer.step()
    assert before.tolist() == [3.0]
    w.grad = None
    later.backward()  # this gradient reads no numbers
    assert (later.item(), w.grad.tolist()) == (5.0, [[1.0, 1.0]])
    assert w.tolist() != [[1, 2]]


def test_an_array_goes_on_to_share_its_tensors_numbers() -> None:
    x = h.tensor([1.0, 2.0])
    y = x * 2
    array = x.numpy()  # read-only: y still needs the numbers
    x.add_(1)
    with pytest.raises(ValueError, match="changed in place"):
        y.numpy()
    assert array.tolist() == x.tolist() == [2, 3]


def test_an_integer_keeps_its_digits_before_and_after_a_change() -> None:
    big = 2**60 + 1
    x = h.tensor([big, 3])
    y = x * 1.0
    z = h.cat([x, x])
    x[1] = big + 2
    assert (x.tolist(), z.tolist(), y.tolist()[1]) == ([big, big + 2], [big, 3, big, 3], 3.0)


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
