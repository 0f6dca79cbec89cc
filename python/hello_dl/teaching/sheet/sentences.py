"""The page of sentences: what is to be copied, and where the boxes for it are (lengths in millimetres).

The sentences have all letters in both cases, all digits, the usual marks, and the pairs of letters that are
most frequent in English; copying them takes about four minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]  # left, top, right, bottom

SENTENCES = (
    "Five jolly wizards kept quiet.",
    "Max sold 12 tins & bits of fudge.",
    "Zoe's train left at 7:45, not 8!",
    "The queen's garden has no hedge.",
    "When will you be there, Victor?",
    "Jack paid $36.50 (half price).",
    '"Look," said Nora, "it\'s snowing."',
    "Dear Uncle Hugo, thank you for",
    "the lovely yellow kite; it flies.",
    "Call 0171 824-9963 after lunch.",
    "Boil rice: 200 g, salt, 1/2 lemon",
    "Equip six vans with extra jacks.",
    "Our aunt Gwen will send us a pie.",
    "BOX 94, QUINCY WHARF, JERSEY",
    "KEEP THIS SIDE UP - FRAGILE",
    "Put zinc on; strength is amazing.",
)
TOP, PITCH = 19.0, 13.8  # of the first line of print, and from each to the next
PRINT = 3.0  # height of the small printed line above a box
LEFT, RIGHT = 6.0, 174.0  # of the boxes
HIGH = 10.2  # height of a box


@dataclass(frozen=True)
class LineSlot:
    """A box of the page: the text that is to be written in it, and where it is."""

    text: str
    box: Box


def line_slots() -> list[LineSlot]:
    """Return the boxes of the page of sentences, from the top down."""
    tops = [TOP + PRINT + row * PITCH for row in range(len(SENTENCES))]
    return [LineSlot(text, (LEFT, top, RIGHT, top + HIGH)) for text, top in zip(SENTENCES, tops, strict=True)]
