"""Ruled and squared paper: finds whether a page has printed lines, and counts them as paper, not as ink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .blobs import find_blobs
from .filters import Bytes, closing_along

SLOPE = 0.035  # how much a printed line may still climb on a straightened page
RUN = 1 / 9  # of the page's longer side: a dark line of this length on all its way may be a printed one
LONG = 0.65  # of the page's width or height that a printed line takes on without a break
THIN = 1 / 120  # of the page's longer side that it may be thick
FAINT = 0.05  # share of the light that it swallows
FEWEST = 3  # of them in one direction make ruled paper


@dataclass(frozen=True)
class Rules:
    """Which printed lines a page has, and over how many pixels (`run`) a dark line counts as one."""

    across: bool = False
    down: bool = False
    run: int = 0


NO_RULES = Rules()


def find_rules(values: Bytes, paper: Bytes) -> Rules:
    """Looks for long thin dark lines on an upright page (H, W) with the brightness `paper` around them."""
    run = max(12, round(RUN * max(values.shape)))
    found = []
    for upright in (False, True):
        line = _paper_along(values, run, upright)
        dark = line.astype(np.float32) < (1 - FAINT) * paper
        blobs = find_blobs(dark)
        axis = 1 if upright else 0
        length = blobs.boxes[:, axis + 2] - blobs.boxes[:, axis]
        thick = blobs.area / np.maximum(length, 1)
        enough = max(LONG * values.shape[1 - axis], LONG / 2 * max(values.shape))
        found.append(int(np.sum((length > enough) & (thick < THIN * max(values.shape)))) >= FEWEST)
    return Rules(found[0], found[1], run)


def with_rules(values: Bytes, paper: Bytes, rules: Rules) -> Bytes:
    """The brightness of bare paper, (H, W), or of the printed line where there is one.

    So the line itself misses no light, and a pen that crosses it still does: nothing is cut out of letters.
    """
    for wanted, upright in ((rules.across, False), (rules.down, True)):
        if wanted:
            paper = np.minimum(paper, _paper_along(values, rules.run, upright))
    return paper


def _paper_along(values: Bytes, run: int, upright: bool) -> Bytes:
    """What is left if all is filled that no dark line of `run` pixels passes, whichever way it climbs."""
    most = max(1, round(SLOPE * run))
    lines = None
    for rise in range(-most, most + 1):
        line = closing_along(values, run, rise, upright)
        lines = line if lines is None else np.minimum(lines, line, out=lines)
    assert lines is not None
    return lines
