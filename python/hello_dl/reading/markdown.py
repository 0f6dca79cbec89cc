"""Writes what was read as Markdown: headings, lists and paragraphs, as far as a page's lines show them.

Source for what must be escaped: the CommonMark specification, version 0.31.
"""

from __future__ import annotations

import re

from hello_dl.reading.page import Page
from hello_dl.reading.paragraphs import MARK, Kind, Part, parts_of

INSIDE = re.compile(r"[\\`*_\[\]<>&|~#]")  # characters with a meaning in a line
BEGINNING = re.compile(r"\A(\d{1,9}(?=[.)])|(?=[=+-]))")  # what begins a list, a rule or an underlining


def to_markdown(page: Page) -> str:
    """Return a page as Markdown. Each line that was written is a line; a reader of Markdown joins them.

    The first line is a heading of level 1 if it is one, later ones are of level 2.
    """
    parts = parts_of(page)
    text = ""
    for i, part in enumerate(parts):
        tight = i > 0 and part.kind is parts[i - 1].kind is Kind.ITEM
        text += ("" if i == 0 else "\n" if tight else "\n\n") + _part(part, first=i == 0)
    return text


def _part(part: Part, first: bool) -> str:
    """Return one part of a page; `first` says that it is the page's first."""
    lines = [line.text for line in part.lines]
    if part.kind is Kind.HEADING:
        return ("# " if first else "## ") + _inside(lines[0])
    if part.kind is Kind.PARAGRAPH:
        return "\n".join(_line(line) for line in lines)
    mark = MARK.match(lines[0])
    assert mark is not None
    sign = mark[0] if mark[0][0].isdigit() else "-"
    indent = "\n" + " " * (len(sign) + 1)
    return f"{sign} " + indent.join(_line(line) for line in (lines[0][mark.end() + 1 :], *lines[1:]))


def _line(text: str) -> str:
    """Return a line of text, escaped so that Markdown shows it as it is."""
    return BEGINNING.sub(r"\1\\", _inside(text), count=1)


def _inside(text: str) -> str:
    """Return text with a backslash before each character that has a meaning in a line."""
    return INSIDE.sub(lambda found: "\\" + found[0], text)
