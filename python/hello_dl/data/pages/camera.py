"""A virtual camera: where a point of a sheet, in millimetres, appears in the photo, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Grey = NDArray[np.float32]

FOCAL = 0.72  # of the photo's longer side: a phone's main camera, equal to 26 mm on a 36 mm film


@dataclass(frozen=True)
class View:
    """How a sheet lies before the camera.

    Millimetres (x, y) of the sheet, y downwards, first wave a little (paper never lies quite flat):
    y + height sin(2 pi x / length + start); then `matrix` (3, 3), a homography, makes pixels of them.
    """

    matrix: Reals
    wave: tuple[float, float, float] = (0.0, 100.0, 0.0)  # height and length in mm, start in radians

    def to_photo(self, points: NDArray[np.floating]) -> Reals:
        """Returns where points (..., 2) of the sheet appear in the photo, (..., 2)."""
        x, y = np.asarray(points, np.float64)[..., 0], np.asarray(points, np.float64)[..., 1]
        y = y + self._waved(x)
        u, v, w = np.einsum("ij,j...->i...", self.matrix, np.stack([x, y, np.ones_like(x)]))
        return np.stack([u / w, v / w], axis=-1)

    def zoom(self, points: NDArray[np.floating]) -> Reals:
        """Returns how many pixels a mm is at points (..., 2): the square root of how an area grows."""
        here = self.to_photo(points)
        right = self.to_photo(points + np.array([0.1, 0.0])) - here
        down = self.to_photo(points + np.array([0.0, 0.1])) - here
        area: Reals = np.abs(right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0])
        return np.asarray(np.sqrt(area) / 0.1, np.float64)

    def to_sheet(self, height: int, width: int) -> tuple[Grey, Grey]:
        """Returns what place of the sheet each pixel of the photo shows: x and y in mm, (height, width)."""
        inverse = np.linalg.inv(self.matrix)
        a, b, c = (inverse / inverse[2, 2]).astype(np.float32)
        column = np.arange(width, dtype=np.float32) + np.float32(0.5)
        row = (np.arange(height, dtype=np.float32) + np.float32(0.5))[:, None]
        share = 1 / (c[0] * column + (c[1] * row + c[2]))
        x = (a[0] * column + (a[1] * row + a[2])) * share
        y = (b[0] * column + (b[1] * row + b[2])) * share
        if self.wave[0]:
            y -= self._waved(x).astype(np.float32)
        return x, y

    def _waved(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        height, length, start = self.wave
        if not height:
            return np.zeros_like(x)
        return np.asarray(height * np.sin(x * (2 * np.pi / length) + start))


def look_at(
    region: tuple[float, float, float, float],
    size: tuple[int, int],
    *,
    turn: float = 0.0,
    tilt: tuple[float, float] = (0.0, 0.0),
    margin: float = 0.05,
    place: tuple[float, float] = (0.5, 0.5),
    wave: tuple[float, float, float] = (0.0, 100.0, 0.0),
) -> View:
    """Points the camera so that a region of the sheet fills the photo.

    region   left, top, right, bottom in mm
    size     width and height of the photo in pixels
    turn     degrees by which the sheet lies turned; tilt: the camera leans forwards and sideways, degrees
    margin   of the photo, left free on the side that is tight; place: where the region lies in what is free
    """
    left, top, right, bottom = region
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    middle = corners.mean(axis=0)
    around = _rotation(np.radians(tilt[0]), np.radians(tilt[1]), np.radians(turn))
    far = max(right - left, bottom - top) / (0.9 / FOCAL)  # the distance from which it nearly fills the photo
    # A point (x, y, 0) of the sheet, turned about the region's middle, `far` mm away: columns x, y and 1.
    plane = np.column_stack([around[:, 0], around[:, 1], np.array([0, 0, far])])
    plane = plane @ np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
    raw = View(plane, wave)
    edge = raw.to_photo(_along(corners))
    low, high = edge.min(axis=0), edge.max(axis=0)
    free = np.array(size) * (1 - 2 * margin)
    scale = float((free / (high - low)).min())
    start = np.array(size) * margin + (free - scale * (high - low)) * np.array(place) - scale * low
    fit = np.array([[scale, 0, start[0]], [0, scale, start[1]], [0, 0, 1]])
    return View(fit @ plane, wave)


def _along(corners: Reals, steps: int = 20) -> Reals:
    """Points all along the four sides, for a waved side may reach further than its corners."""
    share = np.linspace(0, 1, steps)[:, None, None]
    sides: Reals = (corners + share * (np.roll(corners, -1, axis=0) - corners)).reshape(-1, 2)
    return sides


def _rotation(forwards: float, sideways: float, turn: float) -> Reals:
    (cf, sf), (cs, ss), (ct, st) = ((np.cos(a), np.sin(a)) for a in (forwards, sideways, turn))
    lean = np.array([[1, 0, 0], [0, cf, -sf], [0, sf, cf]])
    aside = np.array([[cs, 0, ss], [0, 1, 0], [-ss, 0, cs]])
    round_ = np.array([[ct, -st, 0], [st, ct, 0], [0, 0, 1]])
    return np.asarray(lean @ aside @ round_, np.float64)
