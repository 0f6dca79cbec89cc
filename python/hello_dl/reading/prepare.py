"""Makes of a photo the page that is read: the ink alone, upright, in letters of a useful size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .blobs import find_blobs
from .corners import find_corners
from .filters import Grey, Mask, enlarge, shrink
from .inkfinder import find_ink
from .segment import EDGE, usual_height
from .sheet import find_sheet
from .straighten import Matrix, along_lines, from_corners, line_angles, proportions, scaling, warp

SURVEY = 1100  # pixels on the longer side of the small picture on which everything is found first
COARSER = (1, 2, 4, 8)  # times smaller copies of it in which ink is looked for: letters may be large
LEAST_SIDE = 24  # pixels of a side of such a copy
LETTERS = (8, 100)  # pixels of height of a patch that may be a letter there
CLEAR = 0.7  # ink that it has somewhere
NEARLY = 0.65  # of the most ink that any copy shows: the finest with this much is believed
TALL = 40.0  # pixels of height that the usual letter is to have on the page that is read
LARGEST = 2.0  # times the picture's own size that a page with small letters may get
MOST_PIXELS = 9_000_000  # of that page
MAYBE, SOMETHING = (
    0.3,
    0.8,
)  # ink: rather so than not; and what the surest tenth of it has where there is a pen
USUAL = 0.85  # of ink that a good pen leaves: the network's usual answer for a pixel of its strokes
RIM = 0.006  # of the page's longer side: what touches a sheet's edge is no writing
LOST = 0.02  # share of the ink that may lie beside a sheet; more, and the sheet's edge may be a shadow's,
MOST_LOST = 0.9  # ... or what is beside it only looked like ink; with so much it is no sheet for sure
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
    whether a sheet was cut out by its corners, `doubtful` whether what was cut off with it may be writing.
    """

    ink: Grey
    to_picture: Matrix
    straightened: bool
    doubtful: bool = False


@dataclass
class View:
    """A picture of the page on the way: its size, and where its pixels lie in the picture."""

    matrix: Matrix
    size: tuple[int, int]  # width, height

    def of(self, grey: Grey, outside: float = 0.0) -> Grey:
        return warp(grey, self.matrix, self.size, outside)

    def through(self, matrix: Matrix, size: tuple[int, int]) -> View:
        return View(self.matrix @ matrix, size)


@dataclass
class _Survey:
    """What the small copy tells: where the upright page is, its sheet, and how tall its letters are."""

    view: View
    sheet: Mask | None
    straightened: bool
    doubtful: bool
    light_on_dark: bool
    tall: float | None  # pixels of height that the usual letter has; None if there are none


def prepare(grey: Grey, trace: Trace = no_trace, *, whole: bool = False) -> Prepared:
    """Finds the ink in a picture (H, W), and the sheet that it is on, and turns the page upright.

    All is found on a small copy; then the page is made once, from the picture's own pixels, at the size that
    reading needs, and the ink is looked for again. With `whole` no sheet is cut out.
    """
    grey, margin = _with_margin(grey)
    small = shrink(grey, SURVEY)
    factor = grey.shape[1] / small.shape[1]
    survey = _survey(small, trace, whole)
    width, height = survey.view.size
    larger = min(
        LARGEST * factor, (MOST_PIXELS / (width * height)) ** 0.5
    )  # than the survey the page is to be
    if survey.tall is not None:
        larger = min(larger, TALL / survey.tall)
    on_grey = scaling(factor) @ survey.view.matrix @ scaling(1 / larger)
    page = View(on_grey, (max(1, round(width * larger)), max(1, round(height * larger))))
    to_picture = np.array([[1, 0, -margin], [0, 1, -margin], [0, 0, 1.0]]) @ on_grey
    if survey.tall is None:
        nothing = np.zeros(page.size[::-1], np.float32)
        return Prepared(nothing, to_picture, survey.straightened, survey.doubtful)
    ink = find_ink(page.of(1 - grey if survey.light_on_dark else grey))
    if survey.sheet is not None:
        ink *= np.asarray(Image.fromarray(survey.sheet).resize(page.size))
    ink = _lifted(ink)
    trace("ink", ink)
    return Prepared(ink, to_picture, survey.straightened, survey.doubtful)


def _lifted(ink: Grey) -> Grey:
    """The ink of a faint pen, in place, with log odds so much higher that strokes do not break.

    What counts is the middle of all that is rather ink than not. Where the network is sure of nothing there
    is no pen, and nothing changes.
    """
    some = ink[ink > MAYBE]
    if some.size == 0 or np.percentile(some, 90) < SOMETHING:
        return ink
    usual = float(np.median(some))
    odds = np.float32(USUAL / (1 - USUAL) * (1 - usual) / usual)
    if odds > 1:
        ink *= odds
        ink /= ink * np.float32(1 - 1 / odds) + 1
    return ink


