"""Pages as they might be read, PDF documents of pictures, and what other programs find in a PDF."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hello_dl.reading import Character, Line, Page, Word

Found = tuple[str, float, float, float, float]  # a word with left, top, right, bottom

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")


def page_of(
    text: str, size: tuple[int, int] = (1000, 800), turned: float = 0.0, height: float = 40, pitch: float = 90
) -> Page:
    """Return a page of text whose letters are `height` high, turned by an angle, clockwise, about its middle.

    Letters are half as wide as high; small letters without ascenders and descenders are lower, as in writing.
    """
    c, s = np.cos(np.radians(turned)), np.sin(np.radians(turned))
    middle = np.array(size) / 2
    rotation = np.array([[c, -s], [s, c]])
    rows = text.split("\n")
    lines = []
    for number, row in enumerate(rows):
        words: list[list[Character]] = [[]]
        for i, sign in enumerate(row):
            if sign == " ":
                words.append([])
                continue
            left = middle[0] + (i - len(row) / 2) * height * 0.6
            base = middle[1] + (number - (len(rows) - 1) / 2) * pitch
            top = base - (0.6 if sign in "aceimnorsuvwxz" else 1.0) * height
            bottom = base + (0.3 * height if sign in "gjpqy" else 0)
            corners = np.array([[x, y] for x in (left, left + height / 2) for y in (top, bottom)])
            at = (corners - middle) @ rotation.T + middle
            low, high = np.floor(at.min(axis=0)).astype(int), np.ceil(at.max(axis=0)).astype(int)
            box = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
            words[-1].append(Character(box, [(sign, 0.9), ("?", 0.1)]))
        lines.append(Line([Word(word) for word in words if word]))
    return Page(lines, size)


def scan_pdf(path: Path, *pictures: Image.Image, dots: float = 200.0) -> Path:
    """Write a PDF with a page for each picture, without loss, with so many pixels to an inch."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name

    pdf = pikepdf.new()
    for picture in pictures:
        grey = picture.convert("L")
        image = pikepdf.Stream(pdf, grey.tobytes())
        image.Type, image.Subtype, image.ColorSpace = Name.XObject, Name.Image, Name.DeviceGray
        image.Width, image.Height, image.BitsPerComponent = grey.width, grey.height, 8
        width, height = (side * 72 / dots for side in grey.size)
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, width, height]),
            Resources=Dictionary(XObject=Dictionary(Im=image)),
            Contents=pdf.make_stream(f"{width} 0 0 {height} 0 0 cm /Im Do".encode()),
        )
        pdf.pages.append(pikepdf.Page(page))
    pdf.save(path)
    return path


def words_in(pdf: Path) -> list[list[Found]]:
    """Return the words that pdftotext finds on each page, with their boxes in shares of the page's sides."""
    command = ["pdftotext", "-bbox", "-cropbox", str(pdf), "-"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pages = []
    for page in out.split("<page ")[1:]:
        width, height = (float(x) for x in re.findall(r'(?:width|height)="([\d.]+)"', page)[:2])
        pattern = r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
        words: list[Found] = []
        for *box, text in re.findall(pattern, page):
            left, top, right, bottom = map(float, box)
            words.append((unescape(text), left / width, top / height, right / width, bottom / height))
        pages.append(words)
    return pages


def overlap(word: Word, page: Page, found: Found) -> float:
    """Return the shared area of a word's box and a found one, of the area that they cover together."""
    box = np.array(word.box) / (*page.size, *page.size)
    other = np.array(found[1:])
    shared = np.prod(np.maximum(np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2]), 0))
    return float(shared / (np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2]) - shared))


def lost(pages: Sequence[Page], pdf: Path, least: float = 0.3) -> list[str]:
    """Return the words of pages that are not found in a PDF, or not at their place."""
    missing = []
    for page, found in zip(pages, words_in(pdf), strict=True):
        for word in (word for line in page.lines for word in line.words):
            there = [overlap(word, page, one) for one in found if one[0] == word.text]
            if max(there, default=0.0) < least:
                missing.append(word.text)
    return missing
