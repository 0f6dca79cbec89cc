"""The third table: one tensor in several places of an expression, for each op that takes several tensors.

The rows are made from the table of ops. An input of an op may be its other input too, or a view of it; and
the rest of the expression may read it by rows, whole or as a sum over the rows, before the op and after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cases import CASES
from table import Array, Case, Kind, make_inputs

# What the rest of an expression reads is the engine's matter: a few small calls of each op are enough there.
FEW, FEW_NUMBERS = 3, 300
TENSOR = re.compile(r"\w+: (Tensor|Sequence\[Tensor\])")

# ---- how the rest of an expression reads a tensor; each result has its shape


def by_rows(c: Any, x: Any) -> Any:
    return c.mul(x, 1.5)


def whole(c: Any, x: Any) -> Any:
    """Return x with its rows in another order. x is read whole, the index by rows; the rest may be sliced."""
    if x.ndim == 0:
        return c.mul(c.cumsum(x, 0), 1.5)
    return c.index_select(x, 0, c.from_numpy(np.arange(len(x)) - 1))


def as_a_sum(c: Any, x: Any) -> Any:
    return c.add(x, c.mean(x, 0))


def as_views(c: Any, x: Any) -> Any:
    """Return x with its first row moved to the end."""
    if x.ndim == 0:
        return by_rows(c, x)
    return c.cat([c.slice(x, 0, 1, len(x)), c.slice(x, 0, 0, 1)], 0)


READERS: tuple[Callable[[Any, Any], Any], ...] = (by_rows, whole, as_a_sum, as_views)


def view(c: Any, x: Any, shape: tuple[int, ...]) -> Any:
    """Return the first numbers of x in another shape."""
    if x.ndim == 2 and shape == x.shape[::-1]:
        return c.permute(x, (1, 0))
    return c.reshape(c.slice(c.reshape(x, -1), 0, 0, int(np.prod(shape))), shape)


def side_by_side(c: Any, a: Any, b: Any) -> Any:
    """Return the numbers of both; row by row where both have as many rows, so that one slice has both."""
    if a.ndim and b.ndim and len(a) == len(b) and a.shape[0]:
        return c.cat([c.reshape(x, (len(x), -1)) for x in (a, b)], 1)
    return c.cat([c.reshape(x, -1) for x in (a, b)], 0)


# ---- rows of this table


@dataclass(frozen=True)
class Shared:
    """An op of the table of ops, called so that one tensor stands in several places.

    Either the inputs `others` are input `first`, or views of it; or `reader` reads input `first` as well.
    """

    case: Case
    kinds: tuple[Kind, ...]
    first: int
    others: tuple[int, ...] = ()
    reader: Callable[[Any, Any], Any] | None = None
    before: bool = False  # the op gets what the reader made, else the tensor itself
    result: bool = False  # the tensor is a result, else a leaf

    def inputs(self) -> list[Array]:
        """Return the numbers of all inputs; those of `others` are not used."""
        return make_inputs(self.kinds)

    def run(self, package: Any, *tensors: Any, part: Callable[[Any], Any] = lambda x: x) -> Any:
        """Return the expression's result. `part` is applied to each part of it that goes into the op."""
        c, x = package._core, list(tensors)
        shared = x[self.first] = c.mul(x[self.first], 1.25) if self.result else x[self.first]
        if not self.reader:
            for i in self.others:
                shape = self.kinds[i].shape
                x[i] = shared if shape == shared.shape else view(c, shared, shape)
            return self.case.run(package, *(part(t) for t in x))
        other = self.reader(c, shared)
        if self.before:
            x[self.first], other = other, shared
        return side_by_side(c, self.case.run(package, *(part(t) for t in x)), part(other))

    def __str__(self) -> str:
        kind = "result" if self.result else "leaf"
        shapes = ", ".join(str(k.shape) for k in self.kinds)
        if not self.reader:
            return f"{self.case.op} on {shapes}: a {kind} is the inputs {(self.first, *self.others)}"
        place = "before" if self.before else "after"
        reader = f"{self.reader.__name__}, {place} the op"
        return f"{self.case.op} on {shapes}: input {self.first}, a {kind}, is also read {reader}"


def ops_of_several_tensors(core: Any) -> list[str]:
    """Return the names of the registered ops that take two tensors or more."""
    return [name for name, signature, _ in core.registered_ops if len(TENSOR.findall(signature)) > 1] + [
        "cat"
    ]


def calls(op: str) -> list[tuple[Case, tuple[Kind, ...]]]:
    """Return the calls of an op in its table, but those on tensors without numbers."""
    rows = [(case, kinds) for case in CASES if case.op == op for kinds in case.inputs]
    return [(case, kinds) for case, kinds in rows if all(np.prod(k.shape) for k in kinds)]


def few(rows: list[tuple[Case, tuple[Kind, ...]]]) -> list[tuple[Case, tuple[Kind, ...]]]:
    """Return at most FEW of the calls on few numbers, from the first to the last."""
    small = [row for row in rows if sum(np.prod(k.shape) for k in row[1]) <= FEW_NUMBERS]
    return [small[i] for i in sorted({int(i) for i in np.linspace(0, len(small) - 1, FEW)})]


def is_float(kind: Kind) -> bool:
    return kind.kind in ("real", "positive", "apart")


def in_several_inputs(case: Case, kinds: tuple[Kind, ...]) -> Iterator[Shared]:
    """Yield a row for each input that can be the next one too, and one for all that it can be."""
    for i, kind in enumerate(kinds):
        alike = [j for j, k in enumerate(kinds) if j != i and (k.kind, k.high) == (kind.kind, kind.high)]
        others = [j for j in alike if i < j or kinds[j].shape != kind.shape]
        others = [j for j in others if np.prod(kinds[j].shape) <= np.prod(kind.shape)]
        if others:
            yield Shared(case, kinds, i, (others[0],))
        if len(others) > 1:
            yield Shared(case, kinds, i, tuple(others))


def read_elsewhere(case: Case, kinds: tuple[Kind, ...]) -> Iterator[Shared]:
    """Yield a row for each input, and each way in which the rest of an expression reads it."""
    for i, kind in enumerate(kinds):
        for reader in READERS if is_float(kind) else ():
            yield Shared(case, kinds, i, reader=reader)
            yield Shared(case, kinds, i, reader=reader, before=True)


def shared_cases(op: str) -> list[Shared]:
    """Return all rows of an op."""
    rows = [row for case, kinds in calls(op) for row in in_several_inputs(case, kinds)]
    rows += [row for case, kinds in few(calls(op)) for row in read_elsewhere(case, kinds)]
    return [*rows, *(replace(row, result=True) for row in rows if is_float(row.kinds[row.first]))]
