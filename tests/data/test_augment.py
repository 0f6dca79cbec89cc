"""Augmentation: each setting changes images as far as it says; seed, step and row alone decide how."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import hello_dl
from hello_dl.data import load
from hello_dl.data.augment import HANDWRITING, Augmentation

EVERYTHING = Augmentation(2, 12, 0.3, (0.8, 1.1), 0.7, 0.7, 0.2, 0.5, 0.02, 5, 0.5)


def dots(n: int = 400) -> NDArray[np.uint8]:
    """Images with a square of 4 x 4 in the middle."""
    images = np.zeros((n, 28, 28), np.uint8)
    images[:, 12:16, 12:16] = 255
    return images


def middles(images: NDArray[Any]) -> NDArray[Any]:
    """Where the ink's middle lies, (n, 2), in pixels from the image's."""
    mass = images.astype(float) / images.sum((1, 2), keepdims=True)
    steps = np.arange(28) - 13.5
    return np.stack([mass.sum(2) @ steps, mass.sum(1) @ steps], axis=1)


def test_without_settings_nothing_changes() -> None:
    images = load("builtin:200").images
    assert (Augmentation()(images, seed=3, step=4) == images).all()


def test_shift_moves_ink_as_far_as_it_says_and_loses_none() -> None:
    moved = Augmentation(shift=3)(dots())
    places = middles(moved)
    assert 2.7 < np.abs(places).max() < 3.1
    assert np.abs(places.mean(0)).max() < 0.4
    assert np.abs(moved.sum((1, 2)) / dots(1).sum() - 1).max() < 0.02


def test_degrees_shear_and_scale_do_to_a_line_what_they_say() -> None:
    line = np.zeros((300, 28, 28), np.uint8)
    line[:, 4:24, 13:15] = 255  # 20 high
    rows = np.arange(28)

    def slopes(images: NDArray[np.uint8]) -> NDArray[Any]:  # sideways for each pixel down
        steps = rows - 13.5
        middle = images @ steps / np.maximum(images.sum(2), 1)
        written = images.sum(2) > 200
        return np.array([np.polyfit(rows[w], m[w], 1)[0] for w, m in zip(written, middle, strict=True)])

    turned = np.degrees(np.arctan(slopes(Augmentation(degrees=20)(line))))
    assert 18 < np.abs(turned).max() < 21
    assert abs(turned.mean()) < 2
    assert 0.45 < np.abs(slopes(Augmentation(shear=0.5)(line))).max() < 0.52
    heights = (Augmentation(scale=(0.5, 1.0))(line).max(2) > 127).sum(1)
    assert heights.min() in (10, 11)
    assert heights.max() in (19, 20)


def test_elastic_moves_single_places_by_its_standard_deviation() -> None:
    places = middles(Augmentation(elastic=1.0)(dots(2000)))
    assert places.std() == pytest.approx(1.0, rel=0.15)
    assert np.abs(places.mean()) < 0.1


def test_thickness_grows_and_shrinks_strokes() -> None:
    images = np.zeros((300, 28, 28), np.uint8)
    images[:, :, 10:15] = 255  # 5 wide
    widths = Augmentation(thickness=1.5)(images)[:, 14].sum(1) / 255
    assert 7.5 < widths.max() <= 8.05
    assert 1.95 <= widths.min() < 2.5
    assert abs(widths.mean() - 5) < 0.3


def test_contrast_noise_flip_erase_and_coarse() -> None:
    grey = np.full((400, 28, 28), 100, np.uint8)
    ink = Augmentation(contrast=0.3)(grey)[:, 0, 0]
    assert 70 <= ink.min() < 73
    assert 127 < ink.max() <= 130
    noisy = Augmentation(noise=0.1)(grey).astype(float)
    assert noisy.std() == pytest.approx(25.5, rel=0.02)
    assert noisy.mean() == pytest.approx(100, abs=0.3)
    assert ((Augmentation(flip=5)(grey) == 155).sum((1, 2)) == 5).all()
    erased = (Augmentation(erase=0.5)(grey) == 0).sum((1, 2))
    assert 0.4 < (erased > 0).mean() < 0.6
    assert erased.max() <= 14 * 14
    letters = load("builtin:400").images
    coarse = Augmentation(coarse=1)(letters)
    assert (coarse != letters).any((1, 2)).all()  # seen through other pixels, but as much ink
    assert coarse.mean() == pytest.approx(letters.mean(), rel=0.25)


def test_only_seed_step_and_row_decide() -> None:
    images = load("builtin:300").images
    before = hello_dl.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 5):
            hello_dl.set_num_threads(threads)
            results.append(EVERYTHING(images, seed=1, step=2))
    finally:
        hello_dl.set_num_threads(before)
    first = results[0]
    assert all((r == first).all() for r in results)
    assert (EVERYTHING(images[:7], seed=1, step=2) == first[:7]).all()
    for seed, step in ((2, 2), (1, 3)):
        assert (EVERYTHING(images, seed=seed, step=step) != first).any((1, 2)).all()
    assert (first[0] != EVERYTHING(np.repeat(images[:1], 9, axis=0), seed=1, step=2)[1:]).any((1, 2)).all()
    assert HANDWRITING(images).shape == images.shape


def test_what_makes_no_sense_is_named() -> None:
    for name in (field.name for field in fields(Augmentation) if field.name != "scale"):
        with pytest.raises(ValueError, match=f"needs {name} from 0"):
            Augmentation(**{name: -1})
    with pytest.raises(ValueError, match=r"contrast from 0 to 1, got 1\.5"):
        Augmentation(contrast=1.5)
    with pytest.raises(ValueError, match=r"scale .*got \(1.2, 0.8\)"):
        Augmentation(scale=(1.2, 0.8))
    with pytest.raises(ValueError, match="uint8 images"):
        Augmentation(shift=1)(dots() / 255)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"images of .*8 x 8 .*pixels, got 4 x 4"):
        Augmentation(shift=1)(np.zeros((1, 4, 4), np.uint8))
    assert Augmentation(shift=1)(dots()[:0]).shape == (0, 28, 28)
