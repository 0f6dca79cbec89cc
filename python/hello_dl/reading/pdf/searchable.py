"""Writes searchable PDF documents, with pikepdf: pip install 'hello-dl[pdf]'.

A page looks as it did. The words that were read in it are there as text that is not seen, each in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hello_dl.files import write_aside
from hello_dl.reading.documents import Scan
from hello_dl.reading.image.load import opened
from hello_dl.reading.pdf.pages import REPAIR, pixels_to_page
from hello_dl.reading.pdf.picture import POINTS, add_picture
from hello_dl.reading.pdf.text_layer import FONT, Letters, add_font, fill_font, text_layer

if TYPE_CHECKING:
    import pikepdf

    from hello_dl.reading.page import Page


class SearchablePdf:
    """A searchable PDF in the making, page by page: `add` each of `scans` in turn, then `save` and `close`.

    If `scans` are all pages of one PDF, that document is taken as it is, with its outline, links and notes;
    otherwise a new one is made, of pages of PDFs and of pictures. A page of a PDF keeps what it holds, a JPEG
    its bytes. Raises ImportError without pikepdf, ValueError for a PDF that cannot be changed.
    """

    def __init__(self, scans: Sequence[Scan]) -> None:
        self._open = ExitStack()
        self._sources: dict[str, pikepdf.Pdf] = {}
        self.letters = Letters()
        paths = {scan.path for scan in scans if scan.is_pdf and scan.pages == len(scans)}
        self._whole = paths.pop() if len(paths) == 1 else None
        pikepdf = _pikepdf()
        self.pdf = (
            self._source(self._whole) if self._whole is not None else self._open.enter_context(pikepdf.new())
        )
        self.font = add_font(self.pdf)
        self.words = 0

    def add(self, scan: Scan, page: Page | None) -> None:
        """Add a page with the words that were read in it; None adds it without words.

        Raises OSError or ValueError if the page or picture cannot be opened.
        """
        if scan.problem is not None:
            raise scan.problem
        if self._whole is not None:
            target = self.pdf.pages[scan.number - 1]
        elif scan.is_pdf:
            self.pdf.pages.append(self._source(scan.path).pages[scan.number - 1])
            target = self.pdf.pages[-1]
        else:
            with opened(Path(scan.path)) as image:
                image.seek(scan.number - 1)
                to_page = add_picture(self.pdf, image, Path(scan.path))
            target = self.pdf.pages[-1]
        if page is None or not page.lines:
            return
        if scan.is_pdf:
            to_page = pixels_to_page(Path(scan.path), scan.number, page.size)
        name = _add_resource(target, self.font)
        before, after = _brackets(target)
        target.contents_add(before, prepend=True)
        target.contents_add(after + text_layer(page, to_page, self.letters, name))
        self.words += sum(len(line.words) for line in page.lines)

    def save(self, path: Path) -> None:
        """Write the document, whole or not at all. Raises OSError with a message that names `path`."""
        fill_font(self.font, self.letters)
        kept = self.pdf.is_encrypted  # locked against changes, but not against reading
        with write_aside(path) as file:
            self.pdf.save(file, encryption=kept, deterministic_id=not kept)

    def close(self) -> None:
        """Let go of all files."""
        self._open.close()

    def _source(self, path: str) -> pikepdf.Pdf:
        """Return an opened PDF document."""
        if path not in self._sources:
            pikepdf = _pikepdf()
            try:
                self._sources[path] = self._open.enter_context(pikepdf.open(path))
            except pikepdf.PasswordError:
                raise ValueError(f"{path}: is encrypted; save it without its password") from None
            except pikepdf.PdfError as error:
                raise ValueError(
                    f"{path}: is a damaged PDF document ({error}); repair it: {REPAIR}"
                ) from None
        return self._sources[path]


def text_alone(page: Page, dots: tuple[float, float], path: Path) -> None:
    """Write a PDF with a page's words alone, unseen, as OCRmyPDF needs it: in one stream, the font named F1.

    `dots` are the pixels per inch of the page's picture, across and down. Raises ImportError without pikepdf,
    OSError if `path` cannot be written.
    """
    from pikepdf import Array, Dictionary, Name, Page

    across, down = (POINTS / each for each in dots)
    width, height = page.size[0] * across, page.size[1] * down
    document = SearchablePdf([])
    words = text_layer(page, np.array([[across, 0, 0], [0, -down, height]]), document.letters, "/F1")
    made = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, width, height]),
        Resources=Dictionary(Font=Dictionary(F1=document.font)),
        Contents=document.pdf.make_stream(words),
    )
    document.pdf.pages.append(Page(made))
    document.save(path)
    document.close()


def _pikepdf() -> Any:
    """Return the library pikepdf. Raises ImportError that says how to install it."""
    try:
        import pikepdf
    except ImportError:
        raise ImportError("searchable PDF documents need pikepdf: pip install 'hello-dl[pdf]'") from None
    return pikepdf


def _brackets(page: pikepdf.Page) -> tuple[bytes, bytes]:
    """Return what to put before and after a page's own operators, so that nothing that they set is left over.

    q keeps how things are drawn, such as the scale, and Q goes back to what was kept last. A page may have
    more of one than of the other.
    """
    from pikepdf import PdfError, parse_content_stream

    depth, lowest = 0, 0
    try:
        for part in parse_content_stream(page, "q Q"):
            depth += {"q": 1, "Q": -1}.get(str(part.operator), 0)
            lowest = min(lowest, depth)
    except PdfError:  # operators that cannot be understood: as if they were in balance
        depth, lowest = 0, 0
    kept = 1 - lowest
    return b"q\n" * kept, b"\n" + b"Q\n" * (kept + depth)


def _add_resource(page: pikepdf.Page, font: pikepdf.Object) -> str:
    """Give a page a font, and return the name by which its text can call it, with a leading slash."""
    from pikepdf import Dictionary, Name

    there = page.resources.get("/Font", Dictionary())
    number = 1
    while (name := f"/{FONT}{number}") in there and there[name].objgen != font.objgen:
        number += 1
    return str(page.add_resource(font, Name.Font, Name(name)))
