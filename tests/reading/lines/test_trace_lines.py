"""Bands become curves, curves become straight pictures of lines, and these are put in order."""

import numpy as np
import pytest

from hello_dl import _core
from hello_dl.data.lines.form import BASELINE, HEIGHT, WIDER, X_HEIGHT
from hello_dl.reading.lines.order import reading_order
from hello_dl.reading.lines.straighten import straighten
from hello_dl.reading.lines.trace_lines import THICKNESS, Curve, trace_lines


def band(x, y, tall):
    """Return capsules along a baseline whose band is so tall."""
    places = np.column_stack([x, y - tall / 2, np.full(len(x), THICKNESS * tall / 2)]).astype(np.float32)
    return np.concatenate([places[:-1], places[1:]], axis=1)


def page(*bands, size=(200, 400)):
    segments = np.concatenate(bands)
    drawn = _core.draw_strokes(segments, np.array([0, len(segments)]), *size)[0]
    return drawn.astype(np.float32) / 255


def test_a_curved_line_keeps_its_baseline_and_height():
    x = np.linspace(40, 360, 80)
    (curve,) = trace_lines(page(band(x, 100 + 12 * np.sin(x / 100), 10.0)))
    assert curve.usual == pytest.approx(10, abs=0.8)
    inside = np.linspace(45, 355, 30)
    assert curve.baseline_at(inside) == pytest.approx(100 + 12 * np.sin(inside / 100), abs=1.5)
    assert curve.left < 40
    assert curve.right > 360


def test_pieces_of_one_line_are_joined_and_columns_are_not():
    near = [np.linspace(10, 90, 9), np.linspace(125, 190, 9)]
    far = [np.linspace(10, 120, 9), np.linspace(230, 390, 9)]
    bands = [band(x, 50 + 0.05 * x, 9.0) for x in near] + [band(x, 150 + 0 * x, 9.0) for x in far]
    lines = sorted((round(line.left), round(line.right)) for line in trace_lines(page(*bands)))
    assert len(lines) == 3
    assert lines[0][1] > 185 or lines[1][1] > 185


def test_neighbouring_lines_stay_apart_and_specks_are_no_lines():
    x = np.linspace(20, 380, 40)
    bands = [band(x, np.full(40, y), 8.0) for y in (40.0, 58.0, 76.0)]
    bands.append(band(np.array([200.0, 200.5]), np.array([150.0, 150.0]), 3.0))
    lines = trace_lines(page(*bands))
    rows = sorted(float(line.baseline_at(np.array([200.0]))[0]) for line in lines)
    assert rows == pytest.approx([40, 58, 76], abs=1)
    assert trace_lines(np.zeros((50, 60), np.float32)) == []


def test_a_straightened_line_stands_on_its_baseline():
    """Ink along a slanting baseline and x-line comes out level, at the rows that the reader learned."""
    slope, tall, scale = 0.1, 10.0, 2.0
    curve = Curve(20.0, 180.0, np.array([slope * 80, 60.0]), np.array([tall]))
    x = np.linspace(0, 400, 200)
    lines = []
    for above in (0.0, tall):
        y = scale * (60.0 + slope * (x / scale - 100.0) - above)
        places = np.column_stack([x, y, np.full(len(x), 0.7)])
        lines.append(np.concatenate([places[:-1], places[1:]], axis=1))
    segments = np.concatenate(lines).astype(np.float32)
    ink = _core.draw_strokes(segments, np.array([0, len(segments)]), 200, 400)[0]
    picture = straighten(ink, curve, scale)
    assert picture.shape == (HEIGHT, round(160 * X_HEIGHT / tall * WIDER))
    profile = picture.astype(float).mean(axis=1)
    peaks = np.sort(np.argsort(profile)[-2:]) + 0.5
    assert peaks == pytest.approx([BASELINE - X_HEIGHT, BASELINE], abs=1)
    assert profile[int(peaks[0])] > 60


def boxes(*corners):
    return np.array(corners, float)


def test_lines_are_read_from_top_to_bottom():
    assert reading_order(boxes((0, 50, 90, 60), (5, 10, 80, 20), (0, 30, 100, 40))) == [1, 2, 0]
    assert reading_order(np.zeros((0, 4))) == []


def test_columns_are_read_one_after_the_other_below_a_heading():
    heading = (0, 0, 200, 10)
    left = [(0, y, 90, y + 8) for y in (20, 40, 60)]
    right = [(110, y, 200, y + 8) for y in (18, 38, 58)]
    foot = (0, 80, 200, 90)
    assert reading_order(boxes(foot, *right, *left, heading)) == [7, 4, 5, 6, 1, 2, 3, 0]


def test_words_side_by_side_are_read_from_left_to_right():
    assert reading_order(boxes((100, 11, 150, 20), (0, 10, 50, 20))) == [1, 0]
