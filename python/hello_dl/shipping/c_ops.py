"""Ops on shapes and along axes in C: a function for each op of the engine.

Each takes the writer, the step and the name of the array for the result, and adds lines of C.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hello_dl.shipping.c_numbers import EXPRESSIONS, ToC, elementwise
from hello_dl.shipping.c_writer import CWriter, broadcast, c_type, nest, size_of, strides_of
from hello_dl.shipping.graph import Step, Value

# ---- shapes ----------------------------------------------------------------------------------------------


def _copied(
    w: CWriter,
    y: str,
    x: Value,
    shape: Sequence[int],
    to: list[int],
    by: list[int],
    at: int = 0,
    start: int = 0,
) -> None:
    """Write loops that copy numbers of x, from place `start` and `by` apart, to places of y from `at` on."""
    name = w.of(x)
    begin = ["" if n == 0 else f" + {n}" for n in (at, start)]
    w.loops(shape, [to, by], lambda p: f"{y}[{p[0]}{begin[0]}] = {name}[{p[1]}{begin[1]}];")


def _permute(w: CWriter, s: Step, y: str) -> None:
    shape, strides = s.output.shape, strides_of(s["x"].shape)
    _copied(w, y, s["x"], shape, strides_of(shape), [strides[d] for d in s["dims"]])


def _expand(w: CWriter, s: Step, y: str) -> None:
    shape = s.output.shape
    _copied(w, y, s["x"], shape, strides_of(shape), broadcast(s["x"].shape, shape))


def _slice(w: CWriter, s: Step, y: str) -> None:
    shape, strides, dim = s.output.shape, strides_of(s["x"].shape), s["dim"] % len(s.output.shape)
    by = [n * s["step"] if axis == dim else n for axis, n in enumerate(strides)]
    start = range(s["x"].shape[dim])[s["start"] : s["stop"]].start  # negative ones count from the end
    _copied(w, y, s["x"], shape, strides_of(shape), by, 0, start * strides[dim])


def _cat(w: CWriter, s: Step, y: str) -> None:
    strides, dim, at = strides_of(s.output.shape), s["dim"] % len(s.output.shape), 0
    for x in s["tensors"]:
        _copied(w, y, x, x.shape, strides, strides_of(x.shape), at)
        at += x.shape[dim] * strides[dim]


def _triangle(kept: str) -> ToC:
    """Return the function that keeps a triangle of each matrix."""

    def write(w: CWriter, s: Step, y: str) -> None:
        *_, rows, columns = s.output.shape
        x, count = w.of(s["x"]), size_of(s.output)
        w.lines += [
            f"for (int i = 0; i < {count}; i++)",
            f"    {y}[i] = i % {columns} - i / {columns} % {rows} {kept} {s['diagonal']} ? {x}[i] : 0;",
        ]

    return write


# ---- along axes ------------------------------------------------------------------------------------------


def _split(s: Step) -> tuple[list[int], ...]:
    """Return sizes and strides in x of the axes that stay, and of those that are reduced."""
    shape, dim = s["x"].shape, s["dim"]
    dims = range(len(shape)) if dim is None else dim if isinstance(dim, list) else [dim]
    reduced = {d % len(shape) for d in dims}
    strides = strides_of(shape)
    stay = [d for d in range(len(shape)) if d not in reduced]
    gone = sorted(reduced)
    return (
        [shape[d] for d in stay],
        [strides[d] for d in stay],
        [shape[d] for d in gone],
        [strides[d] for d in gone],
    )


def _reduced(begin: str, each: str, end: str, kind: str = "") -> ToC:
    """Return the function of a sum or extreme: {x} is a number of x, {n} how many, `a` the result."""

    def write(w: CWriter, s: Step, y: str) -> None:
        sizes, strides, over, by = _split(s)
        x, n = w.of(s["x"]), math.prod(over)
        depth = len([size for size in sizes if size != 1])

        def statement(places: Sequence[str]) -> str:
            to, at = places
            first = f"{x}[{at}]"
            inner = nest(over, [by], lambda p: each.format(x=f"{x}[{p[0]}]", n=n), [at], depth)
            return "\n".join(
                [
                    "{",
                    f"    {kind or c_type(s.output)} a = {begin.format(first=first)};",
                    *[f"    {line}" for line in inner],
                    f"    {y}[{to}] = ({c_type(s.output)}){end.format(n=n)};",
                    "}",
                ]
            )

        w.loops(sizes, [strides_of(sizes), strides], statement)

    return write


def _logsumexp(w: CWriter, s: Step, y: str) -> None:
    """Write the largest number first, then the logarithm of the sum of what is left."""
    most = w.temporary(size_of(s.output))
    EXTREMES["amax"](w, s, most)
    sizes, strides, over, by = _split(s)
    x, depth = w.of(s["x"]), len([size for size in sizes if size != 1])

    def statement(places: Sequence[str]) -> str:
        to, at = places
        inner = nest(over, [by], lambda p: f"a += expf({x}[{p[0]}] - {most}[{to}]);", [at], depth)
        end = f"{y}[{to}] = isinf({most}[{to}]) ? {most}[{to}] : {most}[{to}] + logf(a);"
        return "\n".join(["{", "    float a = 0;", *[f"    {line}" for line in inner], f"    {end}", "}"])

    w.loops(sizes, [strides_of(sizes), strides], statement)


def _place(sign: str) -> ToC:
    """Return the function that tells where the largest or smallest number is, the first of equal ones."""

    def write(w: CWriter, s: Step, y: str) -> None:
        shape = s["x"].shape
        axis = None if s["dim"] is None else s["dim"] % len(shape)
        n = size_of(s["x"]) if axis is None else shape[axis]
        step = 1 if axis is None else strides_of(shape)[axis]
        x, count = w.of(s["x"]), size_of(s.output)
        first = f"i / {step} * {n * step} + i % {step}"
        w.lines += [
            f"for (int i = 0; i < {count}; i++) {{",
            "    int best = 0;",
            f"    for (int j = 1; j < {n}; j++)",
            f"        if ({x}[{first} + j * {step}] {sign} {x}[{first} + best * {step}])",
            "            best = j;",
            f"    {y}[i] = best;",
            "}",
        ]

    return write


def _softmax(logarithm: int) -> ToC:
    def write(w: CWriter, s: Step, y: str) -> None:
        w.use("softmax")
        shape, axis = s["x"].shape, s["dim"] % len(s["x"].shape)
        n, step = shape[axis], strides_of(shape)[axis]
        w.lines.append(f"softmax({w.of(s['x'])}, {size_of(s.output) // n}, {n}, {step}, {logarithm}, {y});")

    return write


def _cumsum(w: CWriter, s: Step, y: str) -> None:
    shape, axis = s["x"].shape, s["dim"] % len(s["x"].shape)
    step, x = strides_of(shape)[axis], w.of(s["x"])
    w.lines += [
        f"for (int i = 0; i < {size_of(s.output)}; i++)",
        f"    {y}[i] = i / {step} % {shape[axis]} ? {y}[i - {step}] + {x}[i] : {x}[i];",
    ]


# ---- places ----------------------------------------------------------------------------------------------


def _gather(w: CWriter, s: Step, y: str) -> None:
    shape, strides, dim = s.output.shape, strides_of(s["x"].shape), s["dim"] % len(s.output.shape)
    by = [0 if axis == dim else n for axis, n in enumerate(strides)]
    x, index = w.of(s["x"]), w.of(s["index"])
    w.loops(
        shape,
        [strides_of(shape), by],
        lambda p: f"{y}[{p[0]}] = {x}[{p[1]} + {index}[{p[0]}] * {strides[dim]}];",
    )


def _scatter_sum(w: CWriter, s: Step, y: str) -> None:
    shape, dim = s["x"].shape, s["dim"] % len(s["x"].shape)
    strides = strides_of(s.output.shape)
    to = [0 if axis == dim else n for axis, n in enumerate(strides)]
    x, index = w.of(s["x"]), w.of(s["index"])
    w.loops(s.output.shape, [strides], lambda p: f"{y}[{p[0]}] = 0;")
    w.loops(
        shape,
        [to, strides_of(shape)],
        lambda p: f"{y}[{p[0]} + {index}[{p[1]}] * {strides[dim]}] += {x}[{p[1]}];",
    )


def _index_select(w: CWriter, s: Step, y: str) -> None:
    """Write loops over what is before the axis, the places chosen, and what is behind it."""
    x, dim = s["x"], s["dim"] % len(s["x"].shape)
    _chosen(w, y, x, s["index"], math.prod(x.shape[:dim]), x.shape[dim], math.prod(x.shape[dim + 1 :]))


def _embedding(w: CWriter, s: Step, y: str) -> None:
    weight = s["weight"]
    _chosen(w, y, weight, s["index"], 1, *weight.shape)


def _chosen(w: CWriter, y: str, x: Value, index: Value, before: int, n: int, behind: int) -> None:
    count, table, at = size_of(index), w.of(x), w.of(index)
    if index.numbers is not None:  # counted from the front
        at = w.constant(np.where(index.numbers < 0, index.numbers + n, index.numbers), "long long")
        place = f"{at}[{{0}}]"
    else:
        place = f"({at}[{{0}}] < 0 ? {at}[{{0}}] + {n} : {at}[{{0}}])"
    w.loops(
        (before, count, behind),
        [(count * behind, behind, 1), (n * behind, 0, 1), (0, 1, 0)],
        lambda p: f"{y}[{p[0]}] = {table}[{p[1]} + {place.format(p[2])} * {behind}];",
    )


def _pick(w: CWriter, s: Step, y: str) -> None:
    rows, n = s["x"].shape
    x, index = w.of(s["x"]), w.of(s["index"])
    w.loops((rows,), [(1,), (n,)], lambda p: f"{y}[{p[0]}] = {x}[{p[1]} + {index}[{p[0]}]];")


EXTREMES: dict[str, ToC] = {
    "amax": _reduced("{first}", "if ({x} > a) a = {x};", "a"),
    "amin": _reduced("{first}", "if ({x} < a) a = {x};", "a"),
}

OPS: dict[str, ToC] = {
    **dict.fromkeys(EXPRESSIONS, elementwise),
    **EXTREMES,
    "permute": _permute,
    "expand": _expand,
    "slice": _slice,
    "cat": _cat,
    "tril": _triangle("<="),
    "triu": _triangle(">="),
    "sum": _reduced("0", "a += {x};", "a", "double"),
    "mean": _reduced("0", "a += {x};", "(a / {n})", "double"),
    "logsumexp": _logsumexp,
    "argmax": _place(">"),
    "argmin": _place("<"),
    "softmax": _softmax(0),
    "log_softmax": _softmax(1),
    "cumsum": _cumsum,
    "gather": _gather,
    "scatter_sum": _scatter_sum,
    "index_select": _index_select,
    "embedding": _embedding,
    "pick": _pick,
}
