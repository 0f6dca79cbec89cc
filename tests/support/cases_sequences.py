"""The rows of the table of ops for sequences: recurrent layers, attention and the CTC loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from table import Kind, case, index, integers, ones, real, refused, refused_shapes, truths

# ---- recurrent layers --------------------------------------------------------------------------------------

LENGTHS = (2, 5, 1, 4, 5, 3, 1)
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
STATES = {"rnn": 1, "gru": 1, "lstm": 2}


def parts(op: str, size: int, n: int, steps: int, into: int, states: bool) -> tuple[Kind, ...]:
    """Return the inputs of a layer: x, two weights, two biases and, with states, the states to start from."""
    rows = GATES[op] * size
    kinds = (real(n, steps, into), real(rows, into), real(rows, size), real(rows), real(rows))
    return kinds + (real(n, size),) * (STATES[op] if states else 0)


def by_torch(
    t: Any, op: str, lengths: tuple[int, ...] | None, reverse: bool, nonlinearity: str, x: Any, *rest: Any
) -> Any:
    """Return the result of PyTorch's layer, with its last states after the outputs, as our op has them."""
    weights, states = rest[:4], rest[4:]
    options = {"nonlinearity": nonlinearity} if op == "rnn" else {}
    layer = {"rnn": t.nn.RNN, "gru": t.nn.GRU, "lstm": t.nn.LSTM}[op](
        x.shape[2],
        weights[1].shape[1],
        batch_first=True,
        bidirectional=reverse,
        bias=len(weights) == 4,
        **options,
    ).to(x.dtype)
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    named = {f"{kind}_l0{'_reverse' if reverse else ''}": w for kind, w in zip(kinds, weights, strict=True)}
    h = tuple(t.stack([t.zeros_like(s), s] if reverse else [s]) for s in states)
    hx = None if not h else h if op == "lstm" else h[0]
    packed = x
    if lengths:
        packed = t.nn.utils.rnn.pack_padded_sequence(x, t.tensor(lengths), True, enforce_sorted=False)
    y, last = t.func.functional_call(layer, named, (packed, hx))
    if lengths:
        y, _ = t.nn.utils.rnn.pad_packed_sequence(y, True, total_length=x.shape[1])
    y = y[..., -weights[1].shape[1] :]
    return t.cat([y, *(s[-1:].transpose(0, 1) for s in (last if op == "lstm" else (last,)))], 1)


def recurrent(
    op: str,
    *inputs: tuple[Kind, ...],
    lengths: tuple[int, ...] | None = None,
    reverse: bool = False,
    nonlinearity: str = "tanh",
) -> None:
    def ours(c: Any, x: Any, *rest: Any) -> Any:
        weights, states = rest[:4], rest[4:]
        options: dict[str, Any] = {"nonlinearity": nonlinearity} if op == "rnn" else {}
        options |= dict(zip(("h0", "c0"), states, strict=False))
        if lengths:
            options["lengths"] = c.from_numpy(np.array(lengths))
        return getattr(c, op)(x, *weights, reverse=reverse, **options)

    case(op, ours, lambda t, *x: by_torch(t, op, lengths, reverse, nonlinearity, *x), *inputs)


for op in GATES:
    recurrent(op, parts(op, 5, 7, 4, 3, states=False), parts(op, 3, 2, 1, 4, states=True))
    recurrent(op, parts(op, 4, 7, 5, 3, states=True), lengths=LENGTHS)
    recurrent(op, parts(op, 4, 7, 5, 3, states=True), lengths=LENGTHS, reverse=True)
    rows = GATES[op]
    for words, shapes in (
        (f"{op}: needs x (n, t, in), got (2, 3)", ((2, 3), (rows, 3), (rows, 1))),
        ("at least one step", ((2, 0, 3), (rows, 3), (rows, 1))),
        (f"weight_ih ({2 * rows}, 3) for x (7, 4, 3)", ((7, 4, 3), (2 * rows, 4), (2 * rows, 2))),
        (f"got ({2 * rows + 1}, 2)", ((7, 4, 3), (2 * rows + 1, 3), (2 * rows + 1, 2))),
        (f"bias_ih of shape ({2 * rows},), got (2, 2)", ((7, 4, 3), (2 * rows, 3), (2 * rows, 2), (2, 2))),
    ):
        refused_shapes(op, words, *shapes)
    weights = (7, 4, 3), (rows * 2, 3), (rows * 2, 2)
    for name, wanted in (("h0", "(7, 2)"), ("lengths", "(7,)")):
        refused(
            op,
            lambda c, op=op, w=weights, n=name: getattr(c, op)(
                *(ones(c, *s) for s in w), **{n: ones(c, 6, 2)}
            ),
            f"{op}: needs {name} of shape {wanted}, got (6, 2)",
        )
