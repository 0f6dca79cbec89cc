"""What was found in a picture in one way of looking at it, and which of two such findings is better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.reading.image.arrays import Floats, Mask
from hello_dl.reading.image.geometry import Matrix, project_box
from hello_dl.reading.letters.segment import Letter
from hello_dl.reading.orientation import Seen

CLEARLY = 0.5  # log odds by which the second of two findings must be ahead to be taken


@dataclass
class Found:
    """The letters found on a page of ink, n in all.

    `lines` are lists of words of letters. Of each letter in turn, `chances` (n, classes) holds the network's
    probabilities and `odds` (n,) the log odds that it was written. `seen` are the letters of the page before
    any were parted or removed; `guessed` is how many the guesses of what is ink had promised. `to_picture` is
    the homography (3, 3) from the page's pixels to those of the picture.
    """

    lines: list[list[list[Letter]]]
    chances: Floats
    seen: Seen
    to_picture: Matrix
    odds: Floats
    guessed: int = 0

    @property
    def letters(self) -> list[Letter]:
        """All letters, in reading order."""
        return [letter for words in self.lines for word in words for letter in word]

    def boxes(self) -> Floats:
        """Return the boxes (n, 4) of all letters in the picture: left, top, right, bottom in its pixels."""
        return np.array([project_box(self.to_picture, x.box) for x in self.letters]).reshape(-1, 4)


def better(one: Found, other: Found) -> Found:
    """Return which of two findings in a picture holds more writing; `one`, unless `other` is CLEARLY ahead.

    Each finding scores the sum of the log odds of the letters that the other lacks. Where a letter of one
    lies on several letters of the other, it is compared with the mean of their log odds: with the sum, the
    pieces of a letter would always win over the whole letter.
    """
    boxes = [found.boxes() for found in (one, other)]
    middles = [(box[:, :2] + box[:, 2:]) / 2 for box in boxes]

    def lies_in(i: int, j: int) -> Mask:
        """Return whether the middle of each letter of finding i lies in each letter of finding j, (n, m)."""
        low, high = boxes[j][:, :2], boxes[j][:, 2:]
        return np.asarray(((low < middles[i][:, None]) & (middles[i][:, None] < high)).all(axis=2))

    theirs, ours = lies_in(1, 0), lies_in(0, 1)  # other's in one's, one's in other's
    lead = other.odds[~theirs.any(axis=1) & ~ours.any(axis=0)].sum()
    lead -= one.odds[~ours.any(axis=1) & ~theirs.any(axis=0)].sum()
    for odds, parts in zip(one.odds, theirs.T, strict=True):
        if parts.any():
            lead += other.odds[parts].mean() - odds
    for odds, parts in zip(other.odds, ours.T, strict=True):
        if parts.sum() > 1:  # a letter with a single counterpart has been compared already
            lead += odds - one.odds[parts].mean()
    return other if lead > CLEARLY else one
