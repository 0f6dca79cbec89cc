"""Leaves out what is no writing: the grain of a table, the texture of paper, stains like letters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .blobs import Mask
from .filters import Grey
from .segment import EDGE, Letter
from .touching import pen_width

Floats = NDArray[np.float64]
Lines = list[list[list[Letter]]]

FEW = 5  # letters; so few tell little of each other, so they must tell more of themselves
COVER = (0.6, 0.35)  # share of all ink that is in letters, for few and for more
ALONE = 0.9  # share of all ink in few letters that are believed even if the network is not sure
WELL = 0.75  # mean chance of the best guesses of letters that are known: believed amid other ink
BLUNT = 0.36  # of a letter's size that its strokes may be wide
UNEVEN = (1.75, 1.7)  # strokes' widths that the thickest place may measure: in few letters, in the usual one
UNLIKE = 0.22  # by which (as a logarithm) the usual letter's strokes may differ from the page's usual pen
WINDING = 1.7  # sizes of a letter that its line is long, as a rule; an i's and an l's is 1
STREAK = 1.3  # what is usually shorter, on a page, is dashes: what is left of printed lines, grain of wood
MANY = 20  # letters by which that is told, for there are words like "till"
TANGLE = 5.0  # what is longer is a net, not a letter; even a w's line is shorter than 4
UNRULY = 0.15  # of a letter's height that letters may stand off their line
LONG_LINE = 6  # letters by which that is told
STRAY = 2  # letters of a line that is left out if the network does not know them, and others are known
STRANGE = (0.6, 0.75)  # mean chance of such a line's best guesses, and the same as a share of the page's
ODD_SIZE = 1.7  # times higher or lower than the page's usual letter: a stray line of these is left out


def only_writing(ink: Grey, lines: Lines, chances: Floats) -> tuple[Lines, Floats]:
    """Returns the lines that are writing and the chances (n, classes) of their letters; perhaps none.

    What a network has never seen it takes for a letter all the same, often surely; and the hand of a stranger
    it may hardly know. So ink is judged first by what a pen leaves: strokes that are narrow, equally wide in
    a letter and from letter to letter, letters that stand on lines and hold most of the ink. Only where there
    is much other ink, the network must know the letters.
    """
    lines, chances = _without_strays(lines, chances)
    letters = [letter for line in lines for word in line for letter in word]
    if not letters:
        return lines, chances
    few = len(letters) <= FEW
    known = float(chances.max(axis=1).mean()) > WELL
    cover = sum(int(letter.mask.sum()) for letter in letters) / max(1, int((ink > EDGE).sum()))
    pen = np.array([pen_width(letter.mask) for letter in letters])
    winding = float(
        np.median([c.mask.sum() / w / max(c.mask.shape) for c, w in zip(letters, pen, strict=True)])
    )
    if few:
        enough = cover > COVER[0] and (known or (cover > ALONE and winding > WINDING))
    else:
        enough = (cover > COVER[1] or known) and (winding > STREAK or len(letters) < MANY)
    if enough and winding < TANGLE and _of_a_pen(letters, pen, few) and _unruly(lines) < UNRULY:
        return lines, chances
    return [], chances[:0]


def _of_a_pen(letters: list[Letter], pen: Floats, few: bool) -> bool:
    """Whether letters look drawn with one pen: narrow strokes, `pen` wide each (n,), all about equally.

    Grains of wood, shadows and stains are as wide as they happen to be; a speck is all stroke.
    """
    size = np.array([max(letter.mask.shape) for letter in letters])
    thickest = np.array([_thickest(letter.mask) for letter in letters])
    unlike = np.abs(np.log(pen / np.median(pen)))
    return bool(
        np.median(pen / size) < BLUNT
        and np.median(thickest / pen) < UNEVEN[0 if few else 1]
        and np.median(unlike) < UNLIKE
    )


def _thickest(mask: Mask) -> int:
    """The side of the largest square that is all ink, found by halving, with running sums."""
    sums = np.pad(mask.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    fits, too_large = 0, min(mask.shape) + 1
    while too_large - fits > 1:
        k = (fits + too_large) // 2
        squares = sums[k:, k:] - sums[:-k, k:] - sums[k:, :-k] + sums[:-k, :-k]
        if (squares == k * k).any():
            fits = k
        else:
            too_large = k
    return fits


def _unruly(lines: Lines) -> float:
    """How far the usual letter stands off its line, as a share of the usual height; 0 for short lines."""
    off, tall = [], []
    for line in lines:
        feet = np.array([((c.box[0] + c.box[2]) / 2, c.box[3]) for word in line for c in word], dtype=float)
        if len(feet) >= LONG_LINE:
            away = feet[:, 1] - np.polyval(np.polyfit(feet[:, 0], feet[:, 1], 1), feet[:, 0])
            off.append(np.abs(away - np.median(away)))
            tall += [c.box[3] - c.box[1] for word in line for c in word]
    return float(np.median(np.concatenate(off)) / np.median(tall)) if off else 0.0


def _without_strays(lines: Lines, chances: Floats) -> tuple[Lines, Floats]:
    """Leaves out short lines of strange or oddly sized letters on a page that has better ones."""
    best = chances.max(axis=1)
    counts = [sum(map(len, line)) for line in lines]
    heights = [np.array([c.box[3] - c.box[1] for word in line for c in word], dtype=float) for line in lines]
    usual = float(np.median(np.concatenate(heights))) if heights else 1.0
    if not counts or max(counts) <= STRAY:
        return lines, chances
    strange = min(STRANGE[0], STRANGE[1] * float(best.mean()))  # all are, to a network that knows little
    kept, rows, at = [], [], 0
    for line, count, height in zip(lines, counts, heights, strict=True):
        part = slice(at, at + count)
        at += count
        odd = not usual / ODD_SIZE < float(height.max()) < ODD_SIZE * usual
        if count <= STRAY and (odd or float(best[part].mean()) < strange):
            continue
        kept.append(line)
        rows.append(chances[part])
    return kept, np.concatenate(rows)
