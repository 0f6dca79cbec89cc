"""Images as text for a terminal."""

from __future__ import annotations

import numpy as np

from hello_dl.pictures.terminal import SHADES, as_text


def test_a_character_stands_for_two_pixels_one_above_the_other() -> None:
    glyph = np.zeros((28, 28), np.uint8)
    glyph[4:8, 10:12] = 255
    lines = as_text(glyph)
    assert len(lines) == 14
    assert {len(line) for line in lines} == {28}
    assert [i for i, line in enumerate(lines) if line.strip()] == [2, 3]
    assert lines[2] == " " * 10 + "@@" + " " * 16


def test_more_ink_is_shown_darker() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None], 2, axis=0)
    (line,) = as_text(ramp)
    places = [SHADES.index(character) for character in line]
    assert places == sorted(places)
    assert set(places) == set(range(len(SHADES)))
