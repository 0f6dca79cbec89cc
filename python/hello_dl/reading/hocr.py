"""Writes what was read as hOCR: HTML with the place of each line and word, which many archive programs read.

It is well-formed XML, too. Source: the hOCR specification, version 1.2 (kba.github.io/hocr-spec).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from hello_dl.reading.image.arrays import Box, Floats
from hello_dl.reading.image.blobs import around
from hello_dl.reading.page import Line, Page, Word
from hello_dl.reading.paragraphs import parts_of
from hello_dl.reading.placing import base_line, directions

LEVEL = 0.001  # slope of a baseline below which it is written as level
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
<title></title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<meta name="ocr-system" content="hello-dl"/>
<meta name="ocr-capabilities" content="ocr_page ocr_par ocr_line ocrx_word"/>
</head>
<body>"""
END = "</body>\n</html>"


def to_hocr(pages: Iterable[tuple[Page, str]]) -> str:
    """Return an hOCR document of pages, each with the name of its picture."""
    parts = [page_element(page, name, number) for number, (page, name) in enumerate(pages, 1)]
    return "\n".join([HEAD, *parts, END]) + "\n"


def page_element(page: Page, name: str, number: int) -> str:
    """Return the part of a document for its page `number`, from 1, whose picture has this name."""
    ways = dict(zip(map(id, page.lines), directions(page), strict=True))
    width, height = page.size
    picture = name.replace('"', "'").replace(";", ",")  # these end what the specification calls a property
    title = f'image "{picture}"; bbox 0 0 {width} {height}; ppageno {number - 1}'
    rows = [_open("div", "ocr_page", f"page_{number}", title)]
    line_number = 0
    for n, part in enumerate(parts_of(page), 1):
        box = around(np.array([line.box for line in part.lines]))
        rows.append(_open("p", "ocr_par", f"par_{number}_{n}", _bbox(box)))
        for line in part.lines:
            line_number += 1
            rows.append(_line(line, ways[id(line)], f"{number}_{line_number}"))
        rows.append("</p>")
    return "\n".join([*rows, "</div>"])


def _line(line: Line, way: Floats, number: str) -> str:
    """Return the element for a line that runs along a unit vector (2,)."""
    title = f"{_bbox(line.box)}; {_baseline(line, way)}"
    words = [_word(word, f"word_{number}_{n}") for n, word in enumerate(line.words, 1)]
    return _open("span", "ocr_line", f"line_{number}", title) + " ".join(words) + "</span>"


def _word(word: Word, name: str) -> str:
    """Return the element for a word, with the probability that it is right, in percent."""
    title = f"{_bbox(word.box)}; x_wconf {round(100 * word.probability)}"
    return _open("span", "ocrx_word", name, title) + escape(_allowed(word.text)) + "</span>"


def _baseline(line: Line, way: Floats) -> str:
    """Return where the letters of a line stand, as slope and height over the lower left corner of its box.

    A line that runs more down or up than across has the angle of its text instead, counterclockwise.
    """
    x, y = way
    if abs(y) > abs(x) or x < 0:
        return f"textangle {-np.degrees(np.arctan2(y, x)) % 360:.1f}"
    left, _, _, bottom = line.box
    slope = y / x if abs(y / x) >= LEVEL else 0.0
    at_x, at_y = base_line(line, way)
    return f"baseline {slope:.4f} {round(at_y + (left - at_x) * slope - bottom)}"


def _bbox(box: Box) -> str:
    """Return a box as hOCR has it: left, top, right, bottom in pixels."""
    return "bbox " + " ".join(map(str, box))


def _open(tag: str, kind: str, name: str, title: str) -> str:
    """Return the beginning of an element of a class, with an id and the properties in `title`."""
    return f'<{tag} class="{kind}" id="{name}" title={quoteattr(_allowed(title))}>'


def _allowed(text: str) -> str:
    """Return text with a question mark for each character that XML cannot hold."""
    return NOT_XML.sub("?", text)
