"""Rows of the second table: functions that are imported when they are first used (tensors/later.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from table import Case, Inputs, apart, integers, positive, real, truths

ROWS: list[Case] = []

VECTOR, MATRIX, CUBE, APART = (real(5),), (real(5, 3),), (real(4, 3, 2),), (apart(5, 3),)
TWO = (real(5, 3), real(5, 3))


def line(name: str, code: Callable[..., Any], *inputs: Inputs) -> None:
    """Add a row: code that runs with either package as h."""
    ROWS.append(Case(name, code, code, inputs, composed=True))


def functions(names: str, *inputs: Inputs, args: tuple[Any, ...] = (), **options: Any) -> None:
    """Add a row for each of the functions of these names, called with the same arguments."""
    for name in names.split():
        line(name, lambda h, *x, n=name: getattr(h, n)(*x, *args, **options), *inputs)


functions(
    "asinh frac sinc deg2rad rad2deg erfc digamma i0 ravel fliplr flipud atleast_3d nansum nanmean", APART
)
functions("atanh erfinv", (apart(3, 3),))
line("logit", lambda h, x: h.logit(h.sigmoid(x)), MATRIX)
line("acosh", lambda h, x: h.acosh(x + 1), (positive(5, 3),))
line("lgamma", lambda h, x: h.lgamma(x) + h.polygamma(1, x), (positive(5, 3),))
functions("logaddexp logaddexp2 hypot fmax fmin", TWO)
functions("fmod copysign xlogy", (positive(5, 3), positive(3)))
functions("logical_and logical_or logical_xor", (truths(5, 3), truths(3)))
functions("bitwise_and bitwise_or bitwise_xor gcd lcm", (integers(9, 5, 3), integers(7, 3)))
functions("isclose dist", TWO)

functions("outer", (real(5), real(3)))
functions("inner vdot", (real(5), real(5)))
functions("addmm", (real(3), real(5, 4), real(4, 3)), beta=0.5, alpha=2.0)
functions("addmv", (real(5), real(5, 3), real(3)))
functions("addr", (real(5, 3), real(5), real(3)))
functions("baddbmm", (real(2, 5, 3), real(2, 5, 4), real(2, 4, 3)))
functions("addbmm", (real(5, 3), real(2, 5, 4), real(2, 4, 3)))
functions("kron", (real(2, 3), real(3, 2)))
functions("cross", (real(5, 3), real(5, 3)), dim=1)
functions("cdist", (real(5, 3), real(4, 3)))
functions("cdist", (real(5, 3), real(4, 3)), p=1.0)
line("tensordot", lambda h, a, b: h.tensordot(a, b, ([1, 0], [0, 2])), (real(4, 3, 2), real(3, 5, 4)))
for equation, shapes in (
    ("ij,jk->ik", ((5, 3), (3, 4))),
    ("bhid,bhjd->bhij", ((2, 3, 4, 5), (2, 3, 6, 5))),
    ("...ij,jk->...ik", ((4, 3, 2), (2, 5))),
    ("bn,anm,bm->ba", ((5, 3), (4, 3, 2), (5, 2))),
    ("ii->i", ((4, 4),)),
    ("ij,ij->", ((5, 3), (5, 3))),
):
    line(f"einsum {equation}", lambda h, *x, e=equation: h.einsum(e, *x), tuple(real(*s) for s in shapes))

functions("roll", CUBE, args=((1, -1), (0, 2)))
functions("tile", MATRIX, args=((2, 1, 2),))
functions("rot90", CUBE, k=3)
functions("diff", CUBE, n=2, dim=0)
functions("repeat_interleave", MATRIX, args=(3,), dim=0)
functions("broadcast_to", (real(1, 3),), args=((5, 3),))
line("repeat_interleave", lambda h, x: h.repeat_interleave(x, h.tensor([1, 0, 3]), 1), MATRIX)
line("unfold", lambda h, x: x.unfold(1, 2, 1), CUBE)
line("tensor_split", lambda h, x: h.tensor_split(x, 3)[1] * 2, MATRIX)
line("meshgrid", lambda h, a, b: h.stack(h.meshgrid(a, b, indexing="xy")), (real(5), real(3)))
line("hstack", lambda h, a, b: h.hstack([a, b]), TWO)
line("vstack", lambda h, a, b: h.vstack([a, b]), TWO)
line("dstack", lambda h, a, b: h.dstack([a, b]), TWO)
line("column_stack", lambda h, a, b: h.column_stack([a, b]), (real(5), real(5, 2)))
line("block_diag", lambda h, a, b: h.block_diag(a, b), TWO)
line("cartesian_prod", lambda h, a, b: h.cartesian_prod(a, b), (real(4), real(3)))
line("combinations", lambda h, x: h.combinations(x, 3), VECTOR)
functions("diag diagflat diag_embed", VECTOR)
functions("diag", MATRIX, args=(-1,))
functions("diagonal", CUBE, offset=1, dim1=0, dim2=1)
functions("trace", MATRIX)
functions("select_scatter", (real(5, 3), real(5)), dim=1, index=2)
functions("diagonal_scatter", (real(5, 3), real(3)))

functions("cumprod logcumsumexp", CUBE, dim=1)
line("cummax", lambda h, x: h.cummax(x, 0).values, (apart(4, 3, 2),))
line("cummin", lambda h, x: h.cummin(x, 1).indices, (apart(4, 3, 2),))
functions("trapezoid cumulative_trapezoid", TWO, dim=0)
line("median", lambda h, x: h.median(x, 1).values + h.median(x), APART)
line("kthvalue", lambda h, x: h.kthvalue(x, 2, 0).values, APART)
line("quantile", lambda h, x: h.quantile(x, h.tensor([0.1, 0.65]), 0), APART)
line("std_mean", lambda h, x: h.stack(h.std_mean(x, 1)), CUBE)
line("var_mean", lambda h, x: h.stack(h.var_mean(x, 1, correction=0)), CUBE)
line("aminmax", lambda h, x: h.stack(h.aminmax(x, dim=1)), APART)
functions("cov corrcoef", (real(3, 5),))
functions("renorm", MATRIX, p=2, dim=0, maxnorm=1.0)
functions("count_nonzero", (integers(2, 5, 3),), dim=1)
functions("argwhere", (integers(2, 5, 3),))
functions("isin", (integers(9, 5, 3), integers(9, 4)))
functions("histc", APART, bins=5, min=-0.5, max=0.6)

line("scatter", lambda h, x, s: x.scatter(1, h.tensor([[2, 0], [1, 2]]), s), (real(3, 4), real(2, 2)))
functions("take", (real(5, 3), integers(15, 2, 4)))
line("scatter_add", lambda h, x, i, s: x.scatter_add(0, i, s), (real(5, 3), integers(5, 4, 3), real(4, 3)))
line("index_add", lambda h, x, i, s: x.index_add(1, i, s, alpha=2), (real(5, 3), integers(3, 4), real(5, 4)))
line("index_fill", lambda h, x, i: x.index_fill(0, i, 0.5), (real(5, 3), integers(5, 2)))
line("index_copy", lambda h, x, s: x.index_copy(0, h.tensor([3, 1]), s), (real(5, 3), real(2, 3)))
for join in ("sum", "mean", "amax", "prod"):
    line(
        f"scatter_reduce {join}",
        lambda h, x, i, s, r=join: x.scatter_reduce(0, i, s, r, include_self=r != "amax"),
        (apart(5, 3), integers(5, 4, 3), positive(4, 3)),
    )
line("masked_select", lambda h, x, m: h.masked_select(x, m), (real(5, 3), truths(3)))
line("masked_scatter", lambda h, x, m, s: x.masked_scatter(m, s), (real(5, 3), truths(3), real(20)))
line("take_along_dim", lambda h, x, i: h.take_along_dim(x, i, 1), (real(5, 3), integers(3, 5, 2)))
line("index_put", lambda h, x, i, s: x.index_put((i,), s, True), (real(5, 3), integers(5, 4), real(4, 3)))

line("matrix_exp", lambda h, x: h.matrix_exp(x), (real(3, 3),))
line("inverse", lambda h, x: h.inverse(x @ x.mT + h.eye(3)), (real(2, 3, 3),))
line("solve", lambda h, a, b: h.linalg.solve(a @ a.mT + h.eye(3), b), (real(3, 3), real(3, 2)))
line("det", lambda h, x: h.det(x) + h.slogdet(x)[1], (real(2, 3, 3),))
line("cholesky", lambda h, x: h.linalg.cholesky(x @ x.mT + h.eye(3)), (real(2, 3, 3),))
line("eigvalsh", lambda h, x: h.linalg.eigvalsh(x + x.mT), (real(3, 3),))
line("svdvals", lambda h, x: h.linalg.svdvals(x), (real(5, 3),), (real(3, 5),))
line("qr", lambda h, x: h.linalg.qr(x).Q @ h.linalg.qr(x).R * 2, (real(5, 3),), (real(3, 5),))
line("pinv", lambda h, x: h.linalg.pinv(x), (real(5, 3),), (real(3, 5),))
line("matrix_norm", lambda h, x: h.linalg.matrix_norm(x, "nuc") + h.linalg.norm(x, 2), MATRIX)
line("multi_dot", lambda h, a, b, c: h.linalg.multi_dot([a, b, c]), (real(5, 3), real(3, 4), real(4)))
