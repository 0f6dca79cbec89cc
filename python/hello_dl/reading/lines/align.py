"""Finds where on a line each sign of its text stands: on the likeliest path of answers (Viterbi 1967)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Floats, Ints
from hello_dl.reading.lines.alphabet import BLANK, encode


def align(log_probs: NDArray[np.floating[Any]], text: str) -> tuple[Ints, Floats]:
    """Return where each sign of a text stands, and how sure the network is of it.

    `log_probs` is (answers, classes). Places (n, 2) are a sign's first answer and the one after its last;
    sureness (n,) is the largest probability that one of these answers gives to the sign. ValueError if the
    text has too many signs for the answers.
    """
    states = np.full(2 * len(text) + 1, BLANK)
    states[1::2] = encode(text)
    count, steps = len(states), len(log_probs)
    # A sign may follow its neighbour without a blank between them, unless they are equal.
    skips = np.zeros(count, np.bool_)
    skips[3::2] = states[3::2] != states[1:-2:2]
    chances = log_probs.astype(np.float64)[:, states]
    score = np.full(count, -np.inf)
    score[0] = 0.0
    came = np.zeros((steps, count), np.int8)  # by how many states the path went on
    for t in range(steps):
        ways = np.full((3, count), -np.inf)
        ways[0] = score
        if t:
            ways[1, 1:] = score[:-1]
            ways[2, 2:] = np.where(skips[2:], score[:-2], -np.inf)
        elif count > 1:
            ways[1, 1] = 0.0  # the path begins with a blank or with the first sign
        came[t] = ways.argmax(axis=0)
        score = np.take_along_axis(ways, came[t][None].astype(np.int64), axis=0)[0] + chances[t]
    state = int(score[-2:].argmax()) + max(count - 2, 0)
    if steps and not np.isfinite(score[state]):
        raise ValueError(f"align: {len(text)} signs do not fit into {steps} answers")
    path = np.zeros(steps, np.int64)
    for t in range(steps - 1, -1, -1):
        path[t] = state
        state -= int(came[t, state])
    places = np.zeros((len(text), 2), np.int64)
    sure = np.zeros(len(text))
    for i in range(len(text)):
        at = np.flatnonzero(path == 2 * i + 1)
        places[i] = at[0], at[-1] + 1
        sure[i] = np.exp(chances[at, 2 * i + 1].max())
    return places, sure
