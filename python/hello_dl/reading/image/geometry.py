"""Homographies: 3 x 3 matrices that take the points of one flat picture to those of another.

(x, y, 1) times the matrix gives (u w, v w, w), so (x, y) goes to (u, v). Here they lead from a page to the
picture that shows it: for each pixel of the page they say where to look. Pixel (0, 0) covers the square from
(0, 0) to (1, 1), its middle is (0.5, 0.5). See Hartley and Zisserman, "Multiple View Geometry", 2004.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading.image.arrays import Box, Grey

Matrix = NDArray[np.float64]  # (3, 3)
Points = NDArray[np.float64]  # (n, 2): x, y in pixels

FOCAL = 0.75  # focal length of a phone's usual camera, in the picture's longer sides (27 mm on 36 mm film)


def scaling(factor: float) -> Matrix:
    """Return the homography from a page to a picture that is `factor` times as large."""
    return np.diag([factor, factor, 1.0])


def from_corners(page: Points, picture: Points) -> Matrix:
    """Return the homography that takes four points of the page (4, 2) exactly to four of the picture.

    Hartley and Zisserman, section 4.1.
    """
    rows = []
    for (x, y), (u, v) in zip(page, picture, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    h = np.linalg.solve(np.array(rows), picture.ravel())
    return np.append(h, 1.0).reshape(3, 3)


def homography(page: Points, picture: Points) -> Matrix:
    """Return the homography that takes points of the page (n, 2) nearest to those of the picture, n >= 4.

    The direct linear transformation (DLT; Hartley and Zisserman, section 4.1): from
    u = (a x + b y + c) / (g x + h y + 1) and the like for v follow two equations a point, linear in the
    unknowns a .. h; they are solved by least squares. The picture's points are centred and scaled first, so
    that rounding does little harm.
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


def turned_back(shape: tuple[int, ...], turns: int) -> Matrix:
    """Return the homography from np.rot90(picture, turns) back to the picture of `shape` (H, W)."""
    height, width = shape[:2]
    one = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        1: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
    }
    return np.array(one[turns % 4], dtype=float)


def project(matrix: Matrix, points: Points) -> Points:
    """Return where a homography takes points (..., 2)."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(out[..., :2] / out[..., 2:], np.float64)


def project_box(matrix: Matrix, box: Box) -> Points:
    """Return the upright box (4,) around where a homography takes a box (left, top, right, bottom)."""
    left, top, right, bottom = box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=float)
    corners = project(matrix, corners)
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def warp(grey: Grey, matrix: Matrix, size: tuple[int, int], outside: float = 0.0) -> Grey:
    """Return the page of `size` (width, height) whose pixels lie in the picture (H, W) where `matrix` says.

    `outside` is the value of pixels that lie beyond the picture. Between pixels it is bilinear; where the
    page is k times smaller than the picture, k x k pixels are averaged first, or thin strokes would be lost.
    """
    middle = np.array([[size[0] / 2, size[1] / 2]])
    across, down = (project(matrix, middle + step) - project(matrix, middle) for step in np.eye(2))
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


def proportions(corners: Points, picture: tuple[int, ...]) -> float:
    """Return width / height of a flat rectangle whose corners (4, 2) are seen in a picture of shape (H, W).

    Corners go clockwise from the top left. With h1, h2 the first columns of the homography from the unit
    square, and K the camera's matrix, the sides are as long as K^-1 h1 and K^-1 h2 (Zhang and He,
    "Whiteboard scanning and image enhancement", 2007). The camera is taken to have the focal length FOCAL,
    and its axis to go through the middle of the picture.
    """
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    height, width = picture[:2]
    focal = FOCAL * max(height, width)
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    sides = np.linalg.norm(np.linalg.solve(camera, from_corners(square, corners)[:, :2]), axis=0)
    return float(sides[0] / sides[1])
