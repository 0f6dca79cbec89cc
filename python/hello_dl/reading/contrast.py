"""The plain way to a page's ink: what is darker than the paper nearby, and narrower than a pen's stroke.

No network is asked, so strange pens and single large letters that it does not know are found as well; but
squared paper, folds and a table may be taken for ink. `pipeline` reads a page both ways where it is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .corners import find_corners
from .filters import Grey, Mask, closing, shrink
from .ink import as_bytes, depth, is_light_on_dark, pen_reach, stretch
from .prepare import (
    MOST_PIXELS,
    SURVEY,
    TALL,
    Prepared,
    Trace,
    View,
    cut_sheet,
    inside,
    letter_height,
    no_trace,
    turn,
)
from .rules import Rules, find_rules
from .segment import EDGE
from .sheet import find_sheet
from .straighten import scaling

RULE_RUN = 2.2  # usual letters' heights: a dark line of this length is a printed one
PALE = 0.125  # ink below this is none: contrast is never quite zero, as the network's answer is


@dataclass
class _Survey:
    """What the small copy tells: where the upright page is, its sheet, pen, printed lines and letters."""

    view: View
    sheet: Mask | None
    straightened: bool
    light_on_dark: bool
    reach: int
    rules: Rules
    tall: float | None  # pixels of height that the usual letter has; None if there are none


def prepare_by_contrast(grey: Grey, trace: Trace = no_trace) -> Prepared:
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
    page = View(matrix, (max(1, round(width * larger)), max(1, round(height * larger))))
    shown = page.of(1 - grey if survey.light_on_dark else grey)
    sheet = survey.sheet
    if sheet is not None:
        sheet = np.asarray(Image.fromarray(sheet).resize(page.size))
    run = round(RULE_RUN * larger * (survey.tall or 0.02 * max(width, height)))
    rules = Rules(survey.rules.across, survey.rules.down, run)
    ink = stretch(depth(shown, max(2, round(survey.reach * larger)), rules), sheet)
    ink -= PALE
    ink /= 1 - PALE
    np.maximum(ink, 0, out=ink)
    trace("ink", ink)
    return Prepared(ink, page.matrix, survey.straightened)


def _survey(small: Grey, trace: Trace) -> _Survey:
    """Looks at a small copy of the picture, first as it is, then turned upright."""
    corners = find_corners(small)
    if corners is None:
        height, width = small.shape
        view, sheet = View(np.eye(3), (width, height)), find_sheet(small)
    else:
        view, sheet = cut_sheet(corners, small.shape)
    seen = view.of(small)
    trace("sheet", seen if sheet is None else np.where(sheet, seen, seen / 4))
    shown = view.of(small)
    light_on_dark = is_light_on_dark(shown, sheet)
    if light_on_dark:
        small, shown = 1 - small, 1 - shown
    reach = pen_reach(shown)
    written = stretch(depth(shown, reach), sheet)
    trace("ink-survey", written)
    view, sheet = turn(view, written > EDGE, sheet)
    if (there := inside(view, small.shape)) is not None:
        sheet = there if sheet is None else sheet & there
    shown = view.of(small)
    trace("upright", 1 - shown if light_on_dark else shown)
    values = as_bytes(shown)
    rules = find_rules(values, closing(values, reach))
    tall = letter_height(stretch(depth(shown, reach, rules), sheet))
    return _Survey(view, sheet, corners is not None, light_on_dark, reach, rules, tall)
