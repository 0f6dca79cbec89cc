"""Finds the four corners of a sheet of paper in a photo, by its straight edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product

import numpy as np
from PIL import Image, ImageDraw

from hello_dl.reading.image.arrays import Floats, Grey, Ints
from hello_dl.reading.image.filters import shrink
from hello_dl.reading.sheet.hough import STEEP, Edges, Line, straight_edges

# Lengths are pixels of the small copy. "Brightness" is its logarithm unless said otherwise.
COPY_SIDE = 320  # longer side of the copy on which edges are looked for
LEAST_SIDE = 32  # shorter side of the copy; in a smaller one no sheet is looked for

# What a sheet is.
SUPPORT = 0.7  # least share of each side that is an edge from dark outside to bright inside
ON_FRAME = 0.75  # the same for the one side that may lie on the picture's frame, where nothing is measured
STEP = 0.1  # least difference of brightness between inside and outside
LEAST_SIDE_LENGTH = 16  # a shorter side has no support
LEAST_SINE = 0.5  # of the angle between two sides: 30 degrees; nearer to parallel they do not meet
LEAST_SHARE, MOST_SHARE = 0.15, 0.98  # of the picture's area that a sheet covers
OUTSIDE = 0.15  # share of the longer side by which a corner may lie outside the picture
SIZE_POWER = 0.3  # exponent of the area in a sheet's score; a larger one prefers size to clear edges
# Largest share of the pixels outside that may be as bright as the sheet: above it the region is the inside of
# a letter, not a sheet.
ALSO_BRIGHT = 0.15
AS_BRIGHT = 0.9  # share of the sheet's brightness (no logarithm) from which a pixel is as bright

# How sides are refined at the end.
REACH = 4  # pixels to each side within which the steepest place is looked for
FEWEST_PLACES = 8  # steep places; with fewer a side stays where it is
OUTLIER = 1.5  # pixels from the fitted line beyond which a place is left out of the next fit
INSET = 0.01  # share of the sheet's size left out all round: its edge and the shadow under it

# For each side, the direction (x, y) in which it becomes brighter.
SIDES = {"top": (0, 1), "right": (-1, 0), "bottom": (0, -1), "left": (1, 0)}

Point = tuple[float, float]


def find_corners(grey: Grey) -> Floats | None:
    """Return the corners (4, 2) of a sheet of paper in a picture (H, W), 0 = black .. 1 = white, or None.

    Corners are x and y in pixels: top left, then clockwise. A sheet is brighter than its surroundings on all
    four sides, one of which may lie outside the picture. Some straight edges are tried for each side; of all
    ways to choose four of them, that one wins whose sides are edges most completely and whose area is large.
    """
    small = shrink(grey, COPY_SIDE)
    if min(small.shape) < LEAST_SIDE:
        return None
    edges = Edges.of(small)
    found = _best_sheet(edges)
    if found is None:
        return None
    corners = _refined(edges, *found)
    if not _is_sheet(corners.tolist(), small.shape) or _also_bright(small, corners) > ALSO_BRIGHT:
        return None
    middle = corners.mean(axis=0)
    corners = middle + (corners - middle) * (1 - 2 * INSET)
    return np.asarray(corners * (grey.shape[1] / small.shape[1]))


def _best_sheet(edges: Edges) -> tuple[Floats, list[bool]] | None:
    """Return the corners (4, 2) of the best sheet, and which of its sides lie on the frame; None if none."""
    shape = edges.logs.shape
    frame = _frame(shape)
    tried = [[*straight_edges(edges, s), edge] for s, edge in zip(SIDES.values(), frame, strict=True)]
    meet = _meetings(tried)

    @cache  # hundreds of choices share a side: it depends on three lines only
    def support(side: int, before: int, line: int, after: int) -> float:
        a, b = meet[side][line, before], meet[(side + 1) % 4][after, line]
        return _support(edges, np.array(a), np.array(b))

    best, best_score, best_on_frame = None, 0.0, [False] * 4
    for choice in product(*(range(len(lines)) for lines in tried)):
        on_frame = [i == len(lines) - 1 for i, lines in zip(choice, tried, strict=True)]
        points = [meet[side][choice[side], choice[side - 1]] for side in range(4)]
        corners = [point for point in points if point is not None]
        if sum(on_frame) > 1 or len(corners) < 4 or not _is_sheet(corners, shape):
            continue
        size = _area(corners) ** SIZE_POWER
        if size <= best_score:
            continue  # even edges all along would be no better
        score = size * _clearness(choice, on_frame, support)
        if score > best_score:
            best, best_score, best_on_frame = np.array(corners), score, on_frame
    return None if best is None else (best, best_on_frame)


def _clearness(choice: Sequence[int], on_frame: list[bool], support: Callable[..., float]) -> float:
    """Return how clear the four sides of a sheet are, 0 to 1; 0 if one of them has too little support.

    `choice` holds the number of each side's line among those tried.
    """
    shares: list[float] = []
    for side in range(4):
        around = choice[side - 1], choice[side], choice[(side + 1) % 4]
        shares.append(ON_FRAME if on_frame[side] else support(side, *around))
        if shares[-1] < SUPPORT:
            return 0.0
    return min(shares) * float(np.mean(shares)) ** 3


def _frame(shape: tuple[int, ...]) -> list[Line]:
    """Return the picture's own four edges as lines, in the order of SIDES."""
    height, width = shape
    lines = [(0, 1, 0), (-1, 0, 1 - width), (0, -1, 1 - height), (1, 0, 0)]
    return [np.array(line, dtype=float) for line in lines]


