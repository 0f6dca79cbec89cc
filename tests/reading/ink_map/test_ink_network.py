"""The network that finds ink: what it is shown, how a large picture is cut into parts, and what it finds."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hello_dl.data.pages import generate_blank
from hello_dl.data.pages.generate import compose
from hello_dl.data.pages.handwriting import rasterise
from hello_dl.data.pages.photograph import photograph
from hello_dl.reading import find_ink, load_picture
from hello_dl.reading.ink_map.network import CELL, TILE, contrast, from_cells, to_cells


def page(seed: int, difficulty: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return a made-up photo in grey (H, W), and which of its pixels are ink (H, W)."""
    shot, rng = compose(seed, difficulty, "pen and ink\nare found", kind="letters", megapixels=1.0)
    photo = photograph(shot.scene, shot.view, shot.size, shot.recipe, rng)
    return load_picture(photo), rasterise(shot.scene.inks, shot.view, shot.size) > 127


def test_cells_hold_every_pixel_once() -> None:
    values = np.arange(12 * 20, dtype=np.float32).reshape(12, 20)
    cells = to_cells(values)
    assert cells.shape == (CELL * CELL, 3, 5)
    assert cells[:, 1, 2].tolist() == values[4:8, 8:12].ravel().tolist()
    np.testing.assert_array_equal(from_cells(cells), values)


def test_contrast_hardly_depends_on_the_light() -> None:
    grey = 0.7 + 0.2 * np.random.default_rng(0).random((90, 130)).astype(np.float32)
    np.testing.assert_allclose(contrast(grey), contrast(grey / 3), atol=1e-5)
    assert np.abs(contrast(np.zeros((50, 60), np.float32))).max() <= 2  # in the dark nothing explodes


@pytest.mark.parametrize("shape", [(8, 8), (61, 47), (CELL * TILE, CELL * TILE + 3), (300, 1500)])
def test_any_size_is_taken(shape: tuple[int, int]) -> None:
    found = find_ink(np.full(shape, 0.8, np.float32))
    assert found.shape == shape
    assert found.dtype == np.float32
    assert found.max() < 0.5


@pytest.mark.slow
def test_parts_of_a_large_picture_fit_together() -> None:
    grey, _ = page(11, "medium")
    whole = find_ink(grey)
    # Another start moves all seams between the parts.
    y, x = 25 * CELL, 31 * CELL
    moved = find_ink(grey[y:, x:])
    inner = (slice(80, -80), slice(80, -80))
    np.testing.assert_allclose(moved[inner], whole[y:, x:][inner], atol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
@pytest.mark.parametrize("seed", [21, 22])
def test_it_finds_ink_and_nothing_else(seed: int, difficulty: str) -> None:
    grey, is_ink = page(seed, difficulty)
    found = find_ink(grey) > 0.5
    light = find_ink(1 - grey) > 0.5
    found = light if light.sum() > found.sum() else found  # some pens are white
    assert (found & is_ink).sum() > 0.8 * is_ink.sum()
    assert (found & is_ink).sum() > 0.6 * found.sum()


@pytest.mark.slow
def test_printed_lines_tables_and_shadows_are_no_ink() -> None:
    share = [(find_ink(load_picture(generate_blank(s, "hard")[0])) > 0.5).mean() for s in range(6)]
    assert max(share) < 2e-3
    assert np.mean(share) < 5e-4


def test_printed_lines_that_leave_the_picture_are_no_ink_at_its_edge() -> None:
    grey = np.full((400, 600), 0.95, np.float32)
    grey[20::37] = 0.55
    found_ink = find_ink(grey)
    assert max(found_ink[:, :40].max(), found_ink[:, -40:].max(), found_ink[:30].max()) < 0.5
