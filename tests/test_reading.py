"""Reading pictures: what is written is found, in reading order and in its place; what is not is left out."""

from __future__ import annotations

import io
import json
import string
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hello_dl.reading import (
    Letter,
    Page,
    annotate,
    find_letters,
    find_sheet,
    ink,
    load_picture,
    read,
    to_glyph,
)
from hello_dl.reading import picture as picture_module
from hello_dl.reading.blobs import find_blobs
from hello_dl.reading.context import doubt_tall

LETTERS = "abcdefghijkmnopqrstuvwxyz"  # without l, which the font draws as it draws a straight i without dot
TEXT = "the quick\nbrown fox jumps\nover my big dog"
PHOTOS = Path(__file__).parents[2] / "shared" / "data" / "photos"


def write(
    text: str, size: int = 48, margin: int = 60, paper: Any = 255, pen: Any = 0, mode: str = "L"
) -> Image.Image:
    """A page with `text` in Pillow's own font, letters set apart so that none touch."""
    font = ImageFont.load_default(size=size)
    lines = text.split("\n")
    step, space, pitch = size * 0.14, size * 0.6, size * 1.5
    width = max(sum(space if c == " " else font.getlength(c) + step for c in line) for line in lines)
    page = Image.new(mode, (int(width) + 2 * margin, int(pitch * len(lines)) + 2 * margin), paper)
    draw = ImageDraw.Draw(page)
    for row, line in enumerate(lines):
        x = float(margin)
        for c in line:
            if c != " ":
                draw.text((x, margin + row * pitch), c, font=font, fill=pen)
            x += space if c == " " else font.getlength(c) + step
    return page


@cache
def templates() -> NDArray[np.float32]:
    """What each of LETTERS looks like as a glyph, (25, 784), each of length 1."""
    rows = []
    for c in LETTERS:
        written = ink(load_picture(write(c, size=96)))
        ((word,),) = find_letters(written)
        (letter,) = word
        rows.append(to_glyph(written, letter).ravel().astype(np.float32))
    table = np.stack(rows)
    return table / np.linalg.norm(table, axis=1, keepdims=True)


