"""Puts the lines of a page into the order in which they are read, columns and all.

One line comes before another if it stands above it and both share some columns; or if it ends left of the
other and no line between them, from top to bottom, reaches over both: then they stand in two columns
(Breuel 2003, "High performance document layout analysis"). An order that keeps to all of this is found by
topological sorting.
"""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Floats

SHARED = 0.1  # of the shorter line: columns that two lines must share to stand one above the other


def reading_order(boxes: Floats) -> list[int]:
    """Return the numbers of lines with these boxes (n, 4), left, top, right, bottom, in reading order."""
    n = len(boxes)
    before = np.zeros((n, n), np.bool_)
    left, right = boxes[:, 0], boxes[:, 2]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    shared = wide > SHARED * np.minimum((right - left)[:, None], right - left)
    for a in range(n):
        for b in range(n):
            if a == b:
                continue
            if shared[a, b]:
                before[a, b] = (middle[a], a) < (middle[b], b)
            elif left[a] + right[a] < left[b] + right[b]:
                low, high = sorted((middle[a], middle[b]))
                between = (middle > low) & (middle < high) & shared[a] & shared[b]
                before[a, b] = not between.any()
    return _sorted(before, middle)


def _sorted(before: np.ndarray[tuple[int, int], np.dtype[np.bool_]], middle: Floats) -> list[int]:
    """Return all numbers, each after those that come before it; of several, the uppermost first."""
    waiting, order = set(range(len(middle))), []
    while waiting:
        free = [i for i in waiting if not any(before[j, i] for j in waiting)]
        # Rules may contradict each other on a wild page: then the uppermost line breaks the circle.
        chosen = min(free or waiting, key=lambda i: middle[i])
        waiting.discard(chosen)
        order.append(chosen)
    return order
