"""Ops of layers as nodes of ONNX: convolutions, pools, linear and recurrent layers, norms, attention.

Weights that ONNX wants in another order than PyTorch are stored in that order; nothing is turned at run time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl.shipping.graph import Step, Value, pair
from hello_dl.shipping.onnx_ops import ToOnnx
from hello_dl.shipping.onnx_writer import Writer


def _matmul(w: Writer, s: Step) -> str:
    return w.node("MatMul", w.of(s["x"]), w.of(s["other"]))


def _linear(w: Writer, s: Step) -> str:
    """Write x W' + b, for which ONNX has one op if x has two axes: Gemm."""
    x, weight, bias = s["x"], s["weight"], s["bias"]
    if len(x.shape) == 2:
        more = [] if bias is None else [w.of(bias)]
        return w.node("Gemm", w.of(x), w.of(weight), *more, transB=1)
    turned = (
        w.node("Transpose", w.of(weight), perm=[1, 0])
        if weight.numbers is None
        else w.array(weight, weight.numbers.T)
    )
    y = w.node("MatMul", w.of(x), turned)
    return y if bias is None else w.node("Add", y, w.of(bias))


def _conv2d(w: Writer, s: Step) -> str:
    weight, bias = s["weight"], s["bias"]
    more = [] if bias is None else [w.of(bias)]
    return w.node(
        "Conv",
        *[w.of(s["x"]), w.of(weight), *more],
        kernel_shape=list(weight.shape[2:]),
        strides=pair(s["stride"]),
        pads=pair(s["padding"]) * 2,  # top, left, bottom, right
        dilations=pair(s["dilation"]),
        group=s["groups"],
    )


def _pool(op: str) -> ToOnnx:
    """Return the function of a pool."""

    def write(w: Writer, s: Step) -> str:
        kernel = pair(s["kernel_size"])
        stride = kernel if s["stride"] in (None, []) else pair(s["stride"])
        how = {"kernel_shape": kernel, "strides": stride, "pads": pair(s["padding"]) * 2}
        if op == "AveragePool":
            how["count_include_pad"] = int(s["count_include_pad"])  # type: ignore[assignment]
        return w.node(op, w.of(s["x"]), **how, ceil_mode=int(s["ceil_mode"]))

    return write


def _channel_affine(w: Writer, s: Step) -> str:
    """Write x scale + shift; scale and shift get axes behind the channel's."""
    behind = len(s["x"].shape) - 2

    def shaped(value: Value) -> str:
        shape = [*value.shape, *[1] * behind]
        if value.numbers is not None:
            return w.array(value, value.numbers.reshape(shape))
        return w.reshaped(w.of(value), shape, [])

    return w.node("Add", w.node("Mul", w.of(s["x"]), shaped(s["scale"])), shaped(s["shift"]))


def _layer_norm(w: Writer, s: Step) -> str:
    x, weight, bias = s["x"], s["weight"], s["bias"]
    axis, size = len(x.shape), 1
    while size != s["size"]:  # the last axes, whose lengths multiply to `size`
        axis -= 1
        size = size * x.shape[axis] if isinstance(x.shape[axis], int) and axis >= 0 else -1
        if size < 0 or size > s["size"]:
            return _layer_norm_of_lines(w, s)
    shape = x.shape[axis:]
    ones = np.ones(shape) if weight is None else weight.numbers
    if ones is None or (bias is not None and bias.numbers is None):
        return _layer_norm_of_lines(w, s)
    scale = w.constant(ones.reshape(shape), "float32", weight.name if weight else "")
    shift = "" if bias is None else w.constant(bias.numbers.reshape(shape), "float32", bias.name)
    return w.node("LayerNormalization", w.of(x), scale, *[shift] * bool(shift), axis=axis, epsilon=s["eps"])


def _layer_norm_of_lines(w: Writer, s: Step) -> str:
    """Normalise lines that are no last axes of x: as (lines, size), and back."""
    x, size = s["x"], s["size"]
    lines = w.node("Reshape", w.of(x), w.constant([-1, size]))
    weight = (
        w.constant(np.ones(size), "float32")
        if s["weight"] is None
        else w.reshaped(w.of(s["weight"]), [size], [])
    )
    y = w.node("LayerNormalization", lines, weight, axis=1, epsilon=s["eps"])
    if s["bias"] is not None:
        y = w.node("Add", y, w.reshaped(w.of(s["bias"]), [size], []))
    return w.reshaped(y, x.shape, [x])


# ---- recurrent layers --------------------------------------------------------------------------------------

_ORDER = {
    "rnn": [0],
    "gru": [1, 0, 2],
    "lstm": [0, 3, 1, 2],
}  # where PyTorch has the gates that ONNX has in order
_SETTINGS: dict[str, dict[str, Any]] = {"gru": {"linear_before_reset": 1}}


