"""What there is to read in files and folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from documents import scan_pdf
from handwriting import text_of, write
from hello_dl.reading import Scan, load_picture, scans_of
from hello_dl.reading.documents import find_scans


def grey(value: int, size: tuple[int, int] = (40, 30)) -> Image.Image:
    return Image.new("L", size, value)


def test_a_picture_is_one_scan_that_is_read_from_its_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a.png")
    grey(9).save(path)
    assert scans_of(path) == [Scan(path)]
    (scan,) = scans_of(path)
    assert (scan.name, scan.stem, scan.picture()) == (path, "a", path)


def test_each_page_of_a_pdf_is_a_scan(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    pytest.importorskip("pikepdf")
    path = scan_pdf(tmp_path / "scan.dat", *(grey(20 * i) for i in range(11)))  # its name does not tell
    scans = scans_of(str(path))
    assert [scan.number for scan in scans] == list(range(1, 12))
    assert scans[1].name == f"{path}, page 2"
    assert [scan.stem for scan in scans[8:]] == ["scan-09", "scan-10", "scan-11"]
    for i, scan in enumerate(scans):
        picture = scan.picture()
        assert isinstance(picture, Image.Image)
        assert picture.getpixel((3, 3)) == (20 * i,) * 3


def test_each_page_of_a_tiff_is_a_scan_but_small_copies_are_none(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    grey(10).save(path, save_all=True, append_images=[grey(20), grey(30)])
    assert [load_picture(scan.picture())[0, 0] for scan in scans_of(str(path))] == pytest.approx(
        [10 / 255, 20 / 255, 30 / 255]
    )
    small = grey(20, (20, 15))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    grey(10).save(path, save_all=True, append_images=[small, grey(30)])
    assert [scan.number for scan in scans_of(str(path))] == [1, 3]


def test_of_an_animation_there_is_one_scan(tmp_path: Path) -> None:
    grey(10).save(tmp_path / "a.gif", save_all=True, append_images=[grey(200)])
    assert len(scans_of(str(tmp_path / "a.gif"))) == 1


def test_a_folder_stands_for_what_is_in_it_and_no_problem_is_lost(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    pytest.importorskip("pikepdf")
    scan_pdf(tmp_path / "2.PDF", grey(1), grey(2))
    grey(3).save(tmp_path / "1.png")
    (tmp_path / "3.pdf").write_bytes(b"%PDF-1.7 cut")
    (tmp_path / "4.txt").write_text("no picture")
    (tmp_path / "empty").mkdir()
    names = [str(tmp_path), str(tmp_path / "none.jpg"), str(tmp_path / "empty")]
    scans = find_scans(names)
    assert [Path(scan.path).name for scan in scans] == [
        "1.png",
        "2.PDF",
        "2.PDF",
        "3.pdf",
        "none.jpg",
        "empty",
    ]
    assert [scan.problem is None for scan in scans] == [True, True, True, False, False, False]
    for scan, words in zip(scans[3:], ("damaged", "no such file", "no pictures in this folder"), strict=True):
        with pytest.raises((ValueError, OSError), match=words):
            scan.picture()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_left_alone_until_it_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert scans_of(str(tmp_path / "pipe")) == [Scan(str(tmp_path / "pipe"))]


def test_a_heic_photo_is_read(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "photo.jpg"  # as chat programs call it
    heif.from_pillow(write("go on").convert("RGB")).save(path, quality=90)
    assert text_of(str(path)) == "go on"


def test_without_its_library_a_heic_photo_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photo.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ValueError, match=r"photo\.heic.*HEIC.*pip install 'hello-dl\[heif\]'"):
        load_picture(path)
