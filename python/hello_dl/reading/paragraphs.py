"""Tells headings, list items and paragraphs of a page apart, by the places and sizes of its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

import numpy as np

from hello_dl.reading.page import Line, Page
from hello_dl.reading.placing import level_box, page_direction

GAP = 1.5  # of the usual distance of lines: a larger one ends a paragraph; larger joins more
TALL = 1.5  # of the usual height of lines: a taller line is a heading; larger finds fewer
SHORT = 8  # words; a longer line is no heading
FEW = 3  # lines; on a page with fewer, no height and no distance is usual
MARK = re.compile(r"(?:[-*+\u2022]|\d{1,3}[.)])(?= )")  # what begins an item of a list


class Kind(Enum):
    """What a part of a page is."""

    HEADING = "heading"
    ITEM = "item"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True)
class Part:
    """Lines that belong together, and what they are."""

    kind: Kind
    lines: list[Line]


def parts_of(page: Page) -> list[Part]:
    """Return the lines of a page in parts, in reading order. A heading has one line."""
    way = page_direction(page)
    boxes = np.array([level_box(line, way) for line in page.lines]).reshape(-1, 4)
    middles, heights = boxes[:, 1::2].mean(axis=1), boxes[:, 3] - boxes[:, 1]
    steps = np.diff(middles, prepend=np.nan)
    down = steps[steps > 0]
    usual, height = (  # of two in the middle the smaller, which is more often one within a paragraph
        float(np.quantile(x, 0.5, method="lower")) if len(page.lines) >= FEW and len(x) else np.inf
        for x in (down, heights)
    )
    parts: list[Part] = []
    mark = 0.0  # where the last item's mark begins
    for line, step, tall, left in zip(page.lines, steps, heights, boxes[:, 0], strict=True):
        kind = _kind(line, tall > TALL * height)
        apart = not 0 < step <= GAP * usual  # further below, or beside or above: another column
        if parts and parts[-1].kind is Kind.ITEM:
            apart = apart or left < mark + tall / 2  # below the mark, not below what follows it
        if not parts or apart or kind is not Kind.PARAGRAPH or parts[-1].kind is Kind.HEADING:
            parts.append(Part(kind, []))
            mark = left
        parts[-1].lines.append(line)
    return parts


def _kind(line: Line, tall: bool) -> Kind:
    """Return what a line begins."""
    if MARK.match(line.text):
        return Kind.ITEM
    return Kind.HEADING if tall and len(line.words) <= SHORT else Kind.PARAGRAPH
