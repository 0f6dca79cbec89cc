"""Makes lines of the bands that were found: curves with a baseline and an x-height, joined across gaps.

A band is a connected patch of pixels that the finder is sure of. In each column its middle and its thickness
are known; curves are fitted to these, so that a dent of one letter does not matter. Patches that follow each
other on one curve are one line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Floats, Grey
from hello_dl.reading.image.blobs import find_blobs

SURE = 0.5  # probability above which a pixel belongs to a band; larger finds fewer and thinner bands
THICKNESS = 0.9  # of the x-height: what a band's thickness is, as the finder learned it
THINNEST = 2.5  # pixels: least x-height
SMALLEST = 0.45  # of the page's usual x-height: smaller bands are specks; larger leaves out small writing
SHORTEST = 0.7  # of the x-height: least length of a band; larger leaves out short words
WIDEST_GAP = 5.0  # x-heights: largest gap between two pieces of a line; larger joins columns
STEP = 0.5  # x-heights: largest distance of two pieces of a line from each other's curve
ALIKE = 1.6  # largest ratio of the x-heights of two pieces of a line
BENDS = 12.0  # x-heights of length for each further degree of a curve, up to the third
BESIDE = 0.8  # x-heights by which a line is longer at each end than its band


@dataclass(frozen=True)
class Curve:
    """A line of writing on a page, in pixels: where it begins and ends, its baseline and its x-height.

    The row of the baseline at column x is the polynomial `baseline` in (x - middle) / half, and so is
    `x_height`; both have their highest power first.
    """

    left: float
    right: float
    baseline: Floats
    x_height: Floats

    @property
    def middle(self) -> float:
        """The column in the middle between left and right."""
        return (self.left + self.right) / 2

    def _at(self, coefficients: Floats, x: Floats) -> Floats:
        half = max((self.right - self.left) / 2, 1.0)
        inside = np.clip(x, self.left, self.right)  # a polynomial must not run away beyond the ends
        values = np.polyval(coefficients, (inside - self.middle) / half)
        return np.asarray(values, np.float64)

    def baseline_at(self, x: Floats) -> Floats:
        """Return the rows of the baseline at some columns; beyond the ends, its last slope goes on."""
        edge = 0.1 * (self.right - self.left)
        rows = self._at(self.baseline, x)
        for end, inner, beyond in (
            (self.left, self.left + edge, np.minimum(x - self.left, 0)),
            (self.right, self.right - edge, np.maximum(x - self.right, 0)),
        ):
            two = self._at(self.baseline, np.array([end, inner]))
            slope = (two[1] - two[0]) / (inner - end) if edge > 0 else 0.0
            rows = rows + slope * beyond
        return rows

    def x_height_at(self, x: Floats) -> Floats:
        """Return the x-heights at some columns."""
        return np.maximum(self._at(self.x_height, x), THINNEST)

    @property
    def usual(self) -> float:
        """The x-height in the middle."""
        return float(self.x_height_at(np.array([self.middle]))[0])


@dataclass
class _Piece:
    """A band's columns, with the row of its middle and its thickness in each, and how much ink-like it is."""

    x: Floats
    middle: Floats
    thickness: Floats

    @property
    def tall(self) -> float:
        return float(np.median(self.thickness)) / THICKNESS

    def line(self, end: int) -> tuple[float, float, float]:
        """Return column, row and slope at the left (0) or right (-1) end, from its last few x-heights."""
        near = np.abs(self.x - self.x[end]) <= max(6 * self.tall, 4)
        x, y = self.x[near], self.middle[near]
        slope = float(np.polyfit(x, y, 1)[0]) if np.ptp(x) > 3 * self.tall else 0.0
        return float(self.x[end]), float(y.mean() + slope * (self.x[end] - x.mean())), slope


def trace_lines(bands: Grey) -> list[Curve]:
    """Return the lines of a page whose bands (H, W) are known, in no order."""
    pieces = [piece for piece in _pieces(bands) if np.ptp(piece.x) >= SHORTEST * piece.tall]
    if pieces:
        columns = np.concatenate([np.full(len(piece.x), piece.tall) for piece in pieces])
        pieces = [piece for piece in pieces if piece.tall >= SMALLEST * np.median(columns)]
    return [_curve(piece) for piece in _joined(pieces)]


def _pieces(bands: Grey) -> list[_Piece]:
    """Return the connected patches of bands."""
    blobs = find_blobs(bands > SURE)
    pieces = []
    for i, (left, top, right, bottom) in enumerate(blobs.boxes.tolist()):
        mine = blobs.mask(np.array([i]), (left, top, right, bottom)) * bands[top:bottom, left:right]
        thickness = mine.sum(axis=0)
        rows = np.arange(top, bottom)[:, None] + 0.5
        middle = (mine * rows).sum(axis=0) / np.maximum(thickness, 1e-6)
        piece = _Piece(np.arange(left, right) + 0.5, middle, np.asarray(thickness, np.float64))
        if piece.tall >= THINNEST:
            pieces.append(piece)
    return pieces


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Join pieces that follow each other on one line, the nearest ones first."""
    pieces = sorted(pieces, key=lambda piece: piece.x[0])
    while True:
        best = None
        for i, a in enumerate(pieces):
            for j, b in enumerate(pieces):
                cost = _apart(a, b) if i != j else None
                if cost is not None and (best is None or cost < best[0]):
                    best = cost, i, j
        if best is None:
            return pieces
        _, i, j = best
        a, b = pieces[i], pieces[j]
        both = _Piece(*(np.concatenate([getattr(a, k), getattr(b, k)]) for k in ("x", "middle", "thickness")))
        pieces = [piece for k, piece in enumerate(pieces) if k not in (i, j)] + [both]


def _apart(a: _Piece, b: _Piece) -> float | None:
    """Return how far b is from the end of a, in x-heights, or None if b does not go on with a's line."""
    tall = (a.tall * b.tall) ** 0.5
    gap = (b.x[0] - a.x[-1]) / tall
    if not -1 <= gap <= WIDEST_GAP or max(a.tall, b.tall) > ALIKE * min(a.tall, b.tall):
        return None
    x, row, slope = a.line(-1)
    u, other, incline = b.line(0)
    between = (x + u) / 2
    step = abs((row + slope * (between - x)) - (other + incline * (between - u))) / tall
    return float(max(gap, 0) + 4 * step) if step <= STEP else None


def _curve(piece: _Piece) -> Curve:
    """Fit a curve to a band's middle, and a straight line to its thickness."""
    left, right = float(piece.x[0]) - 0.5, float(piece.x[-1]) + 0.5
    tall = piece.tall
    u = (piece.x - (left + right) / 2) / max((right - left) / 2, 1.0)
    degree = min(3, int((right - left) / (BENDS * tall))) if right - left > 4 * tall else 0
    weight = np.sqrt(np.minimum(piece.thickness, 1.5 * THICKNESS * tall))
    kept = np.ones(len(u), np.bool_)
    for _ in range(3):
        middle = np.polyfit(u[kept], piece.middle[kept], degree, w=weight[kept])
        off = np.abs(np.polyval(middle, u) - piece.middle)
        kept = off <= max(0.35 * tall, float(np.median(off)) * 2)
    heights = np.array([tall])
    if right - left > 2 * BENDS * tall:  # the page may be seen from the side
        heights = np.polyfit(u, np.clip(piece.thickness / THICKNESS, 0.6 * tall, 1.5 * tall), 1)
    baseline = np.polyadd(middle, heights / 2)
    return Curve(left - BESIDE * tall, right + BESIDE * tall, np.asarray(baseline), np.asarray(heights))
