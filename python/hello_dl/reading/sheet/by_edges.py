"""Finds the four corners of a sheet of paper in a photo, by its straight edges."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hello_dl.reading.image.arrays import Floats, Grey
from hello_dl.reading.image.filters import shrink, soften

SMALL = 320  # pixels on the longer side at which edges are looked for
STEEP = 0.05  # change of the logarithm of brightness, over two pixels, that an edge has at least
STEP = 0.1  # by how much that logarithm must be greater inside the sheet than outside
CANDIDATES = 5  # straight edges tried for each side
SUPPORT = 0.7  # share of each side that must be an edge from dark to bright
LEAST_SHARE = 0.15  # of the picture that the sheet must cover
ALSO_BRIGHT = 0.15  # of the rest may be as bright as the sheet; more, and it is a letter's hole
OUTSIDE = 0.15  # of the longer side that a corner may lie outside the picture
INSET = 0.01  # of the sheet's size left out all round: its edge and the shadow under it

# For each side, the direction in which it becomes brighter: (x, y).
SIDES = {"top": (0, 1), "right": (-1, 0), "bottom": (0, -1), "left": (1, 0)}


def find_corners(grey: Grey) -> Floats | None:
    """Returns the sheet's corners (4, 2) as x, y in pixels of `grey`: top left, then clockwise; or None.

    A sheet is brighter than what lies around it on all four sides, one of which may lie outside the picture.
    Straight edges are found by letting each steep pixel vote for the line through it (Hough, 1962; the
    direction is that of the gradient, as in Ballard, 1981); of all ways to choose four sides the one that
    lies on edges most completely and surrounds most is taken.
    """
    small = shrink(grey, SMALL)
    if min(small.shape) < 32:
        return None
    # In logarithms an edge is as steep in the shadow as in the light.
    logs = np.log(np.maximum(soften(soften(small)), 0.02)).astype(np.float64)
    gx, gy = (np.asarray(np.gradient(logs, axis=axis), dtype=np.float64) for axis in (1, 0))
    lines = [_straight_edges(gx, gy, toward) for toward in SIDES.values()]
    frame = _frame(small.shape)
    best, best_score, free = None, 0.0, [False] * 4
    tried = [[*found, edge] for found, edge in zip(lines, frame, strict=True)]
    meet = _meetings(tried)

    @cache  # hundreds of choices share a side: it depends on three lines only
    def support(side: int, before: int, line: int, after: int) -> float:
        a, b = meet[side][line, before], meet[(side + 1) % 4][after, line]
        return _support(logs, gx, gy, np.array(a), np.array(b))

    for choice in product(*(range(len(some)) for some in tried)):
        on_frame = [i == len(some) - 1 for i, some in zip(choice, tried, strict=True)]
        points = [meet[side][choice[side], choice[side - 1]] for side in range(4)]
        corners = [point for point in points if point is not None]
        if sum(on_frame) > 1 or len(corners) < 4 or not _is_sheet(corners, small.shape):
            continue
        size = _area(corners) ** 0.3
        if size <= best_score:
            continue  # even edges all along would be no better
        supports: list[float] = []
        while len(supports) < 4 and min(supports, default=1.0) >= SUPPORT:
            i = len(supports)
            around = choice[i - 1], choice[i], choice[(i + 1) % 4]
            supports.append(0.75 if on_frame[i] else support(i, *around))
        score = min(supports) * float(np.mean(supports)) ** 3 * size
        if min(supports) >= SUPPORT and score > best_score:
            best, best_score, free = np.array(corners), score, on_frame
    if best is None:
        return None
    best = _refined(gx, gy, best, free)
    if not _is_sheet(best.tolist(), small.shape) or _also_bright(small, best) > ALSO_BRIGHT:
        return None
    middle = best.mean(axis=0)
    best = middle + (best - middle) * (1 - 2 * INSET)
    found: Floats = best * (grey.shape[1] / small.shape[1])
    return found


def _straight_edges(gx: Floats, gy: Floats, toward: tuple[int, int]) -> list[Floats]:
    """The strongest straight edges that become brighter roughly `toward`, as (a, b, c): a x + b y = c."""
    steep = np.hypot(gx, gy)
    along = gx * toward[0] + gy * toward[1]
    y, x = np.nonzero((along > STEEP / 2) & (along > 0.7 * steep))
    if len(y) < 20:
        return []
    weight = np.minimum(along[y, x], 4 * STEEP)
    angle = np.arctan2(gy[y, x], gx[y, x])
    base = np.arctan2(toward[1], toward[0])
    offset = np.degrees((angle - base + np.pi) % (2 * np.pi) - np.pi)  # within 45 degrees
    reach = int(np.hypot(*gx.shape)) + 2
    votes = np.zeros((91, 2 * reach))
    for step in range(-3, 4):  # the gradient's direction is known to a few degrees only
        degree = np.rint(offset + step).astype(int)
        theta = base + np.radians(degree)
        rho = np.rint(x * np.cos(theta) + y * np.sin(theta)).astype(int) + reach
        inside = np.abs(degree) <= 45
        np.add.at(votes, (degree[inside] + 45, rho[inside]), weight[inside])
    votes[:, 1:-1] += 0.5 * (votes[:, 2:] + votes[:, :-2])
    lines = []
    for _ in range(CANDIDATES):
        degree, place = np.unravel_index(int(np.argmax(votes)), votes.shape)
        if votes[degree, place] <= 0:
            break
        theta = base + np.radians(int(degree) - 45)
        lines.append(np.array([np.cos(theta), np.sin(theta), place - reach]))
        votes[max(0, degree - 6) : degree + 7, max(0, place - 6) : place + 7] = 0
    return lines


def _frame(shape: tuple[int, ...]) -> list[Floats]:
    """The picture's own four edges, as lines."""
    height, width = shape
    lines = [(0, 1, 0), (-1, 0, 1 - width), (0, -1, 1 - height), (1, 0, 0)]
    return [np.array(line, dtype=float) for line in lines]


