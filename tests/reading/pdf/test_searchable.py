"""Searchable PDFs: the page as it was, and every word found at its place, by Poppler and by PDFium."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from documents import lost, needs_poppler, page_of, scan_pdf, words_in
from hello_dl.reading import Page, scans_of
from hello_dl.reading.documents import find_scans
from hello_dl.reading.pdf.pages import picture_of_page
from hello_dl.reading.pdf.searchable import SearchablePdf, text_alone

pikepdf = pytest.importorskip("pikepdf")
pdfium = pytest.importorskip("pypdfium2")

TEXT = "the quick brown\nfox jumps over\nmy lazy dog"


def picture(size: tuple[int, int] = (1000, 800)) -> Image.Image:
    """Return a picture with some pattern."""
    y, x = np.mgrid[: size[1], : size[0]]
    return Image.fromarray(((x // 7 + y // 5) % 256).astype(np.uint8))


def searchable(pages: list[Page | None], out: Path, *files: Path) -> Path:
    """Write a searchable PDF of files with what was read on their pages."""
    scans = find_scans([str(file) for file in files])
    document = SearchablePdf(scans)
    for scan, page in zip(scans, pages, strict=True):
        document.add(scan, page)
    document.save(out)
    document.close()
    return out


def by_pdfium(pdf: Path, page: int = 0) -> str:
    """Return the text that PDFium finds on a page."""
    return " ".join(pdfium.PdfDocument(pdf)[page].get_textpage().get_text_range().split())


@needs_poppler
@pytest.mark.parametrize("turned", [0, 1, -2, 4, -8, 15, 90, 180, 270, 92, 178])
def test_every_word_is_found_at_its_place_however_the_lines_run(turned: float, tmp_path: Path) -> None:
    page = page_of(TEXT, (1000, 1000), turned)
    picture(page.size).save(tmp_path / "page.png")
    pdf = searchable([page], tmp_path / "out.pdf", tmp_path / "page.png")
    assert lost([page], pdf) == []
    assert len(words_in(pdf)[0]) == 9
    assert set(by_pdfium(pdf).split()) == set(TEXT.split())


@needs_poppler
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_are_in_place_on_a_page_that_is_rotated_and_cropped(rotate: int, tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "in.pdf", picture((900, 700)))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.MediaBox = [-40, -30, 400, 300]
        pdf.pages[0].obj.CropBox = [-10, -20, 340, 260]
        pdf.pages[0].obj.Rotate = rotate
        pdf.save(source)
    page = page_of(TEXT, picture_of_page(source, 1).size, turned=rotate)
    pdf = searchable([page], tmp_path / "out.pdf", source)
    boxes = words_in(pdf)[0]
    if rotate in (90, 270):  # pdftotext tells the size of such a page as if it were not rotated
        width, height = page.size
        boxes = [(t, a * height / width, b * width / height, c * height / width, d * width / height)
                 for t, a, b, c, d in boxes]  # fmt: skip
    found = {text: np.array(box) * (*page.size, *page.size) for text, *box in boxes}
    assert len(found) == 9
    for word in (word for line in page.lines for word in line.words):
        middle = (found[word.text][:2] + found[word.text][2:]) / 2
        left, top, right, bottom = word.box
        assert left < middle[0] < right
        assert top < middle[1] < bottom
    assert set(by_pdfium(pdf).split()) == set(TEXT.split())


def test_text_is_found_in_the_order_of_reading(tmp_path: Path) -> None:
    picture().save(tmp_path / "page.png")
    pdf = searchable([page_of(TEXT)], tmp_path / "out.pdf", tmp_path / "page.png")
    assert by_pdfium(pdf) == " ".join(TEXT.split())


@needs_poppler
@pytest.mark.parametrize("turned", [0, 1.5, 3, -2])
def test_pdftotext_prints_a_tilted_page_in_its_order(turned: float, tmp_path: Path) -> None:
    text = (
        "dear friend it was so nice\nto see you at the lake\nwhere we sat for hours\nand talked of old times"
    )
    page = page_of(text, (1240, 900), turned, height=36, pitch=70)
    picture(page.size).save(tmp_path / "page.png")
    pdf = searchable([page], tmp_path / "out.pdf", tmp_path / "page.png")
    printed = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
    assert printed.split() == text.split()


@needs_poppler
def test_a_page_with_nothing_on_it_and_pages_that_share_what_they_use(tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "in.pdf", picture((500, 400)), picture((500, 400)), picture((500, 400)))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.Root.Pages.Resources = pdf.pages[0].obj.Resources
        for page in pdf.pages:
            del page.obj["/Resources"]
        del pdf.pages[1].obj["/Contents"]
        pdf.save(source)
    read = [
        page_of(text, picture_of_page(source, i).size) for i, text in enumerate(("one", "two", "three"), 1)
    ]
    assert lost(read, searchable([*read], tmp_path / "out.pdf", source)) == []


def test_nothing_of_the_text_is_seen(tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "in.pdf", picture())
    pdf = searchable([page_of(TEXT)], tmp_path / "out.pdf", source)
    before, after = (np.asarray(picture_of_page(path, 1)) for path in (source, pdf))
    np.testing.assert_array_equal(before, after)


@needs_poppler
@pytest.mark.parametrize(
    "content", ["{} q 2 0 0 2 9 9 cm", "{} Q 2 0 0 2 9 9 cm", "2 0 0 2 9 9 cm q {} Q", "{}"]
)
def test_what_a_page_leaves_over_does_not_move_the_words(content: str, tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "in.pdf", picture())
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        own = page.obj.Contents.read_bytes()
        page.obj.Contents = pdf.make_stream(content.replace("{}", f"q {own.decode()} Q").encode())
        pdf.save(source)
    read = page_of(TEXT, picture().size)
    assert lost([read], searchable([read], tmp_path / "out.pdf", source)) == []


def test_a_heic_photo_becomes_a_page(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(picture().convert("RGB")).save(tmp_path / "photo.heic", quality=95)
    pdf = searchable([page_of(TEXT)], tmp_path / "out.pdf", tmp_path / "photo.heic")
    shown = np.asarray(picture_of_page(pdf, 1).convert("L"), int)
    assert np.abs(shown - np.asarray(picture(), int)).mean() < 5
    with pikepdf.open(pdf) as made:
        assert made.pages[0].obj.Resources.XObject.Picture.Filter == pikepdf.Name.DCTDecode


def test_a_pdf_stays_as_it_was_but_for_the_words(tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "in.pdf", picture(), picture((600, 400)))
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Title"] = "Letters"
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("second", 1))
        pdf.save(source)
    out = searchable([page_of(TEXT), None], tmp_path / "out.pdf", source)
    with pikepdf.open(source) as old, pikepdf.open(out) as new:
        assert new.docinfo["/Title"] == "Letters"
        with new.open_outline() as outline:
            assert [item.title for item in outline.root] == ["second"]
        for before, after in zip(old.pages, new.pages, strict=True):
            assert (
                after.obj.Resources.XObject.Im.read_raw_bytes()
                == before.obj.Resources.XObject.Im.read_raw_bytes()
            )
            assert after.mediabox == before.mediabox
        first, second = (page.obj.Contents for page in new.pages)
        assert [part.read_bytes() for part in first][1] == old.pages[0].obj.Contents.read_bytes()
        assert second.read_bytes() == old.pages[1].obj.Contents.read_bytes()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_keeps_its_bytes_and_stands_upright(orientation: int, mode: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    stored = Image.new("L", (300, 200), 255)
    stored.paste(0, (0, 0, 60, 30))  # black in the corner at the top left
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.convert(mode).save(path, exif=exif, quality=95)
    upright = np.asarray(Image.open(path).convert("L") if orientation == 1 else _upright(path))
    pdf = searchable([page_of("a", upright.shape[::-1])], tmp_path / "out.pdf", path)
    with pikepdf.open(pdf) as made:
        assert made.pages[0].obj.Resources.XObject.Picture.read_raw_bytes() == path.read_bytes()
    shown = np.asarray(picture_of_page(pdf, 1).convert("L"))
    assert shown.shape == upright.shape
    assert np.abs(shown.astype(int) - upright).mean() < 4


def _upright(path: Path) -> Image.Image:
    from PIL import ImageOps

    return ImageOps.exif_transpose(Image.open(path)).convert("L")


KINDS = {
    "grey.png": lambda image: image,
    "colour.png": lambda image: Image.merge("RGB", [image, image.rotate(180), image]),
    "black-white.png": lambda image: image.convert("1"),
    "palette.gif": lambda image: image.convert("P"),
    "deep.png": lambda image: Image.fromarray(np.asarray(image).astype(np.uint16) * 257),
    "clear.png": lambda image: image.convert("RGBA"),
    "scan.tif": lambda image: image.convert("1"),
}


@pytest.mark.parametrize("name", KINDS)
def test_other_pictures_lose_nothing(name: str, tmp_path: Path) -> None:
    image = KINDS[name](picture((320, 240)))
    image.save(tmp_path / name)
    pdf = searchable([None], tmp_path / "out.pdf", tmp_path / name)
    wanted = np.asarray(picture((320, 240)).convert("RGB") if name == "deep.png" else image.convert("RGB"))
    np.testing.assert_array_equal(np.asarray(picture_of_page(pdf, 1)), wanted)


def test_the_page_is_as_large_as_the_file_says_or_a4(tmp_path: Path) -> None:
    sizes = {"scan.png": (300, 300), "phone.png": (72, 72), "none.png": None, "fax.tif": (204, 102)}
    for name, dots in sizes.items():
        picture().save(tmp_path / name, **({} if dots is None else {"dpi": dots}))
    pdf = searchable([None] * 4, tmp_path / "out.pdf", *(tmp_path / name for name in sizes))
    with pikepdf.open(pdf) as made:
        found = [[round(float(side)) for side in page.mediabox[2:]] for page in made.pages]
    assert found == [[240, 192], [842, 674], [842, 674], [353, 565]]


@needs_poppler
def test_letters_of_all_alphabets_are_found(tmp_path: Path) -> None:
    text = "Straße żółw Ελλάδα\nЖдёт 書く \U0001d538\U0001f600 <&>"
    page = page_of(text)
    picture().save(tmp_path / "page.png")
    pdf = searchable([page], tmp_path / "out.pdf", tmp_path / "page.png")
    assert lost([page], pdf) == []
    assert set(text.split()) <= set(by_pdfium(pdf).split())


@needs_poppler
def test_files_of_many_kinds_become_one_document_in_order(tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "a.pdf", picture(), picture())
    picture().save(tmp_path / "b.tif", save_all=True, append_images=[picture()])
    picture().save(tmp_path / "c.jpg")
    texts = ["one two", "three", "four five", "six", "seven"]
    pages: list[Page | None] = [page_of(text) for text in texts]
    pdf = searchable(pages, tmp_path / "out.pdf", source, tmp_path / "b.tif", tmp_path / "c.jpg")
    assert [" ".join(word[0] for word in found) for found in words_in(pdf)] == texts


def test_words_may_be_added_twice(tmp_path: Path) -> None:
    picture().save(tmp_path / "page.png")
    once = searchable([page_of("one")], tmp_path / "once.pdf", tmp_path / "page.png")
    twice = searchable([page_of("two")], tmp_path / "twice.pdf", once)
    assert set(by_pdfium(twice).split()) == {"one", "two"}


def test_the_same_pages_give_the_same_bytes(tmp_path: Path) -> None:
    picture().save(tmp_path / "page.png")
    one, two = (
        searchable([page_of(TEXT)], tmp_path / name, tmp_path / "page.png") for name in ("1.pdf", "2.pdf")
    )
    assert one.read_bytes() == two.read_bytes()


def test_a_pdf_locked_against_changes_but_not_against_reading_stays_locked(tmp_path: Path) -> None:
    source = scan_pdf(tmp_path / "in.pdf", picture())
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.save(source, encryption=pikepdf.Encryption(user="", owner="secret"))
    out = searchable([page_of("word")], tmp_path / "out.pdf", source)
    with pikepdf.open(out) as made:
        assert made.is_encrypted
    assert by_pdfium(out) == "word"


@needs_poppler
def test_words_alone_are_a_page_of_the_same_size(tmp_path: Path) -> None:
    page = page_of(TEXT)
    text_alone(page, (200.0, 100.0), tmp_path / "out.pdf")
    assert lost([page], tmp_path / "out.pdf") == []
    with pikepdf.open(tmp_path / "out.pdf") as made:
        assert [float(side) for side in made.pages[0].mediabox] == [0, 0, 360, 576]


def test_without_the_library_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture().save(tmp_path / "page.png")
    monkeypatch.setitem(sys.modules, "pikepdf", None)
    with pytest.raises(ImportError, match=r"pip install 'hello-dl\[pdf\]'"):
        SearchablePdf(scans_of(str(tmp_path / "page.png")))
