"""How well a text was read: the edit distance to what is written there."""

from __future__ import annotations


def edit_distance(a: str, b: str) -> int:
    """Return how many changed, added or left out characters make `a` into `b` (Levenshtein, 1966)."""
    row = list(range(len(b) + 1))  # row[j]: from what there is of a so far to the first j characters of b
    for i, char in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (char != other))
    return row[-1]


def character_accuracy(truth: str, text: str) -> float:
    """Return 1 - edit distance / length of the truth, at least 0; case and blanks do not count."""
    wanted, got = ("".join(t.lower().split()) for t in (truth, text))
    if not wanted:
        raise ValueError("character_accuracy: needs a true text with at least one character")
    return max(0.0, 1 - edit_distance(wanted, got) / len(wanted))
