"""The plain way to a page's ink: what is darker than the paper nearby, and narrower than a pen's stroke.

No network is asked, so strange pens and single large letters that it does not know are found as well; but
squared paper, folds and a table may be taken for ink. `pipeline` reads a page both ways where it is in doubt.
"""

from __future__ import annotations

import numpy as np

from .filters import closing
from .ink import as_bytes, depth, is_light_on_dark, pen_reach, stretch
from .rules import Rules, find_rules
from .segment import EDGE
from .survey import Photo, Prepared, Trace, letter_height, no_trace

RULE_RUN = 2.2  # usual letters' heights: a dark line of this length is a printed one
PALE = 0.125  # ink below this is none: contrast is never quite zero, as the network's answer is


def prepare_by_contrast(photo: Photo, trace: Trace = no_trace) -> Prepared:
    """Turns the sheet of a photo upright, evens the light, leaves ruled lines out.

    All is found on a small copy; then the page is made once, from the picture's own pixels, at the size that
    reading needs.
    """
    outline = photo.outline
    trace("sheet", outline.shown(photo.small))
    light_on_dark = is_light_on_dark(outline.view.of(photo.small), outline.sheet)
    small, grey = (1 - photo.small, 1 - photo.grey) if light_on_dark else (photo.small, photo.grey)
    shown = outline.view.of(small)
    reach = pen_reach(shown)
    written = stretch(depth(shown, reach), outline.sheet)
    trace("ink-survey", written)
    outline = outline.turned(written > EDGE, small.shape)
    trace("upright", outline.view.of(photo.small))
    shown = outline.view.of(small)
    values = as_bytes(shown)
    rules = find_rules(values, closing(values, reach))
    tall = letter_height(stretch(depth(shown, reach, rules), outline.sheet))

    page, sheet = photo.page(outline, tall)
    larger = page.size[0] / outline.view.size[0]
    run = round(RULE_RUN * larger * (tall or 0.02 * max(outline.view.size)))
    rules = Rules(rules.across, rules.down, run)
    ink = stretch(depth(page.of(grey), max(2, round(reach * larger)), rules), sheet)
    ink -= PALE
    ink /= 1 - PALE
    np.maximum(ink, 0, out=ink)
    trace("ink", ink)
    return Prepared(ink, photo.to_picture(page))
