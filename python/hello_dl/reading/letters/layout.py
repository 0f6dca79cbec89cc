"""Puts boxes of letters into lines and words by where they lie.

All boxes are (left, top, right, bottom) in pixels, the last two just outside.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hello_dl.reading.image.arrays import Floats, Ints
from hello_dl.reading.image.blobs import around
from hello_dl.reading.image.threshold import between_variance

LOOK_BACK = 5  # letters at a line's end whose median is its top and bottom there
SHARED = 0.4  # least overlap of a letter and its line, as a share of the lower of the two; larger is stricter
SAME_LINE = 0.6  # the same for two pieces of one line
OVER = 0.5  # of the narrower one's width: two letters that overlap more sideways lie over each other

# Gaps between words, in letter heights.
ONE_GAP = 0.6  # a new word begins after a wider gap, if the page has fewer than two gaps
LEAST_GAP, MOST_GAP = 0.2, 1.2  # between which that limit lies otherwise
LEAST_WIDE = 0.3  # least mean of the gaps between words; if it is less, all gaps are taken to be alike


def into_lines(boxes: Ints) -> list[list[int]]:
    """Return the indices of `boxes` (n, 4) line by line from top to bottom, each line from left to right.

    From left to right, each letter joins the line whose last few letters it overlaps most in height; so
    lines may climb, fall or bend, a little from letter to letter. Then pieces of one line are joined.
    """
    lines: list[list[int]] = []
    bands = np.zeros((2, 0))  # top and bottom of each line at its right end
    for i in (int(i) for i in np.argsort(boxes[:, 0], kind="stable")):
        shares = _shares(boxes[i], bands)
        best = int(np.argmax(shares)) if lines else -1
        if best < 0 or shares[best] <= SHARED:
            best = len(lines)
            lines.append([])
            bands = np.append(bands, [[0], [0]], axis=1)
        lines[best].append(i)
        bands[:, best] = np.median(boxes[lines[best][-LOOK_BACK:]][:, [1, 3]], axis=0)
    lines = _join_pieces(boxes, lines)
    return sorted(lines, key=lambda line: float(np.median(boxes[line, 1] + boxes[line, 3])))


def _shares(box: Ints, bands: Floats) -> Floats:
    """Return how much a box (4,) and each band (2, n) overlap in height, as shares (n,) of the lower one."""
    top, bottom = bands
    lower = np.maximum(np.minimum(box[3] - box[1], bottom - top), 1)
    shared: Floats = (np.minimum(box[3], bottom) - np.maximum(box[1], top)) / lower
    return shared


def _join_pieces(boxes: Ints, lines: list[list[int]]) -> list[list[int]]:
    """Join lines that lie at the same height, unless letters of one lie over letters of the other."""
    joined: list[list[int]] = []
    for line in sorted(lines, key=lambda line: -len(line)):
        for other in joined:
            share = _shares(
                np.array(around(boxes[line])), np.median(boxes[other][:, [1, 3]], axis=0)[:, None]
            )
            if share[0] > SAME_LINE and not _crossing(boxes, line, other):
                other.extend(line)
                other.sort(key=lambda i: int(boxes[i, 0]))
                break
        else:
            joined.append(line)
    return joined


def _crossing(boxes: Ints, a: list[int], b: list[int]) -> bool:
    """Whether a letter of one line lies over or under a letter of the other."""
    overlap = np.minimum(boxes[a, 2][:, None], boxes[b, 2]) - np.maximum(boxes[a, 0][:, None], boxes[b, 0])
    narrower = np.minimum((boxes[a, 2] - boxes[a, 0])[:, None], boxes[b, 2] - boxes[b, 0])
    return bool((overlap > OVER * narrower).any())


def into_words(boxes: Ints, lines: list[list[int]], tall: float) -> list[list[list[int]]]:
    """Return each line cut into words where the gap between two letters is wide for this page.

    `lines` holds indices of `boxes` (n, 4); `tall` is the usual letter's height in pixels.
    """
    gaps = [_gaps(boxes, line) / tall for line in lines]
    limit = _word_gap(np.concatenate(gaps) if gaps else np.zeros(0))
    cut = []
    for line, gap in zip(lines, gaps, strict=True):
        ends = [0, *(int(i) + 1 for i in np.flatnonzero(gap > limit)), len(line)]
        cut.append([line[a:b] for a, b in pairwise(ends)])
    return cut


def _gaps(boxes: Ints, line: list[int]) -> Floats:
    """Return the pixels between each letter of a line and the next, (n - 1,); negative where they overlap."""
    reach = np.maximum.accumulate(boxes[line, 2])
    return (boxes[line[1:], 0] - reach[:-1]).astype(np.float64)


def _word_gap(gaps: Floats) -> float:
    """Return the gap, in letter heights, above which a new word begins, given all gaps (n,) of a page.

    The gaps are parted into narrow and wide ones by Otsu's criterion. If the wide ones are not clearly wider,
    all letters are spaced alike, and only very wide gaps part words.
    """
    values = np.sort(np.maximum(gaps, 0))
    if len(values) < 2:
        return ONE_GAP
    parts = np.arange(1.0, len(values))
    rest, sums = len(values) - parts, np.cumsum(values)[:-1]
    k = int(np.argmax(between_variance(parts, rest, sums, values.sum() - sums)))
    narrow, wide = sums[k] / parts[k], (values.sum() - sums[k]) / rest[k]
    if wide < 2 * narrow + 0.1 or wide < LEAST_WIDE:
        return max(MOST_GAP, 2 * float(np.median(values)))
    return float(np.clip((values[k] + values[k + 1]) / 2, LEAST_GAP, MOST_GAP))
