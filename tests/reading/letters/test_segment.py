"""Letters are found once each, with their dots, in their place."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from handwriting import LETTERS, array, classify, letters_of, text_of, write
from hello_dl.reading import (
    find_letters,
    read,
)


def test_every_letter_is_found_once_dots_included() -> None:
    page = read(write(LETTERS), classify, LETTERS)
    assert page.text.replace(" ", "") == LETTERS


def test_dots_and_bars_belong_to_their_letters() -> None:
    assert len(letters_of(write("iji"))) == 3
    page = Image.new("L", (300, 200), 255)
    draw = ImageDraw.Draw(page)
    for y in (60, 95, 130):  # an E whose bars do not reach its stem
        draw.line((72, y, 120, y), fill=0, width=8)
    draw.line((60, 56, 60, 134), fill=0, width=8)
    draw.line((200, 56, 200, 134), fill=0, width=8)
    assert [c.box[0] < 100 for c in letters_of(page)].count(False) == 1


def test_a_dot_that_flew_off_its_letter_makes_no_line_of_its_own() -> None:
    page = np.zeros((200, 400), np.float32)
    for left in (40, 90, 140, 190):  # four letters, and a flat mark above the gap between two of them
        page[100:150, left : left + 6] = page[100:150, left + 24 : left + 30] = page[
            144:150, left : left + 30
        ] = 1
    page[74:86, 116:144] = 1
    lines = find_letters(page)
    assert [sum(len(word) for word in words) for words in lines] == [4]


def test_boxes_are_those_of_the_ink() -> None:
    image = write("ox", size=100)
    dark = np.asarray(image) < 128
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    (line,) = read(image, classify, LETTERS).lines
    assert np.abs(np.array(line.box) - [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]).max() <= 2


def test_small_writing_on_a_large_picture_keeps_its_thin_letters() -> None:
    grey = np.full((1500, 3600), 0.8, dtype=np.float32)
    page = array(write("mix kid jib\nhi in it", size=40))
    grey[400 : 400 + page.shape[0], 900 : 900 + page.shape[1]] *= page
    assert text_of(grey) == "mix kid jib\nhi in it"
