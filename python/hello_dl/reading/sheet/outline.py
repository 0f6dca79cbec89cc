"""The sheet of paper in a photo: where it lies, and the view in which it is flat and upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Floats, Grey, Mask
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.geometry import Matrix, from_corners, proportions, warp
from hello_dl.reading.ink_map.measures import EDGE, letter_height
from hello_dl.reading.sheet.upright import along_lines, line_angles

FEWEST = 6  # patches of ink by which the direction of the lines is measured; with fewer, nothing is turned
RIM = 0.006  # share of the sheet's longer side cut off all round: corners are known to a few pixels only
ALIKE = 2.0  # times higher or lower than the usual letter that a patch may be and count as a letter
ON_SHEET = 0.99  # least share of a pixel of a turned view that is sheet; larger is stricter
IN_PICTURE = 0.98  # least share of a pixel of a view that lies in the picture; larger is stricter
COARSE = 16  # pixels of the picture's side in one pixel of the mask that finds those


@dataclass(frozen=True)
class View:
    """A rectangle seen in a picture: `size` (width, height) in pixels, and where these lie in the picture.

    `matrix` is the homography (3, 3) from the view's pixels to those of the picture.
    """

    matrix: Matrix
    size: tuple[int, int]

    def of(self, grey: Grey, outside: float = 0.0) -> Grey:
        """Return the view (height, width) of a picture (H, W); `outside` is the value beyond its edges."""
        return warp(grey, self.matrix, self.size, outside)


@dataclass(frozen=True)
class Outline:
    """A view of a picture, and which of its pixels (height, width) are sheet; None if all are."""

    view: View
    sheet: Mask | None

    def shown(self, grey: Grey) -> Grey:
        """Return the view of a picture (H, W), with all pixels darkened that are not sheet."""
        seen = self.view.of(grey)
        return seen if self.sheet is None else np.where(self.sheet, seen, seen / 4)

    def turned(self, ink: Mask, shape: tuple[int, ...]) -> Outline:
        """Return the outline turned so that lines of writing run from left to right.

        `ink` (height, width) is the ink in the view; with fewer than FEWEST patches of it nothing is turned.
        `shape` (H, W) is the picture's: what comes into view from beyond its edges is no sheet.
        """
        view, sheet = self.view, self.sheet
        slopes = line_angles(ink) if len(find_blobs(ink)) >= FEWEST else (0.0, 0.0)
        if slopes != (0.0, 0.0):
            matrix, size = along_lines(view.size, slopes)
            view = View(view.matrix @ matrix, size)
            if sheet is not None:
                sheet = warp(sheet.astype(np.float32), matrix, size) > ON_SHEET
        if (inside := _in_picture(view, shape)) is not None:
            sheet = inside if sheet is None else sheet & inside
        return Outline(view, sheet)

    def letters_beside(self, ink: Grey) -> float:
        """Return the share (0 to 1) of the letters in the picture that lie beside the sheet.

        `ink` is the picture's, (H, W); each patch of it about as high as the letters on the sheet counts as a
        letter.
        """
        if self.sheet is None:
            return 0.0
        back = np.linalg.inv(self.view.matrix).astype(np.float64)
        sheet = warp(self.sheet.astype(np.float32), back, (ink.shape[1], ink.shape[0])) > 0.5
        tall = letter_height(ink * sheet) or letter_height(ink)
        if tall is None:
            return 0.0
        boxes = find_blobs(ink > EDGE).boxes
        height = boxes[:, 3] - boxes[:, 1]
        boxes = boxes[(height > tall / ALIKE) & (height < tall * ALIKE)]
        x, y = (boxes[:, 0] + boxes[:, 2]) // 2, (boxes[:, 1] + boxes[:, 3]) // 2
        return float(np.mean(~sheet[y, x])) if len(boxes) else 0.0


def cut_sheet(corners: Floats, shape: tuple[int, ...]) -> Outline:
    """Return the outline of a sheet, made flat, in a picture of `shape` (H, W).

    `corners` (4, 2) are x and y in the picture: top left, then clockwise.
    """
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)  # top, right, bottom, left
    across, down = max(lengths[0], lengths[2]), max(lengths[1], lengths[3])
    wider = np.clip(proportions(corners, shape) / (across / down), 0.5, 2.0) ** 0.5
    size = (max(8, round(across * wider)), max(8, round(down / wider)))
    page = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=float)
    view = View(from_corners(page, corners), size)
    sheet = np.zeros(size[::-1], dtype=np.bool_)
    rim = max(1, round(RIM * max(size)))
    sheet[rim:-rim, rim:-rim] = True
    inside = _in_picture(view, shape)
    return Outline(view, sheet if inside is None else sheet & inside)


def _in_picture(view: View, shape: tuple[int, ...]) -> Mask | None:
    """Return which of the view's pixels lie in the picture of `shape` (H, W); None if all do."""
    height, width = shape
    full = np.ones((max(1, height // COARSE), max(1, width // COARSE)), dtype=np.float32)
    factor = np.diag([width / full.shape[1], height / full.shape[0], 1.0])
    mask: Mask = warp(full, np.linalg.inv(factor) @ view.matrix, view.size) > IN_PICTURE
    return None if mask.all() else mask
