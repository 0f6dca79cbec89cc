"""Pages as a camera sees them: turned, at an angle, on ruled paper, with letters that touch."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from handwriting import LETTERS, TEXT, array, classify, write
from hello_dl.reading import Letter, read
from hello_dl.reading.image.filters import closing, largest
from hello_dl.reading.image.geometry import FOCAL, from_corners, project, proportions, turned_back
from hello_dl.reading.letters.touching import part_touching
from hello_dl.reading.score import character_accuracy
from hello_dl.reading.sheet.by_edges import find_corners


def text_of(picture: object) -> str:
    """What is read without context, blanks left out."""
    return read(picture, classify, LETTERS, context="off").text.replace(" ", "")  # type: ignore[arg-type]


@pytest.mark.parametrize("degrees", [-14, 9])
def test_a_page_turned_far_is_read_line_by_line_with_boxes_in_the_photo(degrees: int) -> None:
    page = write(TEXT, margin=120)
    photo = page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    found = read(photo, classify, LETTERS, context="off")
    assert found.text.replace(" ", "") == TEXT.replace(" ", "")
    dark = np.asarray(photo) < 128
    inside = np.zeros_like(dark)
    for character in found.characters:
        left, top, right, bottom = character.box
        inside[top:bottom, left:right] = True
    assert (dark & inside).sum() > 0.97 * dark.sum()


@pytest.mark.parametrize("squared", [False, True])
def test_ruled_and_squared_paper_leave_the_letters_whole(squared: bool) -> None:
    page = write(TEXT, margin=80)
    right = []
    for first in (2, 14, 26):  # wherever the lines cross the letters
        ruled = Image.new("L", page.size, 255)
        draw = ImageDraw.Draw(ruled)
        for y in range(first, page.height, 37):
            draw.line((0, y, page.width, y), fill=150, width=2)
        for x in range(9, page.width, 37) if squared else ():
            draw.line((x, 0, x, page.height), fill=150, width=2)
        both = np.minimum(np.asarray(page), np.asarray(ruled))
        right.append(character_accuracy(TEXT, text_of(both)))
    assert np.mean(right) > 0.9, right


def test_a_sheet_seen_at_an_angle_is_found_by_its_corners_and_read() -> None:
    sheet = write(TEXT, margin=90).point(lambda value: value * 0.85)
    width, height = sheet.size
    corners = np.array([[130.0, 110], [width + 60, 70], [width + 110, height + 60], [90, height + 130]])
    flat = np.array([[0.0, 0], [width, 0], [width, height], [0, height]])
    way = from_corners(corners, flat)
    np.testing.assert_allclose(project(way, corners), flat, atol=1e-6)
    size = (width + 200, height + 200)
    photo = sheet.transform(
        size, Image.Transform.PERSPECTIVE, tuple(way.ravel()[:8]), Image.Resampling.BICUBIC, fillcolor=60
    )
    found = find_corners(array(photo))
    assert found is not None
    assert np.abs(found - corners).max() < 0.025 * max(size)
    assert text_of(photo) == TEXT.replace(" ", "")


@pytest.mark.parametrize(("whole", "count"), [(0.3, 2), (0.97, 1)])
def test_touching_letters_are_parted_if_the_network_is_surer_of_the_parts(whole: float, count: int) -> None:
    mask = np.zeros((30, 64), np.bool_)
    mask[0:30, 0:4] = mask[0:30, 22:26] = mask[0:4, 0:26] = mask[26:30, 0:26] = True
    mask[:, 38:] = mask[:, :26]
    mask[14:17, 26:38] = True  # a thin bridge between two boxes
    both = Letter((100, 50, 164, 80), mask)
    other = Letter((10, 50, 36, 80), mask[:, :26])

    def ask(letters: list[Letter]) -> NDArray[np.float64]:
        width = np.array([letter.box[2] - letter.box[0] for letter in letters])
        sure = np.where(width > 45, whole, np.where(width > 20, 0.95, 0.2))
        return np.stack([sure, np.zeros(len(sure)), np.zeros(len(sure))], axis=1)

    words = [[other], [both]]
    parted, chances = part_touching(words, ask([other, both]), ask)
    assert [len(word) for word in parted] == [1, count]
    assert len(chances) == 1 + count
    if count == 2:
        left, right = parted[1]
        assert left.box[2] <= right.box[0] + 1
        assert left.box[0] == 100
        assert right.box[2] == 164
        assert left.mask.sum() + right.mask.sum() == mask.sum()  # no ink is lost


def test_a_picture_turned_back_lies_where_it_lay() -> None:
    picture = np.arange(12).reshape(3, 4)
    for turns in range(4):
        turned = np.rot90(picture, turns)
        for y, x in np.ndindex(turned.shape):
            (place,) = project(turned_back(picture.shape, turns), np.array([[x + 0.5, y + 0.5]]))
            assert picture[int(place[1]), int(place[0])] == turned[y, x]


def test_closing_fills_what_is_narrow_and_keeps_steps() -> None:
    page = np.full((60, 80), 200, np.uint8)
    page[:, 40:] = 90  # a shadow with a sharp edge
    strokes = page.copy()
    strokes[20:50, 18:22] = 10
    np.testing.assert_array_equal(closing(strokes, 3), page)
    assert largest(strokes, 1)[35, 20] == 10
    assert largest(strokes, 4)[35, 20] == 200


def test_a_sheet_seen_from_aside_keeps_its_proportions() -> None:
    # A page of 200 x 300, seen by a phone that leans 25 degrees: its far half looks smaller.
    width, height, focal = 900, 1200, FOCAL * 1200
    lean = np.radians(25)
    corners = np.array([[-100.0, -150], [100, -150], [100, 150], [-100, 150]])
    depth = 500 + corners[:, 1] * np.sin(lean)
    x = width / 2 + focal * corners[:, 0] / depth
    y = height / 2 + focal * corners[:, 1] * np.cos(lean) / depth
    assert proportions(np.column_stack([x, y]), (height, width)) == pytest.approx(200 / 300, rel=1e-6)
