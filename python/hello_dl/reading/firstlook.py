"""A first look for ink, when nothing is known yet: letters may have any size, and be light or dark."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from .blobs import find_blobs
from .filters import Grey, enlarge
from .inkfinder import find_ink

COARSER = (1, 2, 4, 8)  # times smaller copies in which ink is looked for: letters may be large
LEAST_SIDE = 24  # pixels of a side of such a copy
LETTERS = (8, 100)  # pixels of height of a patch that may be a letter there
CLEAR = 0.7  # ink that it has somewhere
SEVERAL = 20  # letters that are enough to believe a copy


@dataclass(frozen=True)
class Look:
    """Ink as the network found it in one copy of a picture: `ink` (h, w), in the negative if `light_on_dark`.

    `letters` counts the patches that look like letters, `area` is theirs, in pixels of the picture itself.
    """

    ink: Grey
    light_on_dark: bool
    letters: int
    area: float


def first_looks(small: Grey) -> list[Look]:
    """Finds the ink of a picture (H, W), and whether it is light on dark; `ink` of each result is (H, W).

    The network knows dark ink, and letters of a certain size. So it is shown the picture and its negative,
    and smaller and smaller copies of both. The finest copies with several letters are believed, and the one
    with most of them is returned alone. Where there are none, all that show any ink like a letter are, those
    with most ink first: then what is read will tell.
    """
    looks: list[Look] = []
    for k in COARSER:
        if k > 1 and min(small.shape) < k * LEAST_SIDE:
            break
        copy = small if k == 1 else np.asarray(Image.fromarray(small).reduce(k), dtype=np.float32)
        both = [_look(copy, k, light_on_dark=False), _look(1 - copy, k, light_on_dark=True)]
        best = max(both, key=lambda look: look.letters)
        if best.letters >= SEVERAL:
            looks = [best]
            break
        looks += [look for look in both if look.letters]
    looks.sort(key=lambda look: -look.area)
    return [replace(look, ink=enlarge(look.ink, small.shape)) for look in looks]


def _look(copy: Grey, k: int, light_on_dark: bool) -> Look:
    """Looks for ink in a copy that is k times smaller than the picture."""
    ink = find_ink(copy)
    blobs = find_blobs(ink > 0.5)
    left, top, right, bottom = blobs.boxes.T
    like = (bottom - top >= LETTERS[0]) & (bottom - top <= LETTERS[1])
    like &= (left > 0) & (top > 0) & (right < copy.shape[1]) & (bottom < copy.shape[0])
    like &= np.array([ink[t:b, x:r].max() > CLEAR for x, t, r, b in blobs.boxes.tolist()], dtype=np.bool_)
    return Look(ink, light_on_dark, int(like.sum()), float(k * k * blobs.area[like].sum()))
