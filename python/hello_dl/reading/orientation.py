"""Tells which way up a page stands: upright, on its side, or on its head.

All four ways are compared by one sum of log probabilities (Bayes' rule). The network is surer of letters that
stand upright, and read from left to right, they make words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Bytes, Floats, Ints
from hello_dl.reading.ink_map.measures import usual_height
from hello_dl.reading.language.ngrams import SYMBOLS, shipped
from hello_dl.reading.letters.layout import into_lines, into_words

UPRIGHT = 6.0  # log odds, before anything is read, that a page stands upright; larger turns fewer pages
FEWEST = 3  # letters; a page with fewer is never turned
SAMPLE = 40  # letters, at most, that are looked at: those nearest to the middle of the page
# Log odds that a letter stands upright, for each unit of its best class's log odds: by a logistic regression
# on the embedded hands, whose letters were turned.
BY_LOOKS = 0.8
LEAST = 0.001  # probability: less doubt in a best class, or less trust in it, makes no difference
RANDOM = float(np.log(1 / len(SYMBOLS)))  # log probability of each symbol in a text of random letters


@dataclass(frozen=True)
class Seen:
    """The letters of a page as it was turned when they were found, n in all.

    `boxes` (n, 4) are left, top, right, bottom in pixels; `glyphs` are (n, 28, 28), and `chances`
    (n, classes) the network's probabilities for these.
    """

    boxes: Ints
    glyphs: Bytes
    chances: Floats

    def sample(self) -> Seen:
        """Return the letters nearest to the middle of the page, SAMPLE at most."""
        middles = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        away = np.abs(middles - np.median(middles, axis=0)).max(axis=1)
        near = np.sort(np.argsort(away, kind="stable")[:SAMPLE])
        return Seen(self.boxes[near], self.glyphs[near], self.chances[near])

    def turned(self, turns: int, ask: Callable[[Bytes], Floats]) -> Seen:
        """Return the letters turned by quarter turns, counterclockwise; `ask` classifies glyphs."""
        boxes = self.boxes
        for _ in range(turns):
            left, top, right, bottom = boxes.T
            boxes = np.stack([top, -right, bottom, -left], axis=1)
        glyphs = np.ascontiguousarray(np.rot90(self.glyphs, turns, axes=(1, 2)))
        return Seen(boxes, glyphs, ask(glyphs))


def ways_up(seen: Seen, ask: Callable[[Bytes], Floats], names: list[str]) -> Floats:
    """Return log probabilities (4,), but for a constant, that a page is upright after 0 to 3 quarter turns.

    These go counterclockwise. `ask` returns probabilities (n, classes) of glyphs (n, 28, 28), `names` are the
    classes. All are 0 for a page with fewer than FEWEST letters. If the letters make words as they stand,
    the other ways are not asked for.
    """
    if len(seen.boxes) < FEWEST:
        return np.zeros(4)
    seen = seen.sample()
    words = _as_language(seen, names)
    if words > UPRIGHT:
        return np.array([words, 0.0, 0.0, 0.0])
    rest = [seen.turned(turns, ask) for turns in (1, 2, 3)]
    return np.array([_by_looks(seen) + words, *(_by_looks(way) + _as_language(way, names) for way in rest)])


def _by_looks(seen: Seen) -> float:
    """Return the log odds that letters stand upright, by how sure the network is of them."""
    best = np.clip(seen.chances.max(axis=1), LEAST, 1 - LEAST)
    return BY_LOOKS * float(np.log(best / (1 - best)).sum())


def _as_language(seen: Seen, names: list[str]) -> float:
    """Return by how much a text is likelier as language than as random letters, in log probability, or 0."""
    if not any(name.isalpha() for name in names):
        return 0.0
    best = seen.chances.argmax(axis=1)
    lines = into_words(seen.boxes, into_lines(seen.boxes), usual_height(seen.boxes))
    words = ["".join(names[best[i]] for i in word).lower() for line in lines for word in line]
    words = [word for word in words if word.isascii() and word.isalpha()]
    symbols = sum(len(word) + 1 for word in words)
    return max(0.0, symbols * (shipped().mean_log_probability(words) - RANDOM))
