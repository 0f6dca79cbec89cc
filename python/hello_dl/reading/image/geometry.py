"""Turns a photographed page upright: homographies, and the angle at which the lines of writing run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading.image.arrays import Box, Grey

Matrix = NDArray[np.float64]  # (3, 3): (x, y, 1) of the page to (x, y, 1) w of the picture
Points = NDArray[np.float64]  # (n, 2): x, y

MOST_DEGREES = 25  # that lines of writing may be turned
KEYSTONE = 5  # degrees by which the page's first and last line may differ further
LEAST_GAIN = 1.08  # how much clearer lines must become by turning, or all stays as it is
FOCAL = 0.75  # of the picture's longer side: a phone's usual camera, equal to 27 mm on a film of 36
SAMPLE = 12_000  # pixels of ink by which angles are compared


def scaling(factor: float) -> Matrix:
    """The page is `factor` times smaller than the picture."""
    # Pixel centres lie at halves: both pictures share the corner (0, 0), so no shift is needed.
    return np.diag([factor, factor, 1.0])


def from_corners(page: Points, picture: Points) -> Matrix:
    """The homography that takes four points of the page (4, 2) to four of the picture.

    Hartley and Zisserman, 2004, section 4.1.
    """
    rows = []
    for (x, y), (u, v) in zip(page, picture, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    h = np.linalg.solve(np.array(rows), picture.ravel())
    return np.append(h, 1.0).reshape(3, 3)


def proportions(corners: Points, picture: tuple[int, ...]) -> float:
    """Width over height of a flat rectangle whose corners (4, 2) appear in a picture (H, W), clockwise.

    With h1, h2 the first columns of the homography from the unit square, and K the camera's matrix, the sides
    are as long as K^-1 h1 and K^-1 h2 (Zhang and He, 2007, "Whiteboard scanning and image enhancement"). The
    camera is taken to be a phone's: FOCAL, and its middle in the middle of the picture.
    """
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    height, width = picture[:2]
    focal = FOCAL * max(height, width)
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    sides = np.linalg.norm(np.linalg.solve(camera, from_corners(square, corners)[:, :2]), axis=0)
    return float(sides[0] / sides[1])


def homography(page: Points, picture: Points) -> Matrix:
    """Return the homography (3, 3) that best takes points (n, 2) of the page to those of the picture, n >= 4.

    The direct linear transformation (DLT; Hartley and Zisserman, 2004, section 4.1): from
    u = (a x + b y + c) / (g x + h y + 1) follow two equations a point, linear in the unknowns a .. h, which
    are solved by least squares. Points of the picture are centred and scaled first, for the sake of rounding.
    """
    scale, centre = picture.std() or 1.0, picture.mean(axis=0)
    u, v = ((picture - centre) / scale).T
    x, y = page.T
    one, zero = np.ones_like(x), np.zeros_like(x)
    for_u = np.stack([x, y, one, zero, zero, zero, -u * x, -u * y], axis=1)
    for_v = np.stack([zero, zero, zero, x, y, one, -v * x, -v * y], axis=1)
    solution = np.linalg.lstsq(np.concatenate([for_u, for_v]), np.concatenate([u, v]), rcond=None)[0]
    back = np.array([[scale, 0, centre[0]], [0, scale, centre[1]], [0, 0, 1]])
    return np.asarray(back @ np.append(solution, 1.0).reshape(3, 3), np.float64)


def project(matrix: Matrix, points: Points) -> Points:
    """Return where a homography (3, 3) takes points (..., 2)."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(out[..., :2] / out[..., 2:], np.float64)


