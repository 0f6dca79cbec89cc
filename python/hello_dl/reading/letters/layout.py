"""Puts boxes of letters into lines and words by where they lie."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hello_dl.reading.image.arrays import Floats, Ints
from hello_dl.reading.image.blobs import around
from hello_dl.reading.image.threshold import between_variance

LOOK_BACK = 5  # letters by which a line's height and place are judged
SHARED = 0.4  # of the lower of the two: how much a letter and its line must overlap


def into_lines(boxes: Ints, tall: float) -> list[list[int]]:
    """Returns the indices of `boxes` (n, 4) line by line from top to bottom, each line from left to right.

    From left to right, each letter joins the line whose last few letters it overlaps most in height; so
    lines may climb, fall or bend, a little from letter to letter. Then pieces of one line are put together.
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
    lines = _put_together(boxes, lines)
    return sorted(lines, key=lambda line: float(np.median(boxes[line, 1] + boxes[line, 3])))


def _shares(box: Ints, bands: Floats) -> Floats:
    """How much of the height of the lower of the two, box and band, both share, for bands (2, n)."""
    top, bottom = bands
    lower = np.maximum(np.minimum(box[3] - box[1], bottom - top), 1)
    shared: Floats = (np.minimum(box[3], bottom) - np.maximum(box[1], top)) / lower
    return shared


def _put_together(boxes: Ints, lines: list[list[int]]) -> list[list[int]]:
    """Joins lines that lie at the same height without lying over each other."""
    merged: list[list[int]] = []
    for line in sorted(lines, key=lambda line: -len(line)):
        for other in merged:
            share = _shares(
                np.array(around(boxes[line])), np.median(boxes[other][:, [1, 3]], axis=0)[:, None]
            )
            if share[0] > 0.6 and not _crossing(boxes, line, other):
                other.extend(line)
                other.sort(key=lambda i: int(boxes[i, 0]))
                break
        else:
            merged.append(line)
    return merged


def _crossing(boxes: Ints, a: list[int], b: list[int]) -> bool:
    """Whether a letter of one line lies over or under a letter of the other."""
    overlap = np.minimum(boxes[a, 2][:, None], boxes[b, 2]) - np.maximum(boxes[a, 0][:, None], boxes[b, 0])
    narrower = np.minimum((boxes[a, 2] - boxes[a, 0])[:, None], boxes[b, 2] - boxes[b, 0])
    return bool((overlap > 0.5 * narrower).any())


def into_words(boxes: Ints, lines: list[list[int]], tall: float) -> list[list[list[int]]]:
    """Cuts each line into words where the gap between two letters is a wide one for this page."""
    gaps = [_gaps(boxes, line) / tall for line in lines]
    limit = _word_gap(np.concatenate(gaps) if gaps else np.zeros(0))
    cut = []
    for line, gap in zip(lines, gaps, strict=True):
        ends = [0, *(int(i) + 1 for i in np.flatnonzero(gap > limit)), len(line)]
        cut.append([line[a:b] for a, b in pairwise(ends)])
    return cut


def _gaps(boxes: Ints, line: list[int]) -> Floats:
    """The empty columns between each letter and the next (less than zero where they overlap)."""
    reach = np.maximum.accumulate(boxes[line, 2])
    return (boxes[line[1:], 0] - reach[:-1]).astype(np.float64)


def _word_gap(gaps: Floats) -> float:
    """The gap, in letter heights, from which a new word begins: where small and large gaps part best.

    All gaps of a page are parted into two groups with the least spread within them (Otsu, 1979); if the wide
    group is not clearly wider than the narrow one, all letters are spaced alike and only very wide gaps part
    words.
    """
    alike = 1.2
    values = np.sort(np.maximum(gaps, 0))
    if len(values) < 2:
        return 0.6
    parts = np.arange(1.0, len(values))
    rest, sums = len(values) - parts, np.cumsum(values)[:-1]
    k = int(np.argmax(between_variance(parts, rest, sums, values.sum() - sums)))
    low, high = sums[k] / parts[k], (values.sum() - sums[k]) / rest[k]
    if high < 2 * low + 0.1 or high < 0.3:
        return max(alike, 2 * float(np.median(values)))
    return float(np.clip((values[k] + values[k + 1]) / 2, 0.2, alike))
