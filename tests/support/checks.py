"""What the tests of ops share: both builds of the engine in one process, and the check of a gradient."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from table import Array


def _imported(names: tuple[str, ...]) -> dict[str, ModuleType]:
    return {
        name: module
        for name, module in sys.modules.items()
        if any(name == n or name.startswith(n + ".") for n in names)
    }


@cache
def build(isa: str = "") -> Any:
    """Return the package `hello_dl` with the build named `isa` (empty: the fastest), beside any other copy.

    The build is chosen when the package is imported, so a second build needs a second import.
    """
    if not isa:
        return importlib.import_module("hello_dl")
    others = _imported(("hello_dl",))
    before = os.environ.get("HELLO_DL_ISA")
    for name in others:
        del sys.modules[name]
    os.environ["HELLO_DL_ISA"] = isa
    try:
        package = importlib.import_module("hello_dl")
        rooms = ("nn", "autograd", "linalg", "fft", "special")
        for name in (f"hello_dl.{room}" for room in rooms):  # now, while HELLO_DL_ISA names this build
            importlib.import_module(name)
        package.autograd.derivatives.walk()
        alone = importlib.import_module("hello_dl.tensors.later").function_names()
        for name in (*dir(package.Tensor), *dir(package._core), *alone):
            getattr(package, name, None)  # what is imported when it is first asked for
        for name in package.functional.__all__:
            getattr(package.functional, name)
        return package
    finally:
        for name in _imported(("hello_dl",)):
            del sys.modules[name]
        sys.modules.update(others)
        os.environ.pop("HELLO_DL_ISA")
        if before is not None:
            os.environ["HELLO_DL_ISA"] = before


# ---- values and gradients

Function = Callable[..., Any]  # of the package and tensors, to a tensor


def leaves(h: Any, inputs: Sequence[Array]) -> list[Any]:
    """Return tensors of these numbers; the floats require gradients."""
    tensors = []
    for numbers in inputs:
        t = h.from_numpy(np.asarray(numbers))
        if numbers.dtype.kind == "f":
            t.requires_grad = True
        tensors.append(t)
    return tensors


def value_of(h: Any, function: Function, inputs: Sequence[Array]) -> Array:
    tensors = [h.from_numpy(np.asarray(x)) for x in inputs]
    y = function(h, *tensors)
    assert isinstance(y, h.Tensor), "the function has left this build of the package"
    return np.array(y.numpy())


def gradients_of(h: Any, function: Function, inputs: Sequence[Array], g: Array) -> list[Array | None]:
    """Return J'g for each input: the gradient of sum(g * function(inputs)); None where there is none."""
    tensors = leaves(h, inputs)
    y = function(h, *tensors)
    if y.requires_grad:
        y.backward(gradient=h.from_numpy(g.astype(h._core.real)))
    return [None if t.grad is None else np.array(t.grad.numpy()) for t in tensors]


def gradient_error(
    h: Any, function: Function, inputs: Sequence[Array], seed: int = 0, at_once: bool = False
) -> float:
    """Return the largest |<v, J'g> - <J v, g>| of all inputs, for random v and g, divided by the size of J'g.

    J is the Jacobian; J v is a central difference, so this needs the double build. The result is not simply
    summed up before backward, since errors of opposite sign would cancel in a sum. at_once: v goes through
    all inputs together, which is faster where they are many.
    """
    rng = np.random.default_rng(seed)
    g = rng.normal(size=value_of(h, function, inputs).shape)
    gradients = gradients_of(h, function, inputs, g)
    places = [k for k, gradient in enumerate(gradients) if gradient is not None]
    worst = 0.0
    step = 3e-6
    for group in [places] if at_once and places else [[k] for k in places]:
        there, back = list(inputs), list(inputs)
        got, size = 0.0, 1e-3  # a gradient that is 0 is not compared with its own rounding error
        for k in group:
            v, gradient = rng.normal(size=inputs[k].shape), gradients[k]
            assert gradient is not None
            there[k], back[k] = inputs[k] + step * v, inputs[k] - step * v
            got += float(np.sum(v * gradient))
            size = max(size, float(np.linalg.norm(gradient)))
        change = (value_of(h, function, there) - value_of(h, function, back)) / (2 * step)
        expected = float(np.sum(change * g))
        worst = max(worst, abs(got - expected) / max(abs(expected), size))
    return worst


def relative_difference(a: Array, b: Array) -> float:
    """Return the largest difference, divided by the largest finite number of b; NaN equals NaN."""
    if a.size == 0:
        return 0.0
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    difference = np.where(same, 0.0, np.abs(a - b))
    finite = np.abs(b[np.isfinite(b)])
    return float(np.max(difference)) / max(float(finite.max(initial=0.0)), 1e-6)
