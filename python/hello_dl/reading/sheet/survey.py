"""What is found on a small copy of a photo, whichever way ink is told: its sheet, and how lines run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading.image.arrays import Grey, Mask
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import shrink
from hello_dl.reading.image.geometry import (
    Matrix,
    along_lines,
    from_corners,
    line_angles,
    proportions,
    scaling,
    warp,
)
from hello_dl.reading.image.threshold import otsu
from hello_dl.reading.ink_map.first_look import Look, first_looks
from hello_dl.reading.ink_map.patches import EDGE, usual_height
from hello_dl.reading.sheet.by_brightness import find_sheet
from hello_dl.reading.sheet.by_edges import find_corners

SURVEY = 1100  # pixels on the longer side of the small copy on which everything is found first
TALL = 40.0  # pixels of height that the usual letter is to have on the page that is read
LARGEST = 2.0  # times the picture's own size that a page with small letters may get
MOST_PIXELS = 9_000_000  # of that page
LIGHT = 1 / 3  # of a small picture's pixels: more are bright, and they are its paper
RIM = 0.006  # of the page's longer side: what touches a sheet's edge is no writing
FEW = 6  # patches of ink; fewer do not tell how lines run


@dataclass(frozen=True)
class Prepared:
    """The page to be read: `ink` (H, W), 0 = paper .. 1 = ink, and where its pixels lie in the picture.

    `to_picture` is the homography (3, 3) from the page's pixels to those of the picture; `doubtful` says that
    a sheet was cut out, and that what was cut off with it may be writing.
    """

    ink: Grey
    to_picture: Matrix
    doubtful: bool = False


@dataclass(frozen=True)
class View:
    """A picture of the page on the way: its size, and where its pixels lie in the photo."""

    matrix: Matrix
    size: tuple[int, int]  # width, height

    def of(self, grey: Grey, outside: float = 0.0) -> Grey:
        return warp(grey, self.matrix, self.size, outside)

    def through(self, matrix: Matrix, size: tuple[int, int]) -> View:
        return View(self.matrix @ matrix, size)


@dataclass(frozen=True)
class Outline:
    """A sheet in a photo's small copy: the view of it, and which of its pixels are sheet (None: all)."""

    view: View
    sheet: Mask | None

    def shown(self, small: Grey) -> Grey:
        """The view, with what is no sheet darkened."""
        seen = self.view.of(small)
        return seen if self.sheet is None else np.where(self.sheet, seen, seen / 4)

    def turned(self, ink: Mask, shape: tuple[int, ...]) -> Outline:
        """Turns the view so that lines of writing run from left to right, if enough patches tell how they do.

        `shape` (H, W) is the copy's: what comes into view and is not in the picture is no sheet.
        """
        view, sheet = self.view, self.sheet
        angles = line_angles(ink) if len(find_blobs(ink)) >= FEW else (0.0, 0.0)
        if angles != (0.0, 0.0):
            matrix, size = along_lines(view.size, angles)
            view = view.through(matrix, size)
            if sheet is not None:
                sheet = warp(sheet.astype(np.float32), matrix, size) > 0.99
        if (there := _inside(view, shape)) is not None:
            sheet = there if sheet is None else sheet & there
        return Outline(view, sheet)


class Photo:
    """A picture (H, W) that is to be read, and what is found on its small copy: each only once."""

    def __init__(self, grey: Grey) -> None:
        self.grey, self._margin = _with_margin(grey)
        self.small = shrink(self.grey, SURVEY)
        self._factor = self.grey.shape[1] / self.small.shape[1]

    @property
    def everything(self) -> Outline:
        """All of the picture, as if paper filled it."""
        height, width = self.small.shape
        return Outline(View(np.eye(3), (width, height)), None)

    @cached_property
    def outline(self) -> Outline:
        """The sheet alone, straightened if it has four corners; everything if no sheet is found."""
        corners = find_corners(self.small)
        if corners is not None:
            return _cut_sheet(corners, self.small.shape)
        return Outline(self.everything.view, find_sheet(self.small))

    @cached_property
    def looks(self) -> list[Look]:
        """The ink of the small copy at first sight: what it may be, the likeliest first."""
        return first_looks(self.small)

    def page(self, outline: Outline, tall: float | None) -> tuple[View, Mask | None]:
        """The view of `grey` that is read, and which of its pixels are sheet (None: all).

        Letters that are `tall` pixels in the outline's view (None: there are none) become TALL there, or as
        tall as they are in `grey`, times LARGEST.
        """
        width, height = outline.view.size
        larger = min(LARGEST * self._factor, (MOST_PIXELS / (width * height)) ** 0.5)
        if tall is not None:
            larger = min(larger, TALL / tall)
        matrix = scaling(self._factor) @ outline.view.matrix @ scaling(1 / larger)
        size = (max(1, round(width * larger)), max(1, round(height * larger)))
        sheet = outline.sheet
        return View(matrix, size), None if sheet is None else np.asarray(Image.fromarray(sheet).resize(size))

    def to_picture(self, page: View) -> Matrix:
        """The homography from the page's pixels to those of the picture."""
        return np.array([[1, 0, -self._margin], [0, 1, -self._margin], [0, 0, 1.0]]) @ page.matrix


def letter_height(ink: Grey) -> float | None:
    """The height of the usual letter in a small picture of ink, None if there is none."""
    blobs = find_blobs(ink > EDGE)
    kept = np.flatnonzero(blobs.area >= 4)
    return usual_height(blobs.boxes[kept]) if len(kept) else None


def _with_margin(grey: Grey) -> tuple[Grey, int]:
    """A small picture with more of its paper around it, for a letter that fills it has no paper to stand on.

    Returns it and how wide the margin is, in pixels; large pictures stay as they are.
    """
    if max(grey.shape) > SURVEY // 2:
        return grey, 0
    margin = max(grey.shape) // 2
    bright = grey > otsu(grey)
    paper = np.median(grey[bright if bright.mean() > LIGHT else ~bright])
    return np.pad(grey, margin, constant_values=paper), margin


def _cut_sheet(corners: NDArray[np.float64], shape: tuple[int, ...]) -> Outline:
    """The view of a sheet with these corners (4, 2) in a picture (H, W)."""
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)  # top, right, bottom, left
    across, down = max(lengths[0], lengths[2]), max(lengths[1], lengths[3])
    wider = np.clip(proportions(corners, shape) / (across / down), 0.5, 2.0) ** 0.5
    size = (max(8, round(across * wider)), max(8, round(down / wider)))
    page = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=float)
    view = View(from_corners(page, corners), size)
    # All of it is sheet but its own edge, for corners are known to a few pixels only.
    sheet = np.zeros(size[::-1], dtype=np.bool_)
    rim = max(1, round(RIM * max(size)))
    sheet[rim:-rim, rim:-rim] = True
    seen = _inside(view, shape)
    return Outline(view, sheet if seen is None else sheet & seen)


def _inside(view: View, shape: tuple[int, ...]) -> Mask | None:
    """Which of the view's pixels lie in the picture (H, W); None if all do."""
    height, width = shape
    full = np.ones((max(1, height // 16), max(1, width // 16)), dtype=np.float32)
    factor = np.diag([width / full.shape[1], height / full.shape[0], 1.0])
    mask: Mask = warp(full, np.linalg.inv(factor) @ view.matrix, view.size) > 0.98
    return None if mask.all() else mask
