"""Makes of a photo the page that is read: sheet cut out, upright, even in light, letters of a useful size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .blobs import find_blobs
from .corners import find_corners
from .filters import Grey, Mask, closing, shrink
from .ink import as_bytes, depth, is_light_on_dark, pen_reach, stretch
from .rules import Rules, find_rules
from .segment import EDGE, usual_height
from .sheet import find_sheet
from .straighten import Matrix, along_lines, from_corners, line_angles, scaling, warp

SURVEY = 1100  # pixels on the longer side of the small picture on which everything is found first
TALL = 40.0  # pixels of height that the usual letter is to have on the page that is read
MOST_PIXELS = 9_000_000  # of that page
RULE_RUN = 2.2  # usual letters' heights: a dark line of this length is a printed one
RIM = 0.006  # of the page's longer side: what touches a sheet's edge is no writing
FEW = 6  # patches of ink; fewer do not tell how lines run

Trace = Callable[
    [str, Grey | Mask | NDArray[np.uint8]], None
]  # is given each picture on the way, with its name


def no_trace(_name: str, _picture: Grey | Mask | NDArray[np.uint8]) -> None:
    """Keeps nothing."""


@dataclass(frozen=True)
class Prepared:
    """The page to be read: `ink` (H, W), 0 = paper .. 1 = ink, and where its pixels lie in the picture.

    `to_picture` is the homography (3, 3) from the page's pixels to those of the picture; `straightened` says
    whether a sheet was cut out by its corners.
    """

    ink: Grey
    to_picture: Matrix
    straightened: bool


@dataclass
class _View:
    """A picture of the page on the way: its size, and where its pixels lie in the picture."""

    matrix: Matrix
    size: tuple[int, int]  # width, height

    def of(self, grey: Grey) -> Grey:
        return warp(grey, self.matrix, self.size)

    def through(self, matrix: Matrix, size: tuple[int, int]) -> _View:
        return _View(self.matrix @ matrix, size)


@dataclass
class _Survey:
    """What the small copy tells: where the upright page is, its sheet, pen, printed lines and letters."""

    view: _View
    sheet: Mask | None
    straightened: bool
    light_on_dark: bool
    reach: int
    rules: Rules
    tall: float | None  # pixels of height that the usual letter has; None if there are none


def prepare(grey: Grey, trace: Trace = no_trace) -> Prepared:
    """Finds the sheet in a picture (H, W), turns it upright, evens the light, leaves ruled lines out.

    All is found on a small copy; then the page is made once, from the picture's own pixels, at the size that
    reading needs.
    """
    small = shrink(grey, SURVEY)
    factor = grey.shape[1] / small.shape[1]
    survey = _survey(small, trace)
    width, height = survey.view.size
    larger = min(factor, (MOST_PIXELS / (width * height)) ** 0.5)  # than the survey the page is to be
    if survey.tall is not None:
        larger = min(larger, TALL / survey.tall)
    matrix = scaling(factor) @ survey.view.matrix @ scaling(1 / larger)
    page = _View(matrix, (max(1, round(width * larger)), max(1, round(height * larger))))
    shown = page.of(1 - grey if survey.light_on_dark else grey)
    sheet = survey.sheet
    if sheet is not None:
        sheet = np.asarray(Image.fromarray(sheet).resize(page.size))
    run = round(RULE_RUN * larger * (survey.tall or 0.02 * max(width, height)))
    rules = Rules(survey.rules.across, survey.rules.down, run)
    ink = stretch(depth(shown, max(2, round(survey.reach * larger)), rules), sheet)
    trace("ink", ink)
    return Prepared(ink, page.matrix, survey.straightened)


def _survey(small: Grey, trace: Trace) -> _Survey:
    """Looks at a small copy of the picture, first as it is, then turned upright."""
    view, sheet, straightened = _cut_out(small, trace)
    shown = view.of(small)
    light_on_dark = is_light_on_dark(shown, sheet)
    if light_on_dark:
        small, shown = 1 - small, 1 - shown
    reach = pen_reach(shown)
    written = stretch(depth(shown, reach), sheet)
    trace("ink-survey", written)
    view, sheet = _turn(view, written > EDGE, sheet)
    if (inside := _inside(view, small.shape)) is not None:
        sheet = inside if sheet is None else sheet & inside
    shown = view.of(small)
    trace("upright", 1 - shown if light_on_dark else shown)
    values = as_bytes(shown)
    rules = find_rules(values, closing(values, reach))
    tall = _letter_height(stretch(depth(shown, reach, rules), sheet))
    return _Survey(view, sheet, straightened, light_on_dark, reach, rules, tall)


def _cut_out(small: Grey, trace: Trace) -> tuple[_View, Mask | None, bool]:
    """The survey's view of the sheet alone, or of the whole picture with a mask of where the sheet is."""
    corners = find_corners(small)
    height, width = small.shape
    if corners is None:
        sheet = find_sheet(small)
        trace("sheet", small if sheet is None else np.where(sheet, small, small / 4))
        return _View(np.eye(3), (width, height)), sheet, False
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)  # top, right, bottom, left
    across, down = max(lengths[0], lengths[2]), max(lengths[1], lengths[3])
    size = (max(8, round(across)), max(8, round(down)))
    page = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=float)
    view = _View(from_corners(page, corners), size)
    trace("sheet", view.of(small))
    # All of it is sheet; but once it is turned, something of the table comes into view.
    sheet = _without_rim(size)
    inside = _inside(view, small.shape)
    return view, sheet if inside is None else sheet & inside, True


def _turn(view: _View, ink: Mask, sheet: Mask | None) -> tuple[_View, Mask | None]:
    """Turns the view so that lines of writing run from left to right, if there are enough patches to tell."""
    if len(find_blobs(ink)) < FEW:
        return view, sheet
    angles = line_angles(ink)
    if angles == (0.0, 0.0):
        return view, sheet
    matrix, size = along_lines(view.size, angles)
    if sheet is not None:
        sheet = warp(sheet.astype(np.float32), matrix, size) > 0.99
    return view.through(matrix, size), sheet


def _without_rim(size: tuple[int, int]) -> Mask:
    """A sheet without its own edge: corners are known to a few pixels only."""
    sheet = np.zeros(size[::-1], dtype=np.bool_)
    rim = max(1, round(RIM * max(size)))
    sheet[rim:-rim, rim:-rim] = True
    return sheet


def _inside(view: _View, shape: tuple[int, ...]) -> Mask | None:
    """Which of the view's pixels lie in the picture; None if all do."""
    height, width = shape
    full = np.ones((max(1, height // 16), max(1, width // 16)), dtype=np.float32)
    factor = np.diag([width / full.shape[1], height / full.shape[0], 1.0])
    mask: Mask = warp(full, np.linalg.inv(factor) @ view.matrix, view.size) > 0.98
    return None if mask.all() else mask


def _letter_height(ink: Grey) -> float | None:
    """The height of the usual letter in a small picture of ink, None if there is none."""
    blobs = find_blobs(ink > EDGE)
    kept = np.flatnonzero(blobs.area >= 4)
    return usual_height(blobs.boxes[kept]) if len(kept) else None
