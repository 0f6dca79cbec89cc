"""Makes of a photo the page that is read: the ink alone, upright, in letters of a useful size."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.geometry import warp
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.ink_map.first_look import Look
from hello_dl.reading.ink_map.network import find_ink
from hello_dl.reading.ink_map.patches import EDGE
from hello_dl.reading.sheet.survey import Outline, Photo, Prepared, letter_height

MAYBE = 0.3  # ink: rather so than not
SOMETHING = 0.8  # what the surest tenth of it has where there is a pen
USUAL = 0.85  # of ink that a good pen leaves: the network's usual answer for a pixel of its strokes
BESIDE = 0.05  # share of the letters that may lie beside a sheet; more, and its edge may be a shadow's
ALIKE = 2.0  # times higher or lower than the usual letter that what lies there is


def prepare(photo: Photo, look: Look, trace: Trace = no_trace, *, whole: bool = False) -> Prepared:
    """Finds the ink in a photo by a network, and the sheet that it is on, and turns the page upright.

    What is known of the ink is a first `look` at a small copy, on which all else is found as well; then the
    page is made once, from the picture's own pixels, at the size that reading needs, and the ink is looked
    for again. With `whole` no sheet is cut out.
    """
    trace("ink-survey", look.ink)
    outline = photo.everything if whole else photo.outline
    doubtful = _beside(look.ink, outline) > BESIDE
    trace("sheet", outline.shown(photo.small))
    outline = outline.turned(outline.view.of(look.ink) > EDGE, photo.small.shape)
    trace("upright", outline.view.of(photo.small))
    ink = outline.view.of(look.ink)
    tall = letter_height(ink if outline.sheet is None else ink * outline.sheet)
    page, sheet = photo.page(outline, tall)
    if tall is None:
        return Prepared(np.zeros(page.size[::-1], np.float32), photo.to_picture(page), doubtful)
    ink = find_ink(page.of(1 - photo.grey if look.light_on_dark else photo.grey))
    if sheet is not None:
        ink *= sheet
    ink = _lifted(ink)
    trace("ink", ink)
    return Prepared(ink, photo.to_picture(page), doubtful)


def _beside(ink: Grey, outline: Outline) -> float:
    """The share of the letters that lie beside a sheet: patches of ink (H, W) as high as those on it."""
    if outline.sheet is None:
        return 0.0
    back = np.linalg.inv(outline.view.matrix).astype(np.float64)
    sheet = warp(outline.sheet.astype(np.float32), back, (ink.shape[1], ink.shape[0])) > 0.5
    tall = letter_height(ink * sheet) or letter_height(ink)
    if tall is None:
        return 0.0
    boxes = find_blobs(ink > EDGE).boxes
    height = boxes[:, 3] - boxes[:, 1]
    boxes = boxes[(height > tall / ALIKE) & (height < tall * ALIKE)]
    x, y = (boxes[:, 0] + boxes[:, 2]) // 2, (boxes[:, 1] + boxes[:, 3]) // 2
    return float(np.mean(~sheet[y, x])) if len(boxes) else 0.0


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
