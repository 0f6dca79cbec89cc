"""Cuts a page of ink into lines, words and letters, in reading order.

Letters are connected components of ink. Dots and pieces of broken strokes are joined to their letters; what
is too large, too long or too faint is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Box, Grey, Ints, Mask
from hello_dl.reading.image.blobs import Blobs, around, find_blobs
from hello_dl.reading.ink_map.measures import EDGE, usual_height
from hello_dl.reading.letters.layout import into_lines, into_words

# "Patches" are connected components of ink. Which of them are looked at:
SURE = 0.65  # ink of 1: a pixel with more is surely ink
SURE_SHARE = 0.1  # least share of a patch's pixels that are surely ink; larger is stricter
LARGER = 15  # pixels of height: patches as high as this are the larger ones
MOSTLY = 0.4  # least share of the larger patches with enough sure ink; with less the page is a texture
MOST = 10_000  # patches on a page; with more it is a texture or noise
LOWEST = 8.0  # pixels of height of the usual letter; lower ones cannot be read
SPECK = 1 / 800  # share of the page's longer side: patches smaller than this squared are not measured

# Which of them are letters, in heights of the usual letter where no other unit is given:
HIGHEST, WIDEST = 3.2, 15  # larger patches are stains
THICK = 3.0  # pen widths: patches with wider strokes are stains
RULE, RULE_THIN = 4, 12  # longer patches are ruled lines if they are so many times longer than thick
SMALLEST_DOT = 0.075  # side of a square with the area of the smallest dot
DOT = 0.33  # patches smaller than this both ways are dots, accents or full stops

# Which belong together, in heights of the usual letter:
STROKE, STROKE_AREA = 0.55, 0.08  # size both ways, and area, below which a short stroke may be a dot
STEM = 0.6  # width below which a patch may be the stem of an i or a j, slanted ones too
NARROW = 0.45  # width up to which two pieces may be one broken stem
BESIDE = 0.1  # how far the two pieces of a broken stem may lie apart sideways
MARK = 0.5  # height below which a patch alone on its line belongs to another line


@dataclass(frozen=True, eq=False)
class Letter:
    """One letter's place and shape on a page of ink.

    `box` is (left, top, right, bottom) in pixels, `mask` (bottom - top, right - left) says which of them are
    the letter's own.
    """

    box: Box
    mask: Mask


def find_letters(ink: Grey) -> list[list[list[Letter]]]:
    """Return the letters of a page of ink (H, W), 0 = paper .. 1 = ink, as lines of words of letters.

    Lines go from top to bottom, words and letters from left to right. Everything is measured in heights of
    the usual letter, so the page may have any size. Single dots (full stops, specks), frames, edges, long
    lines and large stains are left out.
    """
    blobs = find_blobs(ink > EDGE)
    sharp = _with_sharp_ink(blobs, ink)
    kept = sharp[blobs.area[sharp] >= max(2.0, (max(ink.shape) * SPECK) ** 2)]
    if not 0 < len(kept) <= MOST:
        return []
    tall = usual_height(blobs.boxes[kept])
    if tall < LOWEST:
        return []
    kept = sharp[blobs.area[sharp] >= max(2.0, (tall * SMALLEST_DOT) ** 2)]
    kept = _letterlike(blobs, kept, tall, ink.shape)
    groups = _join(blobs, kept, tall)
    boxes = np.array([around(blobs.boxes[group]) for group in groups], dtype=np.int64).reshape(-1, 4)
    lines = into_lines(boxes)
    lines = [line for line in lines if not _is_mark(boxes, line, lines, tall)]
    return [
        [[_letter(blobs, groups[i], boxes[i]) for i in word] for word in words]
        for words in into_words(boxes, lines, tall)
    ]


def _is_mark(boxes: Ints, line: list[int], lines: list[list[int]], tall: float) -> bool:
    """Whether a line is one flat patch close to a longer line, such as a dash or the dot of a j."""
    left, top, right, bottom = around(boxes[line])
    if len(line) > 1 or bottom - top >= MARK * tall:
        return False
    longer = [around(boxes[other]) for other in lines if len(other) >= 3]
    return any(o[1] - tall / 2 < bottom and top < o[3] and o[0] < right and left < o[2] for o in longer)


def _with_sharp_ink(blobs: Blobs, ink: Grey) -> Ints:
    """Return the numbers of the patches with enough sure ink; none if most larger patches have too little.

    A pen's strokes are surely ink; shadows, folds and textures are not.
    """
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


def _letterlike(blobs: Blobs, kept: Ints, tall: float, shape: tuple[int, ...]) -> Ints:
    """Return the patches of `kept` that are not too large, too long or too close to the page's edge."""
    height, width = shape
    left, top, right, bottom = blobs.boxes[kept].T
    w, h = right - left, bottom - top
    if len(kept) <= 1:  # it may fill the picture; but a strip with paper on one side only is no stroke
        upright = (w < 0.25 * h) & ((left == 0) != (right == width))
        level = (h < 0.25 * w) & ((top == 0) != (bottom == height))
        return np.asarray(kept[~(upright | level)], dtype=np.int64)
    pen, long = _area_over_length(blobs)[kept], np.maximum(w, h)
    stain = (h > HIGHEST * tall) | (w > WIDEST * tall) | (pen > THICK * np.median(np.repeat(pen, long)))
    rule = (long > RULE * tall) & (long > RULE_THIN * blobs.area[kept] / long)
    on_edge = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    shadow = on_edge & ((h > 1.6 * tall) | (w > 3 * tall) | (np.minimum(w, h) < 0.25 * tall))
    writing: Ints = kept[~(stain | rule | shadow)]
    return writing


