"""Reading pictures: what is written is found, in reading order and in its place; what is not is left out."""

from __future__ import annotations

import json
import string
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from handwriting import LETTERS, TEXT, array, classify, letters_of, text_of, write
from hello_dl.reading import (
    Letter,
    Page,
    Reader,
    annotate,
    find_letters,
    find_sheet,
    ink,
    load_picture,
    read,
    to_glyph,
)
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.score import edit_distance

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"


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
    edge = free[len(free) // 3]
    grey *= 1 - 0.5 * np.clip((np.arange(grey.shape[1]) - edge) / 3, 0, 1).astype(np.float32)
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
        assert page.lines == []
        assert page.text == ""
        assert page.to_dict()["lines"] == []


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
    assert found[160 + sheet.height // 2, 210 + sheet.width // 2]
    assert not found[:, :190].any()
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
            assert own.sum() == blobs.area[i]
            assert (label[own] == -1).all()
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
        assert glyph.shape == (28, 28)
        assert glyph.dtype == np.uint8
        assert glyph.max() == 255
        rows, columns = np.flatnonzero((glyph > 40).any(axis=1)), np.flatnonzero((glyph > 40).any(axis=0))
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        assert 23 <= max(height, width) <= 24
        assert abs(int(rows[0]) + int(rows[-1]) - 27) <= 2
        assert abs(int(columns[0]) + int(columns[-1]) - 27) <= 2


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
    assert len(read(write("ok"), lambda x: np.tile([0.8, 0.2], (len(x), 1)), "ok").characters[0].best) == 2


def test_a_page_becomes_json() -> None:
    page = read(write("go on"), classify, LETTERS)
    told = json.loads(json.dumps(page.to_dict()))
    (line,) = told["lines"]
    assert told["text"] == line["text"] == "go on"
    assert [word["text"] for word in line["words"]] == ["go", "on"]
    first = line["words"][0]["characters"][0]
    assert first["best"][0]["text"] == "g"
    assert 0 < first["best"][0]["probability"] <= 1
    assert len(first["best"]) == 5
    assert all(isinstance(v, int) for v in first["box"])


def test_letters_without_case_are_read_small_and_others_as_they_are_named() -> None:
    def first(x: NDArray[np.uint8]) -> NDArray[np.float64]:
        return np.eye(4)[np.zeros(len(x), dtype=int)]

    assert read(write("o"), first, "ABCD").text == "a"
    assert read(write("o"), first, ["A", "a", "b", "c"]).text == "A"
    assert read(write("o"), first, "4567").text == "4"


def test_an_l_shorter_than_its_neighbours_is_rather_an_i() -> None:
    page = Image.new("L", (540, 200), 255)
    draw = ImageDraw.Draw(page)
    for x, top in ((50, 40), (120, 40), (190, 110), (260, 40), (330, 40), (400, 40)):
        draw.line((x, top, x, 160), fill=0, width=8)
    assert (
        read(page, lambda x: np.tile([0.6, 0.4], (len(x), 1)), "li", context="off").text.replace(" ", "")
        == "llilll"
    )
    assert (
        read(page, lambda x: np.tile([0.99, 0.01], (len(x), 1)), "li", context="off").text.replace(" ", "")
        == "llllll"
    )
    for c in read(page, lambda x: np.tile([0.6, 0.4], (len(x), 1)), "li", context="off").characters:
        assert sum(p for _, p in c.best) == pytest.approx(1)


def test_a_classifier_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"classify needs to return shape \(\d, 26\).*got \(\d, 10\)"):
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
    assert drawn.size == image.size
    assert drawn.mode == "RGB"
    before, after = np.asarray(image.convert("RGB")).astype(int), np.asarray(drawn).astype(int)
    for c in page.characters:
        left, top, right, bottom = c.box
        assert (before[top:bottom, left:right] == after[top:bottom, left:right]).all()
        assert np.ptp(after[(top + bottom) // 2, left - 1]) > 50  # a colour, beside the letter
    assert (np.asarray(annotate(image, Page([], image.size))) == before).all()


# Real photographs, if the project's data lies beside it. Only what needs no network: the places of the
# letters.


def photo(name: str) -> Path:
    path = PHOTOS / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return path


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load("letters")


@pytest.mark.parametrize(
    ("name", "truth", "wrong"),
    [
        ("letters-dim-photo.jpg", "abcdefghijk", 1),
        ("line.png", "orworkonlinelevel", 2),
        ("word.png", "word", 0),
    ],
)
def test_real_writing_is_read(reader: Reader, name: str, truth: str, wrong: int) -> None:
    text = "".join(reader.read(photo(name)).text.split())
    assert edit_distance(truth, text) <= wrong, text


def test_four_lines_are_found_on_the_page_on_the_table(reader: Reader) -> None:
    lines = reader.read(photo("page-on-table.jpg")).lines
    assert len(lines) == 4
    assert min(line.box[0] for line in lines) > 500
    assert lines[0].box[1] > 600


def test_drawn_single_letters_are_read(reader: Reader) -> None:
    texts = [reader.read(photo(f"single-{i + 1}.png")).text for i in range(8)]
    assert sum(text == truth for text, truth in zip(texts, "jcbcabka", strict=True)) >= 7, texts


def test_a_dot_that_flew_off_its_letter_makes_no_line_of_its_own() -> None:
    page = np.zeros((200, 400), np.float32)
    for left in (40, 90, 140, 190):  # four letters, and a flat mark above the gap between two of them
        page[100:150, left : left + 6] = page[100:150, left + 24 : left + 30] = page[
            144:150, left : left + 30
        ] = 1
    page[74:86, 116:144] = 1
    lines = find_letters(page)
    assert [sum(len(word) for word in words) for words in lines] == [4]
