"""Rules of layers: softmax and normalisation by formulas, sequences and attention made of smaller ops.

What is made of smaller ops needs no formula: its gradient is that of its parts. (For training the engine
has a rule in C++ for the whole, which is faster.)
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from hello_dl import _core
from hello_dl._core import Tensor
from hello_dl.autograd.rules.rule import Composition, Table


def _last(x: Tensor) -> Tensor:
    """Return the sums along the last axis, which stays, with size 1."""
    return _core.sum(x, -1, True) if x.ndim else x


def _with_last_axis(x: Tensor) -> Tensor:
    return _core.reshape(x, (*x.shape, 1))


# ---- normalisation -----------------------------------------------------------------------------------------


def _of_moments(G: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Take back Y = (m, v), mean and variance of each image and channel: (Gm + 2 Gv (x - m)) / pixels."""
    n, c, h, w = x.shape
    parts = (y, 0), (G, 0), (G, 1)
    mean, Gm, Gv = (_core.reshape(_core.slice(t, 1, i, i + 1), (n, c, 1, 1)) for t, i in parts)
    return (Gm + 2 * Gv * (x - mean)) / (h * w)


def _per_channel(t: Tensor, x: Tensor) -> Tensor:
    """Return one number for each channel so that it broadcasts with x (n, c) or (n, c, h, w)."""
    return _core.reshape(t, (1, -1, *[1] * (x.ndim - 2)))


def _over_channel(x: Tensor) -> Tensor:
    """Return the sums of each channel."""
    return _core.sum(x, [0, *range(2, x.ndim)])


def layer_norm(x: Tensor, *scales: Tensor, size: int, weight: object, bias: object, eps: float) -> Tensor:
    """Return (x - mean) / sqrt(variance + eps) along lines of `size` numbers, times weight, plus bias."""
    lines = _core.reshape(x, (-1, size))
    centred = lines - _core.mean(lines, -1, True)
    y = centred / (_core.mean(centred * centred, -1, True) + eps).sqrt()
    flat = [_core.reshape(t, (size,)) for t in scales]
    y = y * flat[0] if weight else y
    y = y + flat[-1] if bias else y
    return _core.reshape(y, x.shape)


