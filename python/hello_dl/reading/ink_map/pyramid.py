"""Finds ink of any size, dark or light, in an image pyramid: a picture and smaller copies of it.

Source of the idea: Burt and Adelson, "The Laplacian pyramid as a compact image code", 1983.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import enlarge
from hello_dl.reading.ink_map.guess import InkGuess
from hello_dl.reading.ink_map.network import find_ink
from hello_dl.reading.ink_map.strokes import guess_by_tones, is_broken

COARSER = (1, 2, 4, 8)  # how many times smaller than the picture the copies are
LEAST_SIDE = 24  # pixels of a copy's shorter side; smaller copies are not made
LETTERS = (8, 100)  # pixels: least and largest height of a patch of ink in a copy that may be a letter
CLEAR = 0.7  # ink that such a patch has somewhere, at least
SEVERAL = 20  # letters in a copy with which no smaller copies are looked at


def guess_ink(small: Grey) -> list[InkGuess]:
    """Return what may be the ink of a picture (H, W), 0 = black .. 1 = white; the `ink` of each is (H, W).

    The network knows dark ink, and letters of 15 to 70 pixels. So it is shown the picture and its negative,
    then smaller and smaller copies of both, until one has SEVERAL letters. Every guess with a letter is
    returned, unless it is like another, or shows only pieces of letters that are seen whole otherwise; those
    with the largest area of letters come first.
    """
    found: list[InkGuess] = []
    for k in COARSER:
        if k > 1 and min(small.shape) < k * LEAST_SIDE:
            break
        copy = small if k == 1 else np.asarray(Image.fromarray(small).reduce(k), dtype=np.float32)
        both = [_guess(copy, k, light_on_dark=False), _guess(1 - copy, k, light_on_dark=True)]
        best = max(both, key=lambda guess: guess.letters)
        if best.letters >= SEVERAL:
            found.append(best)
            break
        found += [guess for guess in both if guess.letters]
    different: list[InkGuess] = []
    for guess in sorted(found, key=lambda guess: -guess.area):
        if not any(guess.is_like(other) for other in different):
            different.append(guess)
    large = [replace(guess, ink=enlarge(guess.ink, small.shape)) for guess in different]
    return large if found and found[-1].letters >= SEVERAL else _unbroken(large, small)


def _unbroken(guesses: list[InkGuess], small: Grey) -> list[InkGuess]:
    """Leave out guesses of broken letters; the ink of a picture (H, W) of two tones may take their place."""
    by_tones = guess_by_tones(small)
    if by_tones is None:
        return [guess for guess in guesses if not any(is_broken(guess, whole, small) for whole in guesses)]
    kept = [guess for guess in guesses if not any(is_broken(guess, x, small) for x in [*guesses, by_tones])]
    if len(kept) < len(guesses) and not any(guess.is_like(by_tones) for guess in kept):
        kept = sorted([*kept, by_tones], key=lambda guess: -guess.area)
    return kept


def _guess(copy: Grey, k: int, light_on_dark: bool) -> InkGuess:
    """Find the ink in a copy (h, w) that is k times smaller than the picture; `ink` is (h, w)."""
    ink = find_ink(copy)
    blobs = find_blobs(ink > 0.5)
    left, top, right, bottom = blobs.boxes.T
    like = (bottom - top >= LETTERS[0]) & (bottom - top <= LETTERS[1])
    like &= (left > 0) & (top > 0) & (right < copy.shape[1]) & (bottom < copy.shape[0])
    like &= np.array([ink[t:b, x:r].max() > CLEAR for x, t, r, b in blobs.boxes.tolist()], dtype=np.bool_)
    tall = k * float(np.median((bottom - top)[like])) if like.any() else 0.0
    area = float(k * k * blobs.area[like].sum())
    return InkGuess(ink, light_on_dark, k * blobs.boxes[like], area, tall)
