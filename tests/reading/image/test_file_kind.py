"""A file that holds something else than a picture that can be opened is told by its first bytes."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from handwriting import write
from hello_dl.reading import Page, annotate, load_picture
from hello_dl.reading.image.file_kind import kind_of


def media(brand: bytes, *compatible: bytes) -> bytes:
    """Return the beginning of a file of the ISO base media format: its `ftyp` box, and some more bytes."""
    brands = b"".join((brand, b"\0\0\0\0", *compatible))
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + b"\0\0\0\x08mdat" + bytes(100)


def archive(*names: str, mimetype: str = "") -> bytes:
    """Return a zip archive with files of these names, and first of all `mimetype`, if that is given."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        if mimetype:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "<a/>")
    return stream.getvalue()


def raw_photo(tags: dict[int, int | tuple[int, ...] | bytes]) -> bytes:
    """Return a TIFF file with these tags, as a camera's raw file begins: a thumbnail comes first."""
    stream = io.BytesIO()
    Image.new("RGB", (160, 120)).save(stream, "TIFF", tiffinfo=tags)
    return stream.getvalue()


OTHERS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "heic": (media(b"heic", b"mif1", b"heic"), ("HEIC", "JPEG")),
    "heic burst": (media(b"hevc", b"msf1"), ("HEIC", "JPEG")),
    "heix": (media(b"heix", b"mif1", b"heix"), ("HEIC", "JPEG")),
    "mif1 with heic": (media(b"mif1", b"miaf", b"heic"), ("HEIC", "JPEG")),
    "mif1 alone": (media(b"mif1", b"miaf"), ("HEIF", "JPEG")),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", ("PDF", "page", "PNG")),
    "pdf after a blank line": (b"\r\n%PDF-1.4\n", ("PDF", "PNG")),
    "docx": (archive("[Content_Types].xml", "_rels/.rels", "word/document.xml"), ("Office", "PNG")),
    "docx with another order": (archive("_rels/.rels", "word/document.xml"), ("Office", "PNG")),
    "odt": (archive("content.xml", mimetype="application/vnd.oasis.opendocument.text"), ("Office", "PNG")),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), ("Office", "PNG")),
    "rtf": (b"{\\rtf1\\ansi hello}", ("RTF", "PNG")),
    "zip": (archive("a.jpg", "b.jpg"), ("zip", "unpack")),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(40), ("7z", "unpack")),
    "gzip": (b"\x1f\x8b\x08\0" + bytes(40), ("gzip", "unpack")),
    "rar": (b"Rar!\x1a\x07\x01\0" + bytes(40), ("RAR", "unpack")),
    "mp4": (media(b"isom", b"iso2", b"avc1", b"mp41"), ("video", "screenshot")),
    "mov": (media(b"qt  ", b"qt  "), ("video", "screenshot")),
    "old mov": (b"\0\0\0\x08wide\0\0\x10\0mdat" + bytes(40), ("video", "screenshot")),
    "3gp": (media(b"3gp4", b"isom"), ("video", "screenshot")),
    "mkv": (b"\x1a\x45\xdf\xa3" + bytes(60), ("video", "screenshot")),
    "avi": (b"RIFF\x10\0\0\0AVI LIST" + bytes(60), ("video", "screenshot")),
    "mpeg": (b"\0\0\1\xba\x44" + bytes(60), ("video", "screenshot")),
    "mpeg that Pillow knows": (b"\0\0\1\xb3\x16\x00\xf0\x15" + bytes(60), ("video", "screenshot")),
    "canon raw 3": (media(b"crx ", b"crx ", b"isom"), ("raw", "JPEG")),
    "canon raw 2": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(60), ("raw", "JPEG")),
    "fuji raw": (b"FUJIFILMCCD-RAW 0201" + bytes(60), ("raw", "JPEG")),
    "olympus raw": (b"IIRO\x08\0\0\0" + bytes(60), ("raw", "JPEG")),
    "panasonic raw": (b"IIU\0\x18\0\0\0" + bytes(60), ("raw", "JPEG")),
    "dng": (raw_photo({254: 1, 50706: b"\1\4\0\0"}), ("raw", "JPEG")),
    "nikon raw": (raw_photo({254: 1, 271: b"NIKON", 330: (8, 8)}), ("raw", "JPEG")),
    "jpeg xl": (b"\xff\x0a" + bytes(60), ("JPEG XL", "PNG")),
    "jpeg xl in a box": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60), ("JPEG XL", "PNG")),
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', ("SVG", "PNG")),
    "wmf": (b"\xd7\xcd\xc6\x9a\0\0" + bytes(60), ("WMF", "PNG")),
    "emf": (b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(60), ("EMF", "PNG")),
    "web page": (b"\n<!DOCTYPE html><html><body>404</body></html>", ("web page", "download")),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", ("PostScript", "PNG")),
    "gimp": (b"gimp xcf v011\0" + bytes(60), ("GIMP", "PNG")),
    "djvu": (b"AT&TFORM\0\0\0\x20DJVU" + bytes(60), ("DjVu", "PNG")),
    "git lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", ("git lfs pull",)),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("name", ["photo.jpg", "photo.unknown"])
def test_a_file_that_is_no_picture_is_told_by_name_with_what_to_do(
    tmp_path: Path, kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", False)  # no program that draws PostScript
    content, words = OTHERS[kind]
    path = tmp_path / name
    path.write_bytes(content)
    for load in (load_picture, lambda p: annotate(p, Page([], (1, 1)))):
        with pytest.raises(ValueError, match="needs a picture such as JPEG, PNG or TIFF, got") as caught:
            load(path)
        said = str(caught.value)
        assert said.startswith(f"{path}: not a picture that can be opened")
        assert "\n" not in said
        for word in words:
            assert word in said


def test_avif_is_read_where_pillow_can_and_told_by_name_where_it_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "AVIF" in str(kind_of(media(b"avif", b"mif1", b"miaf")))
    assert "AVIF" in str(kind_of(media(b"mif1", b"avif", b"miaf")))
    path = tmp_path / "photo.jpg"
    path.write_bytes(media(b"avif", b"mif1", b"miaf"))
    with pytest.raises(ValueError, match="AVIF"):
        load_picture(path)
    if "AVIF" in Image.SAVE:
        write("go").save(path, "AVIF")
        assert load_picture(path).shape == write("go").size[::-1]


def test_pictures_that_can_be_opened_are_of_no_other_kind(tmp_path: Path) -> None:
    for kind in ("JPEG", "PNG", "TIFF", "GIF", "BMP", "WEBP", "PPM", "JPEG2000", "TGA", "PSD"):
        if kind in Image.SAVE:
            write("go").convert("RGB").save(tmp_path / "a", kind)
            assert kind_of((tmp_path / "a").read_bytes()) is None, kind
    # A TIFF that holds several pictures, of which the first is small, is no raw file.
    path = tmp_path / "a.tif"
    path.write_bytes(raw_photo({254: 1}))
    assert load_picture(path).shape == (120, 160)