recurrent("gru", parts("gru", 40, 9, 4, 30, states=True))
recurrent("rnn", parts("rnn", 4, 7, 5, 3, states=False), nonlinearity="relu")
refused_shapes("rnn", "'tanh' or 'relu', got 'sinh'", (7, 4, 3), (2, 3), (2, 2), nonlinearity="sinh")

# ---- attention ---------------------------------------------------------------------------------------------


def attention(
    *inputs: tuple[Kind, ...], mask: bool = False, heads: int | None = None, **options: Any
) -> None:
    """Add a case of attention; with mask, the fourth input is one; with heads, they lie side by side."""

    def ours(c: Any, q: Any, k: Any, v: Any, *m: Any) -> Any:
        return c.attention(q, k, v, *m, heads=heads, **options)

    def theirs(t: Any, q: Any, k: Any, v: Any, *m: Any) -> Any:
        if heads:
            q, k, v = (x.unflatten(2, (heads, -1)).transpose(1, 2) for x in (q, k, v))
        y = t.nn.functional.scaled_dot_product_attention(
            q, k, v, *m, is_causal=options.get("causal", False), scale=options.get("scale")
        )
        return y.transpose(1, 2).flatten(2) if heads else y

    case("attention", ours, theirs, *inputs)


def qkv(n: int, heads: int, t: int, s: int, d: int, e: int) -> tuple[Kind, Kind, Kind]:
    return real(n, heads, t, d), real(n, heads, s, d), real(n, heads, s, e)


SMALL = qkv(5, 2, 4, 6, 3, 7)
LONG = qkv(2, 1, 70, 67, 5, 4)  # more than one block of queries
WITHOUT_HEADS = (real(5, 4, 3), real(5, 6, 3), real(5, 6, 2))
attention(SMALL, LONG, WITHOUT_HEADS, qkv(3, 2, 40, 37, 32, 64))  # the last: whole panels
attention(SMALL, LONG, qkv(3, 2, 6, 4, 3, 3), WITHOUT_HEADS, causal=True)
attention(SMALL, scale=0.3)
attention((real(5, 4, 6), real(5, 3, 6), real(5, 3, 4)), heads=2)
attention((real(3, 70, 6), real(3, 70, 6), real(3, 70, 6)), heads=3, causal=True)
for m in ((4, 6), (2, 4, 6), (5, 2, 4, 6), (5, 1, 1, 6), (2, 1, 6)):
    attention((*SMALL, real(*m)), mask=True)
