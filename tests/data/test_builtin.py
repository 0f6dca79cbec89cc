"""The embedded generator: repeatable, complete, placed as in MNIST and EMNIST, varied; its boxes are true."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from hello_dl.data import builtin
from hello_dl.data.builtin.glyphs import FIRST, GLYPHS, make_glyph, parse_strokes
from hello_dl.data.builtin.render import render
from hello_dl.data.builtin.writer import SHAPE_NUMBERS, STYLE

CODES = {"digits": range(10), "letters26": range(1, 27), "byclass62": range(62)}


def ink_size(image: np.ndarray) -> tuple[int, int]:
    rows, columns = np.nonzero(image > 100)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@pytest.mark.parametrize("classes", CODES)
def test_same_seed_same_bytes_and_another_seed_another_set(classes: str) -> None:
    images, labels = builtin.generate(50, classes, seed=3)
    again, labels_again = builtin.generate(50, classes, seed=3)
    other, _ = builtin.generate(50, classes, seed=4)
    assert np.array_equal(images, again)
    assert np.array_equal(labels, labels_again)
    assert not np.array_equal(images, other)


@pytest.mark.parametrize("writers", [None, 5])
def test_a_longer_set_begins_with_the_shorter(monkeypatch: pytest.MonkeyPatch, writers: int | None) -> None:
    long, labels = builtin.generate(300, seed=1, writers=writers)
    short, short_labels = builtin.generate(41, seed=1, writers=writers)
    assert np.array_equal(long[:41], short)
    assert np.array_equal(labels[:41], short_labels)
    monkeypatch.setattr(builtin, "CHUNK", 7)
    assert np.array_equal(builtin.generate(41, seed=1, writers=writers)[0], short)


@pytest.mark.parametrize("classes", CODES)
def test_labels_are_the_class_codes_own_and_all_occur_equally_often(classes: str) -> None:
    images, labels = builtin.generate(6200, classes, seed=0)
    assert images.shape == (6200, 28, 28)
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    counts = np.bincount(labels, minlength=CODES[classes].stop)
    assert set(np.flatnonzero(counts)) == set(CODES[classes])
    mean = 6200 / len(CODES[classes])
    assert counts[list(CODES[classes])].min() > 0.5 * mean
    assert counts.max() < 1.5 * mean


@pytest.mark.parametrize("classes", CODES)
def test_every_picture_has_full_ink_on_empty_paper(classes: str) -> None:
    images, _ = builtin.generate(3000, classes, seed=2)
    assert (images.max(axis=(1, 2)) >= 250).all()
    assert (images == 0).mean() > 0.4
    assert 0.04 < images.mean() / 255 < 0.35


def test_letters_fill_their_box_as_in_emnist() -> None:
    sizes = [max(ink_size(image)) for image in builtin.generate(500, "letters26")[0]]
    assert 21 <= np.median(sizes) <= 25
    assert np.percentile(sizes, 5) >= 18


def test_digits_are_20_pixels_long_and_centred_by_mass_as_in_mnist() -> None:
    images, _ = builtin.generate(500, "digits")
    sizes = [max(ink_size(image)) for image in images]
    assert np.percentile(sizes, 5) >= 19
    assert np.percentile(sizes, 95) <= 21
    weights = images / images.sum(axis=(1, 2), keepdims=True)
    for axis in (1, 2):
        centre = (weights.sum(axis=axis) * (np.arange(28) + 0.5)).sum(axis=1)
        assert abs(centre.mean() - 14.5) < 0.2
        assert centre.std() < 1


def test_capitals_and_small_letters_are_mixed_half_and_half() -> None:
    _, characters = builtin.draw_classes("letters26", np.random.default_rng(0).random((2000, 4)))
    capital = (characters >= 10) & (characters < 36)
    assert 0.45 < capital.mean() < 0.55
    assert (characters >= 10).all()


def test_every_character_can_be_written_in_at_least_four_ways_that_differ() -> None:
    style, shape = np.zeros((1, len(STYLE)), np.float32), np.zeros((1, SHAPE_NUMBERS), np.float32)
    for char, first, stop in zip(builtin.CHARACTERS, FIRST, [*FIRST[1:], len(GLYPHS)], strict=True):
        pictures = [render(np.array([g]), style, shape, mnist=False).tobytes() for g in range(first, stop)]
        assert len(pictures) >= 4, char
        assert len(set(pictures)) == len(pictures), char
        assert all(glyph.char == char for glyph in GLYPHS[first:stop])


def test_a_writer_repeats_himself_more_than_others_resemble_him() -> None:
    rng = np.random.default_rng(0)
    classes = np.arange(62)

    def hand(seed: int) -> np.ndarray:
        numbers = builtin.Writer(seed).numbers(
            classes, np.full((62, 2), 0.5), rng.standard_normal((62, SHAPE_NUMBERS), np.float32)
        )
        return render(*numbers, mnist=False).astype(float)

    one, same, other = hand(1), hand(1), hand(2)
    assert not np.array_equal(one, same)
    assert abs(one - same).mean() < 0.7 * abs(one - other).mean()


def test_few_writers_give_a_more_uniform_set() -> None:
    images, labels = builtin.generate(3000, "digits", seed=0, writers=1)
    many, many_labels = builtin.generate(3000, "digits", seed=0)
    for digit in (2, 5, 8):
        assert images[labels == digit].std(axis=0).mean() < many[many_labels == digit].std(axis=0).mean()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"n": -1}, "n >= 0 pictures, got -1"),
        ({"n": 1, "classes": "runes"}, "digits, letters26 or byclass62, got 'runes'"),
        ({"n": 1, "writers": 0}, "writers >= 1, got 0"),
        ({"n": 1, "seed": -2}, "0 upwards, got -2"),
    ],
)
def test_generate_refuses_what_makes_no_sense(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        builtin.generate(**arguments)  # type: ignore[arg-type]


def test_a_seed_is_a_whole_number() -> None:
    with pytest.raises(TypeError, match="seed: needs a whole number, got float"):
        builtin.generate(1, seed=1.5)  # type: ignore[arg-type]


def test_no_pictures_are_an_empty_set() -> None:
    images, labels = builtin.generate(0)
    assert images.shape == (0, 28, 28)
    assert labels.shape == (0,)


def test_a_stroke_that_cannot_be_read_is_reported_with_its_text() -> None:
    with pytest.raises(ValueError, match=r"character 'x': a stroke needs points like .* got '0,1 2'"):
        parse_strokes("0,0 1,1 | 0,1 2", "character 'x'")


def test_a_glyph_with_too_many_points_is_refused() -> None:
    with pytest.raises(
        ValueError, match="character 'w': needs at most 5 strokes and 24 points, got 1 and 25"
    ):
        make_glyph("w", " ".join(f"{i},{i % 2}" for i in range(25)))


TEXT = "The quick brown fox\njumps over 13 lazy dogs"


def test_the_pages_boxes_hold_all_ink_and_follow_the_text() -> None:
    page, truth = builtin.write_page(TEXT, seed=5)
    assert page.dtype == np.uint8
    assert page.ndim == 2
    assert "".join(char for char, _ in truth) == "".join(TEXT.split())
    outside = page.copy()
    for _, (left, top, right, bottom) in truth:
        assert 0 <= left < right <= page.shape[1]
        assert 0 <= top < bottom <= page.shape[0]
        assert page[top:bottom, left:right].min() < 100
        outside[top:bottom, left:right] = 255
    assert outside.min() > 200


def test_letters_stand_apart_and_words_further_apart() -> None:
    _, truth = builtin.write_page("minimal words", seed=2, x_height=40)
    gaps = [b[1][0] - a[1][2] for a, b in pairwise(truth)]
    word = gaps.pop(len("minimal") - 1)
    assert min(gaps) > 3
    assert word > 1.8 * max(gaps)


def test_a_page_breaks_lines_at_blanks_and_grows_for_a_long_word() -> None:
    narrow, _ = builtin.write_page("one two three four", width=700)
    wide, _ = builtin.write_page("one two three four", width=3000)
    long, _ = builtin.write_page("incomprehensibilities", width=300)
    assert narrow.shape[0] > wide.shape[0]
    assert narrow.shape[1] == 700
    assert long.shape[1] > 300


def test_a_page_is_repeatable_and_every_writer_has_his_own() -> None:
    assert np.array_equal(builtin.write_page("abc", 1)[0], builtin.write_page("abc", 1)[0])
    one, two = builtin.write_page("abc", 1)[0], builtin.write_page("abc", 2)[0]
    assert one.shape != two.shape or not np.array_equal(one < 128, two < 128)


def test_a_page_without_text_is_paper() -> None:
    page, truth = builtin.write_page(" \n ")
    assert truth == []
    assert page.min() > 200


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("naïve", {}, "got 'ï'"),
        ("a.", {}, "got '.'"),
        ("a", {"x_height": 2}, "x_height from 8 to 400 pixels, got 2"),
        ("a", {"width": 0}, "width from 1 to 20000 pixels, got 0"),
    ],
)
def test_write_page_refuses_what_it_cannot_write(text: str, options: dict[str, int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        builtin.write_page(text, **options)
