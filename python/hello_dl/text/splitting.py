r"""Cuts text into words, numbers, signs and white space, as GPT-2 does: no token crosses such a border.

The pattern is the one that was published with GPT-2 (Radford et al. 2019; section 2.2 says why). In the
library `regex`, \p{L} is any letter of Unicode and \p{N} any digit or other number; Python's own `re` knows
neither.
"""

from __future__ import annotations

import regex

PIECE = regex.compile(
    r"""
      '(?:[sdmt]|ll|ve|re)       # the end of a contraction: 's, 'll
    | [ ]?\p{L}+                 # letters, with the space before them
    | [ ]?\p{N}+                 # digits and other numbers, with the space before them
    | [ ]?[^\s\p{L}\p{N}]+       # other signs, with the space before them
    | \s+(?!\S)                  # white space, but for the last one before a word
    | \s+                        # that last one, where it is no space
    """,
    regex.VERBOSE,
)


def pieces(text: str) -> list[str]:
    """Return the text in pieces: a word or number with the space before it, a run of signs, of white space.

    Joined they are the text again, for any text.
    """
    return PIECE.findall(text)
