"""The table of ops. Each row drives the tests of values, gradients, refusals, slicing and threads.

A row calls the op on the engine `c` and the same on PyTorch `t`, which is the oracle where it is installed.
The helpers that add a row are in table.py. The rows of layers (products, images, normalisation) are in
cases_layers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import cases_layers  # noqa: F401  adds the rows of products, images and normalisation
import cases_sequences  # noqa: F401  adds the rows of recurrent layers and attention
import table
from table import (
    Inputs,
    Kind,
    apart,
    case,
    index,
    integers,
    ones,
    positive,
    real,
    refused,
    refused_shapes,
    same,
    truths,
)

CASES, REFUSALS = table.CASES, table.REFUSALS

# ---- one number to one number ------------------------------------------------------------------------------

IMAGE = (real(3, 2, 4, 5),)
FLAT = ((real(),), (real(7),), (real(5, 3),), IMAGE)
KINKED = ((apart(),), (apart(7),), (apart(5, 3),), (apart(3, 2, 4, 5),))

for name in ("exp", "exp2", "expm1", "sin", "cos", "tan", "sinh", "cosh", "atan", "neg", "tanh", "sigmoid"):
    same(name, *FLAT)
same("erf", *FLAT)
for name in ("log", "log1p", "log2", "log10", "sqrt"):
    same(name, (positive(5, 3),), (positive(),))
for name in ("abs", "relu", "sign"):
    same(name, *KINKED)
for name in ("floor", "ceil", "trunc", "round"):
    same(name, *KINKED, (integers(9, 5, 3),))
same("round", (real(5, 3),), decimals=2)
for name in ("asin", "acos"):
    same(name, (apart(5, 3),), (apart(),), (apart(3, 5),))
for form in ("none", "tanh"):
    same("gelu", *FLAT, at="nn.functional.gelu", approximate=form)
same("clamp", *KINKED, args=(-0.5, 0.3))
same("clamp", *KINKED, max=0.3)
same("logical_not", (truths(5, 3),), (integers(2, 7),))
for name in ("isnan", "isinf", "isfinite"):
    same(name, (real(5, 3),), (integers(9, 4),))
case("dropout", lambda c, x: c.dropout(x, 0.3, 17), None, *FLAT)
case("dropout", lambda c, x: c.dropout(x, 0.0, 17), lambda t, x: t.dropout(x, 0.0, True), (real(5, 3),))
refused("round", lambda c: c.round(index(c, 1, 2), 1), "a float tensor to round to 1 decimals", TypeError)
refused("remainder", lambda c: c.remainder(index(c, 1, 2), index(c, 3)), "one float tensor", TypeError)
refused("gelu", lambda c: c.gelu(ones(c, 2), "sinh"), "'none' or 'tanh', got 'sinh'")
refused_shapes("clamp", "min, max or both", (2,))
refused("dropout", lambda c: c.dropout(ones(c, 2), 1.5, 0), "from 0 to 1, got 1.5")
refused("relu", lambda c: c.relu("x"), "relu", TypeError)

# ---- two numbers to one ------------------------------------------------------------------------------------


def pairs(kind: Callable[..., Kind]) -> tuple[Inputs, ...]:
    """Return shapes that meet in every way: equal, a number, a row, a column, a channel, new axes."""
    shapes: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((5, 3), (5, 3)), ((5, 3), ()), ((), (5, 3)), ((5, 3), (3,)), ((5, 1), (5, 3)), ((1, 3), (5, 1)),
        ((4, 2, 3, 3), (2, 1, 1)), ((4, 2, 3, 3), (1, 2, 1, 1)), ((4, 1, 3, 1), (2, 1, 3)),
        ((3, 2), (4, 1, 2)),
        ((600,), (1,)), ((0, 3), (3,)),
    ]  # fmt: skip
    return tuple((kind(*a), kind(*b)) for a, b in shapes)


for name in ("add", "sub", "mul", "maximum", "minimum"):
    same(name, *pairs(real))
for name in ("div", "pow", "atan2"):
    same(name, *pairs(positive))
same("atan2", (real(5, 3), real(3)))
same(
    "remainder",
    (apart(5, 3), positive(3)),
    (real(5, 3), positive()),
    (positive(7), real(7)),
    (positive(5, 3), positive(5, 3)),
)
for name in ("eq", "ne", "lt", "le", "gt", "ge"):
    same(name, (integers(3, 5, 4), integers(3, 4)), (real(5, 1), real(3)))
same("pow", *FLAT, args=(2,))
same("pow", *FLAT, args=(3,))
case("add", lambda c, x: c.add(x, x), lambda t, x: x + x, *FLAT)
case("mul", lambda c, x: c.mul(x, x), lambda t, x: x * x, *FLAT)
case("sub", lambda c, x: c.sub(2.5, x), lambda t, x: 2.5 - x, *FLAT)
case("div", lambda c, x: c.div(3, x), lambda t, x: 3 / x, (positive(5, 3),))
same(
    "where",
    (truths(5, 3), real(5, 3), real(5, 3)), (truths(5, 3), real(5, 3), real()),
    (truths(5, 1), real(3), real(5, 3)),
    (truths(3), real(5, 1), real()), (truths(2, 2), real(3, 4, 2, 2), real(4, 1, 1)),
    (truths(3, 1, 1, 2), real(2, 1), real(4, 1, 1)), (truths(5, 3), integers(9, 3), integers(9, 5, 1)),
)  # fmt: skip
refused_shapes("add", "equal or 1 along each axis, got (3,) and (4,)", (3,), (4,))
refused("where", lambda c: c.where(ones(c, 2), ones(c, 3), 0), "where: needs shapes")
refused("mul", lambda c: c.mul(ones(c, 3)), "other", TypeError)

# ---- from many to few --------------------------------------------------------------------------------------

CUBE, SEPARATE = (real(5, 4, 3),), (apart(5, 4, 3),)
ALL = (0, 1, 2)
dim: Any

for dim in (0, 1, -1, (0, 1), (1, 2), (0, 2), ALL):
    for name in ("sum", "mean"):
        same(name, CUBE, args=(dim,))
    for name in ("amax", "amin"):
        same(name, SEPARATE, dim=dim, keepdim=True)
for dim in ((0, 2, 3), (1,), (2, 3), (0,), (3,)):
    same("sum", IMAGE, args=(dim,), keepdim=True)
    same("mean", IMAGE, args=(dim,))
    same("amax", (apart(3, 2, 4, 5),), args=(dim,))
for dim in ALL:
    for name in ("argmax", "argmin", "logsumexp", "softmax", "log_softmax", "cumsum"):
        same(name, CUBE, args=(dim,))
for name in ("amax", "amin", "argmax", "argmin"):
    same(name, SEPARATE, (apart(700),), (apart(),))
for name in ("sum", "mean"):
    same(name, CUBE, (positive(700),), (real(),))
same("sum", (integers(9, 5, 3),), (real(0, 3),), (truths(5, 3),))
same("argmin", CUBE, args=(1,), keepdim=True)
same("logsumexp", CUBE, args=((0, 2),), keepdim=True)
same("cumsum", (integers(9, 5, 3),), args=(0,))
same("softmax", (real(7),), (real(3, 0),), (real(),), args=(0,))
same("log_softmax", (real(0, 4),), (real(9, 40),), IMAGE, args=(-1,))
for name in ("sum", "amax", "argmax", "softmax", "log_softmax", "logsumexp", "cumsum"):
    message = f"{name}: needs an axis from -2 to 1, got 2"
    refused(name, lambda c, n=name: getattr(c, n)(ones(c, 2, 3), 2), message, IndexError)
for name in ("sum", "amax", "logsumexp"):
    refused(name, lambda c, n=name: getattr(c, n)(ones(c, 2, 3), (0, 0)), "got axis 0 twice")
for name in ("amax", "argmin", "softmax", "logsumexp"):
    refused(name, lambda c, n=name: getattr(c, n)(ones(c, 2, 0), 1), "at least one number")
refused("mean", lambda c: c.mean(index(c, 1, 2)), "mean: needs a float tensor", TypeError)
refused_shapes("mean", "mean: needs at least one number, got shape (0, 3)", (0, 3), dim=0)
same("amax", (real(0, 3),), (apart(4, 3),), args=(1,))
same("argmax", (real(0, 3),), args=(1,))

# ---- shapes ------------------------------------------------------------------------------------------------

shape: tuple[int, ...]
dims: tuple[int, ...]
for shape in ((20, 3), (3, 20), (5, 12), (60,), (5, 2, 2, 3), (10, -1), (1, 60), (12, 5)):
    same("reshape", CUBE, args=(shape,))
for dims in ((0, 2, 1), (1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 1, 2)):
    same("permute", CUBE, (real(2, 33, 20),), args=(dims,))
for dims in ((0, 2, 1, 3), (0, 2, 3, 1), (3, 1, 0, 2), (1, 0, 3, 2)):
    same("permute", IMAGE, args=(dims,))
same("permute", (real(40, 50),), (real(5, 1),), (integers(9, 5, 3),), args=((-1, 0),))
for shape in ((5, 4, 3), (2, 5, 4, -1)):
    same(
        "expand", (real(5, 4, 1),), (real(5, 1, 3),), (real(1, 4, 1),), (real(4, 1),), (integers(9, 4, 1),),
        at="Tensor.expand", args=(shape,),
    )  # fmt: skip
for part in (
    np.s_[1:4], np.s_[0:5:2], np.s_[0:5], np.s_[:, 1:3], np.s_[:, 0:4:3], np.s_[:, 3:3],
    np.s_[:, :, 1:99], np.s_[:, :, -2:3],
):  # fmt: skip
    axis, s = (len(part) - 1, part[-1]) if isinstance(part, tuple) else (0, part)
    case(
        "slice",
        lambda c, x, d=axis, s=s: c.slice(x, d, s.start, s.stop, s.step or 1),
        lambda t, x, p=part: x[p],
        CUBE, (integers(9, 5, 4, 3),),
    )  # fmt: skip
case("slice", lambda c, x: c.slice(x, -1, 2, 1), lambda t, x: x[..., 2:2], CUBE)
for dim in (0, 1, -1):
    case(
        "cat", lambda c, a, b, d=dim: c.cat([a, b, a], d), lambda t, a, b, d=dim: t.cat([a, b, a], d),
        (*CUBE, *CUBE), (integers(9, 5, 4, 3), integers(9, 5, 4, 3)),
    )  # fmt: skip
case(
    "cat", lambda c, a, b: c.cat([a, b], 1), lambda t, a, b: t.cat([a, b], 1),
    (real(5, 2), real(5, 7)), (*IMAGE, real(3, 1, 4, 5)), (integers(9, 5, 1), real(5, 2)),
)  # fmt: skip
case("cat", lambda c, *x: c.cat(x), lambda t, *x: t.cat(x), tuple(real(n, 3) for n in range(12)))
for diagonal in (-1, 0, 2):
    for name in ("tril", "triu"):
        same(name, (real(5, 4),), (real(2, 3, 3),), (integers(9, 3, 3),), args=(diagonal,))
refused("reshape", lambda c: c.reshape(ones(c, 2, 3), (4, 2)), "needs a shape of 6 numbers")
refused("reshape", lambda c: c.reshape(ones(c, 2, 3), (-1, -1)), "at most one -1")
refused("permute", lambda c: c.permute(ones(c, 2, 3), (0, 0)), "the 2 axes of (2, 3) once, got (0, 0)")
refused("permute", lambda c: c.permute(ones(c, 2, 3), (0, 2)), "from -2 to 1, got 2", IndexError)
refused("expand", lambda c: c.expand(ones(c, 2, 3), (4, 3)), "along axes of size 1 only, got (4, 3)")
refused("expand", lambda c: c.expand(ones(c, 2, 3), (3,)), "at least as many axes as (2, 3)")
refused("slice", lambda c: c.slice(ones(c, 3), 0, 2, 0, -1), "step of 1 or more, got -1")
refused("slice", lambda c: c.slice(ones(c), 0, 0, 1), "at least one axis")
refused("cat", lambda c: c.cat([]), "at least one tensor")
refused("cat", lambda c: c.cat([ones(c, 2, 3), ones(c, 2, 4)]), "along axis 0, got (2, 3) and (2, 4)")
refused_shapes("tril", "needs a matrix (..., m, n), got (3,)", (3,))

# ---- by index ----------------------------------------------------------------------------------------------

for dim, shape in ((0, (7, 4, 3)), (1, (5, 2, 3)), (2, (5, 4, 6))):
    case(
        "gather", lambda c, x, i, d=dim: c.gather(x, d, i), lambda t, x, i, d=dim: x.gather(d, i),
        (*CUBE, integers(3, *shape)), (integers(9, 5, 4, 3), integers(3, *shape)),
    )  # fmt: skip
    case(
        "index_select",
        lambda c, x, i, d=dim: c.index_select(x, d, i),
        lambda t, x, i, d=dim: x[(slice(None),) * d + (i,)],
        (*CUBE, integers(3, 6)), (*CUBE, integers(3, 2, 2)), (*CUBE, integers(3)),
        (integers(9, 5, 4, 3), integers(3, 6)),
    )  # fmt: skip
case(
    "index_select", lambda c, x, i: c.index_select(x, 0, c.sub(i, 3)), lambda t, x, i: x[i - 3],
    (real(5, 2), integers(6, 40)),
)  # fmt: skip
same(
    "embedding", (integers(9, 6, 5), real(9, 4)), (integers(9, 50), real(9, 3)), (integers(9), real(9, 3)),
    at="nn.functional.embedding",
)  # fmt: skip
case("pick", lambda c, x, i: c.pick(x, i), lambda t, x, i: x[range(6), i], (real(6, 4), integers(4, 6)))


def summed(x: Any, dim: int) -> Any:
    """Return PyTorch's zeros of x's shape, but 4 places along one axis."""
    return x.new_zeros([4 if k == dim else n for k, n in enumerate(x.shape)])


for dim, shape in ((0, (7, 4, 3)), (1, (5, 2, 3)), (2, (5, 4, 6))):
    case(
        "scatter_sum", lambda c, x, i, d=dim: c.scatter_sum(x, d, i, 4),
        lambda t, x, i, d=dim: summed(x, d).scatter_add(d, i, x),
        (real(*shape), integers(4, *shape)), (integers(9, *shape), integers(4, *shape)),
    )  # fmt: skip
    case(
        "index_sum", lambda c, x, i, d=dim: c.index_sum(x, d, c.sub(i, 1), 4),
        lambda t, x, i, d=dim: summed(x, d).index_add(d, (i - 1) % 4, x),
        (real(*shape), integers(4, shape[dim])), (integers(9, *shape), integers(4, shape[dim])),
    )  # fmt: skip
refused(
    "scatter_sum",
    lambda c: c.scatter_sum(ones(c, 2, 3), 1, index(c, 0), 2),
    "an index of x's shape, got (2, 3)",
)
refused(
    "scatter_sum", lambda c: c.scatter_sum(ones(c, 2), 0, index(c, 0, 0), -1), "size of 0 or more, got -1"
)
refused("index_sum", lambda c: c.index_sum(ones(c, 2, 3), 1, index(c, 0), 2), "needs an index (3,), got (1,)")
refused("index_sum", lambda c: c.index_sum(ones(c), 0, index(c, 0), 2), "at least one axis")


def gathered(c: Any, i: Any) -> Any:
    return c.gather(ones(c, 3, 1), 0, c.reshape(i, (-1, 1)))


for op, call in (
    ("gather", gathered), ("index_select", lambda c, i: c.index_select(ones(c, 3), 0, i)),
    ("embedding", lambda c, i: c.embedding(i, ones(c, 3, 2))),
    ("pick", lambda c, i: c.pick(ones(c, 2, 3), i)),
):  # fmt: skip
    for wrong in (3, -4):
        message = f"{op}: index {wrong} is out of range for an axis of size 3"
        refused(op, lambda c, f=call, i=wrong: f(c, index(c, 0, i)).numpy(), message, IndexError)
    refused(op, lambda c, f=call: f(c, ones(c, 2)), f"{op}: needs integers as index, got floats", TypeError)
refused("gather", lambda c: c.gather(ones(c, 2, 3), 1, index(c, 0)), "shape of x except along axis 1")
refused("pick", lambda c: c.pick(ones(c, 2, 3), index(c, 0)), "and index (n,), got (2, 3) and (1,)")
refused("embedding", lambda c: c.embedding(index(c, 0), ones(c, 3)), "(vocabulary, features), got (3,)")
refused("index_select", lambda c: c.index_select(ones(c), 0, index(c, 0)), "at least one axis")
