"""`hello-dl read` with documents: PDFs and TIFFs of several pages, and the formats of --to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

import hello_dl
from command import Answer, Inside, command, refused
from documents import lost, needs_poppler, page_of, scan_pdf, words_in
from hello_dl.data.builtin import write_page
from hello_dl.reading import Page, Reader, scans_of
from hello_dl.reading.image.load import open_picture

pikepdf = pytest.importorskip("pikepdf")
pytest.importorskip("pypdfium2")

TEXTS = ("the quick brown\nfox", "jumps over", "the lazy dog")
Read = Callable[..., Answer]


@pytest.fixture
def hello_read(monkeypatch: pytest.MonkeyPatch, inside: Inside) -> Read:
    """Run `hello-dl read` in this process, with a reader that knows what pictures of each width say."""

    def read(_self: object, picture: object, **_: object) -> Page:
        size = open_picture(picture).size  # type: ignore[arg-type]
        number = size[0] - 500
        return page_of(TEXTS[number], size) if number in range(3) else Page([], size)

    monkeypatch.setattr(Reader, "read", read)
    return lambda *args: inside("read", "--weights", "letters", *args)


def picture(number: int) -> Image.Image:
    """Return the picture that says TEXTS[number]; nothing, for other numbers."""
    return Image.new("L", (500 + number, 400), 200)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Return a PDF of three pages."""
    return scan_pdf(tmp_path / "scan.pdf", picture(0), picture(1), picture(2), dots=100)


@needs_poppler
def test_the_command_makes_a_scan_of_three_pages_searchable(tmp_path: Path) -> None:
    texts = (
        "the quick brown\nfox jumps over",
        "pack my box with\nfive dozen jugs",
        "how quickly daft\nzebras jump",
    )
    pages = [Image.fromarray(write_page(text, seed)[0]) for seed, text in enumerate(texts, 3)]
    source = scan_pdf(tmp_path / "scan.pdf", *pages)
    answer = command("read", source, "--to", "pdf", "--out", tmp_path / "out.pdf")
    assert answer.code == 0
    read = [hello_dl.read(scan.picture()) for scan in scans_of(str(source))]
    words = sum(len(line.words) for page in read for line in page.lines)
    assert words >= 15
    assert answer.out == f"{tmp_path / 'out.pdf'}: 3 pages, {words} words\n"
    assert lost(read, tmp_path / "out.pdf") == []


def test_every_page_is_printed_with_its_number(scan: Path, hello_read: Read) -> None:
    answer = hello_read(scan)
    assert answer.code == 0
    assert answer.err == ""
    assert answer.out == "\n".join(f"{scan}, page {i}:\n{text}\n" for i, text in enumerate(TEXTS, 1)) + "\n"


@pytest.mark.parametrize("how", [("--json",), ("--to", "json"), ("--json", "--to", "json")])
def test_json_tells_the_page(how: tuple[str, ...], scan: Path, tmp_path: Path, hello_read: Read) -> None:
    picture(1).save(tmp_path / "one.png")
    found = [json.loads(line) for line in hello_read(scan, tmp_path / "one.png", *how).out.splitlines()]
    assert [(x["picture"], x.get("page"), x["text"]) for x in found] == [
        (str(scan), 1, TEXTS[0]),
        (str(scan), 2, TEXTS[1]),
        (str(scan), 3, TEXTS[2]),
        (str(tmp_path / "one.png"), None, TEXTS[1]),
    ]


def test_markdown_of_one_page_and_of_several(scan: Path, tmp_path: Path, hello_read: Read) -> None:
    picture(0).save(tmp_path / "one.png")
    assert hello_read(tmp_path / "one.png", "--to", "markdown").out == TEXTS[0] + "\n"
    parts = hello_read(scan, "--to", "markdown").out.split(f"<!-- {scan}, page ")
    assert parts == ["", *(f"{i} -->\n\n{text}\n\n" for i, text in enumerate(TEXTS, 1))]


def test_hocr_is_one_document_of_all_pages(scan: Path, hello_read: Read) -> None:
    root = ElementTree.fromstring(hello_read(scan, "--to", "hocr").out.encode())
    pages = [element for element in root.iter() if element.get("class") == "ocr_page"]
    assert [" ".join("".join(page.itertext()).split()) for page in pages] == [
        " ".join(t.split()) for t in TEXTS
    ]


@needs_poppler
def test_pictures_of_all_kinds_become_one_searchable_pdf(
    scan: Path, tmp_path: Path, hello_read: Read
) -> None:
    picture(2).save(tmp_path / "a.jpg")
    picture(1).save(tmp_path / "b.tif", save_all=True, append_images=[picture(0), picture(9)])
    out = tmp_path / "all.pdf"
    answer = hello_read(tmp_path / "a.jpg", tmp_path / "b.tif", scan, "--to", "pdf", "--out", out)
    assert answer.code == 0
    assert answer.out == f"{out}: 7 pages, 18 words\n"
    assert answer.err.count("\n") == 1
    assert "b.tif, page 3: found nothing written" in answer.err
    found = [sorted(word[0] for word in words) for words in words_in(out)]
    assert found == [sorted(TEXTS[i].split()) if i < 3 else [] for i in (2, 1, 0, 9, 0, 1, 2)]