def _area_over_length(blobs: Blobs) -> NDArray[np.float64]:
    """Return roughly how wide the strokes of each patch are, in pixels (n,), from its runs alone.

    It is the patch's area over its length; the length is about the number of its runs, or its width where
    strokes run from left to right. (`ink_map.measures.pen_width` is more exact, and needs masks.)
    """
    runs = np.diff(blobs.first)
    width: NDArray[np.float64] = blobs.area / np.maximum(runs, blobs.boxes[:, 2] - blobs.boxes[:, 0])
    return width


def _join(blobs: Blobs, kept: Ints, tall: float) -> list[Ints]:
    """Return the patches grouped into letters: dots with stems, pieces with the rest; lone dots are left out.

    Each group holds numbers of patches.
    """
    boxes = blobs.boxes
    size = boxes[kept, 2:] - boxes[kept, :2]
    is_dot = (size < DOT * tall).all(axis=1)
    is_stroke = (size < STROKE * tall).all(axis=1) & (blobs.area[kept] < STROKE_AREA * tall**2) & ~is_dot
    stems = kept[(size[:, 1] > DOT * tall) & (size[:, 0] < STEM * tall) & ~is_stroke]
    if len(stems):  # some people write long dots; a short stroke that is over no stem stays a letter
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
    """Whether the box of a short stroke (4,) lies closely above one of the stems (n, 4), as a dot does."""
    left, top, right, _ = stems.T
    aside = np.maximum(np.maximum(left - stroke[2], stroke[0] - right), 0)
    gap = top - stroke[3]
    return bool(((aside < 0.25 * tall) & (gap > -0.15 * tall) & (gap < 0.5 * tall)).any())


def _join_strokes(boxes: Ints, groups: list[Ints], tall: float) -> list[Ints]:
    """Join groups of pieces that belong to the same letter, until nothing changes."""
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
    """Return which boxes b (n, 4) belong to the letter of box a (4,): they share columns, and nearly rows.

    Where a slanted stem is broken, the upper piece may lie a little beside the lower one.
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
    """Return which letter a dot belongs to: it lies in it, closely above it, or below it (as in !).

    `dot` is a box (4,), `bounds` are the letters' (n, 4). None if it belongs to none of them.
    """
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


def _letter(blobs: Blobs, members: Ints, box: Ints) -> Letter:
    """Return the letter that some patches make together, in their common box (4,)."""
    left, top, right, bottom = (int(v) for v in box)
    return Letter((left, top, right, bottom), blobs.mask(members, (left, top, right, bottom)))


def drawn(letters: list[Letter], shape: tuple[int, ...]) -> Mask:
    """Return a page of `shape` (H, W) with nothing on it but these letters."""
    page = np.zeros(shape, dtype=np.bool_)
    for letter in letters:
        left, top, right, bottom = letter.box
        page[top:bottom, left:right] |= letter.mask
    return page
