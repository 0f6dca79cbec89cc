"""Lines by others, made by the embedded generator: what is rehearsed and watched when a hand is taught."""

from __future__ import annotations

import numpy as np

from hello_dl.data.builtin import CHARACTERS, generate
from hello_dl.data.lines import Hand, LineSource, Texts
from hello_dl.reading.image.arrays import Bytes

ROOMS = (0.0, 0.0, 0.5)  # x-heights between letters more than usual, of every third hand
WRITERS = 16  # hands
OF_EACH = 4  # pictures of each character that a hand has
LIMITS = (16, 400)  # pixels: least and most width of a line


def hands(count: int, seed: int) -> list[Hand]:
    """Return hands of the embedded generator, which write separate letters and digits."""
    found = []
    for number in range(count):
        pictures, labels = generate(62 * OF_EACH, seed=seed * 1000 + number, writers=1)
        of = {CHARACTERS[k]: pictures[labels == k] for k in np.unique(labels).tolist()}
        found.append(Hand(of, ROOMS[number % len(ROOMS)]))
    return found


def lines_by_others(count: int, seed: int, *, writers: int | None = None) -> list[tuple[Bytes, str]]:
    """Return pictures (48, w) of lines by so many hands (None: WRITERS), and their texts.

    Another seed has other hands.
    """
    source = LineSource(fonts=hands(writers or WRITERS, seed), texts=Texts(), limits=LIMITS, seed=seed)
    return source.batch(count, 0)
