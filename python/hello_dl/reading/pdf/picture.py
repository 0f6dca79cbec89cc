"""Puts a picture into a PDF document as a page: a JPEG as it is, byte by byte, others without loss.

Source: ISO 32000-1, section 8.9.5 for pictures, 8.6 for colours, 7.4.4 for PNG's predictors, 7.4.8 for JPEG.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Floats
from hello_dl.reading.image.formats import Turn, image_to_rgb, is_deep, turn_of

if TYPE_CHECKING:
    import pikepdf

POINTS = 72  # a PDF's units to an inch
BELIEVED = (100, 2400)  # pixels per inch that a file may claim; cameras write 72, which means nothing
LONG_SIDE = 842.0  # units of a PDF (297 mm, A4): the longer side of the page if the file does not tell
LOSSY = (
    "WEBP",
    "AVIF",
    "HEIF",
)  # kinds that a PDF cannot hold and that are too large without loss: JPEG again
QUALITY = 92  # of these JPEGs, from 1 to 95; larger is better and longer
COLOURS = {"1": "DeviceGray", "L": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK"}
PROFILES = {"L": b"GRAY", "RGB": b"RGB "}  # bytes 16 to 19 of a colour profile for each mode


def add_picture(pdf: pikepdf.Pdf, image: Image.Image, path: Path | None = None) -> Floats:
    """Add a page that shows a picture, upright; return the matrix (2, 3) from its pixels to the page's units.

    The matrix takes (x, y, 1) of the upright picture. `image` was opened from `path`; where that is a JPEG,
    its bytes are put into the document as they are, and the page turns what they show.
    """
    from pikepdf import Array, Dictionary, Name, Page

    turn = None
    if path is not None and image.format in ("JPEG", "MPO"):
        turn = turn_of(image)
        stream = _jpeg(pdf, path.read_bytes(), image)
    elif image.format in LOSSY:
        again = BytesIO()
        rgb = image_to_rgb(image)
        rgb.save(again, "JPEG", quality=QUALITY)
        stream = _jpeg(pdf, again.getvalue(), rgb)
    else:
        stream = _png(pdf, image)
    pixels = np.array([int(stream.Width), int(stream.Height)], dtype=float)
    size = pixels / _resolution(image, pixels) * POINTS
    if turn is not None and turn.transpose:
        pixels, size = pixels[::-1], size[::-1]
    numbers = " ".join(f"{value:.4f}" for value in _placement(turn, size))
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, *(round(float(side), 4) for side in size)]),
        Resources=Dictionary(XObject=Dictionary(Picture=stream)),
        Contents=pdf.make_stream(f"q {numbers} cm /Picture Do Q".encode()),
    )
    pdf.pages.append(Page(page))
    across, down = size / pixels
    return np.array([[across, 0, 0], [0, -down, size[1]]])


def _placement(turn: Turn | None, size: Floats) -> list[float]:
    """Return the six numbers of the matrix that draws a stored picture upright on a page of `size`."""

    def upright(u: float, v: float) -> Floats:
        """Return where on the page a point of the stored picture lies; u goes right, v up, from 0 to 1."""
        x, y = u, 1 - v
        if turn is not None:
            x, y = (y, x) if turn.transpose else (x, y)
            x, y = 1 - x if turn.flip_columns else x, 1 - y if turn.flip_rows else y
        return np.array([x, 1 - y]) * size

    origin = upright(0, 0)
    return [*(upright(1, 0) - origin), *(upright(0, 1) - origin), *origin]


def _resolution(image: Image.Image, pixels: Floats) -> Floats:
    """Return pixels per inch across and down: what the file tells, or what makes an A4 page of it."""
    told = np.array(image.info.get("dpi", (0, 0)), dtype=float)
    if told.shape == (2,) and BELIEVED[0] <= told.min() <= told.max() <= BELIEVED[1]:
        return told
    return np.full(2, pixels.max() / LONG_SIDE * POINTS)


def _jpeg(pdf: pikepdf.Pdf, content: bytes, image: Image.Image) -> pikepdf.Stream:
    """Return a picture whose data are the bytes of a JPEG file."""
    from pikepdf import Array, Name

    stream = _picture(pdf, content, image.size, image.mode, image.info.get("icc_profile"))
    stream.Filter = Name.DCTDecode
    if image.mode == "CMYK" and "adobe" in image.info:  # Adobe's programs store such pictures inverted
        stream.Decode = Array([1, 0] * 4)
    return stream


def _png(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Stream:
    """Return a picture without loss: black and white, grey or colour, compressed as a PNG file is."""
    from pikepdf import Dictionary, Name

    upright = image if image.mode in ("1", "L") else image_to_rgb(image)
    if is_deep(image) or image.mode == "LA":
        upright = upright.convert("L")
    file = BytesIO()
    upright.save(file, "PNG")
    profile = image.info.get("icc_profile") if upright.mode == image.mode else None
    stream = _picture(pdf, _data_of_png(file.getvalue()), upright.size, upright.mode, profile)
    stream.Filter = Name.FlateDecode
    stream.DecodeParms = Dictionary(
        Predictor=15,
        Colors=len(upright.getbands()),
        BitsPerComponent=stream.BitsPerComponent,
        Columns=upright.width,
    )
    return stream


def _data_of_png(file: bytes) -> bytes:
    """Return the compressed pixels of a PNG file, its chunks IDAT (PNG specification, section 5.3)."""
    place, data = 8, b""
    while place < len(file):
        length = int.from_bytes(file[place : place + 4], "big")
        if file[place + 4 : place + 8] == b"IDAT":
            data += file[place + 8 : place + 8 + length]
        place += 12 + length
    return data


def _picture(
    pdf: pikepdf.Pdf, data: bytes, size: tuple[int, int], mode: str, profile: bytes | None
) -> pikepdf.Stream:
    """Return a picture with these data, whose filter is not yet told; `profile` says how its colours look."""
    from pikepdf import Array, Name, Stream

    stream = Stream(pdf, data)
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height = size
    stream.ColorSpace = Name(f"/{COLOURS[mode]}")
    stream.BitsPerComponent = 1 if mode == "1" else 8
    if profile and profile[16:20] == PROFILES.get(mode):
        described = pdf.make_stream(profile)
        described.N = len(Image.new(mode, (1, 1)).getbands())
        stream.ColorSpace = Array([Name.ICCBased, pdf.make_indirect(described)])
    return stream