def _meetings(tried: list[list[Line]]) -> list[dict[tuple[int, int], Point | None]]:
    """Return where each line of a side meets each line of the side before it; None if they are parallel.

    Entry [side][i, j] is for line i of that side and line j of the one before: the left side comes before the
    top, the top before the right side, and so on. So it is the corner at which that side begins, clockwise.
    """
    meetings = []
    for side, lines in enumerate(tried):
        table: dict[tuple[int, int], Point | None] = {}
        for i, j in product(range(len(lines)), range(len(tried[side - 1]))):
            (a, b, c), (d, e, f) = lines[i].tolist(), tried[side - 1][j].tolist()
            det = a * e - b * d
            table[i, j] = ((c * e - b * f) / det, (a * f - c * d) / det) if abs(det) > LEAST_SINE else None
        meetings.append(table)
    return meetings


def _is_sheet(corners: Sequence[Sequence[float]], shape: tuple[int, ...]) -> bool:
    """Whether corners are those of a sheet: nearly in the picture, in clockwise order, of the right size.

    It works with plain numbers: numpy takes ten times as long for four, and there are a thousand ways to try.
    """
    height, width = shape
    slack = OUTSIDE * max(shape)
    if not all(-slack < x < width + slack and -slack < y < height + slack for x, y in corners):
        return False
    sides = [(u - x, v - y) for (x, y), (u, v) in zip(corners, _rolled(corners), strict=True)]
    convex = all(x * v - y * u > 0 for (x, y), (u, v) in zip(sides, _rolled(sides), strict=True))
    return convex and LEAST_SHARE * height * width < _area(corners) < MOST_SHARE * height * width


def _rolled(points: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    """Return the points with the first one moved to the end."""
    return [*points[1:], points[0]]


def _area(corners: Sequence[Sequence[float]]) -> float:
    """Return the area of a polygon, by the shoelace formula."""
    return 0.5 * abs(sum(x * v - y * u for (x, y), (u, v) in zip(corners, _rolled(corners), strict=True)))


def _also_bright(small: Grey, corners: Floats) -> float:
    """Return the share of the pixels outside the corners that are as bright as those inside."""
    mask = Image.new("1", small.shape[::-1])
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in corners], fill=1)
    inside = np.asarray(mask)
    outside = small[~inside]
    # The 80th percentile: half of the sheet may lie in the shadow, and its surroundings in the light.
    paper = np.percentile(small[inside], 80)
    return float(np.mean(outside > AS_BRIGHT * paper)) if outside.size else 1.0


