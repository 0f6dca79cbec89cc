"""Ops on single numbers in C: an expression for each op of the engine, and the loop round it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hello_dl.shipping.c_writer import CWriter, broadcast, c_type, number, strides_of
from hello_dl.shipping.graph import Step

# Adds lines to the writer, given the step and the name of the array for its result.
ToC: TypeAlias = Callable[[CWriter, Step, str], None]
Expression: TypeAlias = Callable[[Step], str]

# ---- one number from one, two or three: {0}, {1} and {2} stand for them ----------------------------------


def _rounded(function: str) -> Expression:
    """Return a rounding, which leaves integers as they are."""
    return lambda s: "{0}" if s.output.dtype == "int64" else f"{function}({{0}})"


def _round(s: Step) -> str:
    scale = number(10.0 ** s["decimals"])
    return _rounded("rintf")(s) if s["decimals"] == 0 else f"rintf({{0}} * {scale}) / {scale}"


def _asked(function: str, of_integer: str) -> Expression:
    """Return a question about a real number; the answer for integers is known."""
    return lambda s: f"{function}({{0}}) != 0" if s["x"].dtype.startswith("float") else of_integer


def _by_kind(real: str, integer: str, truth: str = "") -> Expression:
    """Return what depends on the dtype of the result."""
    return lambda s: {"int64": integer, "bool": truth or integer}.get(s.output.dtype, real)


def _clamp(s: Step) -> str:
    low, high = s["min"], s["max"]
    text = "{0}" if high is None else f"{{0}} > {number(high)} ? {number(high)} : {{0}}"
    return text if low is None else f"{{0}} < {number(low)} ? {number(low)} : {text}"


def _gelu(s: Step) -> str:
    if s["approximate"] == "tanh":
        return "0.5f * {0} * (1 + tanhf(0.79788456f * ({0} + 0.044715f * {0} * {0} * {0})))"
    return "0.5f * {0} * (1 + erff({0} * 0.70710678f))"


def _copy(s: Step) -> str:
    kind = s.output.dtype
    return "{0} != 0" if kind == "bool" else f"({c_type(s.output)}){{0}}"


_FUNCTIONS = {  # of <math.h>
    **{
        name: f"{name}f"
        for name in ("exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "sinh", "cosh")
    },
    **{name: f"{name}f" for name in ("tanh", "asin", "acos", "atan", "exp2", "log2", "log10", "erf")},
}

EXPRESSIONS: dict[str, str | Expression] = {
    **{ours: f"{function}({{0}})" for ours, function in _FUNCTIONS.items()},
    "neg": "-{0}",
    "abs": _by_kind("fabsf({0})", "({0} < 0 ? -{0} : {0})"),
    "relu": "{0} < 0 ? 0 : {0}",
    "sigmoid": "1 / (1 + expf(-{0}))",
    "gelu": _gelu,
    "sign": lambda s: f"({c_type(s.output)})(({{0}} > 0) - ({{0}} < 0))",
    "floor": _rounded("floorf"),
    "ceil": _rounded("ceilf"),
    "trunc": _rounded("truncf"),
    "round": _round,
    "clamp": _clamp,
    "logical_not": "!{0}",
    "isnan": _asked("isnan", "0"),
    "isinf": _asked("isinf", "0"),
    "isfinite": _asked("isfinite", "1"),
    "copy": _copy,
    "dropout": _copy,  # with p = 0
    "add": _by_kind("{0} + {1}", "{0} + {1}", "{0} || {1}"),
    "sub": "{0} - {1}",
    "mul": _by_kind("{0} * {1}", "{0} * {1}", "{0} && {1}"),
    "div": "(float){0} / (float){1}",
    "pow": _by_kind("powf({0}, {1})", "(long long)rint(pow((double){0}, (double){1}))"),
    "atan2": "atan2f({0}, {1})",
    "remainder": _by_kind("{0} - floorf({0} / {1}) * {1}", "({0} % {1} + {1}) % {1}"),
    "maximum": _by_kind("({0} > {1} || isnan({0}) ? {0} : {1})", "({0} > {1} ? {0} : {1})"),
    "minimum": _by_kind("({0} < {1} || isnan({0}) ? {0} : {1})", "({0} < {1} ? {0} : {1})"),
    "eq": "{0} == {1}",
    "ne": "{0} != {1}",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
    "gt": "{0} > {1}",
    "ge": "{0} >= {1}",
    "where": "{0} ? {1} : {2}",
    "channel_affine": "{0} * {1} + {2}",
}


def elementwise(w: CWriter, s: Step, y: str) -> None:
    """Write a loop over all numbers of the result. An op on one number may write where it reads."""
    shape = s.output.shape
    strides = [broadcast(v.shape, shape) for v in s.inputs]
    if s.op == "channel_affine":
        strides[1:] = [[int(axis == 1) for axis in range(len(shape))]] * 2
    names, known = [w.of(v) for v in s.inputs], EXPRESSIONS[s.op]
    expression = known if isinstance(known, str) else known(s)

    def statement(places: Sequence[str]) -> str:
        first, *others = places
        return (
            f"{y}[{first}] = {expression.format(*[f'{n}[{p}]' for n, p in zip(names, others, strict=True)])};"
        )

    w.loops(shape, [strides_of(shape), *strides], statement)
