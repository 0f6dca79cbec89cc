"""Ops on single numbers, on shapes and along axes, as nodes of ONNX: a function for each op of the engine.

Each takes the writer and the step, and returns the name of the result. ONNX converts no types by itself: what
meets in one node is made of one type first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from hello_dl.shipping.graph import Step, Value
from hello_dl.shipping.onnx_writer import END, Writer

ToOnnx: TypeAlias = Callable[[Writer, Step], str]


def _plain(op: str) -> ToOnnx:
    """Return the function of an op on one real input that ONNX has, too."""
    return lambda w, s: w.node(op, w.cast(s["x"], s.output.dtype))


def _pair(op: str, of_truths: str = "") -> ToOnnx:
    """Return the function of arithmetic between two inputs; `of_truths` is what it is for truth values."""

    def write(w: Writer, s: Step) -> str:
        kind = s.output.dtype
        return w.node(of_truths if kind == "bool" and of_truths else op, *_both(w, s, kind))

    return write


def _both(w: Writer, s: Step, kind: str) -> list[str]:
    """Return the names of both inputs as one dtype."""
    first, second = list(s.arguments.values())[:2]
    return [w.cast(first, kind), w.cast(second, kind)]


def _compared(op: str, negated: bool = False) -> ToOnnx:
    """Return the function of a comparison."""

    def write(w: Writer, s: Step) -> str:
        kinds = {s["x"].dtype, s["other"].dtype}
        kind = "float32" if kinds & {"float32", "float64"} else "int64"
        y = w.node(op, *_both(w, s, kind))
        return w.node("Not", y) if negated else y

    return write


def _number(w: Writer, number: float) -> str:
    """Return the name of a real constant."""
    return w.constant(number, "float32")


def _log_to_base(base: float) -> ToOnnx:
    """Return the function of a logarithm to another base than e."""
    return lambda w, s: w.node("Mul", w.node("Log", w.of(s["x"])), _number(w, 1 / math.log(base)))


def _expm1(w: Writer, s: Step) -> str:
    return w.node("Sub", w.node("Exp", w.of(s["x"])), _number(w, 1))


def _exp2(w: Writer, s: Step) -> str:
    return w.node("Pow", _number(w, 2), w.of(s["x"]))


def _clamp(w: Writer, s: Step) -> str:
    kind = s.output.dtype
    limits = ["" if s[name] is None else w.constant(s[name], kind) for name in ("min", "max")]
    return w.node("Clip", w.cast(s["x"], kind), *limits)


def _gelu(w: Writer, s: Step) -> str:
    return w.node("Gelu", w.of(s["x"]), approximate=s["approximate"])


def _trunc(w: Writer, s: Step) -> str:
    x = w.of(s["x"])
    if s.output.dtype == "int64":
        return w.node("Identity", x)
    return w.node("Mul", w.node("Sign", x), w.node("Floor", w.node("Abs", x)))


def _round(w: Writer, s: Step) -> str:
    if s["decimals"] == 0:
        return _rounded("Round")(w, s)
    scale = _number(w, 10.0 ** s["decimals"])
    return w.node("Div", w.node("Round", w.node("Mul", w.of(s["x"]), scale)), scale)


def _remainder(w: Writer, s: Step) -> str:
    """Write x - floor(x / y) y, which has the sign of y; ONNX's Mod has it for integers alone."""
    x, y = _both(w, s, kind := s.output.dtype)
    if kind == "int64":
        return w.node("Mod", x, y)
    return w.node("Sub", x, w.node("Mul", w.node("Floor", w.node("Div", x, y)), y))


def _rounded(op: str) -> ToOnnx:
    """Return the function of a rounding, which leaves integers as they are; ONNX has it for real numbers."""
    return lambda w, s: w.node("Identity" if s.output.dtype == "int64" else op, w.of(s["x"]))


def _asked(op: str) -> ToOnnx:
    """Return the function of a question about real numbers, which may be asked of integers."""
    return lambda w, s: w.node(op, w.cast(s["x"], "float32"))


def _logical_not(w: Writer, s: Step) -> str:
    return w.node("Not", w.cast(s["x"], "bool"))


def _isfinite(w: Writer, s: Step) -> str:
    x = w.cast(s["x"], "float32")
    return w.node("Not", w.node("Or", w.node("IsNaN", x), w.node("IsInf", x)))


def _where(w: Writer, s: Step) -> str:
    kind = s.output.dtype
    return w.node("Where", w.cast(s["condition"], "bool"), w.cast(s["x"], kind), w.cast(s["other"], kind))


def _triangle(upper: int) -> ToOnnx:
    return lambda w, s: w.node("Trilu", w.of(s["x"]), w.constant(s["diagonal"]), upper=upper)


def _copy(w: Writer, s: Step) -> str:
    same = s["x"].dtype == s.output.dtype
    return w.node("Identity", w.of(s["x"])) if same else w.cast(s["x"], s.output.dtype)


# ---- shapes ------------------------------------------------------------------------------------------------


def _reshape(w: Writer, s: Step) -> str:
    return w.reshaped(w.of(s["x"]), s.output.shape, [s["x"]])


def _permute(w: Writer, s: Step) -> str:
    dims = len(s["x"].shape)
    return w.node("Transpose", w.of(s["x"]), perm=[d % dims for d in s["dims"]])


def _expand(w: Writer, s: Step) -> str:
    return w.node("Expand", w.of(s["x"]), w.shape(s.output.shape, [s["x"]]))


def _slice(w: Writer, s: Step) -> str:
    x: Value = s["x"]
    axis = s["dim"] % len(x.shape)
    to_the_end = s["stop"] == x.shape[axis]
    ends = w.constant([END]) if to_the_end else w.length(s["stop"], [x])
    start = w.length(s["start"], [x])
    return w.node("Slice", w.of(x), start, ends, w.constant([axis]), w.constant([s["step"]]))


