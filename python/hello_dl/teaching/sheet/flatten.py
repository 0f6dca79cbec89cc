"""Straightens a photographed form: roughly by its corner marks, exactly by the marks of its rows."""

from __future__ import annotations

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Floats, Grey
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.geometry import homography, project
from hello_dl.teaching.sheet.form import BOX, HEIGHT, PITCH, ROW_MARK, ROWS, TOP, WIDTH, row_marks

SEARCH = 3.0  # mm around its place where a row's mark is looked for


def straighten(photo: Image.Image, matrix: Floats, shifts: Floats, zoom: float) -> Grey:
    """Return the form flat and upright: (HEIGHT zoom, WIDTH zoom), 0 = black .. 1 = white.

    `matrix` is the homography (3, 3) from the form's mm to the photo's pixels. `shifts` (rows, 2, 2) are x
    and y in pixels of the photo by which it is wrong at the left and at the right end of each row of boxes;
    between them they are interpolated. `zoom` is the number of pixels in a mm of the result.
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
    """Return how many pixels of the photo a mm is in the middle of the form."""
    middle = np.array([[WIDTH / 2, HEIGHT / 2], [WIDTH / 2 + 1, HEIGHT / 2], [WIDTH / 2, HEIGHT / 2 + 1]])
    o, right, down = project(matrix, middle)
    (a, b), (c, d) = right - o, down - o
    return float(np.sqrt(abs(a * d - b * c)))


def refine(grey: Grey, matrix: Floats) -> tuple[Floats, Floats]:
    """Find the small marks at both ends of the rows of boxes in a photo (H, W), 0 = black .. 1 = white.

    `matrix` is the homography that the corner marks gave. Returns a better one, and by how many pixels it is
    wrong at the row marks: `shifts` (rows, 2, 2), see `straighten`.
    """
    form = np.array([[(b[0] + b[2]) / 2, (b[1] + b[3]) / 2] for b in row_marks()])
    found = np.array([_find_square(grey, matrix, place) for place in form])
    there = np.isfinite(found[:, 0])
    off = np.linalg.norm(np.where(there[:, None], found - project(matrix, form), 0), axis=1)
    # A mark that is off by much more than the others is something else, such as a finger or a blot.
    usual = np.median(off[there]) if there.any() else 0.0
    there &= off < 3 * usual + 0.5 * zoom_at(matrix)
    if there.sum() < 8:
        return matrix, np.zeros((ROWS, 2, 2))
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]])
    # The corners keep the form in place where row marks are missing; each counts as much as a row mark.
    matrix = homography(
        np.concatenate([form[there], corners]), np.concatenate([found[there], project(matrix, corners)])
    )
    left = np.where(there[:, None], found - project(matrix, form), np.nan).reshape(ROWS, 2, 2)
    return matrix, np.stack([_bridge(left[:, side]) for side in (0, 1)], axis=1)


def _find_square(grey: Grey, matrix: Floats, place: Floats) -> Floats:
    """Return where in the photo the square mark at a place (2,) of the form is, (2,); NaN if not found."""
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
    """Return shifts (rows, 2) with rows without a mark interpolated between their neighbours."""
    rows = np.arange(len(shifts))
    known = np.isfinite(shifts[:, 0])
    if not known.any():
        return np.zeros_like(shifts)
    return np.stack([np.interp(rows, rows[known], shifts[known, i]) for i in (0, 1)], axis=1)


def _shift(shifts: Floats, x: Floats, y: Floats) -> Floats:
    """Return the shifts (..., 2) at places x, y (...) of the form, in mm: linear between the row marks."""
    middles = TOP + PITCH * np.arange(ROWS) + BOX[1] / 2
    sides = np.stack(
        [[np.interp(y, middles, shifts[:, side, i]) for i in (0, 1)] for side in (0, 1)]
    )  # (side, xy, ...)
    share = x / WIDTH
    return np.moveaxis(sides[0] * (1 - share) + sides[1] * share, 0, -1)
