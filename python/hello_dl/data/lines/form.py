"""The form of a line's picture: its height, and where in it the writing stands. They stand only here."""

from __future__ import annotations

HEIGHT = 48  # pixels: rows of every picture of a line
BASELINE = 32.0  # pixels from the top edge down to the line that letters stand on
X_HEIGHT = 15.0  # pixels from the baseline up to the top of a small x

# A capital or a digit is so many x-heights tall. A text without small letters has no x-height of its own:
# there it is the height of the capitals divided by this number.
CAPITAL = 1.5
