"""Ink is changed as each setting says; pictures are bent, and strokes resampled, as numpy would do it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hello_dl import _core

# The settings of InkLook in line_ink.hh's order, each where it changes nothing.
NOTHING = {
    "grow": 0.0,
    "coarse": 1.0,
    "blur": 0.0,
    "fade": 0.0,
    "fade_size": 16.0,
    "grain": 0.0,
    "strength": 0.0,
    "gain": 0.0,
    "threshold": 0.5,
    "noise": 0.0,
}


def changed(picture: NDArray[np.uint8], key: int = 1, **how: float) -> NDArray[np.uint8]:
    return _core.change_ink(picture, key, list({**NOTHING, **how}.values()))


def stroke(level: int = 255) -> NDArray[np.uint8]:
    """Return a stroke of 4 x 60 pixels."""
    picture = np.zeros((48, 80), np.uint8)
    picture[20:24, 10:70] = level
    return picture


def area(picture: NDArray[np.uint8]) -> float:
    return float(picture.sum()) / 255


def test_without_settings_nothing_changes() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 37)).astype(np.uint8)
    np.testing.assert_array_equal(changed(picture), picture)
    assert changed(np.full((1, 1), 9, np.uint8), blur=2, coarse=2, grow=1, fade=0.5).shape == (1, 1)


@pytest.mark.parametrize(("grow", "tall", "wide"), [(1, 6, 62), (2, 8, 64), (-1, 2, 58), (0.5, 5, 61)])
def test_strokes_grow_and_shrink_on_each_side(grow: float, tall: float, wide: float) -> None:
    grown = changed(stroke(), grow=grow)
    assert grown[:, 40].sum() / 255 == pytest.approx(tall, abs=0.02)
    assert grown[21].sum() / 255 == pytest.approx(wide, abs=0.02)


def test_blur_is_a_gaussian_that_keeps_the_ink() -> None:
    dot = np.zeros((41, 41), np.uint8)
    dot[20, 20] = 255
    big = np.kron(dot, np.ones((1, 1), np.uint8))
    blurred = changed(big, blur=1.2).astype(float)
    rows = np.arange(41) - 20
    assert blurred.sum() == pytest.approx(255, rel=0.06)
    assert (blurred.sum(axis=1) @ rows**2) / blurred.sum() == pytest.approx(1.2**2, rel=0.1)
    np.testing.assert_array_equal(blurred, blurred.T)


def test_a_lower_resolution_keeps_the_ink_and_loses_detail() -> None:
    stripes = np.zeros((48, 80), np.uint8)
    stripes[:, ::2] = 255
    coarse = changed(stripes, coarse=2)
    assert area(coarse) == pytest.approx(area(stripes), rel=0.02)
    assert np.ptp(coarse[:, 4:-4]) <= 1


@pytest.mark.parametrize("name", ["fade", "grain"])
def test_pale_places_lose_at_most_their_share(name: str) -> None:
    pale = changed(np.full((48, 400), 255, np.uint8), **{name: 0.6})
    assert 255 * 0.4 - 1 <= pale.min() < 255 * 0.55
    assert pale.max() >= 250


def test_weak_ink_is_made_stronger_and_strong_ink_is_left() -> None:
    assert changed(stroke(60), strength=0.8).max() == pytest.approx(0.8 * 255, abs=2)
    np.testing.assert_array_equal(changed(stroke(240), strength=0.8), stroke(240))
    np.testing.assert_array_equal(changed(stroke(0), strength=0.8), stroke(0))


def test_the_curve_is_logistic() -> None:
    ramp = np.arange(256, dtype=np.uint8)[None]
    x = np.arange(256) / 255

    def s(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 / (1 + np.exp(-9 * (x - 0.4)))

    low, high = s(np.zeros(1)), s(np.ones(1))
    np.testing.assert_allclose(
        changed(ramp, gain=9, threshold=0.4)[0], 255 * (s(x) - low) / (high - low), atol=2
    )


def test_noise_has_its_deviation_and_its_key_decides() -> None:
    grey = np.full((48, 400), 128, np.uint8)
    noisy = changed(grey, noise=0.1)
    assert noisy.std() == pytest.approx(25.5, rel=0.05)
    np.testing.assert_array_equal(noisy, changed(grey, noise=0.1))
    assert (noisy != changed(grey, key=2, noise=0.1)).mean() > 0.9


def test_wrong_pictures_and_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="change_ink: needs a uint8 picture"):
        changed(np.zeros((2, 3, 4), np.uint8))
    with pytest.raises(ValueError, match="fade_size >= 1"):
        changed(stroke(), fade_size=0.0)
    with pytest.raises(ValueError, match=r"needs a grid \(7, 3, 2\)"):
        _core.bend_ink(stroke(), np.zeros((7, 4, 2), np.float32), 8, 48, 16)


def identity(height: int, width: int, step: int = 8) -> NDArray[np.float32]:
    grid = np.empty(((height - 1) // step + 2, (width - 1) // step + 2, 2), np.float32)
    grid[..., 0] = step * np.arange(grid.shape[1])
    grid[..., 1] = step * np.arange(grid.shape[0])[:, None]
    return grid


def test_a_picture_bent_by_nothing_is_itself() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 61)).astype(np.uint8)
    np.testing.assert_array_equal(_core.bend_ink(picture, identity(48, 61), 8, 48, 61), picture)


def test_pixels_come_from_their_places_by_bilinear_interpolation() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 61)).astype(np.uint8)
    moved = _core.bend_ink(picture, identity(48, 61) + np.float32([0.25, 2]), 8, 48, 61)
    expected = 0.75 * picture[2:, :-1] + 0.25 * picture[2:, 1:]
    np.testing.assert_allclose(moved[:-2, :-1], expected, atol=0.51)
    assert not moved[-2:].any()


def test_places_far_outside_are_paper() -> None:
    for far in (1e9, -1e9, np.nan):
        out = _core.bend_ink(stroke(255), identity(48, 16) + np.float32(far), 8, 48, 16)
        assert not out.any()


def test_a_stroke_is_resampled_at_equal_distances() -> None:
    rng = np.random.default_rng(0)
    points = np.cumsum(rng.random((60, 2)), axis=0).astype(np.float32)
    out, starts = _core.resample_strokes(points, np.array([0, 60]), 0.3, 0)
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    pieces = int(np.ceil(length[-1] / 0.3))
    assert starts.tolist() == [0, pieces + 1]
    where = np.linspace(0, length[-1], pieces + 1)
    expected = np.stack([np.interp(where, length, points[:, k]) for k in (0, 1)], axis=1)
    np.testing.assert_allclose(out, expected, atol=2e-3)


def test_smoothing_keeps_ends_and_does_not_cross_strokes() -> None:
    points = np.array([[0, 0], [1, 8], [2, 0], [3, 8], [50, 0], [51, 8], [9, 9]], np.float32)
    out, starts = _core.resample_strokes(points, np.array([0, 4, 6, 7]), 100.0, 3)
    assert starts.tolist() == [0, 2, 4, 5]
    np.testing.assert_array_equal(out, points[[0, 3, 4, 5, 6]])
    fine, starts = _core.resample_strokes(points, np.array([0, 4, 6, 7]), 0.5, 0)
    soft, same = _core.resample_strokes(points, np.array([0, 4, 6, 7]), 0.5, 1)
    np.testing.assert_array_equal(starts, same)
    first = fine[: starts[1]].astype(float)
    expected = first.copy()
    expected[1:-1] = (first[:-2] + 2 * first[1:-1] + first[2:]) / 4
    np.testing.assert_allclose(soft[: starts[1]], expected, atol=1e-5)


def test_strokes_that_are_no_strokes_are_refused_or_kept() -> None:
    points = np.array([[0, 0], [np.inf, 1], [2, 2]], np.float32)
    out, starts = _core.resample_strokes(points, np.array([0, 3]), 0.1, 0)
    assert len(out) == starts[-1] == 2
    with pytest.raises(ValueError, match="starts that rise"):
        _core.resample_strokes(points, np.array([0, 2, 2]), 0.1, 0)
    with pytest.raises(ValueError, match="a step above 0"):
        _core.resample_strokes(points, np.array([0, 3]), 0.0, 0)
    with pytest.raises(ValueError, match=r"needs points \(m, 2\)"):
        _core.resample_strokes(points[:, :1], np.array([0, 3]), 0.1, 0)
