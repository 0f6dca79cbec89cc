"""Draws what was found in the boxes of pages of sentences, for the person to look at."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from hello_dl.teaching.letter_sets import FRAMES, INK, PAPER
from hello_dl.teaching.sheet.line_boxes import FilledLine

ROW, PRINT = 78, 22  # pixels: height of a line with its text, and of the text alone
LEFT = 8  # pixels of paper on the left


def contact_sheet(lines: Sequence[FilledLine]) -> Image.Image:
    """Draw all lines, each below its number and its text.

    Frames are green for lines that are taught, red for doubtful ones, grey for empty boxes.
    """
    wide = max((line.picture.shape[1] for line in lines), default=1)
    sheet = Image.new("RGB", (max(wide, 400) + 2 * LEFT, max(1, len(lines)) * ROW), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=14)
    for number, line in enumerate(lines, 1):
        top = (number - 1) * ROW
        draw.text((LEFT, top + 3), f"{number}  {line.slot.text}", font=font, fill=INK)
        ink = Image.fromarray(line.picture)
        sheet.paste(INK, (LEFT, top + PRINT), ink)
        frame = (LEFT - 2, top + PRINT - 2, LEFT + ink.width + 1, top + PRINT + ink.height + 1)
        draw.rectangle(frame, outline=FRAMES[line.state], width=3 if line.state == "doubtful" else 1)
    return sheet
