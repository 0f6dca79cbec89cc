"""How well a text was read: edit distance and character accuracy."""

from __future__ import annotations

import pytest

from hello_dl.reading.score import character_accuracy, edit_distance


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("", "", 0),
        ("abc", "", 3),
        ("kitten", "sitting", 3),
        ("abc", "abc", 0),
        ("abc", "bcd", 2),
        ("flaw", "lawn", 2),
    ],
)
def test_edit_distance_counts_changes(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


def test_character_accuracy_counts_neither_case_nor_blanks() -> None:
    assert character_accuracy("Hello World", "hel lo\nworld") == 1
    assert character_accuracy("abcd", "abxd") == 0.75
    assert character_accuracy("ab", "uvwxyz") == 0
    with pytest.raises(ValueError, match="at least one character"):
        character_accuracy(" ", "a")
