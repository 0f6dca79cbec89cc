"""Pictures of the pages of a PDF: a scan in its own pixels, and what cannot be opened."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from documents import scan_pdf
from hello_dl.reading.pdf.pages import count_pages, has_text, picture_of_page, pixels_to_page

pikepdf = pytest.importorskip("pikepdf")
pytest.importorskip("pypdfium2")


def noise(width: int, height: int) -> Image.Image:
    """Return a picture in which no pixel is like its neighbours."""
    values = np.random.default_rng(width).integers(0, 256, (height, width))
    return Image.fromarray(values.astype(np.uint8))


@pytest.mark.parametrize("dots", [72.0, 150.0, 200.0, 300.0, 411.7, 600.0])
def test_a_scan_keeps_its_pixels(dots: float, tmp_path: Path) -> None:
    scans = [noise(341, 217), noise(1700, 220)]
    pdf = scan_pdf(tmp_path / "scan.pdf", *scans, dots=dots)
    assert count_pages(pdf) == 2
    for number, scan in enumerate(scans, 1):
        page = picture_of_page(pdf, number)
        assert page.mode == "RGB"
        assert page.size == scan.size
        away = np.abs(np.asarray(page.convert("L"), int) - np.asarray(scan, int))
        assert np.median(away) == 0
        assert (away > 8).mean() < 0.02


def draw(path: Path, content: str, size: tuple[float, float] = (360, 144), **page: object) -> Path:
    """Write a PDF of one page with a picture of 300 x 100 pixels named Im, and these operators."""
    scan_pdf(path, noise(300, 100))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Contents = pdf.make_stream(content.encode())
        pdf.pages[0].obj.MediaBox = [0, 0, *size]
        for name, value in page.items():
            pdf.pages[0].obj[f"/{name}"] = value
        pdf.save(path)
    return path


@pytest.mark.parametrize(
    ("content", "size"),
    [
        ("0 0 m 100 100 l S", (1000, 400)),  # drawn: 200 pixels to an inch
        ("q 20 0 0 7 0 0 cm /Im Do Q", (1000, 400)),  # a logo, of 1080 pixels to an inch, does not count
        ("q 216 0 0 144 0 0 cm /Im Do Q", (1000, 400)),  # a coarse picture on more than half a page does not
        ("q 360 0 0 144 0 0 cm /Im Do Q", (300, 120)),  # the picture is the page, finer across than down
        ("q 360 0 0 72 0 0 cm /Im Do Q q 360 0 0 72 0 72 cm /Im Do Q", (500, 200)),  # strips, finer down
        ("q 0 144 -360 0 360 0 cm /Im Do Q", (750, 300)),  # on its side: 100 pixels on 360 units, 300 on 144
    ],
)
def test_the_resolution_is_that_of_what_covers_the_page(
    content: str, size: tuple[int, int], tmp_path: Path
) -> None:
    assert picture_of_page(draw(tmp_path / "page.pdf", content), 1).size == size


def test_pictures_inside_forms_count(tmp_path: Path) -> None:
    path = draw(tmp_path / "page.pdf", "q 0.5 0 0 0.5 0 0 cm /Fm Do Q")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0].obj
        form = pdf.make_stream(b"q 720 0 0 288 0 0 cm /Im Do Q")
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 720, 288]
        form.Resources = page.Resources
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm=form))
        pdf.save(path)
    assert picture_of_page(path, 1).size == (300, 120)


def test_a_poster_is_reduced_to_what_is_read(tmp_path: Path) -> None:
    page = picture_of_page(draw(tmp_path / "page.pdf", "0 0 m 9 9 l S", (7200, 3600)), 1)
    assert page.size == (6667, 3334)  # a third of 200 pixels to an inch


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_pixels_lead_back_to_the_place_on_a_cropped_and_rotated_page(rotate: int, tmp_path: Path) -> None:
    dot = "1 g 0 0 400 400 re f 0 g 149 99 2 2 re f"  # black, round (150, 100)
    path = draw(tmp_path / "page.pdf", dot, (360, 144), Rotate=rotate, CropBox=[30, 20, 330, 140])
    page = picture_of_page(path, 1)
    y, x = np.argwhere(np.asarray(page.convert("L")) < 100).mean(axis=0) + 0.5
    at = pixels_to_page(path, 1, page.size) @ (x, y, 1)
    np.testing.assert_allclose(at, (150, 100), atol=0.2)


def test_text_on_a_page_is_seen(tmp_path: Path) -> None:
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    text = "BT /F1 12 Tf 50 50 Td (hello) Tj ET"
    assert has_text(draw(tmp_path / "text.pdf", text, Resources=resources), 1)
    assert not has_text(draw(tmp_path / "none.pdf", "0 0 m 9 9 l S"), 1)


def locked(path: Path) -> None:
    scan_pdf(path, noise(50, 50))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user="secret", owner="secret"))


def cut(path: Path) -> None:
    scan_pdf(path, noise(500, 500))
    path.write_bytes(path.read_bytes()[:20_000])


BAD = {
    "encrypted": (locked, ("encrypted", "password", "qpdf")),
    "cut": (cut, ("damaged", "qpdf")),
    "only a header": (lambda path: path.write_bytes(b"%PDF-1.7\n"), ("damaged",)),
    "no page": (lambda path: pikepdf.new().save(path), ("without any page",)),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_document_that_cannot_be_opened_is_told_in_one_sentence(kind: str, tmp_path: Path) -> None:
    make, words = BAD[kind]
    make(tmp_path / "bad.pdf")
    with pytest.raises(ValueError, match=r"bad\.pdf: ") as caught:
        count_pages(tmp_path / "bad.pdf")
    assert all(word in str(caught.value) for word in words)
    assert "\n" not in str(caught.value)


def test_without_the_library_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scan_pdf(tmp_path / "scan.pdf", noise(50, 50))
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(ImportError, match=r"scan\.pdf.*pip install 'hello-dl\[pdf\]'"):
        count_pages(path)
