"""A picture that is read, with a small copy on which ink, sheet and lines are found first."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Grey, Mask
from hello_dl.reading.image.filters import shrink
from hello_dl.reading.image.geometry import Matrix, scaling
from hello_dl.reading.image.threshold import otsu
from hello_dl.reading.ink_map.guess import InkGuess
from hello_dl.reading.ink_map.pyramid import guess_ink
from hello_dl.reading.ink_map.strokes import guess_by_tones
from hello_dl.reading.sheet.by_brightness import find_sheet
from hello_dl.reading.sheet.by_edges import find_corners
from hello_dl.reading.sheet.outline import Outline, View, cut_sheet

COPY_SIDE = 1100  # pixels of the small copy's longer side, at most
LARGEST = 2.0  # times the picture's own size, at most, to which a page is enlarged unless more is asked for
MOST_PIXELS = 9_000_000  # of that page
FEW = 9  # patches like letters in a drawing
LIGHT = 1 / 3  # share of bright pixels in a tiny picture from which its paper is bright; below, it is dark


class Photo:
    """A picture `grey` (H, W) from 0 = black to 1 = white, and what is found on its small copy `small`.

    A picture of less than half of COPY_SIDE gets a margin of paper, for a letter that fills its picture has
    no paper around it. Everything is computed when it is asked for, and once.
    """

    def __init__(self, grey: Grey) -> None:
        self.grey, self._margin = _with_margin(grey)
        self.small = shrink(self.grey, COPY_SIDE)
        self._factor = self.grey.shape[1] / self.small.shape[1]

    @property
    def everything(self) -> Outline:
        """All of the small copy, as if paper filled it."""
        height, width = self.small.shape
        return Outline(View(np.eye(3), (width, height)), None)

    @cached_property
    def outline(self) -> Outline:
        """The sheet in the small copy, made flat if four corners are found; everything if there is none."""
        corners = find_corners(self.small)
        if corners is not None:
            return cut_sheet(corners, self.small.shape)
        return Outline(self.everything.view, find_sheet(self.small))

    @cached_property
    def guesses(self) -> list[InkGuess]:
        """What may be the ink of the small copy, the likeliest guess first; none if nothing is like ink."""
        return guess_ink(self.small)

    @property
    def is_drawing(self) -> bool:
        """Whether the picture has only two tones, one of them in no more than FEW patches."""
        by_tones = guess_by_tones(self.small)
        return by_tones is not None and by_tones.letters <= FEW

    def page(self, outline: Outline, larger: float, most: float = LARGEST) -> tuple[View, Mask | None, float]:
        """Return the view of `grey` that is read, which of its pixels are sheet, and how much larger it is.

        It is so many times larger than the outline's view, unless this would enlarge the picture more than
        `most` times, or give more than MOST_PIXELS. Without a sheet, None: all pixels are.
        """
        width, height = outline.view.size
        larger = min(larger, most * self._factor, (MOST_PIXELS / (width * height)) ** 0.5)
        matrix = scaling(self._factor) @ outline.view.matrix @ scaling(1 / larger)
        size = (max(1, round(width * larger)), max(1, round(height * larger)))
        sheet = outline.sheet
        sheet = None if sheet is None else np.asarray(Image.fromarray(sheet).resize(size))
        return View(matrix, size), sheet, larger

    def to_picture(self, page: View) -> Matrix:
        """Return the homography (3, 3) from the page's pixels to those of the picture without its margin."""
        return np.array([[1, 0, -self._margin], [0, 1, -self._margin], [0, 0, 1.0]]) @ page.matrix


def _with_margin(grey: Grey) -> tuple[Grey, int]:
    """Return a tiny picture with paper around it, others as they are, and the margin's width in pixels."""
    if max(grey.shape) > COPY_SIDE // 2:
        return grey, 0
    margin = max(grey.shape) // 2
    bright = grey > otsu(grey)
    paper = np.median(grey[bright if bright.mean() > LIGHT else ~bright])
    return np.pad(grey, margin, constant_values=paper), margin