def _cat(w: Writer, s: Step) -> str:
    axis = s["dim"] % len(s.output.shape)
    return w.node("Concat", *[w.cast(x, s.output.dtype) for x in s["tensors"]], axis=axis)


# ---- along axes --------------------------------------------------------------------------------------------


def _axes(s: Step) -> list[int]:
    """Return the axes that an op reduces."""
    dims, dim = len(s["x"].shape), s["dim"]
    return list(range(dims)) if dim is None else [d % dims for d in (dim if isinstance(dim, list) else [dim])]


def _reduced(op: str) -> ToOnnx:
    """Return the function of a sum, mean or extreme over axes."""

    def write(w: Writer, s: Step) -> str:
        x, kept = w.cast(s["x"], s.output.dtype), int(s["keepdim"])
        axes = _axes(s)
        return w.node(op, x, w.constant(axes), keepdims=kept) if axes else w.node("Identity", x)

    return write


def _place(op: str) -> ToOnnx:
    """Return the function that tells where the largest or smallest number is."""

    def write(w: Writer, s: Step) -> str:
        x = w.cast(s["x"], "float32")
        if s["dim"] is not None:
            return w.node(op, x, axis=s["dim"] % len(s["x"].shape), keepdims=int(s["keepdim"]))
        at = w.node(op, w.node("Reshape", x, w.constant([-1])), axis=0, keepdims=0)
        return w.reshaped(at, s.output.shape, [])

    return write


def _along(op: str) -> ToOnnx:
    """Return the function of softmax and its logarithm."""
    return lambda w, s: w.node(op, w.of(s["x"]), axis=s["dim"] % len(s["x"].shape))


def _cumsum(w: Writer, s: Step) -> str:
    return w.node("CumSum", w.cast(s["x"], s.output.dtype), w.constant(s["dim"] % len(s["x"].shape)))


# ---- places ------------------------------------------------------------------------------------------------


def _gather(w: Writer, s: Step) -> str:
    return w.node("GatherElements", w.of(s["x"]), w.of(s["index"]), axis=s["dim"])


def _scatter_sum(w: Writer, s: Step) -> str:
    kind = s.output.dtype
    zeros = w.node("Expand", w.constant(0, kind), w.shape(s.output.shape, s.inputs))
    return w.node(
        "ScatterElements", zeros, w.of(s["index"]), w.cast(s["x"], kind), axis=s["dim"], reduction="add"
    )


def _index_select(w: Writer, s: Step) -> str:
    return w.node("Gather", w.of(s["x"]), w.of(s["index"]), axis=s["dim"] % len(s["x"].shape))


def _embedding(w: Writer, s: Step) -> str:
    return w.node("Gather", w.of(s["weight"]), w.of(s["index"]), axis=0)


def _pick(w: Writer, s: Step) -> str:
    at = w.node("Unsqueeze", w.of(s["index"]), w.constant([1]))
    return w.node("Squeeze", w.node("GatherElements", w.of(s["x"]), at, axis=1), w.constant([1]))


_SAME_NAMES = {
    **{"exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sin": "Sin", "cos": "Cos", "tan": "Tan", "neg": "Neg"},
    **{"abs": "Abs", "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "erf": "Erf", "sign": "Sign"},
    **{"sinh": "Sinh", "cosh": "Cosh", "asin": "Asin", "acos": "Acos", "atan": "Atan"},
}

OPS: dict[str, ToOnnx] = {
    **{ours: _plain(theirs) for ours, theirs in _SAME_NAMES.items()},
    "add": _pair("Add", "Or"),
    "sub": _pair("Sub"),
    "mul": _pair("Mul", "And"),
    "div": _pair("Div"),
    "pow": _pair("Pow"),
    "maximum": _pair("Max", "Or"),
    "minimum": _pair("Min", "And"),
    "eq": _compared("Equal"),
    "ne": _compared("Equal", negated=True),
    "lt": _compared("Less"),
    "le": _compared("LessOrEqual"),
    "gt": _compared("Greater"),
    "ge": _compared("GreaterOrEqual"),
    "log2": _log_to_base(2),
    "log10": _log_to_base(10),
    "log1p": lambda w, s: w.node("Log", w.node("Add", w.of(s["x"]), _number(w, 1))),
    "expm1": _expm1,
    "exp2": _exp2,
    "floor": _rounded("Floor"),
    "ceil": _rounded("Ceil"),
    "clamp": _clamp,
    "gelu": _gelu,
    "trunc": _trunc,
    "round": _round,
    "remainder": _remainder,
    "logical_not": _logical_not,
    "isnan": _asked("IsNaN"),
    "isinf": _asked("IsInf"),
    "isfinite": _isfinite,
    "where": _where,
    "tril": _triangle(0),
    "triu": _triangle(1),
    "copy": _copy,
    "dropout": _copy,  # with p = 0
    "reshape": _reshape,
    "permute": _permute,
    "expand": _expand,
    "slice": _slice,
    "cat": _cat,
    "sum": _reduced("ReduceSum"),
    "mean": _reduced("ReduceMean"),
    "amax": _reduced("ReduceMax"),
    "amin": _reduced("ReduceMin"),
    "logsumexp": _reduced("ReduceLogSumExp"),
    "argmax": _place("ArgMax"),
    "argmin": _place("ArgMin"),
    "softmax": _along("Softmax"),
    "log_softmax": _along("LogSoftmax"),
    "cumsum": _cumsum,
    "gather": _gather,
    "scatter_sum": _scatter_sum,
    "index_select": _index_select,
    "embedding": _embedding,
    "pick": _pick,
}
