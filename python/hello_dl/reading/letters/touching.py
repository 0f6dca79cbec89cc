"""Parts letters that touch each other, where the network is surer of the parts than of the whole.

A patch of ink that may hold several letters is cut into pieces wherever it is thin; the network is asked
about all that neighbouring pieces make together, and the best way through is found by dynamic programming
(over-segmentation; LeCun et al., 1998, section V).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from hello_dl.reading.image.arrays import Floats, Mask
from hello_dl.reading.ink_map.measures import pen_width
from hello_dl.reading.letters.segment import Letter

Ask = Callable[[list[Letter]], Floats]  # letters to probabilities (n, classes)

SURE = 0.9  # of a whole, with this much it is left alone
WIDE = 1.4  # usual letters' widths: what is narrower is left alone as well
HUGE = 2.3  # usual widths: this is cut even if the network thinks it knows it
JOINED = 1.4  # heights of the usual patch: where it is wider, letters are joined
SEVERAL = 20  # letters
MOST_CUTS = 10  # tried in one patch
LEANS = (0.0, 0.25, -0.15)  # of a cut: how far it moves to the right for each pixel upwards
THIN = 1.7  # pen widths: what a cut may go through at most
LEAST_WIDTH = 0.25  # of the usual letter's: a piece is no narrower
LETTER = 1.6  # usual widths that one letter of several may have without becoming less likely
GAIN = (0.7, 0.8)  # log probability a letter by which the parts must be better, where letters are often
OFTEN = 0.2  # ... joined (this share of patches is HUGE), and where they stand apart


def part_touching(words: list[list[Letter]], chances: Floats, ask: Ask) -> tuple[list[list[Letter]], Floats]:
    """Returns the words with letters that touched each other parted, and the chances of all their letters.

    `words` are lists of letters, `chances` (n, classes) those of all letters in turn, `ask` gives the chances
    of others.
    """
    letters = [letter for word in words for letter in word]
    widths = np.array([letter.box[2] - letter.box[0] for letter in letters])
    heights = np.array([letter.box[3] - letter.box[1] for letter in letters])
    usual, tall = float(np.median(widths)), float(np.median(heights))
    if len(letters) < SEVERAL or usual > JOINED * tall:  # few letters, and joined ones, have no usual width
        usual = 0.85 * tall
    usual = max(usual, 0.6 * tall)
    pen = float(np.median([pen_width(letter.mask) for letter in letters]))
    best = chances.max(axis=1)
    suspects = ((widths > WIDE * usual) & (best < SURE)) | (widths > HUGE * usual)
    ways = {int(i): _cut(letters[i].mask, usual, pen) for i in np.flatnonzero(suspects)}
    pieces = {i: _spans(letters[i], cuts) for i, cuts in ways.items() if cuts}
    if not pieces:
        return words, chances
    asked = ask([part for spans in pieces.values() for part in spans.values()])
    answers, at = {}, 0
    for i, spans in pieces.items():
        answers[i] = dict(zip(spans, asked[at : at + len(spans)], strict=True))
        at += len(spans)
    gain = GAIN[0 if float(np.mean(widths > HUGE * usual)) > OFTEN else 1]
    found: dict[int, list[tuple[Letter, Floats]]] = {}
    for i, answer in answers.items():
        # The wider it is, the less can it be one letter, whatever the network says.
        whole = float(np.log(max(best[i], 1e-6))) - max(0.0, widths[i] / usual - HUGE + 0.5)
        path = _best_path(answer, pieces[i], whole + gain, usual)
        found[i] = [(pieces[i][span], answer[span]) for span in path]
    parted, rows, i = [], [], 0
    for word in words:
        new: list[Letter] = []
        for letter in word:
            parts = found.get(i) or [(letter, chances[i])]
            new += [part for part, _ in parts]
            rows += [row for _, row in parts]
            i += 1
        parted.append(new)
    return parted, np.array(rows)


def _cut(mask: Mask, usual: float, pen: float) -> list[tuple[int, float]]:
    """Where a patch may be cut: (column at half its height, lean), from left to right."""
    height, width = mask.shape
    least = max(2, round(LEAST_WIDTH * usual))
    y, x = np.nonzero(mask)
    thin = []
    for lean in LEANS:
        column = np.rint(x + lean * (y - height / 2)).astype(int)
        inside = (column >= 0) & (column < width)
        ink = np.bincount(column[inside], minlength=width)[:width].astype(float)
        near = np.minimum.reduce([np.roll(ink, step) for step in range(-least // 2, least // 2 + 1)])
        for c in range(least, width - least):
            if ink[c] <= THIN * pen and ink[c] == near[c]:
                thin.append((ink[c] + 0.05 * pen * abs(lean), c, lean))
    chosen: list[tuple[int, float]] = []
    for _, c, lean in sorted(thin):
        if len(chosen) < MOST_CUTS and all(abs(c - other) >= least for other, _ in chosen):
            chosen.append((c, lean))
    return sorted(chosen)


def _spans(letter: Letter, cuts: list[tuple[int, float]]) -> dict[tuple[int, int], Letter]:
    """All letters that neighbouring pieces make together: from cut a to cut b, but not the whole."""
    mask = letter.mask
    rows = np.arange(mask.shape[0])[:, None] - mask.shape[0] / 2
    columns = np.arange(mask.shape[1])
    # How many cuts lie to the left of each pixel: the number of its piece.
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
    y, x = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, top = letter.box[:2]
    box = (left + int(x[0]), top + int(y[0]), left + int(x[-1]) + 1, top + int(y[-1]) + 1)
    return Letter(box, mask[y[0] : y[-1] + 1, x[0] : x[-1] + 1])


def _best_path(
    answers: dict[tuple[int, int], Floats],
    spans: dict[tuple[int, int], Letter],
    least: float,
    usual: float,
) -> list[tuple[int, int]]:
    """The spans that together are likelier than `least`, from left to right; none if there are none.

    The mean log probability a pixel of width is compared, or few parts would always win over many.
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
