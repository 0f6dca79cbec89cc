"""Finds the corner marks of the form in a photo, and from them the homography from form to photo.

A mark is a black square in a black square frame, 7 modules wide, as in a QR code: it looks alike from all
sides. The mark at the top left has a thicker frame and a smaller square, so that it is known from the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hello_dl.reading.image.arrays import Floats, Grey, Mask
from hello_dl.reading.image.blobs import Blobs, find_blobs
from hello_dl.reading.image.filters import blur, shrink
from hello_dl.reading.image.geometry import homography
from hello_dl.teaching.sheet.form import MARK, mark_corners

COPY_SIDE = 1600  # pixels of the longer side of the copy on which marks are looked for
REACH = 1 / 22  # share of the longer side: radius of the square with whose mean a pixel is compared
DARK = 0.8  # share of that mean below which a pixel counts as printed; smaller is stricter
LEAST = 12  # pixels of a mark's side in the copy
# Least and largest share of a mark's area that is its frame (24/49; top left 40/49) ...
FRAME_SHARE = ((0.40, 0.62), (0.70, 0.93))
# ... and its core, the square in the middle (9/49; top left 1/49).
CORE_SHARE = ((0.10, 0.30), (0.002, 0.07))
SQUARE = 0.12  # share by which the area may differ from a parallelogram's with the same moments
MOST_TRIED = 12  # marks, the largest, of which three or four are chosen
FORM_AREA = (60, 900)  # least and largest area between the chosen marks, in areas of a mark (form: 16 x 23)


class MarksError(ValueError):
    """The corner marks of a form were not found; the message says how many were."""


@dataclass(frozen=True)
class Mark:
    """A mark in the photo: its centre (2,), its pixels (n, 2), and whether it is the top left one."""

    centre: Floats
    pixels: Floats
    first: bool

    @property
    def size(self) -> float:
        """The side in pixels of a square with the mark's area."""
        return float(np.sqrt(len(self.pixels)))


def find_form(grey: Grey) -> Floats:
    """Return the homography (3, 3) from the form's millimetres to the pixels of a photo.

    `grey` is (H, W), 0 = black .. 1 = white. The form may be turned by any angle, even upside down; one of
    its marks may be missing. Raises MarksError if fewer than three are found.
    """
    small = shrink(grey, COPY_SIDE)
    scale = grey.shape[1] / small.shape[1]
    marks = _choose(_candidates(small))
    places = _in_order(marks)
    # From pixels of the copy to those of the photo: the middle of pixel (0, 0) is (0.5, 0.5) in both.
    return np.diag([scale, scale, 1.0]) @ _fit(places)


def _candidates(small: Grey) -> list[Mark]:
    """Return all marks in a picture (h, w): dark frames with something dark in the middle of their hole."""
    around = blur(small, max(8, round(max(small.shape) * REACH)))
    blobs = find_blobs(small < DARK * around)
    left, top, right, bottom = blobs.boxes.T
    wide, high = right - left, bottom - top
    framelike = (np.minimum(wide, high) >= LEAST) & (np.maximum(wide, high) < 2 * np.minimum(wide, high))
    framelike &= np.maximum(wide, high) < max(small.shape) / 5
    found = []
    for frame in np.flatnonzero(framelike):
        size = float(np.sqrt(wide[frame] * high[frame]))
        off = np.hypot(
            (left + right - left[frame] - right[frame]) / 2, (top + bottom - top[frame] - bottom[frame]) / 2
        )
        inside = (off < 0.1 * size) & (wide < 0.75 * wide[frame]) & (high < 0.75 * high[frame])
        inside[frame] = False
        cores = np.flatnonzero(inside)
        if len(cores):
            mark = _mark(blobs, int(frame), int(cores[np.argmax(blobs.area[cores])]))
            found += [mark] if mark is not None else []
    return found


def _mark(blobs: Blobs, frame: int, core: int) -> Mark | None:
    """Return the mark with this frame and core (numbers of blobs); None if their shares do not fit."""
    box = tuple(int(v) for v in blobs.boxes[frame])
    filled = _fill(blobs.mask(np.array([frame]), (box[0], box[1], box[2], box[3])))
    whole = float(filled.sum())
    shares = float(blobs.area[frame]) / whole, float(blobs.area[core]) / whole
    for first in (False, True):
        limits = FRAME_SHARE[first], CORE_SHARE[first]
        if all(low <= share <= high for share, (low, high) in zip(shares, limits, strict=True)):
            break
    else:
        return None
    y, x = np.nonzero(filled)
    pixels = np.stack([x + box[0] + 0.5, y + box[1] + 0.5], axis=1)
    # A parallelogram of area A has moments with A = 12 sqrt(det(cov)); an ellipse has 4 pi sqrt(det(cov)).
    spread = 12 * float(np.sqrt(np.linalg.det(np.cov(pixels.T))))
    return Mark(pixels.mean(axis=0), pixels, first) if abs(whole / spread - 1) < SQUARE else None


