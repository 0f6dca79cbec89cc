"""Joins words of one writer into lines, with spaces and punctuation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hello_dl.data.lines.distort import pick
from hello_dl.data.lines.strokes import APART, Item, white_gaps
from hello_dl.data.lines.style import LineStyle

# Marks as strokes of points (x, y) in x-heights, y downwards from the baseline: UNIPEN's words have few.
MARKS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    ".": (((0.0, -0.02), (0.04, 0.0)),),
    ",": (((0.12, -0.08), (0.12, 0.08), (0.0, 0.35)),),
    ":": (((0.0, -0.75), (0.04, -0.72)), ((0.0, -0.02), (0.04, 0.0))),
    ";": (((0.1, -0.75), (0.14, -0.72)), ((0.12, -0.08), (0.12, 0.08), (0.0, 0.35))),
    "!": (((0.1, -1.7), (0.05, -1.0), (0.02, -0.4)), ((0.0, -0.02), (0.04, 0.0))),
    "?": (
        ((0.0, -1.35), (0.15, -1.65), (0.45, -1.7), (0.65, -1.45), (0.5, -1.1), (0.3, -0.8), (0.27, -0.4)),
        ((0.25, -0.02), (0.29, 0.0)),
    ),
    "-": (((0.0, -0.55), (0.55, -0.57)),),
    "'": (((0.08, -1.75), (0.05, -1.55), (0.0, -1.4)),),
    '"': (((0.06, -1.75), (0.0, -1.4)), ((0.32, -1.75), (0.26, -1.4))),
    "(": (((0.4, -1.7), (0.12, -1.2), (0.0, -0.6), (0.1, 0.0), (0.35, 0.4)),),
    ")": (((0.0, -1.7), (0.28, -1.2), (0.4, -0.6), (0.3, 0.0), (0.05, 0.4)),),
    "/": (((0.6, -1.6), (0.0, 0.25)),),
}
AFTER = (
    ".",
    ",",
    ",",
    ".",
    "!",
    "?",
    ":",
    ";",
    "'",
    "-",
)  # what may follow a word, the usual ones more often
ROUND = (("(", ")"), ('"', '"'), ("'", "'"))  # what may stand round a word
MARKED = 0.22  # probability that a mark follows a word of a made line
ENCLOSED = 0.04  # probability of brackets or quotes round it
MARK_GAP = (0.05, 0.35)  # x-heights between a word and its mark
MORE = 1.7  # times the usual gap between letters is the least gap between words, or nobody could tell them
WILD = 0.06  # x-heights: standard deviation of a mark's points from its model


def mark(sign: str, rng: np.random.Generator) -> Item:
    """Draw a punctuation mark of its own, in x-heights."""
    strokes = [np.array(points, np.float32) for points in MARKS[sign]]
    points = np.concatenate(strokes) * np.float32(rng.uniform(0.8, 1.25))
    points += rng.normal(0, WILD, 2) + rng.normal(0, WILD / 2, points.shape)
    points[:, 0] -= points[:, 0].min()
    starts = np.cumsum([0, *map(len, strokes)])
    return Item(points.astype(np.float32), starts, sign)


def join_items(items: Sequence[Item], style: LineStyle, rng: np.random.Generator) -> Item:
    """Return one line made of words of the same writer, with spaces between them and marks after some."""
    usual = max(pick(rng, style.word_gap), MORE * max(_letter_gap(item) for item in items))
    parts, starts, text = [], [np.zeros(1, np.int64)], ""
    x, points = 0.0, 0

    def put(item: Item, gap: float) -> None:
        nonlocal x, points, text
        left = float(item.points[:, 0].min())
        moved = item.points + np.array([x + gap - left, pick(rng, style.drift)], np.float32)
        x = float(moved[:, 0].max())
        parts.append(moved)
        starts.append(item.starts[1:] + points)
        points += len(moved)
        text += item.text

    for number, item in enumerate(items):
        gap = 0.0
        if number:
            text += " "
            gap = float(max(usual * np.exp(0.2 * rng.standard_normal()), style.word_gap[0]))
        chance = rng.random(2)
        around = ROUND[int(rng.integers(len(ROUND)))] if chance[0] < ENCLOSED else None
        if around:
            put(mark(around[0], rng), gap)
            gap = pick(rng, MARK_GAP)
        put(item, gap)
        if around:
            put(mark(around[1], rng), pick(rng, MARK_GAP))
        if chance[1] < MARKED and item.text[-1].isalnum():
            put(mark(AFTER[int(rng.integers(len(AFTER)))], rng), pick(rng, MARK_GAP))
    slant = float(np.mean([item.slant for item in items]))
    return Item(np.concatenate(parts), np.concatenate(starts), text, slant)


def _letter_gap(item: Item) -> float:
    """Return the median gap in x-heights between letters that do not touch; 0 if all do."""
    white = white_gaps(item)[1]
    gaps = np.sort(white[white > APART])
    return float(gaps[len(gaps) // 2]) if len(gaps) else 0.0
