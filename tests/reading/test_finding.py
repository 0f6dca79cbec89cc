"""What is no writing is left out: frames, stains, textures, shadows, and the table around a sheet."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from handwriting import LETTERS, TEXT, array, classify, text_of, write
from hello_dl.reading import (
    find_sheet,
    load_picture,
    read,
)


def test_an_empty_page_has_no_lines() -> None:
    noise = np.random.default_rng(0).normal(0.7, 0.02, size=(300, 400)).clip(0, 1)
    for blank in (np.full((300, 400), 0.8), np.zeros((300, 400)), np.ones((300, 400)), noise):
        page = read(blank.astype(np.float32), classify, LETTERS)
        assert page.lines == []
        assert page.text == ""
        assert page.to_dict()["lines"] == []


def test_specks_a_frame_a_rule_and_a_stain_are_left_out() -> None:
    page = write(TEXT, margin=150)
    draw = ImageDraw.Draw(page)
    draw.rectangle((8, 8, page.width - 9, page.height - 9), outline=0, width=5)
    draw.line((60, page.height - 60, page.width - 60, page.height - 60), fill=0, width=3)
    draw.ellipse((page.width - 110, 40, page.width - 40, 110), fill=60)
    for x, y in np.random.default_rng(0).integers(30, min(page.size) - 30, size=(40, 2)):
        if np.asarray(page)[max(0, y - 25) : y + 25, max(0, x - 25) : x + 25].min() == 255:
            draw.point((int(x), int(y)), fill=0)
    assert text_of(page) == TEXT


def test_texture_is_not_read_letter_by_letter() -> None:
    y, x = np.mgrid[:1200, :1600]
    carpet = np.where((y % 10 < 4) & (x % 10 < 4), 0.2, 0.8).astype(np.float32)
    assert read(carpet, classify, LETTERS).lines == []


def test_the_table_around_a_sheet_is_left_out() -> None:
    rng = np.random.default_rng(0)
    sheet = write(TEXT)
    wide, high = sheet.width + 400, sheet.height + 300
    grain = 70 + 25 * np.sin(np.arange(wide) / 6 + rng.normal(0, 0.2, size=(high, 1)).cumsum(axis=0))
    photo = Image.fromarray(grain.astype(np.uint8))
    photo.paste(sheet.point(lambda v: v * 0.9), (200, 150))
    found = find_sheet(load_picture(photo))
    assert found is not None
    assert found[160 + sheet.height // 2, 210 + sheet.width // 2]
    assert not found[:, :190].any()
    assert text_of(photo) == TEXT


def test_a_page_that_fills_the_picture_has_no_sheet_to_find() -> None:
    assert find_sheet(load_picture(write(TEXT))) is None


def test_a_sharp_shadow_across_the_page_changes_nothing() -> None:
    grey = array(write(TEXT))
    free = np.flatnonzero((grey[:, 250:] > 0.99).all(axis=0)) + 250  # columns between letters in all lines
    edge = free[len(free) // 3]
    grey *= 1 - 0.5 * np.clip((np.arange(grey.shape[1]) - edge) / 3, 0, 1).astype(np.float32)
    assert find_sheet(grey) is None
    assert text_of(grey) == TEXT
