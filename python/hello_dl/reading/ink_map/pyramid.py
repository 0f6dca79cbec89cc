"""Finds ink of any size, dark or light, in an image pyramid: a picture and smaller copies of it.

Source of the idea: Burt and Adelson, "The Laplacian pyramid as a compact image code", 1983.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import enlarge
from hello_dl.reading.ink_map.network import find_ink

COARSER = (1, 2, 4, 8)  # how many times smaller than the picture the copies are
LEAST_SIDE = 24  # pixels of a copy's shorter side; smaller copies are not made
LETTERS = (8, 100)  # pixels: least and largest height of a patch of ink in a copy that may be a letter
CLEAR = 0.7  # ink that such a patch has somewhere, at least
SEVERAL = 20  # letters in a copy with which no smaller copies are looked at
ALIKE = 1.2  # ratio of the letters' heights in two guesses below which these show the same letters


@dataclass(frozen=True)
class InkGuess:
    """What may be the ink of a picture, as it was found in one copy: `ink` (H, W) from 0 = paper to 1 = ink.

    `light_on_dark` says that it was found in the negative. `letters` counts the patches like letters; `area`
    is theirs together and `tall` the median of their heights, in pixels of the picture.
    """

    ink: Grey
    light_on_dark: bool
    letters: int
    area: float
    tall: float

    def is_like(self, other: InkGuess) -> bool:
        """Whether both show letters of the same brightness and size, so that one of them is enough."""
        alike = max(self.tall, other.tall) < ALIKE * min(self.tall, other.tall)
        return alike and self.light_on_dark == other.light_on_dark


def guess_ink(small: Grey) -> list[InkGuess]:
    """Return what may be the ink of a picture (H, W), 0 = black .. 1 = white; the `ink` of each is (H, W).

    The network knows dark ink, and letters of 15 to 70 pixels. So it is shown the picture and its negative,
    then smaller and smaller copies of both, until one has SEVERAL letters. Every guess with a letter is
    returned, unless it is like another; those with the largest area of letters come first.
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
    return [replace(guess, ink=enlarge(guess.ink, small.shape)) for guess in different]


def _guess(copy: Grey, k: int, light_on_dark: bool) -> InkGuess:
    """Find the ink in a copy (h, w) that is k times smaller than the picture; `ink` is (h, w)."""
    ink = find_ink(copy)
    blobs = find_blobs(ink > 0.5)
    left, top, right, bottom = blobs.boxes.T
    like = (bottom - top >= LETTERS[0]) & (bottom - top <= LETTERS[1])
    like &= (left > 0) & (top > 0) & (right < copy.shape[1]) & (bottom < copy.shape[0])
    like &= np.array([ink[t:b, x:r].max() > CLEAR for x, t, r, b in blobs.boxes.tolist()], dtype=np.bool_)
    tall = k * float(np.median((bottom - top)[like])) if like.any() else 0.0
    return InkGuess(ink, light_on_dark, int(like.sum()), float(k * k * blobs.area[like].sum()), tall)