# ---- attention ---------------------------------------------------------------------------------------------


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *masks: Tensor,
    mask: object,
    causal: bool,
    scale: float | None,
    heads: int | None,
    dropout_p: float,
    key: int,
) -> Tensor:
    """Return softmax(scale Q K' + mask) V for each sample and head (Vaswani et al. 2017, equation 1)."""

    def apart(x: Tensor) -> Tensor:
        """Return (n, heads, t, d)."""
        if heads is not None:
            n, t, d = x.shape
            return _core.permute(_core.reshape(x, (n, t, heads, d // heads)), (0, 2, 1, 3))
        return x if x.ndim == 4 else _core.reshape(x, (x.shape[0], 1, *x.shape[1:]))

    Q, K, V = apart(q), apart(k), apart(v)
    scores = (Q @ _core.permute(K, (0, 1, 3, 2))) * (1 / math.sqrt(Q.shape[3]) if scale is None else scale)
    t, s = scores.shape[2:]
    seen = _core.from_numpy(np.tril(np.ones((t, s), bool)) if causal else np.ones((t, s), bool))
    for m in masks:
        seen = seen * (m if m.dtype == "bool" else m != -math.inf)  # both are true
        scores = scores if m.dtype == "bool" else scores + _core.where(m == -math.inf, 0.0, m)
    weights = _core.where(seen, _core.softmax(_core.where(seen, scores, -1e30), -1), 0.0)
    y = (weights if dropout_p == 0 else _core.dropout(weights, dropout_p, key)) @ V
    if heads is not None:
        return _core.reshape(_core.permute(y, (0, 2, 1, 3)), (q.shape[0], t, heads * y.shape[3]))
    return _core.reshape(y, (*q.shape[:-1], v.shape[-1]))


# ---- recurrent layers --------------------------------------------------------------------------------------

States = tuple[Tensor, ...]


def _parts(x: Tensor, count: int) -> list[Tensor]:
    """Return the gates of (n, count * size)."""
    size = x.shape[1] // count
    return [_core.slice(x, 1, i * size, (i + 1) * size) for i in range(count)]


def _rnn_cell(a: Tensor, u: Tensor, states: States, nonlinearity: str = "tanh") -> States:
    """Return f(a + u) (Elman 1990)."""
    return ((a + u).relu() if nonlinearity == "relu" else (a + u).tanh(),)


def _gru_cell(a: Tensor, u: Tensor, states: States, **_: object) -> States:
    """Return the new state n, mixed with the old one by the gate z (Cho et al. 2014)."""
    (h,), (ar, az, an), (ur, uz, un) = states, _parts(a, 3), _parts(u, 3)
    n = (an + (ar + ur).sigmoid() * un).tanh()
    return (n + (az + uz).sigmoid() * (h - n),)


def _lstm_cell(a: Tensor, u: Tensor, states: States, **_: object) -> States:
    """Return the states after the gates i, f, g, o (Hochreiter, Schmidhuber 1997)."""
    i, f, g, o = _parts(a + u, 4)
    c = f.sigmoid() * states[1] + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


_CELLS: dict[str, tuple[int, Callable[..., States]]] = {
    "rnn": (1, _rnn_cell),
    "gru": (1, _gru_cell),
    "lstm": (2, _lstm_cell),
}


def _recurrent(op: str) -> Composition:
    """Return the layer as one cell after the other."""
    count, cell = _CELLS[op]

    def layer(x: Tensor, w_ih: Tensor, w_hh: Tensor, *more: Tensor, reverse: bool, **given: object) -> Tensor:
        optional = ("bias_ih", "bias_hh", "h0", "c0", "lengths")
        rest = iter([t for t in more if t.op != "panels"])  # a copy of w_hh in another order
        b_ih, b_hh, h0, c0, lengths = (next(rest) if given.get(name) else None for name in optional)
        n, steps, size = x.shape[0], x.shape[1], w_hh.shape[1]
        zeros = _core.from_numpy(np.zeros((n, size)))
        states: States = tuple(zeros if t is None else t for t in (h0, c0)[:count])
        outputs = [zeros] * steps
        how = {name: value for name, value in given.items() if name == "nonlinearity"}
        for t in reversed(range(steps)) if reverse else range(steps):
            now = _core.reshape(_core.slice(x, 1, t, t + 1), (n, x.shape[2]))
            after = cell(_core.linear(now, w_ih, b_ih), _core.linear(states[0], w_hh, b_hh), states, **how)
            if lengths is not None:  # a sequence that has ended keeps its states, and gives zeros
                alive = _core.reshape(lengths, (n, 1)) > t
                outputs[t] = _core.where(alive, after[0], 0.0)
                states = tuple(_core.where(alive, a, b) for a, b in zip(after, states, strict=True))
            else:
                outputs[t], states = after[0], after
        return _core.cat([_core.reshape(h, (n, 1, size)) for h in (*outputs, *states)], 1)

    return layer


LAYERS: Table = {
    "softmax": (lambda G, y, x, **_: y * (G - _last(G * y)),),
    "log_softmax": (lambda G, y, x, **_: G - y.exp() * _last(G),),
    "logsumexp": (lambda G, y, x, **_: _with_last_axis(G) * (x - _with_last_axis(y)).exp(),),
    "image_moments": (_of_moments,),
    "channel_variance": (
        lambda G, y, x, m: _per_channel(G * (2 * y.numel() / x.numel()), x) * (x - _per_channel(m, x)),
        None,  # m is the mean of x: there the variance is smallest, so its slope is 0
    ),
    "channel_affine": (
        lambda G, y, x, a, b: G * _per_channel(a, x),
        lambda G, y, x, a, b: _over_channel(G * x),
        lambda G, y, x, a, b: _over_channel(G),
    ),
}

COMPOSED: dict[str, Composition] = {
    "layer_norm": layer_norm,
    "attention": attention,
    **{op: _recurrent(op) for op in _CELLS},
}
