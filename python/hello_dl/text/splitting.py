"""Cuts text into words, spaces and signs, as GPT-2 does: no token ever reaches across such a border."""

from __future__ import annotations

import re
import sys
from functools import cache


@cache
def _pattern() -> re.Pattern[str]:
    r"""The rule that GPT-2's encoder was trained with, in the words of Python's re.

    It says \p{L} for a letter and \p{N} for a digit or other number, which re does not know. Its \w without
    the underscore is both together, so numbers are listed by Unicode's data, and letters are what is left.
    """
    numbers = (c for c in map(chr, range(sys.maxunicode + 1)) if c.isnumeric() and not c.isalpha())
    number = "".join(map(re.escape, numbers))
    return re.compile(rf"'(?:[sdmt]|ll|ve|re)| ?[^\W_{number}]+| ?[{number}]+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def pieces(text: str) -> list[str]:
    """Return the text in pieces: a word or number with the space before it, a run of signs, of white space.

    Joined they are the text again, whatever it holds.
    """
    return _pattern().findall(text)
