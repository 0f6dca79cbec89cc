"""Cuts a page of ink into lines, words and letters, in reading order; dots find their i, stains go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Box, Grey, Ints, Mask
from hello_dl.reading.image.blobs import Blobs, around, find_blobs
from hello_dl.reading.ink_map.measures import EDGE, usual_height
from hello_dl.reading.letters.layout import into_lines, into_words

SURE = 0.65  # this much is certainly ink
SURE_SHARE = 0.1  # of a stroke's pixels that must be: shadows and folds fade, strokes of a pen do not
MOSTLY = 0.4  # share of a page's larger patches that must be so: else it is a texture, some of it by chance
LARGER = 15  # pixels of height of these
THICK = 3.0  # times the usual pen's width: what is wider is a stain, or a piece of table
LOWEST = 8.0  # pixels: three strokes and the gaps between them need as many; what is lower tells nothing
SPECK = 1 / 800  # of the longer side: by patches with less area than a square of this no height is told
SMALLEST_DOT = 0.075  # of a letter's height: the side of a square with the area of the smallest dot
DOT = 0.33  # of a letter's height: what is smaller both ways is no letter but a dot, an accent or a full stop
STROKE, STROKE_AREA = 0.55, 0.08  # of that height, and its square: a dot that is a stroke has less
STEM = 0.6  # of that height: an i's or a j's stem is narrower, slanted ones too
NARROW = 0.45  # of that height: two pieces that are no wider may be one stem
BESIDE = 0.1  # of a letter's height that the two pieces of a broken stem may lie apart sideways
MARK = 0.5  # of a letter's height: what is flatter and alone on its line belongs to the letters beside it
DOWN = 0.85  # times as clearly as rows that columns part the letters: then lines may run down
MOST = 10_000  # patches on a page: what has more is a carpet, a lawn or noise


@dataclass(frozen=True, eq=False)
class Letter:
    """One letter's place and shape: `box` (left, top, right, bottom) and its mask within that box."""

    box: Box
    mask: Mask


def find_letters(ink: Grey) -> list[list[list[Letter]]]:
    """Returns the letters of a picture of ink (H, W), 0 = paper .. 1 = ink, as lines of words of letters.

    Letters are patches of connected ink. Everything is measured by the height of the usual letter, so the
    picture may have any size. Single dots (full stops, specks), frames, edges, long lines and large stains
    are left out.
    """
    blobs = find_blobs(ink > EDGE)
    sharp = _with_sharp_ink(blobs, ink)
    kept = sharp[blobs.area[sharp] >= max(2.0, (max(ink.shape) * SPECK) ** 2)]
    if not 0 < len(kept) <= MOST:
        return []
    tall = usual_height(blobs.boxes[kept])
    if tall < LOWEST:
        return []  # a camera's noise, or the grain of paper
    kept = sharp[blobs.area[sharp] >= max(2.0, (tall * SMALLEST_DOT) ** 2)]
    kept = _writing(blobs, kept, tall, ink.shape)
    groups = _join(blobs, kept, tall)
    boxes = np.array([around(blobs.boxes[group]) for group in groups], dtype=np.int64).reshape(-1, 4)
    lines = into_lines(boxes, tall)
    lines = [line for line in lines if not _is_mark(boxes, line, lines, tall)]
    return [
        [[_letter(blobs, groups[i], boxes[i]) for i in word] for word in words]
        for words in into_words(boxes, lines, tall)
    ]


def _is_mark(boxes: Ints, line: list[int], lines: list[list[int]], tall: float) -> bool:
    """Whether a line is no line but a flat mark by the letters of another: a dot off its j, a dash."""
    left, top, right, bottom = around(boxes[line])
    if len(line) > 1 or bottom - top >= MARK * tall:
        return False
    longer = [around(boxes[other]) for other in lines if len(other) >= 3]
    return any(o[1] - tall / 2 < bottom and top < o[3] and o[0] < right and left < o[2] for o in longer)


def _with_sharp_ink(blobs: Blobs, ink: Grey) -> Ints:
    """The numbers of the patches that look drawn with a pen: enough of SURE ink."""
    if len(blobs) == 0:
        return np.zeros(0, dtype=np.int64)
    sure = np.flatnonzero(ink > SURE)  # positions in reading order, so a run's share lies between two of them
    at = blobs.row * ink.shape[1]
    in_run = np.searchsorted(sure, at + blobs.end) - np.searchsorted(sure, at + blobs.start)
    enough = np.add.reduceat(in_run, blobs.first[:-1]) >= SURE_SHARE * blobs.area
    larger = blobs.boxes[:, 3] - blobs.boxes[:, 1] >= LARGER
    if larger.any() and enough[larger].mean() < MOSTLY:
        enough[:] = False
    numbers: Ints = np.flatnonzero(enough)
    return numbers


