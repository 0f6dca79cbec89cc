"""Every op: the numbers and gradients that PyTorch gives, and a clear refusal of what makes no sense."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cases import CASES, REFUSALS
from cases_composed import COMPOSED
from checks import build, gradients_of, leaves, relative_difference
from table import Case, Refusal, make_inputs

h = build()
core: Any = h._core


def test_every_registered_op_has_a_case() -> None:
    registered = {name for name, *_ in core.registered_ops}
    assert registered - {case.op for case in CASES} == set()


def test_every_case_is_of_a_registered_op() -> None:
    registered = {name for name, *_ in core.registered_ops}
    assert {c.op for c in CASES} | {r.op for r in REFUSALS} <= registered


@pytest.mark.parametrize("case", CASES + COMPOSED, ids=str)
def test_values_and_gradients_are_those_of_pytorch(case: Case) -> None:
    torch = pytest.importorskip("torch")
    if case.torch is None:
        pytest.skip("PyTorch has no such op")
    for kinds in case.inputs:
        inputs = [x.astype(core.real) if x.dtype.kind == "f" else x for x in make_inputs(kinds)]
        theirs = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
        expected = case.torch(torch, *theirs)
        tensors = leaves(h, inputs)
        y = case.run(h, *tensors)
        where = f"{case.op} on shapes {[k.shape for k in kinds]}"
        assert tuple(y.shape) == tuple(expected.shape), where
        assert y.dtype == str(expected.dtype).removeprefix("torch."), where
        assert relative_difference(y.numpy(), expected.detach().numpy()) < 1e-4, where
        assert y.requires_grad == expected.requires_grad, where
        if not y.requires_grad:
            continue
        g = np.random.default_rng(1).normal(size=y.shape).astype(core.real)
        y.backward(gradient=core.from_numpy(g))
        expected.backward(torch.tensor(g))
        for k, (ours, theirs_k) in enumerate(zip(tensors, theirs, strict=True)):
            if theirs_k.grad is None:
                assert ours.grad is None, where
                continue
            difference = relative_difference(ours.grad.numpy(), theirs_k.grad.numpy())
            assert difference < 1e-4, f"{where}: the gradient of input {k} is off by {difference:.1e}"


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refuses(refusal: Refusal) -> None:
    with pytest.raises(refusal.error) as caught:
        refusal.call(core)
    assert refusal.words in str(caught.value)
    assert "\n" not in str(caught.value)


def tensor(*numbers: Any) -> Any:
    return core.from_numpy(np.array(numbers))


@pytest.mark.parametrize("name", ["relu", "abs", "clamp"])
def test_not_a_number_stays_so(name: str) -> None:
    args = (-1.0, 1.0) if name == "clamp" else ()
    y = getattr(core, name)(tensor(np.nan, 2.0, -2.0), *args)
    assert np.isnan(y.numpy()).tolist() == [True, False, False]


@pytest.mark.parametrize("name", ["amax", "amin", "maximum", "minimum"])
@pytest.mark.parametrize("size", [2, 100])
def test_not_a_number_wins_among_the_largest(name: str, size: int) -> None:
    for place in (0, size - 1):
        x = np.zeros(size)
        x[place] = np.nan
        pair = name in ("maximum", "minimum")
        y = getattr(core, name)(tensor(*x), 1.0) if pair else getattr(core, name)(tensor(*x))
        assert np.isnan(y.numpy()).any()


def test_argmax_names_the_first_of_several_and_a_not_a_number_before_all() -> None:
    assert core.argmax(tensor(1.0, 3.0, 2.0, 3.0)).numpy() == 1
    assert core.argmin(tensor(1.0, 0.0, 2.0, 0.0)).numpy() == 1
    assert core.argmax(tensor(1.0, np.nan, 5.0, np.nan)).numpy() == 1


def test_equals_share_the_gradient_of_the_largest() -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    (gradient,) = gradients_of(h, lambda _, t: core.amax(t, 1), [x], np.array([6.0, 9.0]))
    assert gradient is not None
    assert gradient.tolist() == [[0.0, 3.0, 3.0], [3.0, 3.0, 3.0]]
    pair = [np.array([1.0, 2.0]), np.array([1.0, 3.0])]
    a, b = gradients_of(h, lambda _, s, t: core.maximum(s, t), pair, np.array([4.0, 4.0]))
    assert a is not None
    assert b is not None
    assert (a.tolist(), b.tolist()) == ([2.0, 0.0], [2.0, 4.0])


def test_masked_places_take_no_part_in_a_softmax() -> None:
    x = core.where(tensor(True, False, True), tensor(1.0, 2.0, 1.0), -np.inf)
    assert core.softmax(x, 0).numpy().tolist() == [0.5, 0.0, 0.5]
    assert np.isneginf(core.logsumexp(tensor(-np.inf, -np.inf), 0).numpy())


def test_large_scores_do_not_overflow() -> None:
    x = tensor(1000.0, 1000.0)
    assert core.softmax(x, 0).numpy().tolist() == [0.5, 0.5]
    assert np.allclose(core.log_softmax(x, 0).numpy(), -np.log(2))
    assert np.allclose(core.logsumexp(x, 0).numpy(), 1000 + np.log(2))


@pytest.mark.parametrize("name", ["neg", "abs", "relu"])
def test_integers_stay_integers(name: str) -> None:
    assert getattr(core, name)(tensor(1, -2)).dtype == "int64"


def test_dtypes_follow_the_inputs() -> None:
    yes, one, half = tensor(True, False), tensor(1, 2), tensor(0.5, 1.5)
    assert core.mul(yes, yes).dtype == "bool"
    assert core.add(yes, yes).dtype == "bool"
    assert core.add(one, yes).dtype == "int64"
    assert core.add(one, half).dtype == core.real
    assert core.div(one, one).dtype == core.real
    assert core.sum(yes).dtype == "int64"
    assert core.clamp(one, 0, 1).dtype == "int64"
    assert core.clamp(one, 0.5).dtype == core.real


def test_dropout_leaves_out_its_share_and_keeps_the_mean() -> None:
    x = np.ones((400, 100))
    y = core.dropout(core.from_numpy(x), 0.3, 5).numpy()
    assert abs((y == 0).mean() - 0.3) < 0.01
    assert np.allclose(y[y != 0], 1 / 0.7)
    (gradient,) = gradients_of(h, lambda _, t: core.dropout(t, 0.3, 5), [x], x)
    assert gradient is not None
    assert np.array_equal(gradient, y)
    assert not np.array_equal(core.dropout(core.from_numpy(x), 0.3, 6).numpy(), y)
    assert len({row.tobytes() for row in y}) == 400
    assert not core.dropout(core.from_numpy(x), 1.0, 5).numpy().any()


def test_sums_of_many_numbers_are_as_exact_as_their_type_allows() -> None:
    x = np.full(1_000_003, 0.1, dtype=core.real)
    expected = x.astype(float).sum()
    assert abs(float(core.sum(core.from_numpy(x)).numpy()) - expected) / expected < 1e-6
    (gradient,) = gradients_of(h, lambda h, s: h.tensor(x) * s, [np.array(1.0)], np.ones(x.size))
    assert gradient is not None
    assert abs(float(gradient) - expected) / expected < 1e-6