@needs_poppler
def test_into_a_folder_goes_a_pdf_for_each_file(scan: Path, tmp_path: Path, hello_read: Read) -> None:
    (tmp_path / "more").mkdir()
    picture(1).save(tmp_path / "more" / "scan.png")
    answer = hello_read(scan, tmp_path / "more", "--to", "pdf", "--out", tmp_path / "out")
    assert answer.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["scan-read-2.pdf", "scan-read.pdf"]
    assert [len(words_in(tmp_path / "out" / name)) for name in ("scan-read.pdf", "scan-read-2.pdf")] == [3, 1]


def test_of_a_document_each_page_is_drawn_into_a_folder(scan: Path, tmp_path: Path, hello_read: Read) -> None:
    assert hello_read(scan, "--out", tmp_path / "out").code == 0
    drawn = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in drawn] == [f"scan-{i}-read.png" for i in (1, 2, 3)]
    for number, path in enumerate(drawn):
        with Image.open(path) as image:
            assert image.size == (500 + number, 400)


def test_one_bad_file_does_not_lose_the_others(scan: Path, tmp_path: Path, hello_read: Read) -> None:
    whole = scan.read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 2])
    with pikepdf.open(scan) as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="u", owner="o"))
    pikepdf.new().save(tmp_path / "none.pdf")
    picture(9).save(tmp_path / "blank.png")
    names = ("cut.pdf", "locked.pdf", "none.pdf", "blank.png")
    bad = [tmp_path / name for name in names]
    out = tmp_path / "out.pdf"
    answer = hello_read(*bad[:2], scan, *bad[2:], "--to", "pdf", "--out", out)
    assert answer.code == 1
    assert answer.out == f"{out}: 4 pages, 9 words\n"  # the blank page is kept
    said = ("damaged PDF", "is encrypted", "without any page", "found nothing written")
    for line, name, words in zip(answer.err.splitlines(), names, said, strict=True):
        assert line.startswith(f"hello-dl: {tmp_path / name}: ")
        assert words in line
    assert hello_read(*bad, "--to", "pdf", "--out", tmp_path / "other.pdf").code == 1
    answer = hello_read(*bad[:2], "--to", "pdf", "--out", tmp_path / "nothing.pdf")
    assert (answer.code, answer.out) == (1, "")
    assert not (tmp_path / "nothing.pdf").exists()


def test_text_that_a_page_has_already_is_told_of(scan: Path, tmp_path: Path, hello_read: Read) -> None:
    assert hello_read(scan, "--to", "pdf", "--out", tmp_path / "1.pdf").err == ""
    again = hello_read(tmp_path / "1.pdf", "--to", "pdf", "--out", tmp_path / "2.pdf")
    assert again.code == 0
    assert again.err.count("has text already") == 3


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (("--to", "pdf"), ("--to pdf", "--out")),
        (("--to", "pdf", "--out", "x.png"), ("x.png", ".pdf")),
        (("--to", "pdf", "--out", "scan.pdf"), ("scan.pdf", "would replace")),
        (("--out", "x.pdf"), ("x.pdf", "--to pdf")),
        (("--json", "--to", "text"), ("--json", "--to text")),
        (("--to", "word"), ("word", "markdown")),
    ],
)
def test_mistakes_are_told_before_anything_is_read(
    how: tuple[str, ...],
    words: tuple[str, ...],
    scan: Path,
    hello_read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(scan.parent)
    monkeypatch.setattr("hello_dl.reading.reader_of", lambda _: pytest.fail("the weights were loaded"))
    refused(hello_read("scan.pdf", *how), *words, code=2)
    assert [path.name for path in scan.parent.iterdir()] == ["scan.pdf"]


@pytest.mark.parametrize("library", ["pypdfium2", "pikepdf"])
def test_without_the_extra_it_is_said_what_to_install(
    library: str, scan: Path, tmp_path: Path, hello_read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    answer = hello_read(scan, "--to", "pdf", "--out", tmp_path / "out.pdf")
    assert answer.code == 1
    assert library in answer.err
    assert "pip install 'hello-dl[pdf]'" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of Unix")
def test_a_progress_bar_counts_pages_on_a_terminal(scan: Path) -> None:
    import pty
    import termios

    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (24, 100))
    done = subprocess.run(
        [sys.executable, "-m", "hello_dl", "read", str(scan)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=writer,
        timeout=120,
    )
    os.close(writer)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    assert done.returncode == 0
    assert "/3 [" in shown
    assert "page" in shown
