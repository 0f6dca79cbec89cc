"""Cuts out what is in the boxes of a straightened form, and tells written, empty and crossed out apart."""

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

PAPER_ZOOM = 3  # pixels in a mm at which the brightness of the paper is measured
PEN = 1.5  # mm: half the width of the broadest pen
NOISY = 0.012  # standard deviation of the paper's light above which a box is smoothed
SMOOTHINGS = 3  # times, at most
STROKE = 0.3  # ink above this, of 1, belongs to a stroke
SPECK = 0.04  # share of the largest patch's area below which a patch is dirt
EMPTY = 1.2  # mm: a box whose patches are all shorter is empty
PEEPING = 0.35  # share of the longest patch below which a patch at the box's edge comes from outside
CROSSED_INK = 1.25  # times the usual ink in this character's boxes above which a box may be crossed out
CROSSED_REACH = 0.75  # least share of the box's width and height that is covered then
FULL = 0.4  # share of the box: with more ink it is crossed out in any case


@dataclass(frozen=True)
class Filled:
    """What is in one box of the form, `slot`: its glyph (28, 28) uint8, and its `state`.

    The state is `written`, `empty` or `doubtful`, which means that it looks crossed out.
    """

    slot: Slot
    glyph: NDArray[np.uint8]
    state: str


def cut_boxes(page: Grey, zoom: float, kind: int) -> list[Filled]:
    """Return what is in each box of a straightened form, in the order of `slots(kind)`.

    `page` is (H, W), 0 = black .. 1 = white, `zoom` says how many pixels of it are a mm.
    """
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
    """Return the inside of a box on the straightened page: left, top, right, bottom in pixels."""
    left, top, right, bottom = slot.box
    return (
        round((left + INSET) * zoom),
        round((top + INSET) * zoom),
        round((right - INSET) * zoom),
        round((bottom - INSET) * zoom),
    )


def _without_print(page: Grey, insides: list[tuple[int, int, int, int]], zoom: float) -> Grey:
    """Return the page in even light, and white outside its boxes, so that print is not taken for ink.

    The paper's brightness is found by morphological closing: a maximum filter removes strokes, a minimum
    filter restores the size of shadows. (`reading.ink` does the same, but has to measure the pen first.)
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
    """Return the missing light in a box (h, w), 0 to 1, as far as it is above the paper's noise there.

    In a dark corner the camera's noise is as strong as a pencil in the light. Smoothing weakens it more than
    pen strokes; two standard deviations of the rest are subtracted.
    """
    level, rough = _palest_third(depth)
    for _ in range(SMOOTHINGS):
        if rough < NOISY:
            break
        depth = soften(depth)
        level, rough = _palest_third(depth)
    return np.asarray(np.maximum(depth - np.float32(level + 2 * rough), 0), np.float32)


def _palest_third(depth: Grey) -> tuple[float, float]:
    """Return the mean and the standard deviation of the paper's missing light.

    They are told by its palest third, in which there is no ink: of a normal distribution 5 % lie below -1.64
    standard deviations, 30 % below -0.52.
    """
    palest, pale = np.percentile(depth, [5, 30])
    rough = float(pale - palest) / (1.64 - 0.52)
    return float(pale) + 0.52 * rough, rough


def _letter(written: Grey, inside: tuple[int, int, int, int], zoom: float) -> Letter | None:
    """Return all ink in a box as a letter on the page; None if there is none.

    `inside` is (left, top, right, bottom) in pixels. Specks are left out, and so are the ends of strokes from
    outside and lines of the box itself.
    """
    left, top, right, bottom = inside
    blobs = find_blobs(written[top:bottom, left:right] > STROKE)
    if len(blobs) == 0:
        return None
    x0, y0, x1, y1 = blobs.boxes.T
    tall = int(np.max(np.maximum(x1 - x0, y1 - y0)))
    touching = (x0 == 0) | (y0 == 0) | (x1 == right - left) | (y1 == bottom - top)
    size = np.maximum(x1 - x0, y1 - y0)
    kept = (blobs.area >= max(4.0, SPECK * float(blobs.area.max()))) & ~(touching & (size < PEEPING * tall))
    # A line of the box that is still in sight lies at the edge, is thin, and longer than half of the box.
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
    """Whether a box looks crossed out: more ink than usual that covers it, or hardly any paper left.

    `amount` is its ink in pixels, `same` (n,) that of all written boxes of the same character.
    """
    wide, high = inside[2] - inside[0], inside[3] - inside[1]
    left, top, right, bottom = letter.box
    all_over = min((right - left) / wide, (bottom - top) / high) > CROSSED_REACH
    usual = float(np.median(same))
    return amount > FULL * wide * high or (all_over and amount > CROSSED_INK * usual)
