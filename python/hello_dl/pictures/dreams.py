"""Draws what `imagine` returns: the steps in one picture, or as the frames of an animation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.pictures.canvas import grid
from hello_dl.pictures.colours import ink
from hello_dl.pictures.imagine import Dream

STAGES = 10  # images in the picture of one class
FRAMES = 60  # most frames of an animation
ACROSS = 9  # classes in a row


def dream_picture(dream: Dream, names: Sequence[str], *, scale: int = 4) -> Image.Image:
    """Draw an imagined class at 10 of its steps, or several classes at the last step.

    `names` are those of the classes. The captions give the network's probability for the class; each image is
    enlarged `scale` times.
    """
    if len(names) > 1:
        return _tiles(dream, len(dream.frames) - 1, names, scale)
    chosen = _chosen(len(dream.frames), STAGES)
    captions = [f"{names[0]} {dream.chances[i, 0]:.0%}" for i in chosen]
    return grid(ink(dream.frames[chosen, 0]), STAGES // 2, scale=scale, captions=captions)


def dream_frames(dream: Dream, names: Sequence[str], *, scale: int = 4) -> list[Image.Image]:
    """Return the frames of an animation of all imagined classes, side by side. See `dream_picture`."""
    return [_tiles(dream, int(i), names, scale) for i in _chosen(len(dream.frames), FRAMES)]


def _tiles(dream: Dream, step: int, names: Sequence[str], scale: int) -> Image.Image:
    """Draw all classes at one step, in rows, each with its probability."""
    captions = [f"{name} {chance:.0%}" for name, chance in zip(names, dream.chances[step], strict=True)]
    return grid(ink(dream.frames[step]), ACROSS, scale=scale, captions=captions)


def _chosen(n: int, most: int) -> NDArray[np.int64]:
    """Return the indices of at most `most` of n frames, denser at the beginning, where most changes."""
    share = np.linspace(0, 1, most) ** 2
    return np.unique(np.rint(share * (n - 1)).astype(np.int64))
