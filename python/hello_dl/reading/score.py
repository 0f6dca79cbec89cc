"""Measures how well a text was read, by the edit distance (Levenshtein, 1966) to the truth."""

from __future__ import annotations


def edit_distances(a: str, b: str) -> list[list[int]]:
    """Return the edit distances between all beginnings of two texts, (len(a) + 1) rows of len(b) + 1.

    Entry [i][j] says how many characters must be changed, added or left out to make a[:i] into b[:j].
    """
    rows = [list(range(len(b) + 1))]
    for i, char in enumerate(a, start=1):
        above, row = rows[-1], [i]
        for j, other in enumerate(b, start=1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (char != other)))
        rows.append(row)
    return rows


def edit_distance(a: str, b: str) -> int:
    """Return how many characters must be changed, added or left out to make `a` into `b`."""
    return edit_distances(a, b)[-1][-1]


def character_accuracy(truth: str, text: str) -> float:
    """Return 1 - edit distance / length of the truth, at least 0; case and blanks do not count.

    Raises ValueError if the truth has no characters.
    """
    wanted, got = ("".join(t.lower().split()) for t in (truth, text))
    if not wanted:
        raise ValueError("character_accuracy: needs a true text with at least one character")
    return max(0.0, 1 - edit_distance(wanted, got) / len(wanted))
