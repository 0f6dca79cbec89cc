"""Reads a photographed form: finds it, straightens it, reads its code and cuts out its boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from hello_dl.reading import load_picture
from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.load import Source
from hello_dl.teaching.sheet.boxes import Filled, cut_boxes
from hello_dl.teaching.sheet.code import VERSION, PageCode, decode
from hello_dl.teaching.sheet.flatten import refine, straighten, zoom_at
from hello_dl.teaching.sheet.form import KINDS, SENTENCES, code_cells
from hello_dl.teaching.sheet.line_boxes import FilledLine, cut_lines
from hello_dl.teaching.sheet.marks import MarksError, find_form

FINE = 10  # pixels in a mm of the straightened form; fewer if the photo has fewer
COARSE = 3  # pixels in a mm of the photo; one with fewer is refused


@dataclass(frozen=True)
class Scan:
    """A form that was read: its code, its boxes, and the straightened page (H, W), `zoom` pixels in a mm.

    `boxes` are those for letters; a page of sentences has `lines` instead.
    """

    code: PageCode
    boxes: list[Filled]
    lines: list[FilledLine]
    page: Grey
    zoom: float


def scan_form(picture: Source) -> Scan:
    """Find the form in a picture and cut out what was written in its boxes.

    Raises ValueError, in words for a user, if there is no form in the picture, or if marks are missing, it is
    blurred, too small or of another version; FileNotFoundError or ValueError for files that are no pictures
    (see `load_picture`).
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
    zoom = zoom_at(matrix)
    if zoom < COARSE:
        raise ValueError(
            f"{name}: the sheet is too small in this photo ({zoom:.1f} pixels in a mm, needs {COARSE}); "
            "go nearer or take a larger picture"
        )
    zoom = min(FINE, zoom)
    picture_ = Image.fromarray(np.clip(np.rint(grey * 255), 0, 255).astype(np.uint8))
    matrix, shifts = refine(grey, matrix)
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
    lines = cut_lines(page, zoom) if code.kind == SENTENCES else []
    return Scan(code, cut_boxes(page, zoom, code.kind), lines, page, zoom)


def _read_code(page: Grey, zoom: float) -> PageCode | None:
    """Return the code on a straightened page, by the mean brightness of its cells; None if unreadable."""
    shades = []
    for left, top, right, bottom in code_cells():
        inset = (right - left) * 0.3
        part = page[
            round((top + inset) * zoom) : round((bottom - inset) * zoom),
            round((left + inset) * zoom) : round((right - inset) * zoom),
        ]
        shades.append(float(part.mean()))
    return decode(np.array(shades))
