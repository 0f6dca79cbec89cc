"""The second table: functions and methods that Python composes of ops, under PyTorch's own names.

So each row is one line of PyTorch, run on `h`, which is hello_dl in one test and torch in the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cases_functions
import cases_images
from table import Case, Inputs, Kind, apart, integers, positive, real, truths

COMPOSED: list[Case] = [*cases_functions.ROWS, *cases_images.ROWS]

CUBE, MATRIX, IMAGE = (real(5, 4, 3),), (real(5, 3),), (real(3, 2, 4, 5),)


def line(name: str, code: Callable[..., Any], *inputs: Inputs) -> None:
    COMPOSED.append(Case(name, code, code, inputs, composed=True))


# ---- operators, with numbers on either side

line("a + b", lambda h, a, b: a + b, (*MATRIX, real(3)))
line("1 - x", lambda h, x: 1 - x, MATRIX)
line("x - 1", lambda h, x: x - 1, MATRIX)
line("2 * x", lambda h, x: 2 * x, MATRIX)
line("2 / x", lambda h, x: 2 / x, (positive(5, 3),))
line("x / x.sum()", lambda h, x: x / x.sum(1, keepdim=True), (positive(5, 3),))
line("x ** 2", lambda h, x: x**2, MATRIX)
line("2 ** x", lambda h, x: 2**x, MATRIX)
line("-x", lambda h, x: -x, MATRIX)
line("abs", lambda h, x: abs(x), (apart(5, 3),))
line("a @ b", lambda h, a, b: a @ b, (*MATRIX, real(3, 4)))
line("x < 0", lambda h, x: x < 0, MATRIX)
line("& | ~", lambda h, a, b: (a & b) | ~a, (truths(5, 3), truths(5, 3)))
line("x // 2", lambda h, x: x // 2, (integers(9, 5, 3),))
line("x % 3", lambda h, x: x % 3, (integers(9, 5, 3),))
line("a diamond", lambda h, x: (x.exp() * x).tanh() + x.exp() / (1 + x * x), MATRIX)

# ---- from many to few

for axes in (0, 1, (0, 2)):
    line("var", lambda h, x, d=axes: x.var(d), CUBE)
    line("std", lambda h, x, d=axes: x.std(d, keepdim=True), CUBE)
line("var", lambda h, x: x.var(), CUBE)
line("var, biased", lambda h, x: x.var(1, correction=0), CUBE)
line("max", lambda h, x: x.max(), (apart(5, 4),))
line("max(dim)", lambda h, x: x.max(1).values, (apart(5, 4, 3),))
line("max(dim).indices", lambda h, x: x.max(1).indices, (apart(5, 4, 3),))
line("min(dim)", lambda h, x: x.min(0).values, (apart(5, 4, 3),))
line("max of two", lambda h, a, b: h.maximum(a, b).min(), (*MATRIX, *MATRIX))
line("norm", lambda h, x: x.norm(), MATRIX)
line("topk", lambda h, x: x.topk(2, 1).values, (apart(5, 4),))
line("sort", lambda h, x: x.sort(0).values, (apart(5, 4),))
line("all", lambda h, x: x.all(1), (truths(5, 3),))
line("any", lambda h, x: x.any(), (truths(5, 3),))

# ---- shapes

line("view", lambda h, x: x.view(5, -1), CUBE)
line("flatten", lambda h, x: x.flatten(1), CUBE, IMAGE)
line("transpose", lambda h, x: x.transpose(0, -1), CUBE)
line("T", lambda h, x: x.T, MATRIX)
line("squeeze", lambda h, x: x[:, :1].squeeze(1), CUBE)
line("unsqueeze", lambda h, x: x.unsqueeze(1) * x.unsqueeze(0), MATRIX)
line("expand", lambda h, x: x.unsqueeze(1).expand(-1, 4, -1), MATRIX)
line("stack", lambda h, a, b: h.stack([a, b], 1), (*MATRIX, *MATRIX))
line("split", lambda h, x: x.split(2, 1)[1] * 2, CUBE)
line("chunk", lambda h, x: h.cat([p * (i + 1) for i, p in enumerate(x.chunk(3, 0))]), CUBE)
line("repeat", lambda h, x: x.repeat(2, 3), MATRIX)
line("masked_fill", lambda h, x, m: x.masked_fill(m, -1.5), (*CUBE, truths(4, 3)))
line("tril", lambda h, x: x.tril(), MATRIX)

# ---- indexing

line("x[1]", lambda h, x: x[1], CUBE)
line("x[-1]", lambda h, x: x[-1], CUBE)
line("x[:, 1]", lambda h, x: x[:, 1], CUBE)
line("x[..., ::2]", lambda h, x: x[..., ::2], CUBE)
line("x[1:4, None]", lambda h, x: x[1:4, None, -1], CUBE)
line("x[i]", lambda h, x, i: x[i], (*CUBE, integers(5, 7)), (*CUBE, integers(5, 2, 3)))
line("x[:, i]", lambda h, x, i: x[:, i], (*CUBE, integers(4, 7)))
line("x[i, j]", lambda h, x, i, j: x[i, j], (*CUBE, integers(5, 6), integers(4, 6)))
line("x[arange, i]", lambda h, x, i: x[h.arange(5), i], (*MATRIX, integers(3, 5)))
line("x[mask]", lambda h, x: x[x.detach() > 0], MATRIX)

# ---- functions


def functional(name: str, *inputs: Inputs, **options: Any) -> None:
    line(name, lambda h, *x: getattr(h.nn.functional, name)(*x, **options), *inputs)


for name in ("silu", "softplus", "logsigmoid"):
    functional(name, MATRIX)
for name in ("leaky_relu", "elu"):
    functional(name, (apart(5, 3),))
functional("one_hot", (integers(4, 6),), num_classes=5)
functional("normalize", MATRIX)
functional("group_norm", (real(3, 4, 2, 5),), num_groups=2)
line("group_norm", lambda h, x, w: h.nn.functional.group_norm(x, 2, w), (real(3, 4, 2, 5), real(4)))
SCORES: tuple[Kind, ...] = (real(7, 5), integers(5, 7))
for reduction in ("mean", "sum", "none"):
    functional("cross_entropy", SCORES, (real(4, 5, 2, 3), integers(5, 4, 2, 3)), reduction=reduction)
    functional("cross_entropy", SCORES, label_smoothing=0.1, ignore_index=2, reduction=reduction)
    functional("nll_loss", SCORES, ignore_index=2, reduction=reduction)
    functional("mse_loss", (*MATRIX, *MATRIX), reduction=reduction)
    functional("binary_cross_entropy_with_logits", (*MATRIX, *MATRIX), reduction=reduction)
functional("cross_entropy", (real(7, 5), positive(7, 5)), (real(5), integers(5)))
line(
    "cross_entropy with weights",
    lambda h, x, i: h.nn.functional.cross_entropy(
        x, i, weight=h.tensor([0.5, 1.0, 2.0, 0.1, 1.5]), label_smoothing=0.2
    ),
    SCORES,
)
functional("l1_loss", (apart(5, 3), positive(5, 3)))
functional("smooth_l1_loss", (*MATRIX, *MATRIX), beta=0.7)
functional("huber_loss", (*MATRIX, *MATRIX), delta=0.7)
ATTENTION: tuple[Kind, ...] = (real(3, 2, 6, 4), real(3, 2, 6, 4), real(3, 2, 6, 4))
functional("scaled_dot_product_attention", ATTENTION)
functional("scaled_dot_product_attention", ATTENTION, scale=0.3)
for sizes in ((4,), (3, 4)):
    weight = (real(5, 3, 4), real(*sizes))
    line("rms_norm", lambda h, x, w, s=sizes: h.nn.functional.rms_norm(x, s, w, 1e-3), weight)
    functional("rms_norm", (real(5, 3, 4),), normalized_shape=sizes)
functional("scaled_dot_product_attention", ATTENTION, is_causal=True)
for shape in ((6, 3), (4, 3, 2, 5), (3, 2, 7, 6)):
    c = real(shape[1])
    line(
        "batch_norm",
        lambda h, x, w, b: h.nn.functional.batch_norm(x, None, None, w, b, training=True),
        (real(*shape), c, c),
    )
    line(
        "batch_norm with statistics",
        lambda h, x, m, v, w, b: h.nn.functional.batch_norm(x, m.detach(), v.detach(), w, b),
        (real(*shape), c, positive(shape[1]), c, c),
    )
