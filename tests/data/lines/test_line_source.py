"""Batches of lines: the same for the same seed, as wide as allowed, and each says what its text says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_strokes import some_items, write_file

from hello_dl.data.lines import (
    HEIGHT,
    STEADY,
    LineSource,
    LineStyle,
    Shares,
    Strokes,
    Texts,
    read_fonts,
    read_strokes,
)
from hello_dl.data.lines.fonts import Font
from hello_dl.data.lines.form import least_width


@pytest.fixture(scope="module")
def strokes(tmp_path_factory: pytest.TempPathFactory) -> Strokes:
    return read_strokes(write_file(tmp_path_factory.mktemp("strokes"), some_items()))


@pytest.fixture(scope="module")
def source(strokes: Strokes, font: Font) -> LineSource:
    return LineSource(strokes, strokes, [font])


def test_a_batch_holds_pictures_of_one_height_and_their_texts(source: LineSource) -> None:
    for picture, text in source.batch(24, 3):
        assert picture.dtype == np.uint8
        assert picture.shape[0] == HEIGHT
        assert 16 <= picture.shape[1] <= 1600
        assert picture.max() > 100
        assert text.isascii()
        assert text == text.strip() != ""


def test_the_same_step_gives_the_same_lines_whatever_came_before(
    source: LineSource, strokes: Strokes
) -> None:
    font = source.fonts[0]
    again = LineSource(strokes, strokes, [font], threads=3)
    expected = source.batch(8, 20)
    for step in (5, 20):
        lines = again.batch(8, step)
    for (a, text), (b, other) in zip(expected, lines, strict=True):
        assert text == other
        np.testing.assert_array_equal(a, b)


def test_another_seed_or_step_gives_other_lines(source: LineSource, strokes: Strokes) -> None:
    other = LineSource(strokes, strokes, source.fonts, seed=1)
    texts = [
        [text for _, text in batch] for batch in (source.batch(8, 0), source.batch(8, 1), other.batch(8, 0))
    ]
    assert texts[0] != texts[1]
    assert texts[0] != texts[2]


def test_an_item_is_drawn_anew_each_time(strokes: Strokes) -> None:
    one = LineSource(strokes.only(np.array([0])), shares=Shares(words=1, made=0))
    pictures = [picture for picture, _ in one.batch(6, 0)]
    assert len({picture.tobytes() for picture in pictures}) == 6


def test_lines_in_a_batch_are_of_similar_width(source: LineSource) -> None:
    batches = [[picture.shape[1] for picture, _ in source.batch(16, step)] for step in range(16)]
    within = np.mean([np.ptp(widths) for widths in batches])
    assert within < 0.35 * np.ptp(np.concatenate(batches))


@pytest.mark.parametrize("limits", [(16, 90), (300, 310), (64, 64)])
def test_widths_keep_within_their_limits(strokes: Strokes, font: Font, limits: tuple[int, int]) -> None:
    lines = LineSource(strokes, strokes, [font], limits=limits).batch(40, 0)
    assert all(limits[0] <= picture.shape[1] <= limits[1] for picture, _ in lines)


def test_a_reader_has_time_for_every_character(source: LineSource) -> None:
    narrow = LineStyle(squeeze=(0.05, 0.1))
    lines = LineSource(source.words, source.lines, source.fonts, style=narrow).batch(60, 0)
    assert all(picture.shape[1] >= least_width(text) for picture, text in lines)


@pytest.mark.parametrize(
    ("kind", "words"), [("words", {1, 2}), ("lines", {1, 2}), ("made", set(range(2, 22)))]
)
def test_shares_choose_what_lines_are_made_of(strokes: Strokes, kind: str, words: set[int]) -> None:
    shares = Shares(**{**dict.fromkeys(("words", "made", "lines", "fonts"), 0.0), kind: 1.0})
    texts = [text for _, text in LineSource(strokes, strokes, shares=shares).batch(60, 0)]
    counts = {len(text.split()) for text in texts}
    assert counts <= words | {1}
    assert max(counts) >= min(words)


def test_single_characters_are_rare_and_capitals_frequent(strokes: Strokes) -> None:
    source = LineSource(strokes, shares=Shares(words=1, made=0))
    texts = [text for step in range(16) for _, text in source.batch(64, step)]
    usual = texts.count("hand")
    assert texts.count("a") < 0.3 * usual
    assert texts.count("BOX") > 1.7 * usual


def test_words_of_a_line_are_by_one_writer(tmp_path: Path) -> None:
    small = [(text, 1, False) for text in ("sea", "hand", "minimum")]
    large = [(text, 2, False) for text in ("BOX", "HAND", "SEA")]
    source = LineSource(read_strokes(write_file(tmp_path, small + large)), shares=Shares(words=0, made=1))
    texts = [text for _, text in source.batch(40, 0)]
    assert all(text.islower() or text.isupper() for text in texts)
    assert any(text.islower() for text in texts)
    assert any(text.isupper() for text in texts)


def test_fonts_write_only_what_they_can(font: Font) -> None:
    poor = Font(font.path, font.size, font.tall, frozenset("abcdefghijklmnopqrstuvwxyz "))
    texts = [text for _, text in LineSource(fonts=[poor]).batch(80, 0)]
    assert all(c.islower() or c == " " for text in texts for c in text)


def test_wrong_arguments_are_refused(strokes: Strokes) -> None:
    with pytest.raises(ValueError, match="needs strokes or fonts"):
        LineSource()
    with pytest.raises(ValueError, match="needs strokes or fonts"):
        LineSource(strokes, shares=Shares(words=0, made=0, lines=1, fonts=1))
    with pytest.raises(ValueError, match="needs limits"):
        LineSource(strokes, limits=(200, 100))
    with pytest.raises(ValueError, match="n >= 1 and step >= 0"):
        LineSource(strokes).batch(0, 1)
    with pytest.raises(ValueError, match="needs threads >= 1"):
        LineSource(strokes, threads=0)
    with pytest.raises(ValueError, match="needs calm from 0 to 1"):
        LineSource(strokes, calm=1.5)


@pytest.mark.parametrize(
    "wrong",
    [{"scale": (1.2, 0.8)}, {"blot_chance": 1.5}, {"pen_width": (0.0, 0.1)}, {"blur": (0, float("nan"))}],
)
def test_a_style_out_of_its_range_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"LineStyle: needs {next(iter(wrong))}"):
        LineStyle(**wrong)  # type: ignore[arg-type]


@pytest.mark.slow
def test_lines_of_the_real_data() -> None:
    data = Path(__file__).parents[4] / "shared/data"
    if not data.exists():
        pytest.skip("the data are not here")
    texts = Texts(*(data / "text" / name for name in ("books.txt", "word-counts.txt", "names.txt")))
    lines = read_strokes(data / "unipen/lines.npz")
    source = LineSource(lines=lines, fonts=read_fonts(data / "fonts"), texts=texts)
    for picture, text in source.batch(64, 0):
        assert least_width(text) <= picture.shape[1]
        assert picture.max() > 100


def test_calm_lines_lie_between_their_style_and_steady_ones(strokes: Strokes) -> None:
    low = LineStyle(offset=(8.0, 8.0), noise_chance=1.0)
    assert low.towards(STEADY, 0) == low
    assert low.towards(STEADY, 1) == STEADY
    assert low.towards(STEADY, 0.75).offset == pytest.approx((2.0, 2.0))
    assert low.towards(STEADY, 0.75).noise_chance == pytest.approx(0.25)

    def row_of_ink(calm: float) -> float:
        lines = LineSource(strokes, strokes, style=low, calm=calm).batch(64, 0)
        return float(np.mean([np.average(np.arange(HEIGHT), weights=p.sum(axis=1)) for p, _ in lines]))

    assert row_of_ink(0.0) - row_of_ink(1.0) == pytest.approx(4.0, abs=1.5)