def classify(glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A stand-in for a trained network: how alike each glyph and each template are, as probabilities."""
    flat = glyphs.reshape(len(glyphs), -1).astype(np.float32)
    alike = np.exp(30 * (flat / np.linalg.norm(flat, axis=1, keepdims=True)) @ templates().T)
    shares: NDArray[np.float32] = alike / alike.sum(axis=1, keepdims=True)
    return shares


def text_of(picture: Any) -> str:
    return read(picture, classify, LETTERS).text


def array(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image.convert("L"), dtype=np.float32) / 255


def letters_of(image: Any) -> list[Letter]:
    return [c for line in find_letters(ink(load_picture(image))) for word in line for c in word]


# What is written is read.


@pytest.mark.parametrize("size", [20, 48, 130])
def test_lines_words_and_letters_come_in_reading_order_at_any_size(size: int) -> None:
    assert text_of(write(TEXT, size=size)) == TEXT


def test_every_letter_is_found_once_dots_included() -> None:
    page = read(write(LETTERS), classify, LETTERS)
    assert page.text.replace(" ", "") == LETTERS


def test_uneven_light_changes_nothing() -> None:
    grey = array(write(TEXT))
    height, width = grey.shape
    slope = (
        np.linspace(1.0, 0.35, width, dtype=np.float32)
        * np.linspace(1.0, 0.6, height, dtype=np.float32)[:, None]
    )
    assert text_of(grey * slope) == TEXT


def test_a_sharp_shadow_across_the_page_changes_nothing() -> None:
    grey = array(write(TEXT))
    free = np.flatnonzero((grey[:, 250:] > 0.99).all(axis=0)) + 250  # columns between letters in all lines
    grey[:, free[len(free) // 3] :] *= 0.5
    assert find_sheet(grey) is None
    assert text_of(grey) == TEXT


def test_light_on_dark_is_read_as_dark_on_light() -> None:
    assert text_of(write(TEXT, paper=20, pen=220)) == TEXT


@pytest.mark.parametrize("pen", [(20, 30, 160), (170, 20, 20), (0, 110, 40), (130, 130, 130)])
def test_ink_of_any_colour(pen: tuple[int, int, int]) -> None:
    assert text_of(write(TEXT, paper=(250, 248, 235), pen=pen, mode="RGB")) == TEXT


def test_dim_and_noisy_is_still_read() -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, size=array(write(TEXT)).shape)
    grey = np.clip(0.3 + 0.2 * array(write(TEXT)) + noise, 0, 1).astype(np.float32)
    assert text_of(grey) == TEXT


def test_a_slightly_turned_page_keeps_its_lines() -> None:
    turned = write(TEXT, margin=90).rotate(2.5, resample=Image.Resampling.BICUBIC, fillcolor=255)
    assert [line.text.replace(" ", "") for line in read(turned, classify, LETTERS).lines] == [
        line.replace(" ", "") for line in TEXT.split("\n")
    ]


@pytest.mark.parametrize("letter", "aceikmotxz")
def test_a_picture_of_one_letter(letter: str) -> None:
    page = write(letter, size=300)
    assert text_of(page) == letter
    if letter == "i":
        return  # cut tight, its stem would fill the picture, and there would be no paper to tell it from
    box = (255 - np.asarray(page)).nonzero()
    tight = page.crop((int(box[1].min()), int(box[0].min()), int(box[1].max()) + 1, int(box[0].max()) + 1))
    assert text_of(tight) == letter


def test_boxes_are_those_of_the_ink() -> None:
    image = write("ox", size=100)
    dark = np.asarray(image) < 128
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    (line,) = read(image, classify, LETTERS).lines
    assert np.abs(np.array(line.box) - [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]).max() <= 2


def test_small_writing_on_a_large_picture_keeps_its_thin_letters() -> None:
    grey = np.full((1500, 3600), 0.8, dtype=np.float32)
    page = array(write("mix kid jib\nhi in it", size=40))
    grey[400 : 400 + page.shape[0], 900 : 900 + page.shape[1]] *= page
    assert text_of(grey) == "mix kid jib\nhi in it"


# What is not writing is left out.


def test_an_empty_page_has_no_lines() -> None:
    noise = np.random.default_rng(0).normal(0.7, 0.02, size=(300, 400)).clip(0, 1)
    for blank in (np.full((300, 400), 0.8), np.zeros((300, 400)), np.ones((300, 400)), noise):
        page = read(blank.astype(np.float32), classify, LETTERS)
        assert page.lines == [] and page.text == "" and page.to_dict()["lines"] == []


def test_specks_a_frame_a_rule_and_a_stain_are_left_out() -> None:
    page = write(TEXT, margin=150)
    draw = ImageDraw.Draw(page)
    draw.rectangle((8, 8, page.width - 9, page.height - 9), outline=0, width=5)
    draw.line((60, page.height - 60, page.width - 60, page.height - 60), fill=0, width=3)
    draw.ellipse((page.width - 110, 40, page.width - 40, 110), fill=60)
    for x, y in np.random.default_rng(0).integers(30, min(page.size) - 30, size=(40, 2)):
        if np.asarray(page)[max(0, y - 25) : y + 25, max(0, x - 25) : x + 25].min() == 255:
            draw.point((int(x), int(y)), fill=0)
    assert text_of(page) == TEXT


def test_texture_is_not_read_letter_by_letter() -> None:
    y, x = np.mgrid[:1200, :1600]
    carpet = np.where((y % 10 < 4) & (x % 10 < 4), 0.2, 0.8).astype(np.float32)
    assert read(carpet, classify, LETTERS).lines == []


def test_the_table_around_a_sheet_is_left_out() -> None:
    rng = np.random.default_rng(0)
    sheet = write(TEXT)
    wide, high = sheet.width + 400, sheet.height + 300
    grain = 70 + 25 * np.sin(np.arange(wide) / 6 + rng.normal(0, 0.2, size=(high, 1)).cumsum(axis=0))
    photo = Image.fromarray(grain.astype(np.uint8))
    photo.paste(sheet.point(lambda v: v * 0.9), (200, 150))
    found = find_sheet(load_picture(photo))
    assert found is not None
    assert found[160 + sheet.height // 2, 210 + sheet.width // 2] and not found[:, :190].any()
    assert text_of(photo) == TEXT


def test_a_page_that_fills_the_picture_has_no_sheet_to_find() -> None:
    assert find_sheet(load_picture(write(TEXT))) is None


# Patches, letters, glyphs.


def test_patches_are_those_that_hang_together() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        mask = rng.random((rng.integers(1, 20), rng.integers(1, 20))) < rng.random()
        blobs = find_blobs(mask)
        label = np.full(mask.shape, -1)
        for i in range(len(blobs)):
            own = blobs.mask(np.array([i]), (0, 0, mask.shape[1], mask.shape[0]))
            assert own.sum() == blobs.area[i] and (label[own] == -1).all()
            label[own] = i
        assert ((label >= 0) == mask).all()
        for a, b in (
            (label[1:], label[:-1]),
            (label[:, 1:], label[:, :-1]),
            (label[1:, 1:], label[:-1, :-1]),
        ):
            both = (a >= 0) & (b >= 0)
            assert (a[both] == b[both]).all()
        assert _floods(mask) == len(blobs)


def _floods(mask: NDArray[np.bool_]) -> int:
    """How many times one must pour paint into the mask until all is painted: the plain way to count."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    count = 0
    while left:
        count += 1
        pool = [left.pop()]
        while pool:
            y, x = pool.pop()
            for near in [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
                if near in left:
                    left.remove(near)
                    pool.append(near)
    return count


def test_a_glyph_fills_24_of_28_pixels_and_sits_in_the_middle() -> None:
    for c in "iomwk":
        written = ink(load_picture(write(c, size=200)))
        ((word,),) = find_letters(written)
        glyph = to_glyph(written, word[0])
        assert glyph.shape == (28, 28) and glyph.dtype == np.uint8 and glyph.max() == 255
        rows, columns = np.flatnonzero((glyph > 40).any(axis=1)), np.flatnonzero((glyph > 40).any(axis=0))
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert 23 <= max(height, width) <= 24
        assert (
            abs(int(rows[0]) + int(rows[-1]) - 27) <= 2 and abs(int(columns[0]) + int(columns[-1]) - 27) <= 2
        )


@pytest.mark.parametrize("pen", [1, 3, 10])
def test_thin_pens_come_out_as_thick_as_the_network_knows_them(pen: int) -> None:
    page = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(page).line((150, 50, 150, 250), fill=0, width=pen)
    written = ink(load_picture(page))
    ((word,),) = find_letters(written)
    glyph = to_glyph(written, word[0]).astype(float) / 255
    assert 2.0 < glyph[14].sum() < 3.6


def test_a_glyph_leaves_out_the_neighbour_in_its_box() -> None:
    page = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(page)
    draw.line((50, 50, 50, 150, 150, 150), fill=0, width=10)  # an L
    draw.line((110, 60, 110, 110), fill=0, width=10)  # something else inside its box
    both = letters_of(page)
    written = ink(load_picture(page))
    big = max(both, key=lambda letter: letter.mask.sum())
    alone = Letter(big.box, big.mask.copy())
    alone.mask[:90, 40:] = False
    assert to_glyph(written, alone)[:18, 12:].max() == 0


def test_dots_and_bars_belong_to_their_letters() -> None:
    assert len(letters_of(write("iji"))) == 3
    page = Image.new("L", (300, 200), 255)
    draw = ImageDraw.Draw(page)
    for y in (60, 95, 130):  # an E whose bars do not reach its stem
        draw.line((72, y, 120, y), fill=0, width=8)
    draw.line((60, 56, 60, 134), fill=0, width=8)
    draw.line((200, 56, 200, 134), fill=0, width=8)
    assert [c.box[0] < 100 for c in letters_of(page)].count(False) == 1


# The page.


def test_best_guesses_are_sorted_and_as_many_as_asked() -> None:
    page = read(write("ok"), classify, LETTERS, top=3)
    for c in page.characters:
        assert len(c.best) == 3
        assert [p for _, p in c.best] == sorted((p for _, p in c.best), reverse=True)
    assert len(read(write("ok"), lambda x: np.full((len(x), 2), 0.5), "ok").characters[0].best) == 2


def test_a_page_becomes_json() -> None:
    page = read(write("go on"), classify, LETTERS)
    told = json.loads(json.dumps(page.to_dict()))
    (line,) = told["lines"]
    assert told["text"] == line["text"] == "go on"
    assert [word["text"] for word in line["words"]] == ["go", "on"]
    first = line["words"][0]["characters"][0]
    assert (
        first["best"][0]["text"] == "g"
        and 0 < first["best"][0]["probability"] <= 1
        and len(first["best"]) == 5
    )
    assert all(isinstance(v, int) for v in first["box"])


def test_letters_without_case_are_read_small_and_others_as_they_are_named() -> None:
    def first(x: NDArray[np.uint8]) -> NDArray[np.float64]:
        return np.eye(4)[np.zeros(len(x), dtype=int)]

    assert read(write("o"), first, "ABCD").text == "a"
    assert read(write("o"), first, ["A", "a", "b", "c"]).text == "A"
    assert read(write("o"), first, "4567").text == "4"


def test_an_l_shorter_than_its_neighbours_is_rather_an_i() -> None:
    page = Image.new("L", (400, 200), 255)
    draw = ImageDraw.Draw(page)
    for x, top in ((50, 40), (120, 40), (190, 110), (260, 40)):
        draw.line((x, top, x, 160), fill=0, width=8)
    assert read(page, lambda x: np.tile([0.6, 0.4], (len(x), 1)), "li").text.replace(" ", "") == "llil"
    assert read(page, lambda x: np.tile([0.99, 0.01], (len(x), 1)), "li").text.replace(" ", "") == "llll"
    for c in read(page, lambda x: np.tile([0.6, 0.4], (len(x), 1)), "li").characters:
        assert sum(p for _, p in c.best) == pytest.approx(1)


def test_a_classifier_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"classify needs to return shape \(2, 26\).*got \(2, 10\)"):
        read(write("ok"), lambda x: np.ones((len(x), 10)), string.ascii_lowercase)
    with pytest.raises(ValueError, match="top"):
        read(write("ok"), classify, LETTERS, top=0)
    with pytest.raises(ValueError, match="classes"):
        read(write("ok"), classify, "")


@pytest.mark.parametrize("size", [30, 300])
def test_annotated_boxes_surround_the_letters_without_covering_them(size: int) -> None:
    image = write("ox", size=size)
    page = read(image, classify, LETTERS)
    drawn = annotate(image, page)
    assert drawn.size == image.size and drawn.mode == "RGB"
    before, after = np.asarray(image.convert("RGB")).astype(int), np.asarray(drawn).astype(int)
    for c in page.characters:
        left, top, right, bottom = c.box
        assert (before[top:bottom, left:right] == after[top:bottom, left:right]).all()
        assert np.ptp(after[(top + bottom) // 2, left - 1]) > 50  # a colour, beside the letter
    assert (np.asarray(annotate(image, Page([], image.size))) == before).all()


# Loading.

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
    assert grey.dtype == np.float32 and grey.shape == (image.height, image.width)
    assert np.abs(grey - array(image)).mean() < 0.02
    assert text_of(tmp_path / name) == "go"
    assert annotate(tmp_path / name, read(tmp_path / name, classify, LETTERS)).size == image.size


def test_a_transparent_palette_lies_over_white(tmp_path: Path) -> None:
    image = write("go").convert("P")
    image.putpalette([0, 0, 0] * 256)  # all black: only transparency tells ink from paper
    levels = bytes(255 - v for v in range(256))
    image.save(tmp_path / "p.png", transparency=levels)
    assert text_of(tmp_path / "p.png") == "go"


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
    assert page.text == "gok" and page.size == upright.size
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
        with pytest.raises(ValueError, match=r"needs|expected"):
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
    assert page.text == exact.text == "go on" and page.size == image.size
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
        with pytest.raises(ValueError, match="pixels, expected at most 178 million"):
            load(tmp_path / "large.png")
    monkeypatch.undo()
    monkeypatch.setattr(picture_module, "MAX_PIXELS", image.width * image.height - 1)
    with pytest.raises(ValueError, match="pixels, expected at most"):
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
        assert (
            str(path) in str(caught.value)
            and "\n" not in str(caught.value)
            and "expected" in str(caught.value)
        )


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_picture(tmp_path / "none.png")
    with pytest.raises(ValueError, match="folder"):
        load_picture(tmp_path)
    with pytest.raises(ValueError, match="5 x 5"):
        load_picture(Image.new("L", (5, 5)))


# Real photographs, if the project's data lies beside it. Only what needs no network: the places of the
# letters.


def photo(name: str) -> Path:
    path = PHOTOS / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return path


def test_each_letter_of_the_dim_photo_is_found() -> None:
    assert len(letters_of(photo("letters-dim-photo.jpg"))) == 11


def test_words_and_letters_of_the_scanned_line_are_found() -> None:
    (line,) = find_letters(ink(load_picture(photo("line.png"))))
    assert [len(word) for word in line] == [2, 4, 2, 4, 5]


def test_four_lines_are_found_on_the_page_on_the_table() -> None:
    grey = load_picture(photo("page-on-table.jpg"))
    lines = find_letters(ink(grey, find_sheet(grey)))
    assert len(lines) == 4
    left, top = min(w[0].box[0] for line in lines for w in line), lines[0][0][0].box[1]
    assert left > 500 and top > 600  # nothing of the table


def test_drawn_single_letters_are_found() -> None:
    for i in range(1, 9):
        assert len(letters_of(photo(f"single-{i}.png"))) == 1


def test_a_stroke_as_tall_as_an_l_among_small_letters_is_rather_an_l() -> None:
    chances = np.array(
        [[0.55, 0.45, 0.0], [0.55, 0.45, 0.0], [0.99, 0.01, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    )
    names = ["i", "l", "o"]
    small_letters = [np.array([60, 30, 60, 30, 30])]
    weighed = doubt_tall(chances, small_letters, names)
    assert weighed.argmax(axis=1).tolist() == [1, 0, 0, 2, 2]  # doubted; too low for it; the network is sure
    np.testing.assert_allclose(weighed.sum(axis=1), 1)
    capitals = [np.array([60, 60, 60, 58, 61])]
    np.testing.assert_array_equal(doubt_tall(chances, capitals, names), chances)


def test_a_dot_that_flew_off_its_letter_makes_no_line_of_its_own() -> None:
    page = np.zeros((200, 400), np.float32)
    for left in (40, 90, 140, 190):  # four letters, and a flat mark above the gap between two of them
        page[100:150, left : left + 6] = page[100:150, left + 24 : left + 30] = page[
            144:150, left : left + 30
        ] = 1
    page[74:86, 116:144] = 1
    lines = find_letters(page)
    assert [sum(len(word) for word in words) for words in lines] == [4]
