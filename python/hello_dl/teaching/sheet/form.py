"""The form that a writer fills in: where its marks, its code and its boxes are, and how it is drawn.

All lengths are millimetres, x and y from the top left corner of the form, which is centred on the paper.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from hello_dl.teaching.sheet.code import CELLS, ROWS_OF_CODE, PageCode, encode
from hello_dl.teaching.sheet.sentences import PRINT, Box, line_slots

WIDTH, HEIGHT = 180.0, 252.0
PAPERS = {"A4": (210.0, 297.0), "letter": (215.9, 279.4)}
MODULE = 1.5  # a corner mark is 7 modules wide
MARK = 7 * MODULE
ROWS, TIMES = 13, 5  # rows of boxes, and boxes for each character
TOP, PITCH = 20.0, 17.0  # of the first row, and from row to row
BOX = (14.2, 15.0)  # width and height
COLUMNS = (8.0, 92.0)  # where the two columns begin, each with a letter to show what to write, then boxes
GUIDE = 9.0  # width of that letter's place
INSET = 1.1  # from a box's line to the part in which ink is looked for
ROW_MARK = 3.0  # the small black squares at both ends of each row
CELL = 3.5  # side of a cell of the page code
CODE_AT = ((WIDTH - CELL * CELLS) / 2, 2.0)
PALE, GREY, BLACK = 185, 110, 0  # of 255

# The pages that there are: which characters are written on each, by its number in the page code. On the page
# of sentences there are none: its boxes are in sentences.py.
KINDS: tuple[tuple[str, str], ...] = (
    ("small letters", string.ascii_lowercase),
    ("capitals", string.ascii_uppercase),
    ("digits", string.digits * 2),
    ("sentences", ""),
)
SENTENCES = 3
SETS = {"letters": (0, 1), "digits": (2,), "characters": (0, 1, 2), "sentences": (SENTENCES,)}
WHAT_TO_DO = "Write the letter on the left once into each box, as you always do."
WHAT_TO_COPY = "Copy each line into the box below it, as you always write."


@dataclass(frozen=True)
class Slot:
    """One box of a page: which character is to be written in it, and where it is."""

    char: str
    time: int  # number of this box among those of this character on this page, from 0
    box: Box


def slots(kind: int) -> list[Slot]:
    """Return the boxes of a page of this kind, in the order in which they are filled in."""
    found: list[Slot] = []
    seen: dict[str, int] = {}
    for place, char in enumerate(KINDS[kind][1]):
        column, row = divmod(place, ROWS)
        for i in range(TIMES):
            left = COLUMNS[column] + GUIDE + i * BOX[0]
            top = TOP + row * PITCH
            seen[char] = seen.get(char, -1) + 1
            found.append(Slot(char, seen[char], (left, top, left + BOX[0], top + BOX[1])))
    return found


def mark_corners() -> list[Box]:
    """Return the boxes of the four corner marks: top left, top right, bottom right, bottom left."""
    right, bottom = WIDTH - MARK, HEIGHT - MARK
    return [(x, y, x + MARK, y + MARK) for x, y in ((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom))]


def row_marks() -> list[Box]:
    """Return the small squares, left and right of each row, from the top down."""
    tops = [TOP + row * PITCH + (BOX[1] - ROW_MARK) / 2 for row in range(ROWS)]
    return [(left, top, left + ROW_MARK, top + ROW_MARK) for top in tops for left in (0.0, WIDTH - ROW_MARK)]


def code_cells() -> list[Box]:
    """Return the cells of the page code, row by row."""
    left, top = CODE_AT
    return [
        (left + c * CELL, top + r * CELL, left + (c + 1) * CELL, top + (r + 1) * CELL)
        for r in range(ROWS_OF_CODE)
        for c in range(CELLS)
    ]


def draw_form(code: PageCode, paper: str = "A4", dpi: int = 200) -> Image.Image:
    """Draw one page of the form: a grey picture of the whole paper. Raises ValueError for unknown paper."""
    if paper not in PAPERS:
        raise ValueError(f"sheet: needs paper {', '.join(PAPERS)}, got {paper!r}")
    wide, high = PAPERS[paper]
    scale = dpi / 25.4
    image = Image.new("L", (round(wide * scale), round(high * scale)), 255)
    pen = _Pen(ImageDraw.Draw(image), ((wide - WIDTH) / 2, (high - HEIGHT) / 2), scale)
    for i, (left, top, right, _) in enumerate(mark_corners()):
        # Three marks of nested squares, and the top left one with a thick frame: that tells up from down.
        for inset, shade in ((0, BLACK), (2 if i == 0 else 1, 255), (3 if i == 0 else 2, BLACK)):
            m = inset * MODULE
            pen.fill((left + m, top + m, right - m, top + MARK - m), shade)
    for mark in row_marks():
        pen.fill(mark, BLACK)
    for cell, bit in zip(code_cells(), encode(code), strict=True):
        if bit:
            pen.fill(cell, BLACK)
    _words(pen, code)
    for slot in slots(code.kind):
        pen.frame(slot.box, PALE)
        if slot.time % TIMES == 0:
            middle = (slot.box[0] - GUIDE / 2, (slot.box[1] + slot.box[3]) / 2)
            pen.text(middle, slot.char, 7.5, "mm", GREY)
    for line in line_slots() if code.kind == SENTENCES else []:
        pen.frame(line.box, PALE)
        pen.text((line.box[0], line.box[1] - 0.9), line.text, 0.85 * PRINT, "ls", GREY)
    return image


def _words(pen: _Pen, code: PageCode) -> None:
    """Write the page's title, its number and what to do."""
    pen.text((MARK + 3, 6), KINDS[code.kind][0], 5, "lm", BLACK)
    pen.text((WIDTH - MARK - 3, 6), f"page {code.page} of {code.pages}", 4, "rm", BLACK)
    pen.text(
        (WIDTH / 2, 15),
        f"{WHAT_TO_COPY if code.kind == SENTENCES else WHAT_TO_DO} Leave a box empty, or cross out what went "
        "wrong.",
        2.9,
        "mm",
        BLACK,
    )
    pen.text(
        (WIDTH / 2, HEIGHT - 4),
        f"hello-dl sheet, version {code.version} - photograph it from above, sharp, with all corner marks",
        2.9,
        "mm",
        BLACK,
    )


@dataclass(frozen=True)
class _Pen:
    """Draws in millimetres of the form.

    `origin` is the form's corner on the paper in mm, `scale` the number of pixels in a mm.
    """

    draw: ImageDraw.ImageDraw
    origin: tuple[float, float]
    scale: float

    def pixels(self, numbers: Sequence[float]) -> list[int]:
        """Return x, y, x, y ... in pixels of the paper."""
        return [round((v + self.origin[i % 2]) * self.scale) for i, v in enumerate(numbers)]

    def fill(self, box: Box, shade: int) -> None:
        """Fill a box."""
        left, top, right, bottom = self.pixels(box)
        self.draw.rectangle((left, top, right - 1, bottom - 1), fill=shade)

    def frame(self, box: Box, shade: int) -> None:
        """Draw the outline of a box."""
        self.draw.rectangle(self.pixels(box), outline=shade, width=max(1, round(0.25 * self.scale)))

    def text(self, at: tuple[float, float], text: str, size: float, anchor: str, shade: int) -> None:
        """Write a text of `size` mm at a place; `anchor` is Pillow's."""
        font = ImageFont.load_default(size=size * self.scale)
        x, y = self.pixels(at)
        self.draw.text((x, y), text, font=font, anchor=anchor, fill=shade)
