"""Cuts lines out of the boxes of a straightened page of sentences, as the line reader is shown them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Bytes, Grey
from hello_dl.reading.ink_map.network import find_ink
from hello_dl.reading.lines.line_reader import find_lines, usual_height
from hello_dl.reading.lines.straighten import straighten
from hello_dl.reading.lines.trace_lines import Curve
from hello_dl.teaching.sheet.sentences import LineSlot, line_slots

INSET = 0.7  # mm from a box's line to the part in which ink is looked for
ZOOM = 12.0  # pixels in a mm at which ink is looked for first: an x-height of 2.5 mm is 30 pixels
X_HEIGHT = 30.0  # pixels of x-height that the ink network sees best
WORTH_IT = 1.25  # factor by which the writing must be smaller to be made larger, and looked at again
INK = 0.5  # ink above this, of 1, is writing
LEAST_INK = 4.0  # squared mm of ink in a box, below which it is empty
BESIDE = 0.15  # share of the ink that is left or right of the line that was found, above which it is doubtful
CROSSED = 1.7  # times the usual ink in a mm of line, above which a box may be crossed out


@dataclass(frozen=True)
class FilledLine:
    """What is in one box, `slot`: its `picture` (48, w), 255 = ink, and its `state`.

    The state is `written`, `empty` or `doubtful`: it looks crossed out, or in part was not found.
    """

    slot: LineSlot
    picture: Bytes
    state: str


@dataclass(frozen=True)
class _Found:
    """The picture of a line; its ink in squared mm, for each mm of its length, and the share beside it."""

    picture: Bytes
    ink: float
    dense: float
    beside: float


def cut_lines(page: Grey, zoom: float) -> list[FilledLine]:
    """Return what is in each box of a straightened page of sentences, from the top down.

    `page` is (H, W), 0 = black .. 1 = white, `zoom` says how many pixels of it are a mm.
    """
    places = line_slots()
    found = []
    for slot in places:
        left, top, right, bottom = slot.box
        inside = (left + INSET, top + INSET, right - INSET, bottom - INSET)
        x0, y0, x1, y1 = (round(v * zoom) for v in inside)
        found.append(_line(page[y0:y1, x0:x1], zoom))
    usual = float(np.median([one.dense for one in found if one is not None] or [0.0]))
    lines = []
    for slot, one in zip(places, found, strict=True):
        if one is None:
            lines.append(FilledLine(slot, np.zeros((48, 1), np.uint8), "empty"))
            continue
        doubtful = one.dense > CROSSED * usual or one.beside > BESIDE
        lines.append(FilledLine(slot, one.picture, "doubtful" if doubtful else "written"))
    return lines


def _line(box: Grey, zoom: float) -> _Found | None:
    """Return the line in a box (h, w) with so many pixels in a mm; None if nothing is written there."""
    factor = max(1.0, ZOOM / zoom)
    ink = find_ink(_larger(box, factor))
    curves, scale = find_lines(ink)
    small = usual_height(curves) * scale
    if curves and small < X_HEIGHT / WORTH_IT:
        wide = ink.shape[1]
        factor *= X_HEIGHT / small
        ink = find_ink(_larger(box, factor))
        scale *= ink.shape[1] / wide
    amount = float((ink > INK).sum()) / (zoom * factor) ** 2
    if not curves or amount < LEAST_INK:
        return None
    curve = max(curves, key=_length)
    columns = np.arange(ink.shape[1])
    outside = (columns < curve.left * scale) | (columns > curve.right * scale)
    beside = float((ink[:, outside] > INK).sum()) / max(float((ink > INK).sum()), 1.0)
    picture = straighten(np.rint(ink * 255).astype(np.uint8), curve, scale)
    length = _length(curve) * scale / (zoom * factor)
    return _Found(picture, amount, amount / length, beside)


def _length(curve: Curve) -> float:
    return curve.right - curve.left


def _larger(box: Grey, factor: float) -> Grey:
    size = round(box.shape[1] * factor), round(box.shape[0] * factor)
    larger = Image.fromarray(box).resize(size, Image.Resampling.BICUBIC)
    return np.clip(np.asarray(larger, np.float32), 0, 1)
