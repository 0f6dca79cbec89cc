"""Reading pictures: what is written is read in any size, light and colour, and makes a page."""

from __future__ import annotations

import json
import string
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from handwriting import LETTERS, TEXT, array, classify, text_of, write
from hello_dl.reading import (
    Page,
    PageReader,
    Reader,
    annotate,
    read,
)
from hello_dl.reading.score import edit_distance

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"


@pytest.mark.parametrize("size", [20, 48, 130])
def test_lines_words_and_letters_come_in_reading_order_at_any_size(size: int) -> None:
    assert text_of(write(TEXT, size=size)) == TEXT


def test_uneven_light_changes_nothing() -> None:
    grey = array(write(TEXT))
    height, width = grey.shape
    slope = (
        np.linspace(1.0, 0.35, width, dtype=np.float32)
        * np.linspace(1.0, 0.6, height, dtype=np.float32)[:, None]
    )
    assert text_of(grey * slope) == TEXT


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


def photo(name: str) -> Path:
    """Return a real photo; skip the test if the project's data do not lie beside it."""
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
        ("letters-dim-photo.jpg", "abcdefghijk", 3),
        ("line.png", "orworkonlinelevel", 2),
        ("word.png", "word", 0),
    ],
)
def test_real_writing_is_read(reader: Reader, name: str, truth: str, wrong: int) -> None:
    text = "".join(reader.read(photo(name)).text.split())
    assert edit_distance(truth, text) <= wrong, text


def test_the_sheet_on_a_table_is_read_line_by_line() -> None:
    page = PageReader.load().read(photo("page-on-table.jpg"))
    found = {word.text.lower(): word.box for word in page.words}
    for word in ("world", "page"):
        assert word in found, page.text
        assert found[word][0] > 500
        assert found[word][1] > 600
    assert found["world"][3] < found["page"][1]


def test_drawn_single_letters_are_read(reader: Reader) -> None:
    texts = [reader.read(photo(f"single-{i + 1}.png")).text for i in range(8)]
    assert sum(text == truth for text, truth in zip(texts, "jcbcabka", strict=True)) >= 7, texts
