"""Finds the sheet of paper in a photo as the one large bright patch, when no straight edges are found."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Grey, Mask
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import enlarge, shrink, spread
from hello_dl.reading.image.threshold import otsu

COPY_SIDE = 256  # pixels of the longer side of the copy on which the sheet is looked for
LEAST_SIDE = 32  # pixels of the copy's shorter side; in a smaller one no sheet is looked for
THREAD = 2  # pixels: bright strips up to twice as wide are cut, such as a reflex that touches the sheet
GAP = 3  # pixels: gaps in the patch up to twice as wide are closed
THIN = 6  # pixels: parts of the patch up to twice as wide are not sheet
LEAST_SHARE, MOST_SHARE = 0.2, 0.97  # of the picture's area that a sheet covers
SOLID = 0.85  # least share of the filled outline that is bright; larger is stricter
CONVEX = 0.93  # least area / area with its bays filled; larger is stricter
STEP = 1.25  # least brightness just inside the edge / brightness just outside
AS_BRIGHT = 0.9  # share of the sheet's brightness from which a pixel outside counts as bright
# Largest share of the pixels outside that may be as bright as the sheet: above it the region is the inside of
# a letter, not a sheet.
ALSO_BRIGHT = 0.1
MARGIN = 0.012  # share of the longer side cut off all round: the sheet's edge and the shadow under it


def find_sheet(grey: Grey) -> Mask | None:
    """Return which pixels (H, W) of a picture are sheet, without its edge; None if paper fills the picture.

    `grey` is (H, W), 0 = black .. 1 = white. A sheet is one bright, solid patch that something darker
    surrounds on all four sides of the picture, or nearly, with sharp edges: uneven light has soft edges, and
    a shadow across a page does not surround it.
    """
    small = shrink(grey, COPY_SIDE)
    if min(small.shape) < LEAST_SIDE:
        return None
    blobs = find_blobs(_opened(small > otsu(small), THREAD))
    if len(blobs) == 0:
        return None
    height, width = small.shape
    sheet = blobs.mask(np.array([np.argmax(blobs.area)]), (0, 0, width, height))
    outline = _opened(_fill_holes(spread(spread(sheet, GAP), -GAP)), THIN)
    if not (_has_shape_of_sheet(sheet, outline) and _is_brighter(small, outline)):
        return None
    inside = spread(outline, -max(2, round(MARGIN * max(height, width))))
    found: Mask = enlarge(inside.astype(np.float32), grey.shape) > 0.99
    return found


def _opened(mask: Mask, radius: int) -> Mask:
    """Remove parts of a mask not wider than 2 * radius pixels (morphological opening)."""
    return spread(spread(mask, -radius), radius)


def _has_shape_of_sheet(sheet: Mask, outline: Mask) -> bool:
    """Whether a patch is as large, solid, convex and surrounded as a sheet; `outline` is it, filled."""
    if not LEAST_SHARE <= float(outline.mean()) <= MOST_SHARE or sheet.sum() < SOLID * outline.sum():
        return False
    return _is_surrounded(outline) and outline.sum() >= CONVEX * _without_bays(outline).sum()


def _is_brighter(small: Grey, outline: Mask) -> bool:
    """Whether a patch is brighter than its surroundings: at its edge, and nearly everywhere else."""
    inner, outer = spread(outline, -3) & ~spread(outline, -6), spread(outline, 5) & ~spread(outline, 2)
    if not inner.any() or not outer.any():
        return False
    if float(np.median(small[inner])) < STEP * float(np.median(small[outer])):
        return False
    outside = small[~spread(outline, 3)]
    also_bright = float(np.mean(outside > AS_BRIGHT * float(np.median(small[outline]))))
    return not also_bright > ALSO_BRIGHT


def _fill_holes(patch: Mask) -> Mask:
    """Add what a patch encloses: letters on a sheet become paper again."""
    height, width = patch.shape
    gaps = find_blobs(~patch)
    left, top, right, bottom = gaps.boxes.T
    holes = np.flatnonzero((left > 0) & (top > 0) & (right < width) & (bottom < height))
    filled: Mask = patch | gaps.mask(holes, (0, 0, width, height))
    return filled


def _without_bays(patch: Mask) -> Mask:
    """Add what lies between two places of a patch in the same row, or in the same column."""
    filled = patch.copy()
    for axis in (0, 1):
        ahead = np.logical_or.accumulate(patch, axis=axis)
        behind = np.flip(np.logical_or.accumulate(np.flip(patch, axis), axis=axis), axis)
        filled |= ahead & behind
    return filled


def _is_surrounded(outline: Mask) -> bool:
    """Whether at least three sides of the picture are mostly outside a patch, and the fourth a little."""
    sides = sorted(
        1 - float(side.mean()) for side in (outline[0], outline[-1], outline[:, 0], outline[:, -1])
    )
    return sides[0] > 0.02 and sides[1] > 0.5
