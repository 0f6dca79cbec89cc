"""Pictures of data: colours, grids, animations, charts, and what a class looks like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hello_dl import pictures
from hello_dl.data import Images, load
from hello_dl.pictures.chart import Chart, ticks
from hello_dl.pictures.classes import examples
from hello_dl.pictures.colours import BLUE, RED


def letters(text: str) -> Images:
    """One random image for each letter of the text, labelled."""
    classes = tuple(dict.fromkeys(text))
    images = np.random.default_rng(0).integers(0, 256, (len(text), 28, 28)).astype(np.uint8)
    return Images(images, np.array([classes.index(c) for c in text]), classes)


def test_positive_is_red_negative_is_blue_and_nothing_is_white() -> None:
    found = pictures.signed(np.array([[-2.0, 0.0], [1.0, 2.0]]))
    assert tuple(found[0, 0]) == BLUE
    assert tuple(found[0, 1]) == (255, 255, 255)
    assert tuple(found[1, 1]) == RED
    pink = found[1, 0]
    assert RED[0] < pink[0] < 255
    assert RED[1] < pink[1] < 255
    assert (pictures.signed(np.zeros((2, 2))) == 255).all()
    with pytest.raises(ValueError, match="finite"):
        pictures.signed(np.array([np.nan]))


def test_ink_is_dark_on_white_paper() -> None:
    assert pictures.ink(np.array([0, 255], np.uint8)).tolist() == [[255] * 3, [0] * 3]
    assert pictures.ink(np.array([0.0, 1.0, 7.0])).tolist() == [[255] * 3, [0] * 3, [0] * 3]


@pytest.mark.parametrize("n", [2, 10, 26, 62])
def test_every_class_has_a_colour_of_its_own(n: int) -> None:
    colours = pictures.class_colours(n)
    assert len(set(colours)) == n
    assert all(min(c) < 128 for c in colours)


def test_a_poster_shows_each_example_of_the_class_and_of_no_other() -> None:
    images = letters("abababab")
    sheet = np.asarray(pictures.poster(images, "b", columns=2, scale=3))
    assert sheet.shape == (2 * 84, 2 * 84, 3)
    for i, image in enumerate(images.images[1::2]):
        tile = sheet[i // 2 * 84 :, i % 2 * 84 :][1:84:3, 1:84:3, 0]
        assert (tile == 255 - image).all()


def test_a_class_is_found_by_its_own_case_first() -> None:
    images = letters("aAB")
    assert (examples(images, "A") == images.images[1:2]).all()
    assert (examples(images, "b") == images.images[2:]).all()
    with pytest.raises(ValueError, match=r"got 'x'; it holds a A B"):
        examples(images, "x")


def test_the_mean_image_is_the_mean() -> None:
    images = letters("aab")
    assert np.allclose(pictures.mean(images, "a") * 255, images.images[:2].mean(axis=0))
    assert pictures.means(images).size == (2 * (3 * 28 + 2) + 2, 3 * 28 + 25 + 4)


def test_where_sevens_have_more_ink_than_threes_is_red() -> None:
    images = load("builtin:400", classes=["3", "7"])
    sheet = np.asarray(pictures.difference(images, "7", "3", scale=1)).astype(int)
    tile = sheet[-36:-8, -36:-8]
    more = pictures.mean(images, "7") - pictures.mean(images, "3")
    redder = tile[..., 0] - tile[..., 2]
    assert (redder[more > 0.05] > 0).all()
    assert (redder[more < -0.05] < 0).all()


def test_an_animation_keeps_its_frames_their_colours_and_repeats(tmp_path: Path) -> None:
    shades = [(204, 20, 28), (24, 64, 200), (255, 255, 255), (0, 0, 0), (230, 200, 200)]
    path = tmp_path / "a.gif"
    pictures.save_gif([Image.new("RGB", (20, 10), c) for c in shades], path, seconds=0.1, hold=2)
    with Image.open(path) as found:
        assert found.n_frames == 5
        assert found.info["loop"] == 0
        for i, colour in enumerate(shades):
            found.seek(i)
            assert found.info["duration"] == (2000 if i == 4 else 100)
            assert np.allclose(np.asarray(found.convert("RGB"))[5, 5], colour, atol=3)
    with pytest.raises(ValueError, match="at least one frame"):
        pictures.save_gif([], path)
    with pytest.raises(ValueError, match=r"\.gif"):
        pictures.save_gif([Image.new("RGB", (2, 2))], tmp_path / "a.png")


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    image = Image.new("RGB", (2, 2))
    with pytest.raises(OSError, match=r"none.*choose another place"):
        pictures.save(image, tmp_path / "none" / "a.png")
    with pytest.raises(OSError, match=r"none.*choose another place"):
        pictures.save_gif([image], tmp_path / "none" / "a.gif")
    with pytest.raises(ValueError, match=r"a\.doc: needs a name that ends in"):
        pictures.save(image, tmp_path / "a.doc")
    assert list(tmp_path.iterdir()) == []


def test_a_chart_draws_what_it_is_given_where_it_belongs() -> None:
    chart = Chart((0, 10), (-1, 1), size=(400, 300), ticks=False)
    before = chart.copy()
    chart.dot(5, 0, colour=(255, 0, 0)).line([0, 10], [1, 1], colour=(0, 0, 255), width=4, name="top")
    found = np.asarray(chart.image()).astype(int)
    ys, xs = np.nonzero((found[..., 0] > 200) & (found[..., 1] < 60))
    assert abs(xs.mean() - (12 + 384) / 2) < 1
    assert abs(ys.mean() - (34 + 288) / 2) < 1
    assert np.allclose(found[34, 200], (0, 0, 255), atol=20)  # apart from smoothing
    assert (np.asarray(before.image()) == 255).all()  # a copy is on paper of its own


def test_bars_are_as_high_as_their_numbers() -> None:
    chart = Chart((0, 2), (0, 4), size=(400, 300), ticks=False).bars([0, 1, 2], [1, 4], colour=(0, 0, 255))
    found = np.asarray(chart.image())
    low, high = ((found[:, x, 0] < 250).sum() for x in (100, 300))
    assert abs(high / low - 4) < 0.2


def test_ticks_are_round_numbers() -> None:
    assert list(ticks(0, 100)) == [0, 20, 40, 60, 80, 100]
    assert list(ticks(-0.13, 0.32)) == [-0.1, 0, 0.1, 0.2, 0.3]


@pytest.mark.parametrize("wrong", [(1, 1), (2, 1), (0, float("nan"))])
def test_a_chart_without_room_is_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="needs a range"):
        Chart(wrong, (0, 1))
    with pytest.raises(ValueError, match="needs a range"):
        Chart((0, 1), wrong)