def project_box(matrix: Matrix, box: Box) -> Points:
    """Return the upright box (4,) around where a homography takes a box (left, top, right, bottom)."""
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float)
    corners = project(matrix, corners)
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def warp(grey: Grey, matrix: Matrix, size: tuple[int, int], outside: float = 0.0) -> Grey:
    """The page of `size` (width, height) whose pixels lie in the picture where `matrix` says."""
    middle = np.array([[size[0] / 2, size[1] / 2]])
    across, down = (project(matrix, middle + step) - project(matrix, middle) for step in np.eye(2))
    # Average first what one pixel of the page covers, or thin strokes are skipped.
    k = max(1, int(min(np.hypot(*across[0]), np.hypot(*down[0])) + 0.25))
    if k > 1:
        grey = np.asarray(Image.fromarray(grey).reduce(k))
        matrix = scaling(1 / k) @ matrix
    if np.allclose(matrix, np.eye(3), atol=1e-9) and grey.shape == size[::-1]:
        return grey
    image = Image.fromarray(grey).transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple((matrix / matrix[2, 2]).ravel()[:8]),
        Image.Resampling.BILINEAR,
        fillcolor=outside,
    )
    return np.asarray(image, dtype=np.float32)


def line_angles(ink: NDArray[np.bool_]) -> tuple[float, float]:
    """How lines of writing (or ruled lines) run in a mask of ink: slopes at the page's top and bottom.

    By projection: seen along the lines, ink gathers in few places and leaves the gaps between lines empty, so
    the squares of its histogram add up to most. The two differ where the camera did not look straight down.
    Both are 0 where no direction is clearly the best.
    """
    y, x = np.nonzero(ink)
    if len(y) < 50:
        return 0.0, 0.0
    some = np.random.default_rng(0).permutation(len(y))[:SAMPLE]
    height, width = ink.shape
    x, y = x[some] - width / 2, y[some] - height / 2
    bin_ = max(height, width) / 400

    def clear(top: float, bottom: float) -> float:
        # A line through (0, y0) has the slope between top's and bottom's that y0's place asks for.
        turn = (top + bottom) / 2
        fan = (bottom - top) / height
        rows = (y - turn * x) / (1 + fan * x)
        bins = ((rows / np.hypot(1, turn) + 2 * max(height, width)) / bin_).astype(np.int64)
        return float((np.bincount(bins).astype(np.float64) ** 2).sum())

    slopes = np.tan(np.radians(np.arange(-MOST_DEGREES, MOST_DEGREES + 0.5)))
    best = max(slopes, key=lambda slope: clear(slope, slope))
    degree = np.tan(np.radians(1))
    fans = np.arange(-KEYSTONE, KEYSTONE + 1) * degree
    turns = best + np.arange(-1.5, 1.6, 0.25) * degree
    turn, fan = max(((t, f) for t in turns for f in fans), key=lambda p: clear(p[0] - p[1], p[0] + p[1]))
    if clear(turn - fan, turn + fan) < 1.1 * clear(turn, turn):
        fan = 0.0
    finer = turn + np.arange(-0.4, 0.45, 0.1) * degree
    turn = max(finer, key=lambda t: clear(t - fan, t + fan))
    if clear(turn - fan, turn + fan) < LEAST_GAIN * clear(0, 0):
        return 0.0, 0.0
    return float(turn - fan), float(turn + fan)


def along_lines(size: tuple[int, int], angles: tuple[float, float]) -> tuple[Matrix, tuple[int, int]]:
    """The homography from an upright page to a picture of `size` whose lines run with these slopes.

    Returns it and the page's (width, height), large enough for all of the picture.
    """
    width, height = size
    top, bottom = angles
    turn, fan = (top + bottom) / 2, (bottom - top) / height
    # In the picture, relative to its middle, (x, y) lies on the line with y0 = (y - turn x) / (1 + fan x):
    # the third row of the way from picture to page is (fan, 0, 1), the rest a rotation.
    upright = np.array([[1, turn, 0], [-turn, 1, 0], [0, 0, 1]]) / np.hypot(1, turn)
    upright[2] = [fan, 0, 1]
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]])
    to_page = upright @ middle
    corners = project(to_page, np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float))
    low, high = corners.min(axis=0), corners.max(axis=0)
    to_page = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]]) @ to_page
    out = np.ceil(high - low).astype(int)
    return np.linalg.inv(to_page), (int(out[0]), int(out[1]))


def turned_back(shape: tuple[int, ...], turns: int) -> Matrix:
    """The homography from np.rot90(picture, turns) back to the picture of this shape (H, W)."""
    height, width = shape[:2]
    one = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        1: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
    }
    return np.array(one[turns % 4], dtype=float)
