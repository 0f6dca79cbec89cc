"""Drawing what a network imagined: the way there as one picture, and as the frames of an animation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.pictures.canvas import grid
from hello_dl.pictures.colours import ink
from hello_dl.pictures.imagine import Dream

STAGES = 10  # of the way to one class
FRAMES = 60  # of an animation
ACROSS = 9  # classes in a row


def dream_picture(dream: Dream, names: Sequence[str], *, scale: int = 4) -> Image.Image:
    """Draw the stages on the way to one class, with the network's probability, or the ends of several."""
    if len(names) > 1:
        return _tiles(dream, len(dream.frames) - 1, names, scale)
    chosen = _chosen(len(dream.frames), STAGES)
    captions = [f"{names[0]} {dream.chances[i, 0]:.0%}" for i in chosen]
    return grid(ink(dream.frames[chosen, 0]), STAGES // 2, scale=scale, captions=captions)


def dream_frames(dream: Dream, names: Sequence[str], *, scale: int = 4) -> list[Image.Image]:
    """Draw the frames of an animation of all classes side by side."""
    return [_tiles(dream, int(i), names, scale) for i in _chosen(len(dream.frames), FRAMES)]


def _tiles(dream: Dream, step: int, names: Sequence[str], scale: int) -> Image.Image:
    captions = [f"{name} {chance:.0%}" for name, chance in zip(names, dream.chances[step], strict=True)]
    return grid(ink(dream.frames[step]), ACROSS, scale=scale, captions=captions)


def _chosen(n: int, most: int) -> NDArray[np.int64]:
    """Return which of n frames are shown: the more the nearer to the beginning, where most happens."""
    share = np.linspace(0, 1, most) ** 2
    return np.unique(np.rint(share * (n - 1)).astype(np.int64))