attention((*WITHOUT_HEADS, real(5, 4, 6)), (*LONG, truths(70, 67)), (*SMALL, truths(5, 1, 4, 6)), mask=True)
case("attention", lambda c, q, k, v: c.attention(q, k, v, dropout_p=0.4, key=3), None, SMALL, LONG)
case(
    "attention",
    lambda c, x: c.attention(x, x, x),
    lambda t, x: t.nn.functional.scaled_dot_product_attention(x, x, x),
    (real(5, 4, 3),),
)
for words, shapes, options in (
    ("needs queries (n, t, d) or (n, heads, t, d), got (2, 3)", ((2, 3), (2, 3), (2, 3)), {}),
    ("queries (2, 3, 4), keys (2, 3, 5) and values (2, 3, 4)", ((2, 3, 4), (2, 3, 5), (2, 3, 4)), {}),
    ("queries (2, 3, 4), keys (2, 3, 4) and values (2, 2, 4)", ((2, 3, 4), (2, 3, 4), (2, 2, 4)), {}),
    ("queries (2, 3, 4), keys (3, 3, 4)", ((2, 3, 4), (3, 3, 4), (3, 3, 4)), {}),
    ("3 heads divide, got (2, 3, 4)", ((2, 3, 4),) * 3, {"heads": 3}),
    ("needs queries (n, t, heads * d), got (2, 3, 4, 5)", ((2, 3, 4, 5),) * 3, {"heads": 2}),
    ("broadcasts to (2, 1, 3, 3), got (4, 3)", ((2, 3, 5),) * 3 + ((4, 3),), {}),
    ("at least one key", ((2, 3, 5), (2, 0, 5), (2, 0, 5)), {}),
    ("dropout_p from 0 to 1, got 2", ((2, 3, 5),) * 3, {"dropout_p": 2.0}),
):
    refused_shapes("attention", words, *shapes, **options)

# ---- a text without places in time -------------------------------------------------------------------------

STEPS, LETTERS = (9, 7, 8, 9, 4), (3, 0, 4, 1, 2)


def ctc(classes: int, first: int) -> None:
    """Add a case of five samples of up to nine steps and four letters, some of them neighbours of their like.

    Labels of letters begin with `first`, 0 or 1, which leaves the last class or the first for the blank. The
    op's gradient is that of the scores before log_softmax, so scores are the input.
    """
    blank = 0 if first else classes - 1

    def ours(c: Any, scores: Any, letters: Any) -> Any:
        x, labels = c.log_softmax(scores, -1), c.add(letters, first)
        return c.ctc(x, labels, index(c, *STEPS), index(c, *LETTERS), blank)

    def theirs(t: Any, scores: Any, letters: Any) -> Any:
        x = t.log_softmax(scores, -1).transpose(0, 1)
        return t.nn.functional.ctc_loss(x, letters + first, STEPS, LETTERS, blank, "none")

    case("ctc", ours, theirs, (real(5, 9, classes), integers(classes - 1, 5, 4)))


ctc(4, first=1)
ctc(19, first=0)


def refused_ctc(words: str, error: type[Exception] = ValueError, **changed: Any) -> None:
    """Add a call of ctc on a sample of three steps, one letter and four classes, but for what is changed."""
    given = {"log_probs": np.zeros((1, 3, 4), np.float32), "targets": np.array([[1]])}
    given |= {"input_lengths": np.array([3]), "target_lengths": np.array([1])}
    given |= {name: np.array(value) for name, value in changed.items() if name != "blank"}
    options = {"blank": changed["blank"]} if "blank" in changed else {}
    refused(
        "ctc",
        lambda c: c.ctc(**{name: c.from_numpy(x) for name, x in given.items()}, **options).numpy(),
        words,
        error,
    )


refused_ctc("needs log_probs (n, t, classes)", log_probs=[[0.5]])
refused_ctc("of at least one step and class, got (1, 0, 4)", log_probs=np.zeros((1, 0, 4)))
refused_ctc("needs real numbers as log_probs", TypeError, log_probs=np.zeros((1, 3, 4), int))
refused_ctc("needs targets (1, letters), got (1,)", targets=[1])
refused_ctc("needs lengths (1,), got (2,) and (1,)", input_lengths=[3, 3])
refused_ctc("needs integers as targets and lengths", TypeError, targets=[[1.0]])
refused_ctc("needs a blank from 0 to 3, got 4", blank=4)
refused_ctc("needs a blank from 0 to 3, got -1", blank=-1)
refused_ctc("label 4 is out of range for 4 classes", IndexError, targets=[[4]])
refused_ctc("label -1 is out of range for 4 classes", IndexError, targets=[[-1]])
refused_ctc("needs input_lengths from 0 to 3, got 4", input_lengths=[4])
refused_ctc("needs target_lengths from 0 to 1, got -1", target_lengths=[-1])