def _recurrent(w: Writer, s: Step) -> str:
    """Write a layer in one direction. ONNX has time first, and an axis for directions; x is (n, t, in)."""
    order, weight = _ORDER[s.op], s["weight_hh"]
    hidden = weight.shape[1]

    biases = [s["bias_ih"], s["bias_hh"]]
    zeros = w.constant(np.zeros((1, len(order) * hidden)), "float32")
    both = [zeros if b is None else _in_order(w, b, order) for b in biases]
    x = w.node("Transpose", w.of(s["x"]), perm=[1, 0, 2])
    first = [_state(w, s.arguments.get(name), s["x"]) for name in ("h0", "c0")[: 2 if s.op == "lstm" else 1]]
    inputs = [
        x,
        _in_order(w, s["weight_ih"], order),
        _in_order(w, weight, order),
        w.node("Concat", *both, axis=1),
        "" if s["lengths"] is None else w.node("Cast", w.of(s["lengths"]), to=6),  # int32
        *first,
    ]
    while not inputs[-1]:
        inputs.pop()
    settings = dict(_SETTINGS.get(s.op, {}))
    if s.op == "rnn":
        settings["activations"] = ["Relu" if s["nonlinearity"] == "relu" else "Tanh"]
    made = w.nodes_of(
        s.op.upper(),
        inputs,
        3 if s.op == "lstm" else 2,
        hidden_size=hidden,
        direction="reverse" if s["reverse"] else "forward",
        **settings,
    )
    steps = w.node("Squeeze", made[0], w.constant([1]))  # (t, n, hidden)
    parts = [steps, *made[1:]]  # the last states are (1, n, hidden)
    return w.node("Transpose", w.node("Concat", *parts, axis=0), perm=[1, 0, 2])


def _in_order(w: Writer, value: Value, order: list[int]) -> str:
    """Return weights or biases with their gates in ONNX's order, and an axis for the direction."""
    rows, *rest = value.shape
    if value.numbers is not None:
        blocks = value.numbers.reshape(len(order), -1, *rest)
        return w.array(value, blocks[order].reshape(1, rows, *rest))
    split = w.node("Reshape", w.of(value), w.constant([len(order), rows // len(order), *rest]))
    return w.node("Reshape", w.node("Gather", split, w.constant(order), axis=0), w.constant([1, rows, *rest]))


def _state(w: Writer, state: Value | None, x: Value) -> str:
    """Return the first state as (1, n, hidden)."""
    return "" if state is None else w.reshaped(w.of(state), [1, *state.shape], [state, x])


# ---- attention ---------------------------------------------------------------------------------------------


def _attention(w: Writer, s: Step) -> str:
    """Write softmax(scale Q K' + mask) V, in the steps of the formula."""
    q, heads = s["q"], s["heads"]
    dims = 4 if heads is not None else len(q.shape)
    before = list(range(dims - 2))
    split = [_heads(w, s[name], heads) for name in ("q", "k", "v")]
    width = q.shape[-1] // (heads or 1)
    scale = width**-0.5 if s["scale"] is None else s["scale"]
    scores = w.node("MatMul", split[0], w.node("Transpose", split[1], perm=[*before, dims - 1, dims - 2]))
    scores = w.node("Mul", scores, w.constant(scale, "float32"))
    never = w.constant(-np.inf, "float32")
    if s["causal"]:
        t, keys = q.shape[-2], s["k"].shape[-2]
        size = w.shape([t, keys] if heads is None else [q.shape[1], s["k"].shape[1]], [q, s["k"]])
        ones = w.node("Trilu", w.node("Expand", w.constant(1), size), upper=0)
        scores = w.node("Where", w.node("Cast", ones, to=9), scores, never)
    mask = s["mask"]
    if mask is not None:
        if mask.dtype == "bool":
            scores = w.node("Where", w.of(mask), scores, never)
        else:
            scores = w.node("Add", scores, w.of(mask))
    weights = w.node("Softmax", scores, axis=-1)
    if mask is not None:  # a query that may look nowhere gives zeros; softmax says NaN
        weights = w.node("Where", w.node("IsNaN", weights), w.constant(0, "float32"), weights)
    y = w.node("MatMul", weights, split[2])
    if heads is None:
        return y
    size = s["v"].shape[-1]
    return w.node("Reshape", w.node("Transpose", y, perm=[0, 2, 1, 3]), w.constant([0, 0, size]))


def _heads(w: Writer, x: Value, heads: int | None) -> str:
    """Return x (n, t, heads * d) as (n, heads, t, d)."""
    if heads is None:
        return w.of(x)
    split = w.node("Reshape", w.of(x), w.constant([0, 0, heads, x.shape[-1] // heads]))
    return w.node("Transpose", split, perm=[0, 2, 1, 3])


LAYERS: dict[str, ToOnnx] = {
    "matmul": _matmul,
    "linear": _linear,
    "conv2d": _conv2d,
    "max_pool2d": _pool("MaxPool"),
    "avg_pool2d": _pool("AveragePool"),
    "channel_affine": _channel_affine,
    "layer_norm": _layer_norm,
    "rnn": _recurrent,
    "gru": _recurrent,
    "lstm": _recurrent,
    "attention": _attention,
}
