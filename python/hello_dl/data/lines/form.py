"""The form of a line's picture: its height, and where in it the writing stands. They stand only here."""

from __future__ import annotations

from itertools import pairwise

HEIGHT = 48  # pixels: rows of every picture of a line
BASELINE = 32.0  # pixels from the top edge down to the line that letters stand on
X_HEIGHT = 15.0  # pixels from the baseline up to the top of a small x

# Factor by which lines are made wider than they are: letters that touch come apart. Larger makes them strange
# to the network. Of watched writers' words, 13 % of the signs are wrong with 1.2, 15 with 1, 14 with 1.4.
WIDER = 1.2

# Pixels of width for each character, at least. A reader trained by connectionist temporal classification
# answers once for every 4 pixels, and needs an answer for each character and one more between equal ones.
LEAST_ADVANCE = 4

# A capital or a digit is so many x-heights tall. A text without small letters has no x-height of its own:
# there it is the height of the capitals divided by this number.
CAPITAL = 1.5


def least_width(text: str) -> int:
    """Return the least width in pixels of a picture from which a reader can answer with this text."""
    repeats = sum(a == b for a, b in pairwise(text))
    return LEAST_ADVANCE * (len(text) + repeats + 1)
