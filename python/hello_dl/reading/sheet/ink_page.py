"""Makes the page of ink that is read: a photo's ink alone, upright, with letters of a useful size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.geometry import Matrix
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.ink_map.guess import InkGuess
from hello_dl.reading.ink_map.measures import EDGE, letter_height
from hello_dl.reading.ink_map.network import find_ink
from hello_dl.reading.sheet.photo import LARGEST, Photo

TALL = 40.0  # pixels of height of the usual letter, or joined word, on the page that is read first
# Times the picture's own size, at most, to which a page is enlarged when the size of its writing is known.
LARGEST_AGAIN = 4.0
BESIDE = 0.05  # share of the letters that lie beside the sheet, above which the sheet is doubtful
MAYBE = 0.3  # ink above this, of 1, is looked at when the strength of the pen is measured
SOMETHING = 0.8  # least 90th percentile of that ink where there is a pen; a weaker page stays as it is
USUAL = 0.85  # median of that ink for a good pen; a fainter one is strengthened up to this


@dataclass(frozen=True)
class InkPage:
    """The page that is read: `ink` (H, W) from 0 = paper to 1 = ink.

    `to_picture` is the homography (3, 3) from the page's pixels to those of the picture. `doubtful` says that
    a sheet was cut out, and that there may be writing beside it. `again(factor)` makes the page again from
    the picture, so many times as large, or as large as LARGEST_AGAIN allows.
    """

    ink: Grey
    to_picture: Matrix
    doubtful: bool
    again: Callable[[float], InkPage]


def make_ink_page(photo: Photo, guess: InkGuess, trace: Trace = no_trace, *, whole: bool = False) -> InkPage:
    """Return the page of ink of a photo: its sheet cut out and turned upright, its letters about TALL.

    The sheet, the direction of the lines and the size of the letters are found on the photo's small copy,
    with the ink of `guess`. Then the page is made once from the picture's own pixels, and the network finds
    the ink again. With `whole` no sheet is cut out. The trace is shown the pictures `ink-survey`, `sheet`,
    `upright` and, if there are letters, `ink`.
    """
    trace("ink-survey", guess.ink)
    outline = photo.everything if whole else photo.outline
    doubtful = outline.letters_beside(guess.ink) > BESIDE
    trace("sheet", outline.shown(photo.small))
    outline = outline.turned(outline.view.of(guess.ink) > EDGE, photo.small.shape)
    trace("upright", outline.view.of(photo.small))
    ink = outline.view.of(guess.ink)
    tall = letter_height(ink if outline.sheet is None else ink * outline.sheet)

    def made(larger: float, most: float) -> InkPage:
        page, sheet, larger = photo.page(outline, larger, most)

        def again(factor: float) -> InkPage:
            return made(factor * larger, LARGEST_AGAIN)

        if tall is None:
            return InkPage(np.zeros(page.size[::-1], np.float32), photo.to_picture(page), doubtful, again)
        ink = find_ink(page.of(1 - photo.grey if guess.light_on_dark else photo.grey))
        if sheet is not None:
            ink *= sheet
        ink = _strengthened(ink)
        trace("ink", ink)
        return InkPage(ink, photo.to_picture(page), doubtful, again)

    return made(np.inf if tall is None else TALL / tall, LARGEST)


def _strengthened(ink: Grey) -> Grey:
    """Raise the log odds of ink (H, W), in place, so that the strokes of a faint pen do not break.

    The same is added everywhere: as much as brings the median of all ink above MAYBE up to USUAL.
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
