"""Readers of what is seen: pictures, PDF documents, filled-in sheets, fonts and pen strokes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tests.fuzz.reader import Reader

FONT = "cmr10.ttf"  # matplotlib's smallest font with letters


def _make_picture(path: Path) -> None:
    from PIL import Image

    Image.fromarray(np.arange(400, dtype=np.uint16).reshape(20, 20).astype(np.uint8)).save(path)


def _picture(path: Path) -> Any:
    from hello_dl.reading.image.load import load_picture

    return load_picture(path)


def _make_pdf(path: Path) -> None:
    """Write a document of two pages: a picture with words over it, and a page of text."""
    from PIL import Image

    from hello_dl.reading.documents import Scan
    from hello_dl.reading.pdf.searchable import SearchablePdf

    picture = path.with_suffix(".png")
    Image.fromarray(np.full((60, 90), 200, np.uint8)).save(picture)
    document = SearchablePdf([Scan(str(picture)), Scan(str(picture))])
    for _ in range(2):
        document.add(Scan(str(picture)), None)
    document.save(path)
    document.close()
    picture.unlink()


def _pdf(path: Path) -> Any:
    from hello_dl.reading.documents import scans_of
    from hello_dl.reading.pdf.pages import has_text
    from hello_dl.reading.pdf.searchable import SearchablePdf

    scans = scans_of(str(path))
    for scan in scans[:3]:
        scan.picture()
        if scan.is_pdf:
            has_text(path, scan.number)
    document = SearchablePdf(scans[:3])
    try:
        for scan in scans[:3]:
            document.add(scan, None)
        document.save(path.with_suffix(".searchable.pdf"))
    finally:
        document.close()


def _make_sheet(path: Path) -> None:
    from hello_dl.teaching.sheet.code import PageCode
    from hello_dl.teaching.sheet.form import draw_form

    draw_form(PageCode(0, 1, 1), dpi=100).convert("L").save(path)


def _sheet(path: Path) -> Any:
    from hello_dl.teaching.sheet.scan import scan_form

    return scan_form(path)


def _make_font(path: Path) -> None:
    import matplotlib

    path.write_bytes((Path(matplotlib.get_data_path()) / "fonts" / "ttf" / FONT).read_bytes())


def _font(path: Path) -> Any:
    from hello_dl.data.lines import fonts

    fonts._load.cache_clear()  # what was read of the former file of that name
    fonts._glyphs.cache_clear()
    font = fonts.measure(path)
    return font.draw("Hand 12", 1.0, 10.0, [0.0] * 10, np.random.default_rng(1))


def _make_table(path: Path) -> None:
    from hello_dl.data.lines.fonts import COLUMNS

    rows = ["\t".join(COLUMNS), "cmr10\tN\t3\tyes\t~", "other\tJ\t5\tno\t"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _table(path: Path) -> Any:
    from hello_dl.data.lines.fonts import read_fonts

    folder = path.with_name(f"{path.name}.folder")
    folder.mkdir()
    _make_font(folder / "cmr10.ttf")
    path.rename(folder / "fonts.tsv")
    return read_fonts(folder)


def _make_strokes(path: Path) -> None:
    np.savez(
        path,
        delta=np.arange(20, dtype=np.int16).reshape(10, 2),
        stroke=np.array([0, 4, 10]),
        item=np.array([0, 1, 2]),
        writer=np.array([1, 2], np.int16),
        held=np.array([0, 1], bool),
    )


STROKES = (
    "text\twriter\tset\tstrokes_per_letter\twidth_over_height\none\t1\ta\t0.5\t2.0\ntwo\t2\ta\t1.0\t2.0\n"
)


def _strokes(path: Path) -> Any:
    from hello_dl.data.lines.stroke_files import read_file

    path.with_suffix(".tsv").write_text(STROKES, encoding="utf-8")
    return read_file(path)


def _texts_of_strokes(path: Path) -> Any:
    from hello_dl.data.lines.stroke_files import read_file

    _make_strokes(path.with_suffix(".npz"))
    return read_file(path.with_suffix(".npz"))


READERS = {
    "picture": Reader(".png", _make_picture, _picture),
    "PDF": Reader(".pdf", _make_pdf, _pdf, share=20),
    "sheet": Reader(".pgm", _make_sheet, _sheet, share=200),
    "font": Reader(".ttf", _make_font, _font, share=5),
    "table of fonts": Reader(".tsv", _make_table, _table),
    "pen strokes": Reader(".npz", _make_strokes, _strokes),
    "texts of pen strokes": Reader(
        ".tsv", lambda p: p.write_text(STROKES, encoding="utf-8"), _texts_of_strokes
    ),
}
