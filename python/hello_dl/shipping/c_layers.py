"""Ops of layers in C: calls of the functions in c/, with weights in the order that these read."""

from __future__ import annotations

from typing import Any

import numpy as np

from hello_dl.shipping.c_numbers import ToC
from hello_dl.shipping.c_writer import BLOCK, CWriter, broadcast, in_blocks_of_8, size_of, strides_of
from hello_dl.shipping.graph import Step, Value, pair


def _conv2d(w: CWriter, s: Step, y: str) -> None:
    x, groups = s["x"], s["groups"]
    n, channels, height, width = x.shape
    _, out, oh, ow = s.output.shape
    weight, bias = w.fixed(s["weight"], s), w.fixed(s["bias"], s)
    assert weight is not None
    kh, kw = weight.shape[2:]
    (top, left), (sy, sx), (dy, dx) = (pair(s[name]) for name in ("padding", "stride", "dilation"))
    source = w.of(x)
    if top or left:
        w.use("pad")
        source = w.temporary(n * channels * (height + 2 * top) * (width + 2 * left))
        sizes = f"{n * channels}, {height}, {width}, {top}, {left}, {height + 2 * top}, {width + 2 * left}"
        w.lines.append(f"pad({w.of(x)}, {sizes}, {source});")
    height, width = height + 2 * top, width + 2 * left
    w.use("four", "conv2d")
    few, each = channels // groups, out // groups
    for i in range(n):
        for g in range(groups):
            at = (i * channels + g * few) * height * width
            to = (i * out + g * each) * oh * ow
            part = slice(g * each, (g + 1) * each)
            b = w.bias(None if bias is None else bias[part], each)

            def call(weights: str, o: str, count: str, at: int = at, to: int = to, b: str = b) -> str:
                image = f"{source} + {at}, {width}, {height * width}, {few}"
                kernel = f"{weights}, {b} + {o}, {kh}, {kw}, {sy}, {sx}, {dy}, {dx}"
                return f"conv2d({image}, {kernel}, {y} + {to} + {o} * {oh * ow}, {count}, {oh}, {ow});"

            w.in_blocks(weight[part], call)


