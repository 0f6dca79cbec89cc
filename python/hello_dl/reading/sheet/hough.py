"""Finds straight edges in a picture by the Hough transform (Hough, 1962).

Each pixel at an edge votes for the line through it whose direction fits the gradient there (Ballard,
"Generalizing the Hough transform to detect arbitrary shapes", 1981); lines with most votes win.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Floats, Grey, Ints
from hello_dl.reading.image.filters import soften

DARKEST = 0.02  # brightness, of 1, below which all counts as equally dark
STEEP = 0.05  # least change over two pixels, in logarithms of brightness, at an edge
FACING = 0.7  # least cosine of the angle between a pixel's gradient and its side's direction: 45 degrees
STRONGEST = 4 * STEEP  # change per pixel up to which a steeper pixel has the stronger vote
FEWEST = 20  # steep pixels; with fewer a side has no edge
MOST_DEGREES = 45  # by which an edge may be turned
UNSURE_DEGREES = 3  # to each side of the gradient's direction: all lines within get a pixel's vote
CANDIDATES = 5  # edges tried for each side
APART = 6  # degrees, and pixels, within which two edges of a side are the same

Line = Floats  # (a, b, c): all points with a x + b y = c, (a, b) of length 1 and pointing inwards


@dataclass(frozen=True)
class Edges:
    """The logarithm of a picture's brightness (h, w), and its change per pixel to the right and downwards.

    In logarithms an edge is as steep in the shadow as in the light.
    """

    logs: Floats
    gx: Floats
    gy: Floats

    @classmethod
    def of(cls, grey: Grey) -> Edges:
        """Return the edges of a picture (h, w), 0 = black .. 1 = white, softened twice against noise."""
        logs = np.log(np.maximum(soften(soften(grey)), DARKEST)).astype(np.float64)
        gx, gy = (np.asarray(np.gradient(logs, axis=axis), dtype=np.float64) for axis in (1, 0))
        return cls(logs, gx, gy)


def straight_edges(edges: Edges, toward: tuple[int, int]) -> list[Line]:
    """Return at most CANDIDATES straight edges that become brighter `toward` (x, y), the strongest first.

    `toward` is a unit vector along one axis; edges may be turned from it by MOST_DEGREES.
    """
    steep = np.hypot(edges.gx, edges.gy)
    along = edges.gx * toward[0] + edges.gy * toward[1]
    y, x = np.nonzero((along > STEEP / 2) & (along > FACING * steep))
    if len(y) < FEWEST:
        return []
    base = np.arctan2(toward[1], toward[0])
    votes = _votes(edges, x, y, np.minimum(along[y, x], STRONGEST), base)
    reach = votes.shape[1] // 2
    lines = []
    for _ in range(CANDIDATES):
        degree, place = np.unravel_index(int(np.argmax(votes)), votes.shape)
        if votes[degree, place] <= 0:
            break
        theta = base + np.radians(int(degree) - MOST_DEGREES)
        lines.append(np.array([np.cos(theta), np.sin(theta), place - reach]))
        near = slice(max(0, degree - APART), degree + APART + 1)
        votes[near, max(0, place - APART) : place + APART + 1] = 0
    return lines


def _votes(edges: Edges, x: Ints, y: Ints, weight: Floats, base: float) -> Floats:
    """Return the votes of pixels (n,) for lines: (2 MOST_DEGREES + 1, 2 r).

    Entry (i, j) is for the line at distance j - r from the picture's corner (0, 0) whose normal is turned by
    i - MOST_DEGREES degrees from the angle `base`; r is the picture's diagonal.
    """
    angle = np.arctan2(edges.gy[y, x], edges.gx[y, x])
    offset = np.degrees((angle - base + np.pi) % (2 * np.pi) - np.pi)
    reach = int(np.hypot(*edges.gx.shape)) + 2
    votes = np.zeros((2 * MOST_DEGREES + 1, 2 * reach))
    for step in range(-UNSURE_DEGREES, UNSURE_DEGREES + 1):
        degree = np.rint(offset + step).astype(int)
        theta = base + np.radians(degree)
        rho = np.rint(x * np.cos(theta) + y * np.sin(theta)).astype(int) + reach
        inside = np.abs(degree) <= MOST_DEGREES
        np.add.at(votes, (degree[inside] + MOST_DEGREES, rho[inside]), weight[inside])
    votes[:, 1:-1] += 0.5 * (votes[:, 2:] + votes[:, :-2])  # lines one pixel aside get half of the votes
    return votes
