"""A virtual camera: it maps points of a sheet, in millimetres, to pixels of a photo, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Grey = NDArray[np.float32]

FOCAL = 0.72  # focal length / longer side of the photo: a phone's main camera (26 mm for 36 mm film)


@dataclass(frozen=True)
class View:
    """The map from places on a sheet, (x, y) in mm with y downwards, to pixels of a photo.

    Paper never lies quite flat, so first y becomes y + height sin(2 pi x / length + start), with `wave` =
    (height, length, start). Then the homography `matrix` (3, 3) gives pixels.
    """

    matrix: Reals
    wave: tuple[float, float, float] = (0.0, 100.0, 0.0)  # height and length in mm, start in radians

    def to_photo(self, points: NDArray[np.floating]) -> Reals:
        """Return the pixels (..., 2) at which points (..., 2) of the sheet, in mm, appear."""
        x, y = np.asarray(points, np.float64)[..., 0], np.asarray(points, np.float64)[..., 1]
        y = y + self._waved(x)
        u, v, w = np.einsum("ij,j...->i...", self.matrix, np.stack([x, y, np.ones_like(x)]))
        return np.stack([u / w, v / w], axis=-1)

    def zoom(self, points: NDArray[np.floating]) -> Reals:
        """Return the pixels per mm at points (..., 2) of the sheet: the root of the growth of an area."""
        here = self.to_photo(points)
        right = self.to_photo(points + np.array([0.1, 0.0])) - here
        down = self.to_photo(points + np.array([0.0, 0.1])) - here
        area: Reals = np.abs(right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0])
        return np.asarray(np.sqrt(area) / 0.1, np.float64)

    def to_sheet(self, height: int, width: int) -> tuple[Grey, Grey]:
        """Return the place on the sheet that each pixel of the photo shows: x and y in mm, each (h, w)."""
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
        """Return the mm by which the waves of the paper move points at x, in mm."""
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
    """Return the view of a camera that is pointed such that a region of the sheet fills the photo.

    region   left, top, right, bottom in mm
    size     width and height of the photo in pixels
    turn     degrees by which the sheet is turned
    tilt     degrees by which the camera leans forwards and sideways
    margin   least share of the photo that is left free at each side
    place    where the region lies in the free part: x and y, 0 = left or top, 1 = right or bottom
    wave     of the paper: height and length in mm, start in radians
    """
    left, top, right, bottom = region
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    middle = corners.mean(axis=0)
    around = _rotation(np.radians(tilt[0]), np.radians(tilt[1]), np.radians(turn))
    # The distance, in mm, from which the region's longer side takes 0.9 of the photo's.
    far = max(right - left, bottom - top) / (0.9 / FOCAL)
    # Homography of a point (x, y, 0) of the sheet, turned about the region's middle, `far` mm away.
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
    """Return points along the four sides: a waved side can reach further out than its corners."""
    share = np.linspace(0, 1, steps)[:, None, None]
    sides: Reals = (corners + share * (np.roll(corners, -1, axis=0) - corners)).reshape(-1, 2)
    return sides


def _rotation(forwards: float, sideways: float, turn: float) -> Reals:
    """Return the matrix (3, 3) that turns about the axis of sight, sideways and forwards, in radians."""
    (cf, sf), (cs, ss), (ct, st) = ((np.cos(a), np.sin(a)) for a in (forwards, sideways, turn))
    lean = np.array([[1, 0, 0], [0, cf, -sf], [0, sf, cf]])
    aside = np.array([[cs, 0, ss], [0, 1, 0], [-ss, 0, cs]])
    round_ = np.array([[ct, -st, 0], [st, ct, 0], [0, 0, 1]])
    return np.asarray(lean @ aside @ round_, np.float64)