def _refined(edges: Edges, corners: Floats, on_frame: list[bool]) -> Floats:
    """Return corners (4, 2) whose sides run through the steepest places nearby, but those on the frame."""
    lines = []
    for side in range(4):
        a, b = corners[side], corners[(side + 1) % 4]
        inward = np.array([-(b - a)[1], (b - a)[0]]) / max(float(np.hypot(*(b - a))), 1.0)
        shift = np.zeros(2) if on_frame[side] else _best_shift(edges, a, b, inward)
        ends = a + np.array([[0.0], [1.0]]) * (b - a) + np.polyval(shift, [0.0, 1.0])[:, None] * inward
        normal = np.array([-(ends[1] - ends[0])[1], (ends[1] - ends[0])[0]])
        lines.append(np.append(normal, normal @ ends[0]) / max(float(np.hypot(*normal)), 1e-9))
    meet = _meetings([[line] for line in lines])
    points = [table[0, 0] for table in meet]
    return corners if any(point is None for point in points) else np.array(points)


def _best_shift(edges: Edges, a: Floats, b: Floats, inward: Floats) -> Floats:
    """Return by how many pixels the side from a to b must move `inward` to lie on the edge.

    The result (slope, start) is a line: start + slope t, with t from 0 at a to 1 at b. It is fitted to the
    steepest places near the side, and twice more without outliers.
    """
    t = np.linspace(0.05, 0.95, max(8, int(np.hypot(*(b - a)))))  # without the corners
    shifts = np.arange(-REACH, REACH + 1)
    places = a + t[:, None, None] * (b - a) + shifts[:, None] * inward  # (n, 2 REACH + 1, 2)
    x = np.clip(np.rint(places[..., 0]).astype(int), 0, edges.gx.shape[1] - 1)
    y = np.clip(np.rint(places[..., 1]).astype(int), 0, edges.gx.shape[0] - 1)
    rise = edges.gx[y, x] * inward[0] + edges.gy[y, x] * inward[1]
    off = shifts[rise.argmax(axis=1)].astype(float)
    sure = rise.max(axis=1) > STEEP / 2
    fit = np.zeros(2)
    for _ in range(3):
        if sure.sum() < FEWEST_PLACES:
            break
        fit = np.polyfit(t[sure], off[sure], 1)
        sure &= np.abs(off - np.polyval(fit, t)) < OUTLIER
    return np.asarray(fit)


def _support(edges: Edges, a: Floats, b: Floats) -> float:
    """Return the share of the side from a to b that is an edge, dark outside and bright inside, 0 to 1.

    Corners go clockwise and y points down, so inside is to the right of the way from a to b.
    """
    length = float(np.hypot(*(b - a)))
    if length < LEAST_SIDE_LENGTH:
        return 0.0
    inward = np.array([-(b - a)[1], (b - a)[0]]) / length
    along = a + np.linspace(0.03, 0.97, int(length))[:, None] * (b - a)  # (n, 2), without the corners

    def places(inside: range) -> tuple[Ints, Ints]:
        """Rows and columns, (len(inside), n), of the pixels that lie so far inside."""
        x, y = np.rint(along + np.array(inside)[:, None, None] * inward).astype(np.int64).transpose(2, 0, 1)
        return np.clip(y, 0, edges.logs.shape[0] - 1), np.clip(x, 0, edges.logs.shape[1] - 1)

    near = places(range(-2, 3))
    rise = edges.gx[near] * inward[0] + edges.gy[near] * inward[1]
    across = edges.gx[near] * inward[1] - edges.gy[near] * inward[0]
    steep = ((rise > STEEP / 2) & (rise > np.abs(across))).any(axis=0)
    # A printed line is steep too, but as bright behind it as before it.
    inner = edges.logs[places(range(3, 6))].mean(axis=0)
    outer = edges.logs[places(range(-5, -2))].mean(axis=0)
    return float(np.mean(steep & (inner - outer > STEP)))
