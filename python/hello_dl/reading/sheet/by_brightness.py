"""Finds the sheet of paper when it lies on something darker, so that the table is not read as writing."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Grey, Mask
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import enlarge, shrink, spread
from hello_dl.reading.image.threshold import otsu

SMALL = 256  # pixels on the longer side at which the sheet is looked for
LEAST_SHARE = 0.2  # of the picture that a sheet must cover
SOLID = 0.85  # share of the sheet's outline that must be paper: letters make holes, but small ones
CONVEX = 0.93  # share of itself with its bays filled that the sheet takes: paper has none
STEP = 1.25  # the paper must be this many times brighter than what lies just outside its edge
ALSO_BRIGHT = 0.1  # of the rest may be as bright as the paper; more, and it is one letter's hole
MARGIN = 0.012  # of the longer side, cut off the sheet all round: its edge and the shadow under it


def find_sheet(grey: Grey) -> Mask | None:
    """Returns where the sheet is, as an (H, W) mask without its edges, or None if paper fills the picture.

    A sheet is one bright, solid patch with sharp edges that something darker surrounds on all four sides of
    the picture, or nearly: uneven light has soft edges, and a shadow that falls across a page does not
    surround it.
    """
    small = shrink(grey, SMALL)
    if min(small.shape) < 32:
        return None
    bright = spread(spread(small > otsu(small), -2), 2)  # cuts what hangs on by a thread, such as shiny wood
    blobs = find_blobs(bright)
    if len(blobs) == 0:
        return None
    height, width = small.shape
    sheet = blobs.mask(np.array([np.argmax(blobs.area)]), (0, 0, width, height))
    outline = _fill_holes(spread(spread(sheet, 3), -3))
    outline = spread(spread(outline, -6), 6)  # what is thinner than 12 pixels is not the sheet
    share = float(outline.mean())
    if not LEAST_SHARE <= share <= 0.97 or sheet.sum() < SOLID * outline.sum() or not _surrounded(outline):
        return None
    if outline.sum() < CONVEX * _without_bays(outline).sum():
        return None  # a shadow has eaten into it
    inner, outer = spread(outline, -3) & ~spread(outline, -6), spread(outline, 5) & ~spread(outline, 2)
    if not inner.any() or not outer.any():
        return None
    if float(np.median(small[inner])) < STEP * float(np.median(small[outer])):
        return None
    outside = small[~spread(outline, 3)]
    if float(np.mean(outside > 0.9 * float(np.median(small[outline])))) > ALSO_BRIGHT:
        return None
    inside = spread(outline, -max(2, round(MARGIN * max(height, width))))
    found: Mask = enlarge(inside.astype(np.float32), grey.shape) > 0.99
    return found


def _fill_holes(patch: Mask) -> Mask:
    """Adds what a patch encloses: letters on a sheet become paper again."""
    height, width = patch.shape
    gaps = find_blobs(~patch)
    left, top, right, bottom = gaps.boxes.T
    holes = np.flatnonzero((left > 0) & (top > 0) & (right < width) & (bottom < height))
    filled: Mask = patch | gaps.mask(holes, (0, 0, width, height))
    return filled


def _without_bays(patch: Mask) -> Mask:
    """Adds what lies between two places of a patch in the same row, or in the same column."""
    filled = patch.copy()
    for axis in (0, 1):
        ahead = np.logical_or.accumulate(patch, axis=axis)
        behind = np.flip(np.logical_or.accumulate(np.flip(patch, axis), axis=axis), axis)
        filled |= ahead & behind
    return filled


def _surrounded(outline: Mask) -> bool:
    """Whether at least three sides of the picture show mostly something else, and the fourth some of it."""
    sides = sorted(
        1 - float(side.mean()) for side in (outline[0], outline[-1], outline[:, 0], outline[:, -1])
    )
    return sides[0] > 0.02 and sides[1] > 0.5