def _meetings(tried: list[list[Floats]]) -> list[dict[tuple[int, int], tuple[float, float] | None]]:
    """Where each line of a side meets each of the side before it: top with left, right with top, and so on.

    None where they run alike.
    """
    meetings = []
    for side, lines in enumerate(tried):
        table: dict[tuple[int, int], tuple[float, float] | None] = {}
        for i, j in product(range(len(lines)), range(len(tried[side - 1]))):
            (a, b, c), (d, e, f) = lines[i].tolist(), tried[side - 1][j].tolist()
            det = a * e - b * d
            table[i, j] = ((c * e - b * f) / det, (a * f - c * d) / det) if abs(det) > 0.5 else None
        meetings.append(table)
    return meetings


def _is_sheet(corners: Sequence[Sequence[float]], shape: tuple[int, ...]) -> bool:
    """Whether the corners lie in the picture, nearly, in the right order, and far enough apart.

    In plain numbers: numpy takes ten times as long for four of them, and there are a thousand ways to try.
    """
    height, width = shape
    slack = OUTSIDE * max(shape)
    if not all(-slack < x < width + slack and -slack < y < height + slack for x, y in corners):
        return False
    edges = [(u - x, v - y) for (x, y), (u, v) in zip(corners, _rolled(corners), strict=True)]
    convex = all(x * v - y * u > 0 for (x, y), (u, v) in zip(edges, _rolled(edges), strict=True))
    return convex and LEAST_SHARE * height * width < _area(corners) < 0.98 * height * width


def _rolled(points: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    return [*points[1:], points[0]]


def _area(corners: Sequence[Sequence[float]]) -> float:
    return 0.5 * abs(sum(x * v - y * u for (x, y), (u, v) in zip(corners, _rolled(corners), strict=True)))


def _also_bright(small: Grey, corners: Floats) -> float:
    """The share of what lies outside the corners that is as bright as what lies inside."""
    mask = Image.new("1", small.shape[::-1])
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners], fill=1)
    inside = np.asarray(mask)
    outside = small[~inside]
    # The sheet may lie half in the shadow, and its surroundings in the light.
    return float(np.mean(outside > 0.9 * np.percentile(small[inside], 80))) if outside.size else 1.0


def _refined(gx: Floats, gy: Floats, corners: Floats, free: list[bool]) -> Floats:
    """The corners after each side, but the `free` ones, was laid through the steepest places near it."""
    lines = []
    for side in range(4):
        a, b = corners[side], corners[(side + 1) % 4]
        length = float(np.hypot(*(b - a)))
        inward = np.array([-(b - a)[1], (b - a)[0]]) / max(length, 1.0)
        t = np.linspace(0.05, 0.95, max(8, int(length)))
        shifts = np.arange(-4, 5)
        places = a + t[:, None, None] * (b - a) + shifts[:, None] * inward  # (n, 9, 2)
        x = np.clip(np.rint(places[..., 0]).astype(int), 0, gx.shape[1] - 1)
        y = np.clip(np.rint(places[..., 1]).astype(int), 0, gx.shape[0] - 1)
        rise = gx[y, x] * inward[0] + gy[y, x] * inward[1]
        off = shifts[rise.argmax(axis=1)].astype(float)
        sure = rise.max(axis=1) > STEEP / 2
        fit = np.zeros(2)
        for _ in range(3):
            if free[side] or sure.sum() < 8:
                break
            fit = np.polyfit(t[sure], off[sure], 1)
            sure &= np.abs(off - np.polyval(fit, t)) < 1.5
        ends = a + np.array([[0.0], [1.0]]) * (b - a) + np.polyval(fit, [0.0, 1.0])[:, None] * inward
        normal = np.array([-(ends[1] - ends[0])[1], (ends[1] - ends[0])[0]])
        lines.append(np.append(normal, normal @ ends[0]) / max(float(np.hypot(*normal)), 1e-9))
    meet = _meetings([[line] for line in lines])
    points = [table[0, 0] for table in meet]
    return corners if any(point is None for point in points) else np.array(points)


def _support(logs: Floats, gx: Floats, gy: Floats, a: Floats, b: Floats) -> float:
    """The share of the way from a to b with an edge within a pixel, dark outside and bright inside."""
    length = float(np.hypot(*(b - a)))
    if length < 16:
        return 0.0
    inward = np.array([-(b - a)[1], (b - a)[0]]) / length  # corners go clockwise, y points down
    along = a + np.linspace(0.03, 0.97, int(length))[:, None] * (b - a)  # (n, 2)

    def places(inside: range) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns, (len(inside), n), of the pixels that lie so far inside."""
        x, y = np.rint(along + np.array(inside)[:, None, None] * inward).astype(np.int64).transpose(2, 0, 1)
        return np.clip(y, 0, logs.shape[0] - 1), np.clip(x, 0, logs.shape[1] - 1)

    near = places(range(-2, 3))
    rise = gx[near] * inward[0] + gy[near] * inward[1]
    across = gx[near] * inward[1] - gy[near] * inward[0]
    steep = ((rise > STEEP / 2) & (rise > np.abs(across))).any(axis=0)
    # A printed line is steep too, but as bright behind it as before it.
    inner = logs[places(range(3, 6))].mean(axis=0)
    outer = logs[places(range(-5, -2))].mean(axis=0)
    return float(np.mean(steep & (inner - outer > STEP)))