def _with_margin(grey: Grey) -> tuple[Grey, int]:
    """A small picture with more of its paper around it, for a letter that fills it has no paper to stand on.

    Returns it and how wide the margin is, in pixels; large pictures stay as they are.
    """
    if max(grey.shape) > SURVEY // 2:
        return grey, 0
    margin = max(8, max(grey.shape) // 4)
    paper = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    return np.pad(grey, margin, constant_values=paper), margin


def _survey(small: Grey, trace: Trace, whole: bool) -> _Survey:
    """Looks at a small copy of the picture, first as it is, then turned upright."""
    light_on_dark, ink = _first_look(small)
    trace("ink-survey", ink)
    height, width = small.shape
    everything = View(np.eye(3), (width, height))
    view, sheet, straightened, doubtful = everything, None, False, False
    if not whole:
        view, sheet, straightened, doubtful = _cut_out(small, ink, everything)
    shown = view.of(small)
    trace("sheet", shown if sheet is None else np.where(sheet, shown, shown / 4))
    view, sheet = turn(view, view.of(ink) > EDGE, sheet)
    if (there := inside(view, small.shape)) is not None:
        sheet = there if sheet is None else sheet & there
    trace("upright", view.of(small))
    ink = view.of(ink)
    tall = letter_height(ink if sheet is None else ink * sheet)
    return _Survey(view, sheet, straightened, doubtful, light_on_dark, tall)


@dataclass(frozen=True)
class _Look:
    """Ink as the network found it in one copy of a picture: `ink` (h, w), in the negative if `light`.

    `letters` counts the patches that look like letters, `area` is theirs, in pixels of the picture itself.
    """

    ink: Grey
    light: bool
    letters: int
    area: float


def _first_look(small: Grey) -> tuple[bool, Grey]:
    """Whether light ink on dark ground is what the picture shows, and the ink (H, W).

    The network knows dark ink, and letters of a certain size. So it is shown the picture and its negative,
    and smaller and smaller copies of both. The finest copies with several letters are believed; where there
    are none, the one with most ink in letters, and the finest that has nearly as much.
    """
    looks: list[_Look] = []
    for k in COARSER:
        if k > 1 and min(small.shape) < k * LEAST_SIDE:
            break
        copy = small if k == 1 else np.asarray(Image.fromarray(small).reduce(k), dtype=np.float32)
        looks += [_look(copy, k, light=False), _look(1 - copy, k, light=True)]
        best = max(looks[-2:], key=lambda look: look.letters)
        if best.letters >= FEW:
            break
    else:
        most = max(look.area for look in looks)
        best = next(look for look in looks if look.area >= NEARLY * most)
    return best.light, enlarge(best.ink, small.shape)


def _look(copy: Grey, k: int, light: bool) -> _Look:
    """Looks for ink in a copy that is k times smaller than the picture."""
    ink = find_ink(copy)
    blobs = find_blobs(ink > 0.5)
    left, top, right, bottom = blobs.boxes.T
    like = (bottom - top >= LETTERS[0]) & (bottom - top <= LETTERS[1])
    like &= (left > 0) & (top > 0) & (right < copy.shape[1]) & (bottom < copy.shape[0])
    like &= np.array([ink[t:b, x:r].max() > CLEAR for x, t, r, b in blobs.boxes.tolist()], dtype=np.bool_)
    return _Look(ink, light, int(like.sum()), float(k * k * blobs.area[like].sum()))


def _cut_out(small: Grey, ink: Grey, everything: View) -> tuple[View, Mask | None, bool, bool]:
    """The survey's view of the sheet alone, or of the whole picture with a mask of where the sheet is.

    Also whether the sheet was straightened, and whether it is doubtful because much ink lies beside it.
    """
    corners = find_corners(small)
    if corners is not None:
        view, sheet = cut_sheet(corners, small.shape)
        lost = _lost(ink, _covered(view, small.shape))
        if lost <= MOST_LOST:
            return view, sheet, True, lost > LOST
    found = find_sheet(small)
    lost = 0.0 if found is None else _lost(ink, found)
    if lost > MOST_LOST:
        found = None
    return everything, found, False, lost > LOST


def cut_sheet(corners: NDArray[np.float64], shape: tuple[int, ...]) -> tuple[View, Mask]:
    """The view of a sheet with these corners (4, 2) in a picture (H, W), and its pixels that are sheet."""
    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)  # top, right, bottom, left
    across, down = max(lengths[0], lengths[2]), max(lengths[1], lengths[3])
    wider = np.clip(proportions(corners, shape) / (across / down), 0.5, 2.0) ** 0.5
    size = (max(8, round(across * wider)), max(8, round(down / wider)))
    page = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=float)
    view = View(from_corners(page, corners), size)
    # All of it is sheet; but once it is turned, something of the table comes into view.
    sheet = _without_rim(size)
    seen = inside(view, shape)
    return view, sheet if seen is None else sheet & seen


def _covered(view: View, shape: tuple[int, ...]) -> Mask:
    """Which pixels of a picture (H, W) a view shows."""
    full = np.ones(view.size[::-1], dtype=np.float32)
    seen: Mask = warp(full, np.linalg.inv(view.matrix).astype(np.float64), (shape[1], shape[0])) > 0.5
    return seen


def _lost(ink: Grey, sheet: Mask) -> float:
    """The share of the ink that lies beside the sheet."""
    return float(ink[~sheet].sum()) / max(float(ink.sum()), 1e-9)


def turn(view: View, ink: Mask, sheet: Mask | None) -> tuple[View, Mask | None]:
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


def inside(view: View, shape: tuple[int, ...]) -> Mask | None:
    """Which of the view's pixels lie in the picture; None if all do."""
    height, width = shape
    full = np.ones((max(1, height // 16), max(1, width // 16)), dtype=np.float32)
    factor = np.diag([width / full.shape[1], height / full.shape[0], 1.0])
    mask: Mask = warp(full, np.linalg.inv(factor) @ view.matrix, view.size) > 0.98
    return None if mask.all() else mask


def letter_height(ink: Grey) -> float | None:
    """The height of the usual letter in a small picture of ink, None if there is none."""
    blobs = find_blobs(ink > EDGE)
    kept = np.flatnonzero(blobs.area >= 4)
    return usual_height(blobs.boxes[kept]) if len(kept) else None
