"""Makes OCRmyPDF read handwriting: `ocrmypdf --plugin hello_dl.reading.ocrmypdf scan.pdf searchable.pdf`.

OCRmyPDF makes scanned PDFs searchable, straightens their pages and writes PDF/A. What the pages say it asks
an engine, usually Tesseract, which reads print. This plugin is another engine; OCRmyPDF calls the functions
that are marked as hooks. Its option --hello-dl-weights names the network, such as one that knows your hand.
"""

from __future__ import annotations

from argparse import ArgumentParser
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from ocrmypdf import hookimpl
from ocrmypdf.exceptions import BadArgsError
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence
from PIL import Image

from hello_dl._core.build_info import version
from hello_dl.reading.hocr import to_hocr
from hello_dl.reading.page import Page
from hello_dl.reading.pdf.searchable import text_alone
from hello_dl.reading.placing import angle
from hello_dl.reading.reader import PageReader, Reader, reader_of

WEIGHTS = "lines"
SURE = (
    15.0  # how sure OCRmyPDF is told that a page is turned; it believes 14 or more (--rotate-pages-threshold)
)
ONE = Lock()  # pages are read one after the other, each with all threads: OCRmyPDF asks for several at a time


@cache
def _reader(weights: str) -> Reader | PageReader:
    """Return the reader with these weights, loaded once."""
    return reader_of(weights)


def read(picture: Path, options: Any) -> Page:
    """Read the picture of a page, as the options of OCRmyPDF say."""
    with ONE:
        reader = _reader(_weights(options))
        return reader.read(picture, printed=True) if isinstance(reader, PageReader) else reader.read(picture)


def _weights(options: Any) -> str:
    """Return which weights the options of OCRmyPDF name."""
    return getattr(options, "hello_dl_weights", None) or WEIGHTS


class HandwritingEngine(OcrEngine):
    """The engine that reads handwriting."""

    @staticmethod
    def version() -> str:
        """Return the version of hello_dl."""
        return version()

    @staticmethod
    def creator_tag(options: Any) -> str:  # noqa: ARG004
        """Return what the document's metadata say of the engine."""
        return f"hello-dl {version()}"

    def __str__(self) -> str:
        return f"hello-dl {version()}"

    @staticmethod
    def languages(options: Any) -> set[str]:  # noqa: ARG004
        """Return the languages that can be asked for: none in particular, so that none is refused."""
        return set()

    @staticmethod
    def get_orientation(input_file: Path, options: Any) -> OrientationConfidence:
        """Return by how many degrees, in quarter turns clockwise, a page is turned."""
        page = read(input_file, options)
        quarters = round(angle(page) / 90) % 4
        return OrientationConfidence(90 * quarters, SURE if page.lines else 0.0)

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:
        """Return by how many degrees, counterclockwise, a page must be turned for level lines; at most 45."""
        tilt = angle(read(input_file, options))
        return (tilt + 45) % 90 - 45

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Read the picture of a page, and write what it says as hOCR and as text."""
        page = read(input_file, options)
        output_hocr.write_text(to_hocr([(page, input_file.name)]), encoding="utf-8")
        output_text.write_text(page.text, encoding="utf-8")

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:
        """Read the picture of a page, and write what it says as a PDF with unseen text, and as text."""
        page = read(input_file, options)
        with Image.open(input_file) as image:
            across, down = image.info["dpi"]
        text_alone(page, (float(across), float(down)), output_pdf)
        output_text.write_text(page.text, encoding="utf-8")


@hookimpl
def add_options(parser: ArgumentParser) -> None:
    """Add the plugin's option to those of the command `ocrmypdf`."""
    group = parser.add_argument_group("hello-dl", "Reading handwriting")
    group.add_argument(
        "--hello-dl-weights",
        metavar="WEIGHTS",
        default=WEIGHTS,
        help=f"A weights file, or the name of one, as for `hello-dl read` (default: {WEIGHTS}).",
    )


@hookimpl
def check_options(options: Any) -> None:
    """Load the weights, and have text written by `generate_pdf`, unless --pdf-renderer asks for another way.

    OCRmyPDF's own way tilts text with its line, and then pdftotext and others take each letter for a word.
    """
    try:
        _reader(_weights(options))
    except (OSError, ValueError) as error:
        raise BadArgsError(f"--hello-dl-weights: {error}") from None
    if options.pdf_renderer == "auto":
        options.pdf_renderer = "sandwich"


@hookimpl
def get_ocr_engine(options: Any) -> OcrEngine | None:
    """Return the engine, unless --ocr-engine asks for another."""
    asked = getattr(options, "ocr_engine", "auto")
    return HandwritingEngine() if asked == "auto" else None
