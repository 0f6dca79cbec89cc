"""Values and gradients at special points are PyTorch's: kinks, zeros, poles, ends, inf, NaN, huge and tiny.

One table. Every public function of one variable and every loss has a row; a test says which one is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hello_dl as h
from hello_dl import functional as F
from special import (
    ELSEWHERE,
    INF,
    NAN,
    POINTS,
    ROWS,
    Difference,
    Row,
    any_of,
    column,
    pairs,
    results,
    same_numbers,
)
from table import Array

TABLE: list[Row] = []


def one(name: str, call: Any, note: Any = "") -> None:
    """Add a function of one number, tried at every point."""
    TABLE.append(Row(name, call, (column(POINTS),), str(note)))


def many(name: str, call: Any, note: Any = "") -> None:
    """Add a function of the numbers of a row, tried at every row."""
    TABLE.append(Row(name, call, (np.array(ROWS, np.float32),), str(note)))


def loss(name: str, inputs: Any, note: Any = "", **options: Any) -> None:
    """Add a loss of pairs of numbers; options may be tensors, given as numbers in a list."""

    def call(h: Any, x: Any, t: Any) -> Any:
        tensors = {k: h.tensor(v) if isinstance(v, list) else v for k, v in options.items()}
        return getattr(h.nn.functional, name)(x, t, **tensors)

    TABLE.append(Row(name, call, inputs, str(note)))


# ---- functions of one number -------------------------------------------------------------------------------

for name in (
    "exp", "log", "sqrt", "sin", "cos", "neg", "abs", "tanh", "sigmoid", "expm1", "log1p", "square",
    "reciprocal", "rsqrt", "exp2", "log2", "log10", "sinh", "cosh", "tan", "asin", "acos", "atan", "erf",
    "sign", "floor", "ceil", "trunc", "round",
):  # fmt: skip
    one(name, lambda h, x, n=name: getattr(h, n)(x))
for other in (1.5, -2.0):
    one("atan2", lambda h, x, o=other: h.atan2(x, h.full_like(x, o)), f"of x and {other}")
    one("atan2", lambda h, x, o=other: h.atan2(h.full_like(x, o), x), f"of {other} and x")
    one("remainder", lambda h, x, o=other: h.remainder(x, o), other)
for name in ("relu", "silu", "logsigmoid", "gelu", "elu", "leaky_relu", "softplus", "sigmoid", "tanh"):
    one(name, lambda h, x, n=name: getattr(h.nn.functional, n)(x), "of functional")
for name in (
    "relu6", "hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "celu", "selu", "mish",
    "softsign", "tanhshrink", "rrelu",
):  # fmt: skip
    one(name, lambda h, x, n=name: getattr(h.nn.functional, n)(x), "of functional")
for alpha in (2.0, 0.5, -1.0):
    one("celu", lambda h, x, a=alpha: h.nn.functional.celu(x, a), alpha)
for limit in (0.0, 1.5):
    one("hardshrink", lambda h, x, b=limit: h.nn.functional.hardshrink(x, b), limit)
    one("softshrink", lambda h, x, b=limit: h.nn.functional.softshrink(x, b), limit)
one("hardtanh", lambda h, x: h.nn.functional.hardtanh(x, -0.5, 2.0), "-0.5 2")
one("threshold", lambda h, x: h.nn.functional.threshold(x, 0.5, 9.0))
one("prelu", lambda h, x: h.nn.functional.prelu(x, h.tensor([0.3])))
for alpha in (2.0, 0.5, 0.0, -1.0):
    one("elu", lambda h, x, a=alpha: h.nn.functional.elu(x, a), alpha)
for slope in (0.2, 1.0, 0.0, -0.5):
    one("leaky_relu", lambda h, x, s=slope: h.nn.functional.leaky_relu(x, s), slope)
for beta, threshold in ((2.0, 20.0), (0.5, 20.0), (1.0, 1.0), (3.0, 0.2), (1.0, 80.0)):
    one(
        "softplus",
        lambda h, x, b=beta, t=threshold: h.nn.functional.softplus(x, b, t),
        f"beta={beta} threshold={threshold}",
    )
one("gelu", lambda h, x: h.nn.functional.gelu(x, approximate="tanh"), "tanh")
for low, high in ((0.0, 2.0), (None, 1.0), (-1.0, None), (1.0, 1.0), (2.0, -2.0), (-INF, INF), (NAN, 1.0)):
    one("clamp", lambda h, x, a=low, b=high: x.clamp(a, b), f"{low} {high}")
    one("clip", lambda h, x, a=low, b=high: x.clip(a, b), f"{low} {high}")
one("clamp", lambda h, x: x.clamp(h.tensor(0.0), h.tensor(2.0)), "tensors")
one("clamp", lambda h, x: x.clamp(max=h.tensor([1.0])), "one tensor")
for exponent in (0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, 2.5, 10.0):
    one("pow", lambda h, x, e=exponent: x**e, f"x ** {exponent}")
for base in (0.0, 1.0, 2.0, 0.5):
    one("pow", lambda h, x, b=base: b**x, f"{base} ** x")
for p in (0.0, 1.0):
    one("dropout", lambda h, x, p=p: h.nn.functional.dropout(x, p), p)
for mode in ("floor", "trunc"):
    one("div", lambda h, x, m=mode: h.div(x, 3.0, rounding_mode=m), mode)
for number in (0.0, 1.0, -1.0, INF, -INF, NAN):
    one("div", lambda h, x, b=number: x / b, f"x / {number}")
    one("div", lambda h, x, b=number: b / x, f"{number} / x")
    one("mul", lambda h, x, b=number: x * b, number)
    one("add", lambda h, x, b=number: x + b, number)
    one("sub", lambda h, x, b=number: x - b, number)
    one("maximum", lambda h, x, b=number: h.maximum(x, h.tensor(b)), number)
    one("minimum", lambda h, x, b=number: h.minimum(x, h.tensor(b)), number)
    one("where", lambda h, x, b=number: h.where(x > 0, x, x * b), number)
    one("masked_fill", lambda h, x, b=number: x.masked_fill(x < 0, b), number)

# ---- functions of a row ------------------------------------------------------------------------------------

for p in ("fro", 1, 2, 3, 1.5, 0.5, 0, -1, INF, -INF):
    many("norm", lambda h, x, p=p: x.norm(p, dim=1), p)
    if p != "fro":
        many("normalize", lambda h, x, p=p: h.nn.functional.normalize(x, p, dim=1), p)
many("norm", lambda h, x: x[:4].norm(), "of all")
for correction in (0, 1, 4, 5, 0.5):
    many("var", lambda h, x, c=correction: x.var(1, correction=c), correction)
    many("std", lambda h, x, c=correction: x.std(1, correction=c), correction)
for name in ("sum", "mean", "prod", "amax", "amin", "logsumexp", "cumsum", "softmax", "log_softmax"):
    many(name, lambda h, x, n=name: getattr(x, n)(1))
for name in ("max", "min", "sort"):
    many(name, lambda h, x, n=name: getattr(x, n)(1)[0])
many("topk", lambda h, x: x.topk(3, 1)[0])
many("topk", lambda h, x: x.topk(2, 1, largest=False)[0], "smallest")
many("sort", lambda h, x: x.sort(dim=1, descending=True, stable=True)[0], "descending")
for name in ("softmax", "log_softmax"):
    many(name, lambda h, x, n=name: getattr(h.nn.functional, n)(x, 1), "of functional")
many("glu", lambda h, x: h.nn.functional.glu(x))
many("softmin", lambda h, x: h.nn.functional.softmin(x, 1))
many("layer_norm", lambda h, x: h.nn.functional.layer_norm(x, (4,)))
many("rms_norm", lambda h, x: h.nn.functional.rms_norm(x, (4,)))
many("group_norm", lambda h, x: h.nn.functional.group_norm(x, 2))
many("batch_norm", lambda h, x: h.nn.functional.batch_norm(x.t(), None, None, training=True).t())
many("avg_pool2d", lambda h, x: h.nn.functional.avg_pool2d(x.reshape(-1, 1, 2, 2), 2))
many("max_pool2d", lambda h, x: h.nn.functional.max_pool2d(x.reshape(-1, 1, 2, 2), 2))
many(
    "max_pool2d",
    lambda h, x: h.nn.functional.max_pool2d(x.reshape(-1, 1, 2, 2), 2, return_indices=True)[0],
    "with indices",
)

# ---- losses ------------------------------------------------------------------------------------------------

DISTANCES = pairs(POINTS, (0.0, 1.0, -1.0, INF, NAN))
SCORES = pairs(POINTS, (0.0, 1.0, 0.5, 0.3))
FINITE_SCORES = pairs([x for x in POINTS if abs(x) < INF], (0.0, 1.0, 0.5, 0.3))
SHARES = pairs((0.0, 1.0, 0.5, 1e-8, 1 - 1e-7, 1e-30, 0.3), (0.0, 1.0, 0.5, 0.3))
for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"):
    loss(name, DISTANCES, "none", reduction="none")
ANSWERS = pairs(POINTS, (1.0, -1.0))
for margin in (0.0, 1.5):
    loss("hinge_embedding_loss", ANSWERS, f"margin={margin}", reduction="none", margin=margin)
loss("soft_margin_loss", pairs([x for x in POINTS if abs(x) < 80], (1.0, -1.0)), reduction="none")
loss("kl_div", pairs(POINTS, (0.5, 1.0, 2.0)), reduction="none")
loss("kl_div", DISTANCES, "log_target", reduction="none", log_target=True)
COUNTS = pairs(POINTS, (0.0, 1.0, 2.0, 7.0))
for full in (False, True):
    loss("poisson_nll_loss", COUNTS, f"full={full}", reduction="none", full=full)
loss("poisson_nll_loss", COUNTS, "of means", reduction="none", log_input=False)
for beta in (0.0, 0.5, 2.0):
    loss("smooth_l1_loss", DISTANCES, f"beta={beta}", reduction="none", beta=beta)
for delta in (0.5, 2.0):
    loss("huber_loss", DISTANCES, f"delta={delta}", reduction="none", delta=delta)
for reduction in ("none", "mean", "sum"):
    loss("binary_cross_entropy", SHARES, reduction, reduction=reduction)
    scores = SCORES if reduction == "none" else FINITE_SCORES
    loss("binary_cross_entropy_with_logits", scores, reduction, reduction=reduction)
weights = {"pos_weight": [3.0], "weight": [0.5]}
loss("binary_cross_entropy_with_logits", SCORES, "weights", reduction="none", **weights)

FINITE_ROWS = sum(bool(np.isfinite(row).all()) for row in ROWS)  # they come first
LABELS = {"each": [0, 1, 2, 3] * 5, "all ignored": [-100] * 20, "half ignored": [-100, 2] * 10}
for which, labels in LABELS.items():
    for reduction in ("none", "mean", "sum"):
        n = len(ROWS) if reduction == "none" else FINITE_ROWS
        for smoothing in (0.0, 0.1):
            many(
                "cross_entropy",
                lambda h, x, t=labels[:n], r=reduction, s=smoothing: h.nn.functional.cross_entropy(
                    x[: len(t)], h.tensor(t), reduction=r, label_smoothing=s
                ),
                f"{which} {reduction} {smoothing}",
            )
        many(
            "nll_loss",
            lambda h, x, t=labels[:n], r=reduction: h.nn.functional.nll_loss(
                x[: len(t)], h.tensor(t), reduction=r
            ),
            f"{which} {reduction}",
        )

# ---- where numbers differ, and why -------------------------------------------------------------------------


def is_huge(x: Array) -> Array:
    """Return where the square of a number overflows."""
    return any_of(x, lambda x: np.abs(x) > 1e19)


def is_tiny(x: Array) -> Array:
    """Return where the square of a number underflows."""
    return any_of(x, lambda x: (x != 0) & (np.abs(x) < 1e-19))


DIFFERENCES = [
    Difference(("pow",), "IEEE 754: (-inf) ** 0.5 and (-0.0) ** -0.5 are inf; PyTorch takes square roots",
        lambda x: np.isneginf(x) | (np.signbit(x) & (x == 0)), False),
    Difference(("div",), "PyTorch's gradient of a number / x goes through 1 / x^2, which overflows",
        lambda x: is_tiny(x) | is_huge(x)),
    Difference(("sinh", "cosh"), "PyTorch's overflow at 88 already, and their gradient is NaN beyond",
        lambda x: np.abs(x) > 88, False),
    Difference(("hardswish",), "at -inf the limit is 0; PyTorch's is NaN, and overflows", is_huge, False),
    Difference(("tanhshrink",), "x - tanh(x) of tiny x has only the last digits of tanh",
        lambda x: np.abs(x) < 0.05, False),
    Difference(("gelu",), "PyTorch's overflows at 3e38 and is NaN at inf", is_huge, False),
    Difference(("dropout",), "what is dropped is 0, also inf and NaN", lambda x: ~np.isfinite(x), False),
    Difference(("norm", "normalize", "layer_norm", "rms_norm", "group_norm", "batch_norm", "var", "prod"),
        "squares overflow; PyTorch's results are inf, NaN or 0, each in its way", is_huge, False),
    Difference(("std",), "PyTorch computes the squares in float64", lambda x: is_tiny(x) | is_huge(x), False),
    Difference(("var", "std"), "with n <= correction the variance is divided by 0: inf, NaN of constants",
        lambda x: np.ones(len(x), bool), False, ("4", "5")),
    Difference(("topk",), "equal numbers: the first of them is taken, PyTorch takes any",
        lambda x: np.array([len(set(row)) < len(row) for row in x.reshape(len(x), -1).tolist()])),
]  # fmt: skip

# ---- tolerances, and a check that no row is missing ----------------------------------------------------

# How far values may be from PyTorch's, beside 1e-4 of their size, where they are sums of large parts.
LOOSE = {
    "batch_norm": 2e-3,  # x * scale + shift: with a mean of 10^4 four digits are left, as in PyTorch
    "gelu": 1e-6,
    **dict.fromkeys(("layer_norm", "group_norm", "log_softmax", "cross_entropy", "logsumexp", "std"), 3e-7),
}


def public_functions() -> set[str]:
    """Return the names of all functions, ops, and methods of Tensor that compute numbers from numbers."""
    from hello_dl.tensors.arithmetic import ArithmeticMethods
    from hello_dl.tensors.methods import TensorMethods, members
    from hello_dl.tensors.order import OrderMethods
    from hello_dl.tensors.reductions import ReductionMethods

    names = {*F.__all__, *(op for op, _, _ in h._core.registered_ops)}
    for part in (ArithmeticMethods, OrderMethods, ReductionMethods, TensorMethods):
        names |= {name for name in members(part) if not name.startswith("_")}
    return names


def test_every_function_and_every_loss_has_a_row() -> None:
    elsewhere = {name for names in ELSEWHERE.values() for name in names.split()}
    assert public_functions() - {row.name for row in TABLE} - elsewhere == set()


def accepted(row: Row, value: Array, gradient: bool) -> Array:
    """Return for each point or row of numbers whether a difference is accepted there.

    What the gradient is where the value is NaN differs from function to function in PyTorch, too.
    """
    x = row.inputs[0]
    found = np.zeros(len(x), bool)
    if gradient:
        found |= any_of(x, np.isnan)
        found |= any_of(value, np.isnan) if len(value) == len(x) else False
    for difference in DIFFERENCES:
        if row.name in difference.names and (row.note in difference.notes or not difference.notes):
            found |= difference.where(x) & (gradient or not difference.gradient_only)
    return found


@pytest.mark.filterwarnings("ignore:.*degrees of freedom is <= 0")
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_values_and_gradients_are_pytorchs(row: Row) -> None:
    torch = pytest.importorskip("torch")
    mine = results(h, row, h.from_numpy)
    theirs = results(torch, row, lambda x: torch.from_numpy(x.copy()))
    for what, a, b in zip(("value", "gradient"), mine, theirs, strict=True):
        assert a.shape == b.shape
        x = row.inputs[0]
        wrong = ~same_numbers(a, b, 3e-7 if what == "gradient" else LOOSE.get(row.name, 1e-30))
        if wrong.shape[:1] == x.shape[:1]:
            wrong = any_of(wrong, np.asarray) & ~accepted(row, np.atleast_1d(theirs[0]), what == "gradient")
            a, b, x = a[wrong], b[wrong], x[wrong]
        assert not wrong.any(), f"{what} at {x[:5].tolist()}: {a[:5].tolist()}, in PyTorch {b[:5].tolist()}"


def test_the_comparison_finds_what_was_wrong_once() -> None:
    """Functions composed of the wrong parts must fail, or the table proves nothing."""
    x = np.zeros(4, np.float32)
    wrong = Row("softplus", lambda h, x: h.relu(x) + h.log1p(h.exp(-h.abs(x))), (x,))
    right = Row("softplus", lambda h, x: h.nn.functional.softplus(x), (x,))
    assert results(h, wrong, h.from_numpy)[1].tolist() == [0, 0, 0, 0]
    assert results(h, right, h.from_numpy)[1].tolist() == [0.5] * 4
