"""Leaves out what is no writing: the grain of a table, the texture of paper, stains like letters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .filters import Grey
from .segment import EDGE, Letter
from .touching import pen_width

Floats = NDArray[np.float64]
Lines = list[list[list[Letter]]]

FEW = 3  # letters; so few are believed only where there is hardly anything else
KNOWN = (0.6, 0.45)  # mean chance of the best guesses, for few letters and for more
ALONE = 0.9  # share of all ink in few letters that are believed even if the network is not sure,
GUESSED = 0.3  # ... mean chance of their best guesses then
WELL = 0.75  # mean chance of the best guesses of many letters that are believed wherever they stand
COVER = (0.6, 0.35)  # share of all ink that is in letters, for few and for more
BLUNT = 0.36  # of a letter's size that its strokes may be wide
UNRULY = 0.2  # of a letter's height that letters may stand off their line
LONG_LINE = 6  # letters by which that is told
STRAY = 2  # letters of a line that is left out if the network does not know them, and others are known
STRANGE = 0.6  # mean chance of the best guesses of such a line
ODD_SIZE = 1.7  # times higher or lower than the page's usual letter: a stray line of these is left out


def only_writing(ink: Grey, lines: Lines, chances: Floats) -> tuple[Lines, Floats]:
    """Returns the lines that are writing and the chances (n, classes) of their letters; perhaps none.

    What a network has never seen it takes for a letter all the same, only less surely. So few letters, of
    which it is not sure, amid much other ink, are no letters; nor is a line of one or two strange ones.
    """
    lines, chances = _without_strays(lines, chances)
    letters = [letter for line in lines for word in line for letter in word]
    if not letters:
        return lines, chances
    kind = 0 if len(letters) <= FEW else 1
    known = float(chances.max(axis=1).mean())
    cover = sum(int(letter.mask.sum()) for letter in letters) / max(1, int((ink > EDGE).sum()))
    if kind == 1 and known > WELL:
        return lines, chances
    if kind == 0 and cover > ALONE and known > GUESSED and _pen_share(letters) < BLUNT:
        return lines, chances
    if known < KNOWN[kind] or cover < COVER[kind] or _pen_share(letters) > BLUNT or _unruly(lines) > UNRULY:
        return [], chances[:0]
    return lines, chances


def _pen_share(letters: list[Letter]) -> float:
    """How wide the usual letter's strokes are, as a share of its size: a speck is all stroke."""
    return float(
        np.median([pen_width(c.mask) / max(c.box[2] - c.box[0], c.box[3] - c.box[1]) for c in letters])
    )


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
    kept, rows, at = [], [], 0
    for line, count, height in zip(lines, counts, heights, strict=True):
        part = slice(at, at + count)
        at += count
        odd = not usual / ODD_SIZE < float(height.max()) < ODD_SIZE * usual
        if count <= STRAY and (odd or float(best[part].mean()) < STRANGE):
            continue
        kept.append(line)
        rows.append(chances[part])
    return kept, np.concatenate(rows)
