"""Straightens a photographed form: its corner marks say roughly how it lies, those of its rows exactly."""

from __future__ import annotations

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Floats, Grey
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.geometry import homography, project
from hello_dl.teaching.sheet.form import BOX, HEIGHT, PITCH, ROW_MARK, ROWS, TOP, WIDTH, row_marks

SEARCH = 3.0  # mm around its place where a row's mark is looked for


def straighten(photo: Image.Image, matrix: Floats, shifts: Floats, zoom: float) -> Grey:
    """Returns the form as if it lay flat and upright: (HEIGHT zoom, WIDTH zoom), 0 = black .. 1 = white.

    It is stretched patch by patch, each row of boxes by what its own two marks say: `shifts` (rows, 2, 2),
    in pixels of the photo, for the left and the right end of each row.
    """
    size = (round(WIDTH * zoom), round(HEIGHT * zoom))
    across = np.linspace(0, WIDTH, 9)
    down = np.concatenate([[0, TOP], TOP + PITCH * np.arange(1, ROWS), [TOP + PITCH * ROWS, HEIGHT]])
    x, y = np.meshgrid(across, down)
    places = project(matrix, np.stack([x, y], axis=-1)) + _shift(shifts, x, y)  # (rows, columns, 2)
    mesh = []
    left, top = np.rint(across * zoom).astype(int), np.rint(down * zoom).astype(int)
    for r in range(len(down) - 1):
        for c in range(len(across) - 1):
            box = (int(left[c]), int(top[r]), int(left[c + 1]), int(top[r + 1]))
            quad = [places[r, c], places[r + 1, c], places[r + 1, c + 1], places[r, c + 1]]
            mesh.append((box, tuple(float(v) for corner in quad for v in corner)))
    flat = photo.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    return np.asarray(flat, np.float32) / np.float32(255)


def zoom_at(matrix: Floats) -> float:
    """How many pixels of the photo a mm is in the middle of the form."""
    middle = np.array([[WIDTH / 2, HEIGHT / 2], [WIDTH / 2 + 1, HEIGHT / 2], [WIDTH / 2, HEIGHT / 2 + 1]])
    o, right, down = project(matrix, middle)
    (a, b), (c, d) = right - o, down - o
    return float(np.sqrt(abs(a * d - b * c)))


def refine(grey: Grey, matrix: Floats) -> tuple[Floats, Floats]:
    """Finds the small marks at both ends of the rows of a photo (H, W), given about where the form lies.

    Returns a better homography (3, 3), and what it leaves over: `shifts` (rows, 2, 2), see `straighten`.
    """
    form = np.array([[(b[0] + b[2]) / 2, (b[1] + b[3]) / 2] for b in row_marks()])
    found = np.array([_find_square(grey, matrix, place) for place in form])
    there = np.isfinite(found[:, 0])
    off = np.linalg.norm(np.where(there[:, None], found - project(matrix, form), 0), axis=1)
    # A mark far from where all others are is none: a finger, a blot.
    usual = np.median(off[there]) if there.any() else 0.0
    there &= off < 3 * usual + 0.5 * zoom_at(matrix)
    if there.sum() < 8:
        return matrix, np.zeros((ROWS, 2, 2))
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]])
    # The corners hold what the rows leave open, weakly: they count once, each row mark once as well.
    matrix = homography(
        np.concatenate([form[there], corners]), np.concatenate([found[there], project(matrix, corners)])
    )
    left = np.where(there[:, None], found - project(matrix, form), np.nan).reshape(ROWS, 2, 2)
    return matrix, np.stack([_bridge(left[:, side]) for side in (0, 1)], axis=1)


def _find_square(grey: Grey, matrix: Floats, place: Floats) -> Floats:
    """Where the small black square that should be at a place of the form is in the photo; NaN if nowhere."""
    zoom = zoom_at(matrix)
    x, y = project(matrix, place)
    reach = (SEARCH + ROW_MARK) * zoom
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    part = grey[top : int(y + reach), left : int(x + reach)]
    nothing = np.full(2, np.nan)
    if min(part.shape, default=0) < 2 * zoom:
        return nothing
    dark, light = float(part.min()), float(np.median(part))
    blobs = find_blobs(part < (dark + light) / 2)
    wide, high = (blobs.boxes[:, 2:] - blobs.boxes[:, :2]).T
    area = (ROW_MARK * zoom) ** 2
    good = (
        (blobs.area > 0.5 * area) & (blobs.area < 1.6 * area) & (np.maximum(wide, high) < 2 * ROW_MARK * zoom)
    )
    if light - dark < 0.1 or good.sum() != 1:
        return nothing
    blob = int(np.flatnonzero(good)[0])
    x0, y0, x1, y1 = (int(v) for v in blobs.boxes[blob])
    rows, columns = np.nonzero(blobs.mask(np.array([blob]), (x0, y0, x1, y1)))
    return np.array([left + x0 + columns.mean() + 0.5, top + y0 + rows.mean() + 0.5])


def _bridge(shifts: Floats) -> Floats:
    """Fills rows without a mark with what lies between their neighbours; (rows, 2) to the same."""
    rows = np.arange(len(shifts))
    known = np.isfinite(shifts[:, 0])
    if not known.any():
        return np.zeros_like(shifts)
    return np.stack([np.interp(rows, rows[known], shifts[known, i]) for i in (0, 1)], axis=1)


def _shift(shifts: Floats, x: Floats, y: Floats) -> Floats:
    """By how many pixels of the photo places (x, y) of the form are off: straight lines between the marks."""
    middles = TOP + PITCH * np.arange(ROWS) + BOX[1] / 2
    sides = np.stack(
        [[np.interp(y, middles, shifts[:, side, i]) for i in (0, 1)] for side in (0, 1)]
    )  # (side, xy, ...)
    share = x / WIDTH
    return np.moveaxis(sides[0] * (1 - share) + sides[1] * share, 0, -1)