def _linear(w: CWriter, s: Step, y: str) -> None:
    weight, bias = w.fixed(s["weight"], s), w.fixed(s["bias"], s)
    _product(w, w.of(s["x"]), size_of(s["x"]) // weight.shape[1], weight, bias, y)  # type: ignore[union-attr]


def _product(w: CWriter, x: str, lines: int, weight: Any, bias: Any, y: str, bits: int | None = None) -> None:
    """Write y = W x + b for several lines of x."""
    out, count = weight.shape
    b = w.bias(bias, out)
    w.use("four", "linear")
    w.in_blocks(
        weight,
        lambda weights, o, n: f"linear({x}, {lines}, {count}, {weights}, {b} + {o}, {y} + {o}, {n}, {out});",
        bits,
    )


def _matmul(w: CWriter, s: Step, y: str) -> None:
    """Write a product of matrices for each pair that the other axes make."""
    a, b = s["x"], s["other"]
    m = a.shape[-2] if len(a.shape) > 1 else 1
    k, n = a.shape[-1], b.shape[-1] if len(b.shape) > 1 else 1
    lead = [v.shape[:-2] for v in (a, b)]
    full = [int(n) for n in np.broadcast_shapes(*lead)]
    steps = [
        [stride * size for stride in broadcast(shape, full)]
        for shape, size in zip(lead, (m * k, k * n), strict=True)
    ]
    own = [stride * m * n for stride in strides_of(full)]
    names = w.of(a), w.of(b)
    w.use("matmul")
    w.loops(
        full,
        [own, *steps],
        lambda p: f"matmul({names[0]} + {p[1]}, {names[1]} + {p[2]}, {y} + {p[0]}, {m}, {k}, {n});",
    )


def _pool(helper: str) -> ToC:
    def write(w: CWriter, s: Step, y: str) -> None:
        n, channels, height, width = s["x"].shape
        kernel = pair(s["kernel_size"])
        stride = kernel if s["stride"] in (None, []) else pair(s["stride"])
        sizes = [n * channels, height, width, *kernel, *stride, *pair(s["padding"])]
        if helper == "avg_pool2d":
            sizes.append(int(s["count_include_pad"]))
        w.use(helper)
        oh, ow = s.output.shape[2:]
        w.lines.append(f"{helper}({w.of(s['x'])}, {', '.join(map(str, sizes))}, {y}, {oh}, {ow});")

    return write


def _layer_norm(w: CWriter, s: Step, y: str) -> None:
    size = s["size"]
    parts = ["0" if s[name] is None else w.of(s[name]) for name in ("weight", "bias")]
    w.use("layer_norm")
    eps = f"{s['eps']:.9g}f"
    lines = size_of(s["x"]) // size
    w.lines.append(f"layer_norm({w.of(s['x'])}, {lines}, {size}, {parts[0]}, {parts[1]}, {eps}, {y});")


# ---- recurrent layers ------------------------------------------------------------------------------------

_GATES, _STATES = {"rnn": 1, "gru": 3, "lstm": 4}, {"rnn": 1, "gru": 1, "lstm": 2}


def _recurrent(w: CWriter, s: Step, y: str) -> None:
    """Write W_ih x for all steps as one product, then the steps."""
    if s["lengths"] is not None:
        raise ValueError(f"export: {s.op} with lengths of sequences is not written in C; give it full ones")
    n, steps, _ = s["x"].shape
    ih, hh, b_ih, b_hh = (w.fixed(s[name], s) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    assert ih is not None
    assert hh is not None
    size, rows = hh.shape[1], _GATES[s.op] * hh.shape[1]
    given = w.temporary(n * steps * rows)
    _product(w, w.of(s["x"]), n * steps, ih, b_ih, given)
    w.use(s.op)
    room = w.temporary(-(-rows // BLOCK) * BLOCK)
    weights, bias = w.constant(in_blocks_of_8(hh)), w.bias(b_hh, rows)
    ends = steps + _STATES[s.op]
    for i in range(n):
        first = [_state(w, s.arguments.get(name), i) for name in ("h0", "c0")[: _STATES[s.op]]]
        more = [str(int(s["reverse"]))] + ([str(int(s["nonlinearity"] == "relu"))] if s.op == "rnn" else [])
        parts = [f"{given} + {i * steps * rows}", steps, size, weights, bias, *first, *more]
        w.lines.append(f"{s.op}({', '.join(map(str, parts))}, {room}, {y} + {i * ends * size});")


def _state(w: CWriter, state: Value | None, i: int) -> str:
    """Return where the first state of sequence i is; 0 if there is none."""
    return "0" if state is None else f"{w.of(state)} + {i * state.shape[-1]}"


# ---- attention -------------------------------------------------------------------------------------------


def _attention(w: CWriter, s: Step, y: str) -> None:
    """Write a call for each sequence and head."""
    q, k, v, mask, given = s["q"], s["k"], s["v"], s["mask"], s["heads"]
    heads = given or (q.shape[1] if len(q.shape) == 4 else 1)
    axis = 1 if given else len(q.shape) - 2
    t, keys = q.shape[axis], k.shape[axis]

    def steps(x: Value) -> tuple[int, list[int], int]:
        """Return the size of a head, the strides of sequence and head, and how far lines are apart."""
        width = x.shape[-1] // (given or 1)
        apart = x.shape[-1]
        return width, [heads * x.shape[axis] * width, width if given else x.shape[axis] * width], apart

    (size, q_by, q_step), (_, k_by, k_step), (wide, v_by, v_step) = steps(q), steps(k), steps(v)
    _, y_by, y_step = steps(s.output)
    m_by, m_step, m_one = [0, 0], 0, 0
    seen = more = "0"
    if mask is not None:
        shape = mask.shape
        if len(q.shape) == 3 and not given and len(shape) == 3:
            shape = (shape[0], 1, *shape[1:])
        *m_by, m_step, m_one = broadcast(shape, (q.shape[0], heads, t, keys))
        name = f"{w.of(mask)} + {{}}"
        seen, more = (name, "0") if mask.dtype == "bool" else ("0", name)
    scale = size**-0.5 if s["scale"] is None else s["scale"]
    room = w.temporary(keys)
    names = [w.of(x) for x in (q, k, v)]
    w.use("attention")

    def statement(p: Any) -> str:
        at = [f"{name} + {place}" for name, place in zip(names, p, strict=False)]
        sees, adds = (text.format(p[4]) for text in (seen, more))
        parts = [at[0], t, size, q_step, at[1], keys, k_step, at[2], wide, v_step, f"{scale:.9g}f"]
        parts += [int(s["causal"]), sees, adds, m_step, m_one, room, f"{y} + {p[3]}", y_step]
        return f"attention({', '.join(map(str, parts))});"

    w.loops((q.shape[0], heads), [q_by, k_by, v_by, y_by, m_by], statement)


LAYERS: dict[str, ToC] = {
    "conv2d": _conv2d,
    "linear": _linear,
    "matmul": _matmul,
    "max_pool2d": _pool("max_pool2d"),
    "avg_pool2d": _pool("avg_pool2d"),
    "layer_norm": _layer_norm,
    "rnn": _recurrent,
    "gru": _recurrent,
    "lstm": _recurrent,
    "attention": _attention,
}
