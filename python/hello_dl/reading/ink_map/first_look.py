"""A first look for ink, when nothing is known yet: letters may have any size, and be light or dark."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.blobs import find_blobs
from hello_dl.reading.image.filters import enlarge
from hello_dl.reading.ink_map.network import find_ink

COARSER = (1, 2, 4, 8)  # times smaller copies in which ink is looked for: letters may be large
LEAST_SIDE = 24  # pixels of a side of such a copy
LETTERS = (8, 100)  # pixels of height of a patch that may be a letter there
CLEAR = 0.7  # ink that it has somewhere
SEVERAL = 20  # letters that are enough to believe a copy
ALIKE = 1.2  # times taller that letters of the same size may be


@dataclass(frozen=True)
class Look:
    """Ink as the network found it in one copy of a picture: `ink` (h, w), in the negative if `light_on_dark`.

    `letters` counts the patches that look like letters; `area` is theirs, `tall` the usual one's height, in
    pixels of the picture.
    """

    ink: Grey
    light_on_dark: bool
    letters: int
    area: float
    tall: float

    def is_like(self, other: Look) -> bool:
        """Whether both show letters of the same kind and size, so that one of them will do."""
        alike = max(self.tall, other.tall) < ALIKE * min(self.tall, other.tall)
        return alike and self.light_on_dark == other.light_on_dark


def first_looks(small: Grey) -> list[Look]:
    """Finds the ink of a picture (H, W), and whether it is light on dark; `ink` of each result is (H, W).

    The network knows dark ink, and letters of a certain size. So it is shown the picture and its negative,
    and smaller and smaller copies of both, until one has several letters. All that show any ink like a letter
    are returned, those with most of it first; what is read then will tell which is right.
    """
    looks: list[Look] = []
    for k in COARSER:
        if k > 1 and min(small.shape) < k * LEAST_SIDE:
            break
        copy = small if k == 1 else np.asarray(Image.fromarray(small).reduce(k), dtype=np.float32)
        both = [_look(copy, k, light_on_dark=False), _look(1 - copy, k, light_on_dark=True)]
        best = max(both, key=lambda look: look.letters)
        if best.letters >= SEVERAL:
            looks.append(best)
            break
        looks += [look for look in both if look.letters]
    different: list[Look] = []
    for look in sorted(looks, key=lambda look: -look.area):
        if not any(look.is_like(other) for other in different):
            different.append(look)
    return [replace(look, ink=enlarge(look.ink, small.shape)) for look in different]


def _look(copy: Grey, k: int, light_on_dark: bool) -> Look:
    """Looks for ink in a copy that is k times smaller than the picture."""
    ink = find_ink(copy)
    blobs = find_blobs(ink > 0.5)
    left, top, right, bottom = blobs.boxes.T
    like = (bottom - top >= LETTERS[0]) & (bottom - top <= LETTERS[1])
    like &= (left > 0) & (top > 0) & (right < copy.shape[1]) & (bottom < copy.shape[0])
    like &= np.array([ink[t:b, x:r].max() > CLEAR for x, t, r, b in blobs.boxes.tolist()], dtype=np.bool_)
    tall = k * float(np.median((bottom - top)[like])) if like.any() else 0.0
    return Look(ink, light_on_dark, int(like.sum()), float(k * k * blobs.area[like].sum()), tall)