def _fill(mask: Mask) -> Mask:
    """Return a mask with its holes filled: all that cannot be reached from outside."""
    padded = np.pad(mask, 1)
    gaps = find_blobs(~padded)
    outside = gaps.mask(np.array([_at(gaps, 0, 0)]), (0, 0, padded.shape[1], padded.shape[0]))
    return np.asarray(~outside[1:-1, 1:-1], np.bool_)


def _at(blobs: Blobs, row: int, column: int) -> int:
    """Return the number of the blob that holds a pixel."""
    run = np.flatnonzero((blobs.row == row) & (blobs.start <= column) & (column < blobs.end))[0]
    return int(np.searchsorted(blobs.first, run, side="right") - 1)


def _choose(marks: list[Mark]) -> list[Mark]:
    """Return the three or four marks that belong together: alike in size, at most one the first, far apart.

    Raises MarksError if there are none.
    """
    best: tuple[float, list[Mark]] | None = None
    marks = sorted(marks, key=lambda mark: -mark.size)[:MOST_TRIED]
    for n in (4, 3):
        for some in combinations(marks, n):
            sizes = [mark.size for mark in some]
            firsts = sum(mark.first for mark in some)
            if max(sizes) > 2 * min(sizes) or firsts > 1 or (n == 4 and firsts != 1):
                continue
            area = _hull_area(np.array([mark.centre for mark in some])) / max(sizes) ** 2
            if not FORM_AREA[0] < area < FORM_AREA[1]:
                continue
            if best is None or area > best[0]:
                best = area, list(some)
        if best is not None:
            return best[1]
    raise MarksError(f"found {min(len(marks), 2)} of the four corner marks")


def _hull_area(points: Floats) -> float:
    """Return the area of the polygon of some points (n, 2), sorted by their angle about their middle."""
    around = points - points.mean(axis=0)
    x, y = around[np.argsort(np.arctan2(around[:, 1], around[:, 0]))].T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def _in_order(marks: list[Mark]) -> list[Mark | None]:
    """Return marks in order: top left, top right, bottom right, bottom left; None for a missing one."""
    centres = np.array([mark.centre for mark in marks])
    around = centres - centres.mean(axis=0)
    order = np.argsort(np.arctan2(around[:, 1], around[:, 0]))  # clockwise, for y points down
    ring: list[Mark | None] = [marks[i] for i in order]
    if len(ring) == 3:
        ring.insert(_gap(centres[order]), None)
    firsts = [i for i, mark in enumerate(ring) if mark is not None and mark.first]
    start = firsts[0] if firsts else ring.index(None)  # three usual marks: the missing one is the first
    return ring[start:] + ring[:start]


def _gap(ring: Floats) -> int:
    """Return where in a ring of three corners (3, 2) the fourth is missing: opposite to the right angle."""
    corners = []
    for i in range(3):
        a, b = ring[i - 1] - ring[i], ring[(i + 1) % 3] - ring[i]
        corners.append(abs(float(a @ b)) / float(np.linalg.norm(a) * np.linalg.norm(b)))
    right_angle = int(np.argmin(corners))
    return (right_angle + 2) % 3  # between the other two


def _fit(places: list[Mark | None]) -> Floats:
    """Return the homography (3, 3) from the centres of four marks, or from the twelve corners of three."""
    form = np.array([[(b[0] + b[2]) / 2, (b[1] + b[3]) / 2] for b in mark_corners()])
    there = [i for i, mark in enumerate(places) if mark is not None]
    centres = np.array([mark.centre for mark in places if mark is not None])
    if len(there) == 4:
        return homography(form, centres)
    affine = np.linalg.lstsq(np.column_stack([form[there], np.ones(3)]), centres, rcond=None)[0].T
    back = np.linalg.inv(affine[:, :2])
    corners_form, corners_photo = [], []
    for i in there:
        mark = places[i]
        assert mark is not None
        local = (mark.pixels - mark.centre) @ back.T  # about in mm, along the form's sides
        for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            corners_form.append(form[i] + np.array([dx, dy]) * MARK / 2)
            # The outermost pixels that way, and half a pixel on to their own corner.
            far = np.argsort(local @ np.array([dx, dy]))[-4:]
            half = affine[:, :2] @ np.array([dx, dy])
            corners_photo.append(mark.pixels[far].mean(axis=0) + 0.5 * half / np.linalg.norm(half))
    return homography(np.array(corners_form), np.array(corners_photo))
