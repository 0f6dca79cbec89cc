"""Parts letters that touch each other, where the network is surer of the parts than of the whole.

A patch of ink that may hold several letters is cut into pieces where it is thin. The network classifies all
letters that neighbouring pieces make together, and dynamic programming finds the best way from the patch's
left end to its right (over-segmentation; LeCun et al., "Gradient-based learning applied to document
recognition", 1998, section V).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from hello_dl.reading.image.arrays import Floats, Mask
from hello_dl.reading.ink_map.measures import pen_width
from hello_dl.reading.letters.segment import Letter

Ask = Callable[[list[Letter]], Floats]  # letters (n) to probabilities (n, classes)
Span = tuple[int, int]  # from cut a to cut b of a patch, 0 being its left end

# The usual letter's width, as far as the page tells it.
SEVERAL = 20  # letters; with fewer the usual width is USUAL heights
JOINED = 1.4  # heights: with a larger median of widths most letters are joined, and it is USUAL heights too
USUAL, NARROWEST = 0.85, 0.6  # heights: the usual width where widths do not tell it, and its least value

# Which patches are cut, in usual widths.
SURE = 0.9  # probability of the best class from which a patch is left whole, unless it is HUGE
WIDE = 1.4  # patches up to this width are left whole
HUGE = 2.3  # wider patches are cut even if the network is sure of the whole

# Where.
MOST_CUTS = 10  # in one patch
LEANS = (0.0, 0.25, -0.15)  # pixels that a cut moves to the right for each pixel upwards
THIN = 1.7  # pen widths of ink, at most, that a cut goes through; smaller is stricter
LEAST_WIDTH = 0.25  # usual widths of a piece

# When the parts win. Log probabilities are natural logarithms, per letter.
LETTER = 1.6  # usual widths up to which a part does not become less likely by its width
OFTEN = 0.2  # share of patches that are HUGE above which letters on this page are often joined
GAIN_JOINED = 0.7  # by which the parts' mean log probability must be greater then; larger is stricter
GAIN = 0.8  # the same on other pages


def part_touching(words: list[list[Letter]], chances: Floats, ask: Ask) -> tuple[list[list[Letter]], Floats]:
    """Return words with letters that touched parted, and the probabilities (n, classes) of all their letters.

    `words` are lists of letters, at least one in all; `chances` (m, classes) are the probabilities of all of
    them in turn; `ask` returns those of others.
    """
    letters = [letter for word in words for letter in word]
    widths = np.array([letter.box[2] - letter.box[0] for letter in letters])
    usual = _usual_width(letters)
    pen = float(np.median([pen_width(letter.mask) for letter in letters]))
    best = chances.max(axis=1)
    suspects = ((widths > WIDE * usual) & (best < SURE)) | (widths > HUGE * usual)
    cuts = {int(i): _cut(letters[i].mask, usual, pen) for i in np.flatnonzero(suspects)}
    pieces = {i: _spans(letters[i], some) for i, some in cuts.items() if some}
    if not pieces:
        return words, chances
    gain = GAIN_JOINED if float(np.mean(widths > HUGE * usual)) > OFTEN else GAIN
    parts: dict[int, list[tuple[Letter, Floats]]] = {}
    for i, answers in _answers(pieces, ask).items():
        # The wider a patch is, the less can it be one letter, however sure the network is.
        whole = float(np.log(max(best[i], 1e-6))) - max(0.0, widths[i] / usual - HUGE + 0.5)
        path = _best_path(answers, pieces[i], whole + gain, usual)
        parts[i] = [(pieces[i][span], answers[span]) for span in path]
    return _with_parts(words, chances, parts)


def _usual_width(letters: list[Letter]) -> float:
    """Return the width of the usual letter in pixels."""
    usual = float(np.median([letter.box[2] - letter.box[0] for letter in letters]))
    tall = float(np.median([letter.box[3] - letter.box[1] for letter in letters]))
    if len(letters) < SEVERAL or usual > JOINED * tall:
        usual = USUAL * tall
    return max(usual, NARROWEST * tall)


def _answers(pieces: dict[int, dict[Span, Letter]], ask: Ask) -> dict[int, dict[Span, Floats]]:
    """Return the probabilities (classes,) of all parts of all patches, asked for in one go."""
    asked = ask([part for spans in pieces.values() for part in spans.values()])
    answers, at = {}, 0
    for i, spans in pieces.items():
        answers[i] = dict(zip(spans, asked[at : at + len(spans)], strict=True))
        at += len(spans)
    return answers


def _with_parts(
    words: list[list[Letter]], chances: Floats, parts: dict[int, list[tuple[Letter, Floats]]]
) -> tuple[list[list[Letter]], Floats]:
    """Return words and probabilities with letter number i replaced by its parts, if it has any."""
    parted, rows, i = [], [], 0
    for word in words:
        new: list[Letter] = []
        for letter in word:
            for part, row in parts.get(i) or [(letter, chances[i])]:
                new.append(part)
                rows.append(row)
            i += 1
        parted.append(new)
    return parted, np.array(rows)


def _cut(mask: Mask, usual: float, pen: float) -> list[tuple[int, float]]:
    """Return where a patch may be cut, as (column at half its height, lean), from left to right."""
    height, width = mask.shape
    least = max(2, round(LEAST_WIDTH * usual))
    y, x = np.nonzero(mask)
    thin: list[tuple[float, int, float]] = []
    for lean in LEANS:
        column = np.rint(x + lean * (y - height / 2)).astype(int)
        inside = (column >= 0) & (column < width)
        ink = np.bincount(column[inside], minlength=width)[:width].astype(float)
        near = np.minimum.reduce([np.roll(ink, step) for step in range(-least // 2, least // 2 + 1)])
        thin += [
            (ink[c] + 0.05 * pen * abs(lean), c, lean)  # of cuts alike, an upright one is preferred
            for c in range(least, width - least)
            if ink[c] <= THIN * pen and ink[c] == near[c]
        ]
    chosen: list[tuple[int, float]] = []
    for _, c, lean in sorted(thin):
        if len(chosen) < MOST_CUTS and all(abs(c - other) >= least for other, _ in chosen):
            chosen.append((c, lean))
    return sorted(chosen)


def _spans(letter: Letter, cuts: list[tuple[int, float]]) -> dict[Span, Letter]:
    """Return all letters that neighbouring pieces make together, but not the whole."""
    mask = letter.mask
    rows = np.arange(mask.shape[0])[:, None] - mask.shape[0] / 2
    columns = np.arange(mask.shape[1])
    # The number of a pixel's piece is how many cuts lie to its left.
    piece = np.sum([columns + lean * rows >= c for c, lean in cuts], axis=0)
    spans = {}
    last = len(cuts) + 1
    for a in range(last):
        for b in range(a + 1, last + 1):
            part = mask & (piece >= a) & (piece < b)
            if (a, b) != (0, last) and part.any():
                spans[a, b] = _cropped(letter, part)
    return spans


def _cropped(letter: Letter, mask: Mask) -> Letter:
    """Return the part of a letter that a mask of the letter's size leaves, in its own box."""
    y, x = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, top = letter.box[:2]
    box = (left + int(x[0]), top + int(y[0]), left + int(x[-1]) + 1, top + int(y[-1]) + 1)
    return Letter(box, mask[y[0] : y[-1] + 1, x[0] : x[-1] + 1])


def _best_path(
    answers: dict[Span, Floats], spans: dict[Span, Letter], least: float, usual: float
) -> list[Span]:
    """Return the spans that make up a patch and are likeliest, from left to right.

    None are returned if their log probability is not greater than `least`. It is the mean weighted by the
    spans' widths; with sums few parts would always win over many.
    """
    last = max(b for _, b in answers)
    best: dict[int, tuple[float, int, list[int]]] = {0: (0.0, 0, [0])}
    for b in range(1, last + 1):
        ways = []
        for a in range(b):
            if (a, b) in answers and a in best:
                score, width, path = best[a]
                wide = spans[a, b].box[2] - spans[a, b].box[0]
                logp = float(np.log(max(answers[a, b].max(), 1e-6))) - max(0.0, wide / usual - LETTER)
                ways.append((score + wide * logp, width + wide, [*path, b]))
        if ways:
            best[b] = max(ways, key=lambda way: way[0] / way[1])
    if last not in best:
        return []
    score, width, path = best[last]
    return list(pairwise(path)) if score / width > least else []
