"""Pictures of every kind load alike, and what is no picture is refused in one sentence."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handwriting import LETTERS, TEXT, array, classify, text_of, write
from hello_dl.reading import Page, annotate, load_picture, read
from hello_dl.reading.image import load as picture_module

SAVED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "grey.png": lambda im: im,
    "grey.jpg": lambda im: im,
    "colour.jpg": lambda im: im.convert("RGB"),
    "print.jpg": lambda im: im.convert("CMYK"),
    "one-bit.png": lambda im: im.convert("1"),
    "one-bit.tif": lambda im: im.convert("1"),
    "palette.gif": lambda im: im.convert("P"),
    "alpha.png": lambda im: Image.merge(
        "RGBA", [Image.new("L", im.size, 0)] * 3 + [im.point(lambda v: 255 - v)]
    ),
    "grey-alpha.png": lambda im: Image.merge("LA", [Image.new("L", im.size, 0), im.point(lambda v: 255 - v)]),
    "deep.png": lambda im: Image.fromarray(np.asarray(im).astype(np.uint16) * 257),
    "deep.tif": lambda im: Image.fromarray(np.asarray(im).astype(np.uint16) * 257),
    "float.tif": lambda im: Image.fromarray(np.asarray(im).astype(np.float32) / 255),
}


@pytest.mark.parametrize("name", SAVED)
def test_every_kind_of_picture_loads_alike(tmp_path: Path, name: str) -> None:
    image = write("go")
    SAVED[name](image).save(tmp_path / name)
    grey = load_picture(tmp_path / name)
    assert grey.dtype == np.float32
    assert grey.shape == (image.height, image.width)
    assert np.abs(grey - array(image)).mean() < 0.02
    assert text_of(tmp_path / name) == "go"
    assert annotate(tmp_path / name, read(tmp_path / name, classify, LETTERS)).size == image.size


def test_a_transparent_palette_lies_over_white(tmp_path: Path) -> None:
    image = write("go").convert("P")
    image.putpalette([0, 0, 0] * 256)  # all black: only transparency tells ink from paper
    levels = bytes(255 - v for v in range(256))
    image.save(tmp_path / "p.png", transparency=levels)
    assert text_of(tmp_path / "p.png") == "go"


def drawn_in(colour: tuple[int, int, int], opaque: int = 255) -> Image.Image:
    """Return writing in one colour on a transparent ground, `opaque` (0 to 255) where there is ink."""
    image = write("go")
    alpha = image.point(lambda v: (255 - v) * opaque // 255)
    return Image.merge("RGBA", [*Image.new("RGB", image.size, colour).split(), alpha])


INKS = [
    ((255, 255, 255), 255),
    ((255, 255, 255), 120),
    ((250, 250, 250), 255),
    ((255, 255, 0), 255),
    ((180, 180, 180), 255),
    ((255, 0, 0), 255),
    ((0, 0, 0), 120),
]


@pytest.mark.parametrize(("colour", "opaque"), INKS)
def test_ink_of_any_one_colour_on_a_transparent_ground_is_read(
    colour: tuple[int, int, int], opaque: int
) -> None:
    image = drawn_in(colour, opaque)
    page = read(image, classify, LETTERS)
    assert page.text == "go"
    drawn = np.asarray(annotate(image, Page([], image.size)).convert("L")).astype(int)
    assert np.ptp(drawn) > 60  # it is seen in the picture with boxes too
    assert text_of(np.asarray(image)) == "go"


WHITE: dict[str, Callable[[Image.Image], Image.Image]] = {
    "white.png": lambda im: im,
    "white.webp": lambda im: im,
    "white.tif": lambda im: im,
    "grey-alpha.png": lambda im: im.convert("LA"),
    "palette.png": lambda im: im.quantize(method=Image.Quantize.FASTOCTREE),
}


@pytest.mark.parametrize(
    ("name", "k"), [*((name, 1) for name in WHITE), ("white.png", 2), ("palette.png", 2)]
)
def test_white_ink_on_a_transparent_ground_is_read_from_every_kind_of_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, k: int
) -> None:
    image = drawn_in((255, 255, 255))
    WHITE[name](image).save(tmp_path / name, **({"lossless": True} if name.endswith("webp") else {}))
    if k > 1:
        monkeypatch.setattr(picture_module, "FULL_PIXELS", image.width * image.height // k)
    assert text_of(tmp_path / name) == "go"


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_colour_may_stand_for_transparent(tmp_path: Path, mode: str) -> None:
    image = (
        write("go").point(lambda v: 255 if v < 128 else 0).convert(mode)
    )  # white ink, black is transparent
    image.save(tmp_path / "key.png", transparency=0 if mode == "L" else (0, 0, 0))
    assert text_of(tmp_path / "key.png") == "go"


def test_letters_cut_out_of_white_paper_are_read() -> None:
    image = drawn_in((255, 255, 255))
    image.putalpha(image.getchannel("A").point(lambda v: 255 - v))
    assert text_of(image) == "go"


def test_dark_writing_on_a_sheet_that_was_cut_out_lies_on_white() -> None:
    sheet = write("go").convert("RGBA")
    wide = Image.new("RGBA", (3 * sheet.width, 2 * sheet.height))
    wide.paste(sheet, (sheet.width, 20))
    assert load_picture(wide)[0, 0] == 1
    assert text_of(wide) == "go"


def test_a_picture_that_is_transparent_everywhere_says_so() -> None:
    page = read(drawn_in((255, 255, 255), opaque=0), classify, LETTERS)
    assert page.text == ""
    assert "transparent everywhere" in page.notes[0]
    assert read(drawn_in((0, 0, 0)), classify, LETTERS).notes == ()


def test_of_an_animation_the_first_picture_is_read(tmp_path: Path) -> None:
    write("go").save(tmp_path / "a.gif", save_all=True, append_images=[write("no")], duration=50)
    assert text_of(tmp_path / "a.gif") == "go"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_camera_does_not_matter(tmp_path: Path, orientation: int) -> None:
    upright = write("gok")
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    page = read(tmp_path / "turned.jpg", classify, LETTERS)
    assert page.text == "gok"
    assert page.size == upright.size
    assert annotate(tmp_path / "turned.jpg", page).size == upright.size


def test_arrays_of_all_kinds_load_alike() -> None:
    grey = array(write("go"))
    bytes_ = np.rint(grey * 255).astype(np.uint8)
    colour = np.repeat(bytes_[:, :, None], 3, axis=2)
    alpha = np.dstack([np.zeros_like(colour), 255 - bytes_])
    for like in (
        grey.astype(np.float64),
        bytes_,
        bytes_.astype(np.uint16) * 257,
        colour,
        alpha,
        bytes_ > 127,
    ):
        assert np.abs(load_picture(like) - grey).mean() < 0.02
    for wrong in (
        grey * 255,
        -grey,
        np.full((20, 20), np.nan),
        np.zeros((20, 20, 2)),
        np.zeros(9),
        np.array([["a"]]),
    ):
        with pytest.raises(ValueError, match="needs"):
            load_picture(wrong)
    with pytest.raises(TypeError, match="path"):
        load_picture(7)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_huge_picture_is_read_smaller_with_boxes_in_its_own_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    image = write("go on", size=120)
    image.save(tmp_path / "big", kind)
    exact = read(tmp_path / "big", classify, LETTERS)
    monkeypatch.setattr(picture_module, "FULL_PIXELS", image.width * image.height // 8)
    assert load_picture(tmp_path / "big").size < image.width * image.height / 7
    page = read(tmp_path / "big", classify, LETTERS)
    assert page.text == exact.text == "go on"
    assert page.size == image.size
    for a, b in zip(page.characters, exact.characters, strict=True):
        assert np.abs(np.array(a.box) - b.box).max() <= 6


def test_a_very_large_picture_gives_no_warning_and_a_larger_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = write("go")
    image.save(tmp_path / "large.png")
    monkeypatch.setattr(
        Image, "MAX_IMAGE_PIXELS", int(image.width * image.height / 1.5)
    )  # Pillow would warn now
    assert load_picture(tmp_path / "large.png").shape == (image.height, image.width)
    assert annotate(tmp_path / "large.png", Page([], image.size)).size == image.size
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(image.width * image.height / 3))  # and refuse now
    for load in (load_picture, lambda path: annotate(path, Page([], (1, 1)))):
        with pytest.raises(ValueError, match="needs at most 178 million pixels, got far more"):
            load(tmp_path / "large.png")
    monkeypatch.undo()
    monkeypatch.setattr(picture_module, "MAX_PIXELS", image.width * image.height - 1)
    with pytest.raises(ValueError, match=r"needs at most \d+ million pixels, got"):
        load_picture(image)


def _jpeg() -> bytes:
    stream = io.BytesIO()
    write(TEXT).save(stream, "JPEG")
    return stream.getvalue()


def _png() -> bytes:
    stream = io.BytesIO()
    write(TEXT).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"hello, this is text", "not a picture"),
        (b"<html><body>404</body></html>", "not a picture"),
        (_jpeg()[:2000], "damaged or cut short"),
        (_png()[:2000], "damaged or cut short"),
        (_png()[:500] + b"\xff" * 500 + _png()[1000:], "damaged or cut short"),
        (_jpeg()[:3], "not a picture"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(content)
    for load in (load_picture, lambda p: annotate(p, Page([], (1, 1)))):
        with pytest.raises(ValueError, match=says) as caught:
            load(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "needs a picture such as" in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_picture(tmp_path / "none.png")
    with pytest.raises(ValueError, match="folder"):
        load_picture(tmp_path)
    with pytest.raises(ValueError, match="5 x 5"):
        load_picture(Image.new("L", (5, 5)))