def _writing(blobs: Blobs, kept: Ints, tall: float, shape: tuple[int, ...]) -> Ints:
    """Leaves out what is too large, too long or too close to the edge to be a letter among these."""
    height, width = shape
    left, top, right, bottom = blobs.boxes[kept].T
    w, h = right - left, bottom - top
    if len(kept) <= 1:  # it may fill the picture; but a strip with paper on one side only is no stroke
        upright = (w < 0.25 * h) & ((left == 0) != (right == width))
        level = (h < 0.25 * w) & ((top == 0) != (bottom == height))
        return np.asarray(kept[~(upright | level)], dtype=np.int64)
    pen = _area_over_length(blobs)[kept]
    stain = (h > 3.2 * tall) | (w > 15 * tall) | (pen > THICK * np.median(np.repeat(pen, np.maximum(w, h))))
    rule = (np.maximum(w, h) > 4 * tall) & (np.maximum(w, h) > 12 * blobs.area[kept] / np.maximum(w, h))
    on_edge = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    shadow = on_edge & ((h > 1.6 * tall) | (w > 3 * tall) | (np.minimum(w, h) < 0.25 * tall))
    writing: Ints = kept[~(stain | rule | shadow)]
    return writing


def _area_over_length(blobs: Blobs) -> NDArray[np.float64]:
    """Roughly how wide the strokes of each patch are: its area over its length.

    The length is about its number of runs, or its width where strokes run from left to right.
    """
    runs = np.diff(blobs.first)
    width: NDArray[np.float64] = blobs.area / np.maximum(runs, blobs.boxes[:, 2] - blobs.boxes[:, 0])
    return width


def _join(blobs: Blobs, kept: Ints, tall: float) -> list[Ints]:
    """Groups patches into letters: a dot to the stem below it, a broken stroke to the rest. Lone dots go."""
    boxes = blobs.boxes
    size = boxes[kept, 2:] - boxes[kept, :2]
    is_dot = (size < DOT * tall).all(axis=1)
    is_stroke = (size < STROKE * tall).all(axis=1) & (blobs.area[kept] < STROKE_AREA * tall**2) & ~is_dot
    stems = kept[(size[:, 1] > DOT * tall) & (size[:, 0] < STEM * tall) & ~is_stroke]
    if len(stems):  # some people's dots are long; where such a stroke is no dot of a stem, it stays a letter
        is_dot |= np.isin(kept, [k for k in kept[is_stroke] if _over_a_stem(boxes[k], boxes[stems], tall)])
    letters, dots = kept[~is_dot], kept[is_dot]
    groups = [np.array([letter]) for letter in letters[np.argsort(boxes[letters, 0])]]
    groups = _join_strokes(boxes, groups, tall)
    if len(groups) == 0:
        return []
    bounds = np.array([around(boxes[group]) for group in groups])
    for dot in dots:
        owner = _owner(boxes[dot], bounds, tall)
        if owner is not None:
            groups[owner] = np.append(groups[owner], dot)
    return groups


def _over_a_stem(stroke: Ints, stems: Ints, tall: float) -> bool:
    """Whether a short stroke stands closely above one of the stems (n, 4), as the dot of an i or a j does."""
    left, top, right, _ = stems.T
    aside = np.maximum(np.maximum(left - stroke[2], stroke[0] - right), 0)
    gap = top - stroke[3]
    return bool(((aside < 0.25 * tall) & (gap > -0.15 * tall) & (gap < 0.5 * tall)).any())


def _join_strokes(boxes: Ints, groups: list[Ints], tall: float) -> list[Ints]:
    """Joins groups of pieces that lie over each other in one letter, until nothing changes."""
    bounds = np.array([around(boxes[group]) for group in groups], dtype=np.int64).reshape(-1, 4)
    alive = np.ones(len(groups), dtype=np.bool_)
    waiting = list(range(len(groups)))
    while waiting:
        i = waiting.pop()
        if not alive[i]:
            continue
        alive[i] = False  # while looking for others
        for j in np.flatnonzero(alive & _same_letter(bounds[i], bounds, tall)):
            groups[i] = np.concatenate([groups[i], groups[j]])
            alive[j] = False
        alive[i] = True
        grown = around(boxes[groups[i]])
        if grown != tuple(bounds[i]):
            bounds[i] = grown
            waiting.append(i)  # larger now, it may reach further
    return [group for group, still in zip(groups, alive, strict=True) if still]


