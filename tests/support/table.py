"""The table of ops: what a row holds, and the kinds of inputs. The rows are in cases.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# ---- inputs


@dataclass(frozen=True)
class Kind:
    """How to make one input of an op: random numbers of a kind, in a shape."""

    kind: str
    shape: tuple[int, ...]
    high: int = 0

    def make(self, rng: np.random.Generator) -> Array:
        if self.kind == "real":
            return rng.normal(size=self.shape)
        if self.kind == "positive":
            return rng.uniform(0.5, 2.0, self.shape)
        if self.kind == "apart":  # no two closer than 0.1, none closer than 0.05 to 0: far from kinks
            count = int(np.prod(self.shape))
            return ((rng.permutation(count) - count // 2 + 0.5) * 0.1).reshape(self.shape)
        if self.kind == "integers":
            return rng.integers(0, self.high, self.shape)
        return rng.random(self.shape) < 0.5


def real(*shape: int) -> Kind:
    return Kind("real", shape)


def positive(*shape: int) -> Kind:
    return Kind("positive", shape)


def apart(*shape: int) -> Kind:
    return Kind("apart", shape)


def integers(high: int, *shape: int) -> Kind:
    return Kind("integers", shape, high)


def truths(*shape: int) -> Kind:
    return Kind("truths", shape)


def make_inputs(kinds: Sequence[Kind], seed: int = 0) -> list[Array]:
    rng = np.random.default_rng([seed, *(len(k.shape) for k in kinds)])
    return [k.make(rng) for k in kinds]


# ---- rows


@dataclass(frozen=True)
class Case:
    """An op called in one way, on inputs of several shapes."""

    op: str  # its registered name
    ours: Callable[..., Any]  # of the engine and the inputs; if composed, of the package and the inputs
    torch: Callable[..., Any] | None  # of the module torch and the inputs; None: PyTorch has no such thing
    inputs: tuple[tuple[Kind, ...], ...]  # one tuple for each time the case is run
    composed: bool = False  # of several ops, in Python

    def run(self, package: Any, *tensors: Any) -> Any:
        """Call the op in this build of the package."""
        return self.ours(package if self.composed else package._core, *tensors)

    def __str__(self) -> str:
        return self.op


@dataclass(frozen=True)
class Refusal:
    """A call that has to be refused, and words that the message must hold."""

    op: str
    call: Callable[..., Any]  # of the engine
    words: str
    error: type[Exception]

    def __str__(self) -> str:
        return f"{self.op}: {self.words}"


CASES: list[Case] = []
REFUSALS: list[Refusal] = []
Inputs = tuple[Kind, ...]


def case(op: str, ours: Callable[..., Any], torch: Callable[..., Any] | None, *inputs: Inputs) -> None:
    CASES.append(Case(op, ours, torch, inputs))


def same(op: str, *inputs: Inputs, at: str = "", args: tuple[Any, ...] = (), **options: Any) -> None:
    """Add a case in which PyTorch takes the same arguments; `at` says where, if not torch.op."""
    path = (at or op).split(".")
    case(
        op,
        lambda c, *x: getattr(c, op)(*x, *args, **options),
        lambda t, *x: reduce(getattr, path, t)(*x, *args, **options),
        *inputs,
    )


def refused(op: str, call: Callable[..., Any], words: str, error: type[Exception] = ValueError) -> None:
    """Add a call that must raise `error` with these words in its message."""
    REFUSALS.append(Refusal(op, call, words, error))


def refused_shapes(op: str, words: str, *shapes: tuple[int, ...], **options: Any) -> None:
    """Add a call of the op on tensors of these shapes that must be refused."""
    refused(op, lambda c: getattr(c, op)(*(ones(c, *shape) for shape in shapes), **options), words)


def ones(c: Any, *shape: int) -> Any:
    return c.from_numpy(np.ones(shape, np.float32))


def index(c: Any, *numbers: int) -> Any:
    return c.from_numpy(np.array(numbers))
