"""Tells by its first bytes what a file holds, if it is no picture that can be opened, and what to do then.

A file's name may lie: phones and chat programs call a HEIC file photo.jpg. Its first bytes do not.
"""

from __future__ import annotations

from PIL import Image

FIRST = 4096  # bytes of a file by which its kind is told
TAG_IS_SMALL = 254  # TIFF's tag for a picture that is a small copy of another (its lowest bit is 1)
TAG_MORE_PICTURES = 330  # TIFF's tag for where the pictures lie of which it is a copy
TAG_DNG = 50706  # the tag for the version of DNG, Adobe's raw file

_AS_PNG = "open it in a program that shows it, and save it or a screenshot of it as PNG"
HEIC = (
    "HEIC, an iPhone's usual kind; it needs pip install 'hello-dl[heif]', or send it as JPEG (iPhone: "
    "Settings, Camera, Formats, Most Compatible), or convert it: heif-convert photo.heic photo.jpg"
)
HEIF = (
    "HEIF, a kind of phones; it needs pip install 'hello-dl[heif]', or convert it to JPEG: "
    "heif-convert photo.heif photo.jpg"
)
AVIF = "AVIF; open it in a web browser or a picture program and save it as JPEG or PNG"
JPEG_XL = f"JPEG XL; {_AS_PNG}"
RAW = "a camera's raw file; save it as JPEG with the camera's own program, or take the JPEG beside it"
VIDEO = "a video; pause it where the page is sharp, and take a screenshot"
PDF = (
    "a PDF document; `hello-dl read` takes it, and in Python hello_dl.reading.scans_of; other commands need "
    "its pages as PNG: pdftoppm -r 200 -png document.pdf page"
)
OFFICE = f"an Office document such as .docx; {_AS_PNG}"
WEB_PAGE = "a web page (HTML); the download went wrong, download the picture itself"
GIT_LFS = "only the note that Git keeps in place of a large file; get the file: git lfs pull"

_STARTS = {
    b"%!PS": f"PostScript; {_AS_PNG}",
    b"\xc5\xd0\xd3\xc6": f"PostScript; {_AS_PNG}",
    b"\xd7\xcd\xc6\x9a": f"a drawing (WMF); {_AS_PNG}",
    b"{\\rtf": f"an RTF document; {_AS_PNG}",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": OFFICE,
    b"gimp xcf": f"a file of GIMP; {_AS_PNG}",
    b"AT&TFORM": f"a DjVu document; {_AS_PNG}",
    b"\xff\x0a": JPEG_XL,
    b"\0\0\0\x0cJXL ": JPEG_XL,
    b"FUJIFILMCCD-RAW": RAW,
    b"IIRO": RAW,  # Olympus
    b"IIRS": RAW,
    b"MMOR": RAW,
    b"IIU\0": RAW,  # Panasonic
    b"\0MRM": RAW,  # Minolta
    b"FOVb": RAW,  # Sigma
    b"\x1a\x45\xdf\xa3": VIDEO,  # Matroska, WebM
    b"\0\0\1\xba": VIDEO,  # MPEG
    b"\0\0\1\xb3": VIDEO,
    b"FLV\1": VIDEO,
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": VIDEO,  # Windows Media
    b"OggS": VIDEO,
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"\xfd7zXZ\0": "an xz archive; unpack it first",
    b"BZh": "a bzip2 archive; unpack it first",
    b"version https://git-lfs": GIT_LFS,
}  # fmt: skip
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"mif1", b"mif2", b"msf1", b"miaf"}
_QUICKTIME = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}  # a file's first box, before ftyp was


def kind_of(first: bytes) -> str | None:
    """Return what a file holds, by its first bytes, and what to do with it: "HEIC, ...; send it as JPEG".

    None for pictures that can be opened, and for anything else that is not known here.
    """
    if first[4:8] == b"ftyp":
        return _media_kind(first)
    if first[:4] == b"RIFF" and first[8:12] == b"AVI ":
        return VIDEO
    if first[:4] == b"PK\3\4":
        inside = (b"word/", b"xl/", b"ppt/", b"[Content_Types]", b"application/vnd.oasis.opendocument")
        return OFFICE if any(name in first for name in inside) else "a zip archive; unpack it first"
    if first[:4] in (b"II*\0", b"MM\0*") and first[8:11] == b"CR\2":
        return RAW
    if first[:4] == b"\1\0\0\0" and first[40:44] == b" EMF":
        return f"a drawing (EMF); {_AS_PNG}"
    if first[4:8] in _QUICKTIME:
        return VIDEO
    text = first.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"%pdf-"):
        return PDF
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return WEB_PAGE
    if text.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in text:
        return f"a drawing (SVG); {_AS_PNG}"
    return next((kind for start, kind in _STARTS.items() if first.startswith(start)), None)


def _media_kind(first: bytes) -> str | None:
    """Return what a file of the ISO base media format holds: its first box, `ftyp`, lists its brands.

    Source: ISO/IEC 14496-12, section 4.3, and 23008-12 for HEIF. The first brand is the major one; four bytes
    follow, and then all brands with which the file is compatible.
    """
    end = min(int.from_bytes(first[:4], "big"), len(first))
    brands = {first[8:12], *(first[i : i + 4] for i in range(16, end - 3, 4))}
    if b"crx " in brands:
        return RAW
    if brands & _AVIF_BRANDS:
        return AVIF
    if brands & _HEIC_BRANDS:
        return HEIC
    return HEIF if brands & _HEIF_BRANDS else VIDEO


def is_raw(image: Image.Image) -> bool:
    """Whether an opened TIFF is a camera's raw file, of which Pillow would show a thumbnail only.

    It is one if it says that it is DNG, or that its first picture is a small copy of others in the file.
    """
    tags = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    return TAG_DNG in tags or (is_small_copy(image) and TAG_MORE_PICTURES in tags)


def is_small_copy(image: Image.Image) -> bool:
    """Whether the picture to which an opened TIFF is set says that it is a small copy of another."""
    tags = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    return bool(tags.get(TAG_IS_SMALL, 0) & 1)
