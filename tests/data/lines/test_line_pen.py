"""The pen draws strokes where it says, joins words into lines, and bends them smoothly."""

from __future__ import annotations

import numpy as np
import pytest
from made_strokes import item_of
from test_line_fonts import plain_style, rows_of_ink

from hello_dl.data.lines.compose import AFTER, MARKS, join_items, mark
from hello_dl.data.lines.distort import draw_bend
from hello_dl.data.lines.form import BASELINE, HEIGHT, X_HEIGHT
from hello_dl.data.lines.pen import draw_strokes, respaced, smoothed
from hello_dl.data.lines.strokes import Item, white_gaps
from hello_dl.data.lines.style import LineStyle

LIMITS = (16, 1600)
THIN = plain_style(pen_width=(0.1, 0.1))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_small_letters_fill_the_band() -> None:
    top, bottom = rows_of_ink(draw_strokes(item_of("sea"), THIN, rng(), LIMITS))
    assert abs(bottom - BASELINE) <= 1.5
    assert abs(top - (BASELINE - X_HEIGHT)) <= 1.5


@pytest.mark.parametrize(("name", "value", "rows"), [("offset", 4.0, (4, 4)), ("scale", 1.2, (-3, 0))])
def test_errors_of_place_move_the_ink(name: str, value: float, rows: tuple[int, int]) -> None:
    usual = rows_of_ink(draw_strokes(item_of("sea"), THIN, rng(), LIMITS))
    style = plain_style(pen_width=(0.1, 0.1), **{name: (value, value)})
    moved = rows_of_ink(draw_strokes(item_of("sea"), style, rng(), LIMITS))
    assert np.abs(np.subtract(moved, usual) - rows).max() <= 1


def test_a_wider_pen_leaves_more_ink() -> None:
    ink = [
        draw_strokes(item_of("sea"), plain_style(pen_width=(w, w)), rng(), LIMITS).sum()
        for w in (0.1, 0.2, 0.3)
    ]
    assert ink[0] < 0.7 * ink[1] < 0.6 * ink[2]


def test_writing_as_wide_as_asked() -> None:
    usual, narrow = (
        draw_strokes(item_of("minimum"), plain_style(squeeze=(s, s)), rng(), LIMITS).shape[1]
        for s in (1.0, 0.7)
    )
    assert narrow == pytest.approx(10 + 0.7 * (usual - 10), abs=3)


def test_ink_of_other_lines_stands_above_and_below() -> None:
    style = plain_style(pitch=(2.4, 2.4), neighbour_kept=(1.0, 1.0))
    word, other = item_of("sea"), item_of("djdpdg djdpdg")
    alone = draw_strokes(word, style, rng(), LIMITS)
    both = [draw_strokes(word, style, rng(k), LIMITS, (other, other)) for k in range(8)]
    assert not alone[:10].any()
    assert not alone[-6:].any()
    assert any(picture[:10].any() and picture[-6:].any() for picture in both)
    above = draw_strokes(word, style, rng(), LIMITS, (other, None))
    assert not above[-6:].any()


def test_gaps_between_letters_widen_and_letters_stay_whole() -> None:
    item = item_of("sea")
    wide = respaced(item, LineStyle(letter_gap=(0.4, 0.4)), rng())
    change = white_gaps(wide)[1] - white_gaps(item)[1]
    assert (change >= 0.2 - 1e-5).all()
    assert (change <= 0.6 + 1e-5).all()
    for a, b in zip(item.starts[:-1], item.starts[1:], strict=True):
        np.testing.assert_allclose(
            np.diff(wide.points[a:b], axis=0), np.diff(item.points[a:b], axis=0), atol=1e-5
        )


def test_white_leans_as_the_writing_does() -> None:
    bar = np.array([[1.0, -1.0], [0.0, 0.0]], np.float32)
    two = Item(
        np.concatenate([bar, bar + np.array([0.5, 0])]).astype(np.float32), np.array([0, 2, 4]), "ll", 1.0
    )
    assert white_gaps(two)[1].tolist() == pytest.approx([0.5])


def test_smoothing_takes_away_jitter() -> None:
    x = np.arange(0, 12, 0.2)
    jitter = Item(np.stack([x, 0.1 * (-1) ** np.arange(60)], 1).astype(np.float32), np.array([0, 60]), "-")
    heights = [np.abs(np.diff(smoothed(jitter, passes).points[5:-5, 1])).mean() for passes in (0, 6)]
    assert heights[1] < 0.2 * heights[0]


def test_a_made_line_says_its_words_in_order_with_spaces() -> None:
    words = [item_of(word) for word in ("sea", "joy", "hand")]
    for seed in range(30):
        line = join_items(words, LineStyle(), rng(seed))
        letters = "".join(c for c in line.text if c.isalpha() or c == " ")
        assert letters.split() == ["sea", "joy", "hand"]
        assert len(line.starts) - 1 >= 10
        assert line.starts[-1] == len(line.points)
        assert (np.diff(line.starts) > 0).all()


def test_words_stand_further_apart_than_their_letters() -> None:
    spaced = item_of("s e a")
    spaced = Item(spaced.points, spaced.starts, "sea")
    style = LineStyle(word_gap=(0.5, 0.5))
    for seed in range(20):
        line = join_items([spaced, spaced], style, rng(seed))
        white = white_gaps(line)[1]
        if line.text == "sea sea":
            assert white[2] > max(white[[0, 1, 3, 4]])


@pytest.mark.parametrize("sign", sorted(MARKS))
def test_marks_are_small_strokes_near_the_band(sign: str) -> None:
    item = mark(sign, rng())
    assert item.text == sign
    assert item.starts[-1] == len(item.points)
    assert item.points[:, 0].min() == pytest.approx(0)
    assert -2.6 < item.points[:, 1].min() <= item.points[:, 1].max() < 1


def test_what_may_follow_a_word_can_be_drawn() -> None:
    assert set(AFTER) <= set(MARKS)


def test_a_bend_is_smooth_and_as_large_as_asked() -> None:
    x = np.arange(0, 600, 2, dtype=np.float32)
    middle = np.stack([x, np.full_like(x, HEIGHT / 2)], axis=1)
    still = draw_bend(600, plain_style(), rng())(middle)
    assert not still.any()
    tilted = draw_bend(600, plain_style(tilt=(5.0, 5.0)), rng())(middle)
    assert tilted[-1, 1] - tilted[0, 1] == pytest.approx(5, abs=0.1)
    curved = draw_bend(600, plain_style(curve=(3.0, 3.0)), rng())(middle)
    assert curved[0, 1] == pytest.approx(3, abs=0.1)
    assert curved[150, 1] == pytest.approx(0, abs=0.1)
    elastic = np.stack([draw_bend(600, plain_style(elastic=(1.0, 1.0)), rng(k))(middle) for k in range(60)])
    assert 0.6 < elastic[..., 0].std() < 1.4
    assert np.abs(np.diff(elastic, axis=1)).max() < 1.5
