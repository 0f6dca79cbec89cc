"""Makes pictures of the pages of a PDF document, with pypdfium2: pip install 'hello-dl[pdf]'."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hello_dl.reading.image.arrays import Floats
from hello_dl.reading.image.load import FULL_PIXELS

if TYPE_CHECKING:
    from PIL import Image

POINTS = 72  # a PDF's units to an inch
DPI = 200  # pixels per inch of a page that is drawn, not scanned: letters of 2 mm are 16 pixels high
SCANNED = 0.8  # share of a page from which the pictures on it make it a scan, to which DPI does not apply
COUNTS = 0.1  # share of a page that pictures of a resolution must cover for it to count; a logo does not
DEEP = 8  # forms within forms that are searched for pictures
HAIR = 1e-6  # taken off a scale, or rounding errors would give a page of 1700 pixels one more


def count_pages(path: Path) -> int:
    """Return how many pages a PDF has.

    Raises ImportError without pypdfium2, ValueError if it is damaged, encrypted or has no page.
    """
    with _opened(path) as document:
        return len(document)


def picture_of_page(path: Path, number: int) -> Image.Image:
    """Return a page of a PDF, numbered from 1, as a Pillow image in colour.

    A page that is a scan comes in the scan's own pixels, any other with DPI pixels to an inch; one of more
    than FULL_PIXELS is reduced to a half, a third ... Raises as `count_pages`.
    """
    with _page(path, number) as page:
        width, height = page.get_size()
        scale = _resolution(page) / POINTS
        k = 1
        while width * height * scale**2 > FULL_PIXELS * k * k * (1 + HAIR):
            k += 1
        try:
            image: Image.Image = page.render(scale=scale * (1 - HAIR) / k, rev_byteorder=True).to_pil()
        except (MemoryError, RuntimeError, ValueError, OSError) as error:
            raise ValueError(
                f"{path}: page {number} cannot be drawn ({error}); repair it: {REPAIR}"
            ) from None
        return image.convert("RGB")


def pixels_to_page(path: Path, number: int, size: tuple[int, int]) -> Floats:
    """Return the matrix (2, 3) from (x, y, 1) in a page's picture of `size` pixels to the page's own units.

    It knows of the page's rotation and of the box to which it is cropped. Raises as `count_pages`.
    """
    with _page(path, number) as page:
        from pypdfium2 import PdfPosConv

        at = PdfPosConv(page, (0, 0, *size, 0)).to_page
        origin, right, below = (np.array(at(*point)) for point in ((0, 0), (size[0], 0), (0, size[1])))
        return np.stack([(right - origin) / size[0], (below - origin) / size[1], origin], axis=1)


def has_text(path: Path, number: int) -> bool:
    """Return whether a page of a PDF has text already, besides blanks. Raises as `count_pages`."""
    with _page(path, number) as page:
        return bool(page.get_textpage().get_text_range().strip())


REPAIR = "qpdf damaged.pdf repaired.pdf"


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a PDF; raise in one sentence if it cannot be opened."""
    try:
        import pypdfium2
    except ImportError:
        raise ImportError(f"{path}: PDF documents need pypdfium2: pip install 'hello-dl[pdf]'") from None
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if empty := raw.FPDF_LoadDocument(os.fsencode(path) + b"\0", None):  # it opens, and has nothing
            raw.FPDF_CloseDocument(empty)
            what = "is a PDF document without any page"
        elif error.err_code == raw.FPDF_ERR_PASSWORD:
            what = "is encrypted; save it without its password: qpdf --decrypt --password=... in.pdf out.pdf"
        else:
            what = f"is a damaged PDF document; get it again, or repair it: {REPAIR}"
        raise ValueError(f"{path}: {what}") from None
    try:
        yield document
    finally:
        document.close()


@contextmanager
def _page(path: Path, number: int) -> Iterator[Any]:
    """Open a page of a PDF, numbered from 1."""
    with _opened(path) as document:
        from pypdfium2 import PdfiumError

        document.init_forms()
        try:
            page = document[number - 1]
        except PdfiumError:
            raise ValueError(f"{path}: page {number} is damaged; repair the document: {REPAIR}") from None
        with closing(page):
            yield page


def _resolution(page: Any) -> float:
    """Return how many pixels to an inch a page's picture should have: as many as its scan has, or DPI.

    A scan may be put together from several pictures, in strips, or with a fine one for the ink and a coarse
    one for the paper. The finest resolution counts for which there is enough.
    """
    width, height = page.get_size()
    found = sorted(_pictures(page, np.eye(3), width * height), reverse=True)
    resolution, covered = 0.0, 0.0
    for fineness, share in found:
        covered += share
        if covered >= COUNTS:
            resolution = resolution or fineness
    return resolution if resolution and covered >= SCANNED else max(resolution, DPI)


def _pictures(
    page: Any, outer: Floats, area: float, form: Any = None, level: int = 0
) -> Iterator[tuple[float, float]]:
    """Yield pixels to an inch, and covered share of the page's area, of each picture on a page or in a form.

    `outer` (3, 3) takes the form's units to those of the page.
    """
    from pypdfium2.raw import FPDF_PAGEOBJ_FORM, FPDF_PAGEOBJ_IMAGE

    for thing in page.get_objects(form=form, max_depth=1):
        if thing.type not in (FPDF_PAGEOBJ_FORM, FPDF_PAGEOBJ_IMAGE):
            continue
        a, b, c, d, e, f = thing.get_matrix().get()
        matrix = outer @ np.array([[a, c, e], [b, d, f], [0, 0, 1]])
        if thing.type == FPDF_PAGEOBJ_FORM and level < DEEP:
            yield from _pictures(page, matrix, area, thing, level + 1)
        elif thing.type == FPDF_PAGEOBJ_IMAGE:
            sides = np.hypot(*matrix[:2, :2])  # in the page's units
            if sides.min() > 0:
                pixels = np.array(thing.get_px_size())
                yield float((pixels / sides).max() * POINTS), float(sides.prod() / area)
