"""Ink is found in the copy of the picture in which its letters have the right size."""

from __future__ import annotations

import pytest

from handwriting import array, write
from hello_dl.reading.ink_map.pyramid import guess_ink


@pytest.mark.parametrize("turned", [False, True])
def test_letters_of_any_size_are_seen_at_first_sight(turned: bool) -> None:
    for size in (30, 300):
        grey = array(write("ok", size=size))
        guesses = guess_ink(1 - grey if turned else grey)
        assert any(g.light_on_dark == turned and 0.4 * size < g.tall < 1.2 * size for g in guesses)
        assert not any(a.is_like(b) for i, a in enumerate(guesses) for b in guesses[:i])
