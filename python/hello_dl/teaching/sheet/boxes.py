"""Cuts out what is in the boxes of a straightened form, and judges it: written, empty or crossed out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Floats, Grey
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import blur, enlarge, largest, shrink, smallest, soften
from hello_dl.reading.ink_map.by_contrast import ink
from hello_dl.reading.letters.glyph import to_glyph
from hello_dl.reading.letters.segment import Letter
from hello_dl.teaching.sheet.form import HEIGHT, INSET, Slot, slots

PAPER_ZOOM, PEN = 3, 1.5  # the paper is measured at so many pixels in a mm; half of a broad pen, mm
NOISY, SMOOTHINGS = 0.012, 3  # roughness of paper from which it is smoothed, and how often at most
SPECK = 0.04  # of a letter's largest patch: what has less area is dirt
EMPTY = 1.2  # mm: ink that reaches less far is no letter
EDGE = 0.3  # ink above this belongs to a stroke
CROSSED_INK, CROSSED_REACH = 1.25, 0.75  # of the usual ink in this character's boxes, and of the box
FULL = 0.4  # of the box: so much ink is no letter


@dataclass(frozen=True)
class Filled:
    """What is in one box: its character's glyph (28, 28), or the reason why it is left out.

    `state` is `written`, `empty` or `doubtful` (crossed out, as it seems).
    """

    slot: Slot
    glyph: NDArray[np.uint8]
    state: str


def cut_boxes(page: Grey, zoom: float, kind: int) -> list[Filled]:
    """Cuts out the ink of all boxes and judges each: written, empty, or crossed out as it seems."""
    places = slots(kind)
    insides = [_pixels(slot, zoom) for slot in places]
    written = ink(_without_print(page, insides, zoom))
    letters = [_letter(written, inside, zoom) for inside in insides]
    amounts = np.array([0.0 if letter is None else float(letter.mask.sum()) for letter in letters])
    filled = []
    for i, (slot, letter) in enumerate(zip(places, letters, strict=True)):
        if letter is None:
            filled.append(Filled(slot, np.zeros((28, 28), np.uint8), "empty"))
            continue
        same = np.array([amounts[j] for j, other in enumerate(places) if other.char == slot.char])
        doubtful = _crossed(letter, insides[i], amounts[i], same[same > 0])
        filled.append(Filled(slot, to_glyph(written, letter), "doubtful" if doubtful else "written"))
    return filled


def _pixels(slot: Slot, zoom: float) -> tuple[int, int, int, int]:
    """The inside of a box on the straightened page."""
    left, top, right, bottom = slot.box
    return (
        round((left + INSET) * zoom),
        round((top + INSET) * zoom),
        round((right - INSET) * zoom),
        round((bottom - INSET) * zoom),
    )


def _without_print(page: Grey, insides: list[tuple[int, int, int, int]], zoom: float) -> Grey:
    """The page in even light and with nothing outside its boxes, or the print would set what counts as ink.

    The paper is what closing leaves of it: the brightest nearby wipes out strokes, the darkest of those
    brings shadows back to where they were (as `reading.ink` does, but we know how wide a pen is).
    """
    small = shrink(page, round(HEIGHT * min(zoom, PAPER_ZOOM)))
    reach = round(PEN * small.shape[0] / HEIGHT)
    paper = blur(smallest(largest(small, reach), reach), 1)
    even = page / np.maximum(enlarge(paper, page.shape), np.float32(0.02))
    out = np.ones_like(page)
    for left, top, right, bottom in insides:
        out[top:bottom, left:right] = 1 - _above_noise((1 - even[top:bottom, left:right]).astype(np.float32))
    return np.clip(out, 0, 1, out=out) * np.float32(0.9)


def _above_noise(depth: Grey) -> Grey:
    """What the light in a box lacks, as far as it stands out of the paper's own roughness there.

    In a dark corner the camera's noise is as strong as a pencil in the light: smoothing, which pen strokes
    outlast, brings it down, and what is left of it does not count.
    """
    level, rough = _paper(depth)
    for _ in range(SMOOTHINGS):
        if rough < NOISY:
            break
        depth = soften(depth)
        level, rough = _paper(depth)
    return np.asarray(np.maximum(depth - np.float32(level + 2 * rough), 0), np.float32)


def _paper(depth: Grey) -> tuple[float, float]:
    """The level of the paper and its standard deviation, by the palest third: there is no ink in it.

    Of a normal distribution 5 % lie below -1.64 standard deviations, 30 % below -0.52.
    """
    palest, pale = np.percentile(depth, [5, 30])
    rough = float(pale - palest) / (1.64 - 0.52)
    return float(pale) + 0.52 * rough, rough


def _letter(written: Grey, inside: tuple[int, int, int, int], zoom: float) -> Letter | None:
    """All ink in a box, without specks and what only peeps in from its edge; None if there is none."""
    left, top, right, bottom = inside
    blobs = find_blobs(written[top:bottom, left:right] > EDGE)
    if len(blobs) == 0:
        return None
    x0, y0, x1, y1 = blobs.boxes.T
    tall = int(np.max(np.maximum(x1 - x0, y1 - y0)))
    touching = (x0 == 0) | (y0 == 0) | (x1 == right - left) | (y1 == bottom - top)
    size = np.maximum(x1 - x0, y1 - y0)
    kept = (blobs.area >= max(4.0, SPECK * float(blobs.area.max()))) & ~(touching & (size < 0.35 * tall))
    # A line of the box that is still in sight lies along the edge, and is thin.
    kept &= ~(
        touching & (np.minimum(x1 - x0, y1 - y0) < 0.05 * (right - left)) & (size > 0.5 * (right - left))
    )
    if not kept.any() or size[kept].max() < EMPTY * zoom:
        return None
    members = np.flatnonzero(kept)
    box = int(x0[kept].min()), int(y0[kept].min()), int(x1[kept].max()), int(y1[kept].max())
    mask = blobs.mask(members, box)
    return Letter((left + box[0], top + box[1], left + box[2], top + box[3]), mask)


def _crossed(letter: Letter, inside: tuple[int, int, int, int], amount: float, same: Floats) -> bool:
    """Whether a box looks crossed out: more ink than usual, all over it; or hardly any paper left."""
    wide, high = inside[2] - inside[0], inside[3] - inside[1]
    left, top, right, bottom = letter.box
    all_over = min((right - left) / wide, (bottom - top) / high) > CROSSED_REACH
    usual = float(np.median(same))
    return amount > FULL * wide * high or (all_over and amount > CROSSED_INK * usual)
