"""The rules of autograd/rules: complete, equal to the gradients in C++, right when differentiated again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cases import CASES
from checks import build, leaves, relative_difference
from hello_dl import _core
from hello_dl.autograd.rules import COMPOSED, NO_RULE, RULES
from table import Case, make_inputs

SAME = 1e-10  # relative difference of two double-precision gradients of one op; smaller is stricter
# Ops of which the third derivative is compared as well. (PyTorch's of layer_norm is not that of its formula.)
SMOOTH = {
    *("exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "atan", "tanh", "sigmoid", "erf", "gelu"),
    *("log", "log1p", "log2", "log10", "sqrt", "asin", "acos", "mul", "div", "pow", "atan2", "matmul"),
    *("linear", "conv2d", "softmax", "log_softmax", "logsumexp", "channel_affine"),
}


@pytest.fixture(scope="module")
def double() -> Any:
    return build("double")


def with_gradient(case: Case) -> list[tuple[Any, ...]]:
    """Return the shapes of a case that hold real numbers."""
    filled = [kinds for kinds in case.inputs if all(0 not in k.shape for k in kinds)]
    return [kinds for kinds in filled if any(k.kind not in ("integers", "truths") for k in kinds)]


WITH_RULE = [case for case in CASES if case.op not in NO_RULE and with_gradient(case)]


def test_every_op_has_a_rule_or_a_reason_why_not() -> None:
    registered = {name for name, *_ in _core.registered_ops}
    assert registered - RULES.keys() - COMPOSED.keys() - NO_RULE.keys() - {"cat"} == set()
    assert not NO_RULE.keys() & (RULES.keys() | COMPOSED.keys())


@pytest.mark.parametrize("case", WITH_RULE, ids=str)
def test_a_rule_agrees_with_the_engine(case: Case, double: Any) -> None:
    for kinds in with_gradient(case):
        xs = leaves(double, make_inputs(kinds))
        y = case.run(double, *xs)
        if not y.requires_grad:
            continue
        needed = [x for x in xs if x.requires_grad]
        g = double.from_numpy(np.random.default_rng(1).normal(size=y.shape))
        exact = double.autograd.grad(y, needed, g, retain_graph=True, materialize_grads=True)
        by_rules = double.autograd.grad(y, needed, g, create_graph=True, materialize_grads=True)
        for k, (a, b) in enumerate(zip(by_rules, exact, strict=True)):
            off = relative_difference(a.detach().numpy(), b.numpy())
            assert off <= SAME, f"{case.op} on {[k.shape for k in kinds]}: input {k} is off by {off:.1e}"


def derivatives(h: Any, y: Any, xs: list[Any], orders: int) -> list[Any]:
    """Return derivatives of the last order: each time of random sums of those of the order before."""
    rng = np.random.default_rng(2)

    def random(t: Any) -> Any:
        return h.tensor(rng.normal(size=tuple(t.shape)), dtype=h.float64)

    g = random(y).requires_grad_()
    by = [*xs, g]
    total = (y * g).sum()
    for _ in range(orders - 1):
        found = h.autograd.grad(total, by, create_graph=True, allow_unused=True)
        weights = [random(x) for x in by]
        parts = [(a * w).sum() for a, w in zip(found, weights, strict=True) if a is not None]
        total = sum(parts[1:], parts[0])
        if not total.requires_grad:
            return [None] * len(by)
    return list(h.autograd.grad(total, by, allow_unused=True))


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch on one thread: its threads wait for each other longer than these small ops take."""
    module = pytest.importorskip("torch")
    threads = module.get_num_threads()
    module.set_num_threads(1)
    yield module
    module.set_num_threads(threads)


def agree_with_pytorch(case: Case, double: Any, torch: Any, order: int) -> None:
    if case.torch is None:
        pytest.skip("PyTorch has no such op")
    if case.op == "layer_norm" and len(case.inputs[0]) == 2:
        pytest.skip("PyTorch's second derivative needs a weight where there is a bias")
    for kinds in with_gradient(case)[:2]:
        inputs = make_inputs(kinds)
        ours = leaves(double, inputs)
        theirs = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
        pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.requires_grad]
        y = case.run(double, *ours)
        if not y.requires_grad or y.numel() == 0:
            continue
        found = derivatives(double, y, [a for a, _ in pairs], order)
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # has two derivatives
            expected = derivatives(torch, case.torch(torch, *theirs), [b for _, b in pairs], order)
        for k, (a, b) in enumerate(zip(found, expected, strict=True)):
            left, right = (np.zeros(1) if t is None else t.numpy() for t in (a, b))
            off = float(np.max(np.abs(left - right))) / max(1.0, float(np.abs(right).max()))
            where = f"{case.op} on {[kind.shape for kind in kinds]}: order {order}, input {k}"
            assert off <= 1e-9, f"{where} is off by {off:.1e}"


@pytest.mark.parametrize("case", WITH_RULE, ids=str)
def test_second_derivatives_are_those_of_pytorch(case: Case, double: Any, torch: Any) -> None:
    agree_with_pytorch(case, double, torch, 2)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in WITH_RULE if case.op in SMOOTH], ids=str)
def test_third_derivatives_are_those_of_pytorch(case: Case, double: Any, torch: Any) -> None:
    agree_with_pytorch(case, double, torch, 3)
