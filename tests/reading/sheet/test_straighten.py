"""Pages as a camera sees them: turned, at an angle, on ruled paper."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handwriting import LETTERS, TEXT, array, classify, write
from hello_dl.reading import read
from hello_dl.reading.image.geometry import from_corners, project
from hello_dl.reading.score import character_accuracy
from hello_dl.reading.sheet.by_edges import find_corners
from hello_dl.reading.sheet.upright import along_lines, line_angles


def text_of(picture: object) -> str:
    """Return what is read without context, without blanks."""
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


@pytest.mark.parametrize("width", [1000, 2000, 4000])
def test_a_low_and_wide_strip_is_not_folded_over_itself(width: int) -> None:
    strip = np.zeros((48, width), np.bool_)
    for left in range(5, width // 3, 14):
        strip[16:26, left : left + 9] = True
    top, bottom = line_angles(strip)
    _, (across, down) = along_lines((width, 48), (top, bottom))
    assert abs(top) < 0.02
    assert abs(bottom) < 0.02
    assert across < 1.1 * width
    assert down < 48 + 0.04 * width


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
