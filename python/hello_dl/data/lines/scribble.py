"""Draws on a page of ink what is no writing: rules, boxes, underlines, drawings, edges of sheets, blots."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hello_dl import _core
from hello_dl.data.lines.band import Floats
from hello_dl.data.lines.distort import Bytes

RULED, SQUARED, MARGIN = 0.25, 0.1, 0.12  # shares of pages with ruled lines, squares, a line at the margin
BOXED, UNDERLINED, CROSSED = 0.15, 0.2, 0.15  # shares with boxes or tables, underlines, words crossed out
DRAWN, EDGED, BLOTTED = 0.25, 0.12, 0.25  # shares with drawings, an edge of the sheet, blots


def scribbles(size: tuple[int, int], x_height: float, bands: list[Floats], rng: np.random.Generator) -> Bytes:
    """Return a picture (h, w) of what is drawn on a page whose lines have these bands (capsules, (m, 6))."""
    page = np.zeros(size, np.uint8)
    there = rng.random(9) < (RULED, SQUARED, MARGIN, BOXED, UNDERLINED, CROSSED, DRAWN, EDGED, BLOTTED)
    pen = rng.uniform(0.35, 0.15 * x_height + 0.4)
    pitch = x_height * rng.uniform(1.8, 4.2)
    if there[0]:
        _lay(page, _rules(size, pitch, rng, flat=True), rng.uniform(0.1, 0.9))
    if there[1]:
        squares = _rules(size, pitch / 2, rng, flat=True) + _rules(size, pitch / 2, rng, flat=False)
        _lay(page, squares, rng.uniform(0.1, 0.7))
    if there[2]:
        x = rng.uniform(0, 0.4) * size[1]
        _lay(page, [[x, -9, 0.6, x + rng.normal(0, 9), size[0] + 9, 0.6]], rng.uniform(0.2, 1))
    if there[3]:
        _lay(page, _boxes(size, x_height, pen, rng), 1.0)
    for band in bands:
        if there[4] and rng.random() < 0.3:
            _lay(page, _along(band, rng.uniform(0.6, 1.0) * x_height, pen, rng), 1.0)
        if there[5] and rng.random() < 0.3:
            _lay(page, _along(band, 0.0, pen, rng), 1.0)
    if there[6]:
        _lay(page, _drawing(size, x_height, pen, rng), 1.0)
    if there[7]:
        _lay(page, _edge(size, rng), rng.uniform(0.3, 1))
    if there[8]:
        n = int(rng.integers(1, 12))
        xy, radius = rng.uniform(0, 1, (n, 2)) * size[::-1], rng.uniform(0.4, 0.5 * x_height, n)
        end = xy + rng.normal(0, 2, (n, 2))
        _lay(page, np.column_stack([xy, radius, end, radius]).tolist(), rng.uniform(0.3, 1))
    return page


def _lay(page: Bytes, capsules: list[list[float]], level: float) -> None:
    """Draw capsules (m, 6) over a page, `level` being their ink, 1 = full."""
    if capsules:
        segments = np.array(capsules, np.float32)
        drawn = _core.draw_strokes(segments, np.array([0, len(segments)], np.int64), *page.shape)[0]
        np.maximum(page, (drawn * np.float32(level)).astype(np.uint8), out=page)


def _rules(size: tuple[int, int], pitch: float, rng: np.random.Generator, *, flat: bool) -> list[list[float]]:
    """Return parallel lines over the page, some of their pieces missing."""
    long, across = (size[1], size[0]) if flat else (size[0], size[1])
    lean, kept, piece = rng.normal(0, 0.02), rng.uniform(0.3, 1), rng.uniform(15, 80)
    radius = rng.uniform(0.3, 0.7)
    lines = []
    for at in np.arange(rng.uniform(0, pitch), across, pitch):
        for begin in np.arange(0, long, piece):
            if rng.random() < kept:
                a, b = float(begin), float(begin + piece)
                ends = (a, at + lean * a, radius, b, at + lean * b, radius)
                lines.append(list(ends) if flat else [ends[1], a, radius, ends[4], b, radius])
    return lines


def _boxes(size: tuple[int, int], x_height: float, pen: float, rng: np.random.Generator) -> list[list[float]]:
    """Return a box, or a table of several rows and columns."""
    rows, columns = (1, 1) if rng.random() < 0.5 else rng.integers(2, 6, 2)
    top, left = rng.uniform(-0.2, 0.7, 2) * size
    tall, wide = x_height * rng.uniform(2.5, 5), x_height * rng.uniform(5, 20)
    y, x = top + tall * np.arange(rows + 1), left + wide * np.arange(columns + 1)
    flat = [[x[0], v, pen, x[-1], v, pen] for v in y]
    lines = np.array([*flat, *([u, y[0], pen, u, y[-1], pen] for u in x)])
    lines[:, [0, 1, 3, 4]] += rng.normal(0, 0.15 * x_height, (len(lines), 4))
    rough: list[list[float]] = lines.tolist()
    return rough


def _along(band: Floats, below: float, pen: float, rng: np.random.Generator) -> list[list[float]]:
    """Return a line along a part of a band, so far below its middle."""
    begin, end = np.sort(rng.integers(0, len(band), 2))
    first, last = band[begin], band[end]
    wave = rng.normal(0, 1, 2)
    return [[first[0], first[1] + below + wave[0], pen, last[3], last[4] + below + wave[1], pen]]


def _drawing(
    size: tuple[int, int], x_height: float, pen: float, rng: np.random.Generator
) -> list[list[float]]:
    """Return curves: sums of a few waves round a place, closed or open, and arrows."""
    lines = []
    for _ in range(int(rng.integers(1, 6))):
        middle = rng.uniform(0, 1, 2) * size[::-1]
        reach = x_height * rng.uniform(1.5, 12)
        t = np.linspace(0, rng.uniform(0.3, 1.0), int(rng.integers(2, 40)))[:, None]
        waves = sum(
            rng.normal(0, 1 / k, 2) * np.cos(2 * np.pi * (k * t + rng.random(2))) for k in range(1, 4)
        )
        xy = middle + reach * waves
        for a, b in pairwise(xy):
            lines.append([*a, pen, *b, pen])
    return lines


def _edge(size: tuple[int, int], rng: np.random.Generator) -> list[list[float]]:
    """Return a thick, rough line from one side of the page to the other: the edge of a sheet, or a fold."""
    n = int(rng.integers(2, 30))
    along = np.linspace(-10, max(size) + 10, n)
    at = rng.uniform(0, 1) * min(size) + np.cumsum(rng.normal(0, 3, n))
    radius = rng.uniform(0.5, 5)
    xy = np.column_stack([along, at] if rng.random() < 0.5 else [at, along])
    return [[*a, radius, *b, radius] for a, b in pairwise(xy)]
