"""The outline of a sheet: letters beside it are noticed."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.sheet.ink_page import BESIDE
from hello_dl.reading.sheet.outline import Outline, View
from hello_dl.reading.sheet.photo import Photo


def test_letters_beside_the_sheet_make_it_doubtful_and_specks_do_not() -> None:
    ink = np.zeros((200, 300), np.float32)
    for x in range(20, 140, 12):
        ink[50:70, x : x + 4] = 1
    sheet = np.zeros((200, 300), np.bool_)
    sheet[:, :150] = True
    outline = Outline(View(np.eye(3), (300, 200)), sheet)
    ink[100:103, 200:203] = 1
    assert outline.letters_beside(ink) == 0
    ink[50:70, 200:204] = ink[50:70, 220:224] = 1
    assert outline.letters_beside(ink) > BESIDE
    assert Photo(np.full((200, 300), 0.8, np.float32)).everything.letters_beside(ink) == 0
