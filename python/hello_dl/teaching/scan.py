"""Reads a photographed form: finds it, straightens it, reads its code, and cuts out what is in its boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading import Letter, ink, load_picture, to_glyph
from hello_dl.reading.blobs import find_blobs
from hello_dl.reading.filters import Grey, blur, enlarge, largest, shrink, smallest, soften
from hello_dl.reading.picture import Source

from .code import VERSION, PageCode, decode
from .form import (
    BOX,
    HEIGHT,
    INSET,
    KINDS,
    PITCH,
    ROW_MARK,
    ROWS,
    TOP,
    WIDTH,
    Slot,
    code_cells,
    row_marks,
    slots,
)
from .marks import MarksError, Reals, find_form, homography, project

FINE = 10  # pixels in a mm of the straightened form, unless the photo has fewer
COARSE = 3  # a photo with fewer has too little to read
PAPER_ZOOM, PEN = 3, 1.5  # the paper is measured at so many pixels in a mm; half of a broad pen, mm
SEARCH = 3.0  # mm around its place where a row's mark is looked for
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


@dataclass(frozen=True)
class Scan:
    """A form that was read: its code, its boxes, and the straightened picture, `zoom` pixels in a mm."""

    code: PageCode
    boxes: list[Filled]
    page: Grey
    zoom: float


def scan_form(picture: Source) -> Scan:
    """Finds the form in a picture and cuts out what was written in its boxes.

    Raises ValueError in words for a user: no form in the picture, marks missing, blurred, too small, of
    another version; FileNotFoundError and ValueError for files that are no pictures (see `load_picture`).
    """
    name = str(picture) if not isinstance(picture, np.ndarray | Image.Image) else "the picture"
    grey = load_picture(picture)
    try:
        matrix = find_form(grey)
    except MarksError as error:
        raise ValueError(
            f"{name}: {error}, needs at least three; is this a sheet of `hello-dl sheet`? "
            "Photograph the whole sheet, flat, in good light, and sharp"
        ) from None
    zoom = _zoom(matrix)
    if zoom < COARSE:
        raise ValueError(
            f"{name}: the sheet is too small in this photo ({zoom:.1f} pixels in a mm, needs {COARSE}); "
            "go nearer or take a larger picture"
        )
    zoom = min(FINE, zoom)
    picture_ = Image.fromarray(np.clip(np.rint(grey * 255), 0, 255).astype(np.uint8))
    matrix, shifts = _refine(grey, matrix)
    page = straighten(picture_, matrix, shifts, zoom)
    code = _read_code(page, zoom)
    if code is None:
        raise ValueError(
            f"{name}: the code at the top of the sheet cannot be read; it is blurred or covered. "
            "Photograph the sheet again, sharp and in good light"
        )
    if code.version != VERSION:
        raise ValueError(
            f"{name}: a sheet of version {code.version}, this hello-dl reads version {VERSION}; "
            "print a new one with `hello-dl sheet`"
        )
    if code.kind >= len(KINDS):
        raise ValueError(f"{name}: a sheet of an unknown kind ({code.kind}); print one with `hello-dl sheet`")
    return Scan(code, _boxes(page, zoom, code.kind), page, zoom)


def straighten(photo: Image.Image, matrix: Reals, shifts: Reals, zoom: float) -> Grey:
    """Returns the form as if it lay flat and upright: (HEIGHT zoom, WIDTH zoom), 0 = black .. 1 = white.

    It is stretched patch by patch, each row of boxes by what its own two marks say: `shifts` (rows, 2, 2),
    in pixels of the photo, for the left and the right end of each row.
    """
    size = (round(WIDTH * zoom), round(HEIGHT * zoom))
    across = np.linspace(0, WIDTH, 9)
    down = np.concatenate([[0, TOP], TOP + PITCH * np.arange(1, ROWS), [TOP + PITCH * ROWS, HEIGHT]])
    x, y = np.meshgrid(across, down)
    places = project(matrix, np.stack([x, y], axis=-1)) + _shift(shifts, x, y)  # (rows, columns, 2)
    mesh = []
    left, top = np.rint(across * zoom).astype(int), np.rint(down * zoom).astype(int)
    for r in range(len(down) - 1):
        for c in range(len(across) - 1):
            box = (int(left[c]), int(top[r]), int(left[c + 1]), int(top[r + 1]))
            quad = [places[r, c], places[r + 1, c], places[r + 1, c + 1], places[r, c + 1]]
            mesh.append((box, tuple(float(v) for corner in quad for v in corner)))
    flat = photo.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    return np.asarray(flat, np.float32) / np.float32(255)


def _zoom(matrix: Reals) -> float:
    """How many pixels of the photo a mm is in the middle of the form."""
    middle = np.array([[WIDTH / 2, HEIGHT / 2], [WIDTH / 2 + 1, HEIGHT / 2], [WIDTH / 2, HEIGHT / 2 + 1]])
    o, right, down = project(matrix, middle)
    (a, b), (c, d) = right - o, down - o
    return float(np.sqrt(abs(a * d - b * c)))


def _refine(grey: Grey, matrix: Reals) -> tuple[Reals, Reals]:
    """Finds the small marks at both ends of the rows; gives a better homography, and what is still left."""
    form = np.array([[(b[0] + b[2]) / 2, (b[1] + b[3]) / 2] for b in row_marks()])
    found = np.array([_find_square(grey, matrix, place) for place in form])
    there = np.isfinite(found[:, 0])
    off = np.linalg.norm(np.where(there[:, None], found - project(matrix, form), 0), axis=1)
    # A mark far from where all others are is none: a finger, a blot.
    usual = np.median(off[there]) if there.any() else 0.0
    there &= off < 3 * usual + 0.5 * _zoom(matrix)
    if there.sum() < 8:
        return matrix, np.zeros((ROWS, 2, 2))
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]])
    # The corners hold what the rows leave open, weakly: they count once, each row mark once as well.
    matrix = homography(
        np.concatenate([form[there], corners]), np.concatenate([found[there], project(matrix, corners)])
    )
    left = np.where(there[:, None], found - project(matrix, form), np.nan).reshape(ROWS, 2, 2)
    return matrix, np.stack([_bridge(left[:, side]) for side in (0, 1)], axis=1)


def _find_square(grey: Grey, matrix: Reals, place: Reals) -> Reals:
    """Where the small black square that should be at a place of the form is in the photo; NaN if nowhere."""
    zoom = _zoom(matrix)
    x, y = project(matrix, place)
    reach = (SEARCH + ROW_MARK) * zoom
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    part = grey[top : int(y + reach), left : int(x + reach)]
    nothing = np.full(2, np.nan)
    if min(part.shape, default=0) < 2 * zoom:
        return nothing
    dark, light = float(part.min()), float(np.median(part))
    blobs = find_blobs(part < (dark + light) / 2)
    wide, high = (blobs.boxes[:, 2:] - blobs.boxes[:, :2]).T
    area = (ROW_MARK * zoom) ** 2
    good = (
        (blobs.area > 0.5 * area) & (blobs.area < 1.6 * area) & (np.maximum(wide, high) < 2 * ROW_MARK * zoom)
    )
    if light - dark < 0.1 or good.sum() != 1:
        return nothing
    blob = int(np.flatnonzero(good)[0])
    x0, y0, x1, y1 = (int(v) for v in blobs.boxes[blob])
    rows, columns = np.nonzero(blobs.mask(np.array([blob]), (x0, y0, x1, y1)))
    return np.array([left + x0 + columns.mean() + 0.5, top + y0 + rows.mean() + 0.5])


def _bridge(shifts: Reals) -> Reals:
    """Fills rows without a mark with what lies between their neighbours; (rows, 2) to the same."""
    rows = np.arange(len(shifts))
    known = np.isfinite(shifts[:, 0])
    if not known.any():
        return np.zeros_like(shifts)
    return np.stack([np.interp(rows, rows[known], shifts[known, i]) for i in (0, 1)], axis=1)


def _shift(shifts: Reals, x: Reals, y: Reals) -> Reals:
    """By how many pixels of the photo places (x, y) of the form are off: straight lines between the marks."""
    middles = TOP + PITCH * np.arange(ROWS) + BOX[1] / 2
    sides = np.stack(
        [[np.interp(y, middles, shifts[:, side, i]) for i in (0, 1)] for side in (0, 1)]
    )  # (side, xy, ...)
    share = x / WIDTH
    return np.moveaxis(sides[0] * (1 - share) + sides[1] * share, 0, -1)


def _read_code(page: Grey, zoom: float) -> PageCode | None:
    shades = []
    for left, top, right, bottom in code_cells():
        inset = (right - left) * 0.3
        part = page[
            round((top + inset) * zoom) : round((bottom - inset) * zoom),
            round((left + inset) * zoom) : round((right - inset) * zoom),
        ]
        shades.append(float(part.mean()))
    return decode(np.array(shades))


def _boxes(page: Grey, zoom: float, kind: int) -> list[Filled]:
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


def _crossed(letter: Letter, inside: tuple[int, int, int, int], amount: float, same: Reals) -> bool:
    """Whether a box looks crossed out: more ink than usual, all over it; or hardly any paper left."""
    wide, high = inside[2] - inside[0], inside[3] - inside[1]
    left, top, right, bottom = letter.box
    all_over = min((right - left) / wide, (bottom - top) / high) > CROSSED_REACH
    usual = float(np.median(same))
    return amount > FULL * wide * high or (all_over and amount > CROSSED_INK * usual)