def _same_letter(a: Ints, b: Ints, tall: float) -> Mask:
    """Which pieces b (n, 4) belong to the letter of piece a: they share its columns and, nearly, its rows.

    Where a slanted stem is broken the upper piece lies beside the lower one, a little.
    """
    low, high = np.minimum(a, b), np.maximum(a, b)
    wide, high_a, high_b = b[:, 2] - b[:, 0], a[3] - a[1], b[:, 3] - b[:, 1]
    across = (low[:, 2] - high[:, 0]) / np.minimum(a[2] - a[0], wide)
    down = (low[:, 3] - high[:, 1]) / np.minimum(high_a, high_b)
    inside = (across > 0.8) & (down > 0.8)
    stems = np.maximum(a[2] - a[0], wide) < NARROW * tall
    piece = np.minimum(high_a, high_b) < np.where(stems, 0.85, 0.6) * tall
    whole = high[:, 3] - low[:, 1] < 1.7 * tall
    near = high[:, 1] - low[:, 3] < 0.3 * tall
    slanted = (down < 0.2) & (high[:, 0] - low[:, 2] < BESIDE * tall)
    same: Mask = inside | (((across > 0.6) | slanted) & piece & whole & near)
    return same


def _owner(dot: Ints, bounds: Ints, tall: float) -> int | None:
    """Which letter a dot belongs to: the one it lies in, closely above, or below (as in !); None if none."""
    left, top, right, bottom = bounds.T
    aside = np.maximum(np.maximum(left - dot[2], dot[0] - right), 0) / tall
    above = (top - dot[3]) / tall  # negative when the dot lies lower than the letter's top
    below = (dot[1] - bottom) / tall
    upper_third = top + 0.35 * (bottom - top)
    middle = abs((left + right) / 2 - (dot[0] + dot[2]) / 2) / tall
    wide = (right - left) / tall
    inside = (aside == 0) & (above < 0) & (below < 0)
    over = (aside < 0.3) & (above < 0.9) & ((dot[1] + dot[3]) / 2 < upper_third)
    under = (middle < 0.2) & (wide < 0.5) & (below >= 0) & (below < 0.4)
    touching = (aside < 0.06) & (above < 0.06) & (below < 0.06)
    cost = np.maximum(above, 0) + 2 * aside + 0.5 * middle + 0.3 * wide
    cost = np.where(inside | over | under | touching, cost, np.inf)
    best = int(np.argmin(cost))
    return best if np.isfinite(cost[best]) else None


def _letter(blobs: Blobs, members: Ints, box: NDArray[np.int64]) -> Letter:
    left, top, right, bottom = (int(v) for v in box)
    return Letter((left, top, right, bottom), blobs.mask(members, (left, top, right, bottom)))


def drawn(letters: list[Letter], shape: tuple[int, ...]) -> Mask:
    """A page (H, W) with nothing on it but these letters."""
    page = np.zeros(shape, dtype=np.bool_)
    for letter in letters:
        left, top, right, bottom = letter.box
        page[top:bottom, left:right] |= letter.mask
    return page


def runs_down(letters: list[Letter]) -> bool:
    """Whether lines of writing may run from top to bottom: gaps between lines are columns, not rows."""
    boxes = np.array([letter.box for letter in letters])
    tall = float(np.median(boxes[:, 2:] - boxes[:, :2]))
    left, top, right, bottom = around(boxes)
    width, height = right - left, bottom - top
    if min(width, height) < 2.5 * tall:  # a single line
        return height > 3 * width
    clear = []
    for low, high, length in (
        (boxes[:, 1] - top, boxes[:, 3] - top, height),
        (boxes[:, 0] - left, boxes[:, 2] - left, width),
    ):
        steps = np.zeros(length + 1)
        np.add.at(steps, low, 1.0)
        np.add.at(steps, high, -1.0)
        count = np.cumsum(steps)[:length]  # letters in each row (or column)
        clear.append(float((count**2).mean() / count.mean() ** 2))
    return clear[1] > DOWN * clear[0]
