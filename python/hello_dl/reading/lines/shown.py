"""Pictures of the steps of reading lines, for people to look at."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Bytes, Grey
from hello_dl.reading.lines.trace_lines import Curve

PALE = 0.55  # brightness of ink beside the drawn lines
GAP = 4  # rows between two lines of writing


def with_baselines(ink: Grey, curves: list[Curve], scale: float) -> Grey:
    """Return a page of ink with the baseline and the x-line of each line drawn over it.

    `curves` are in pixels of a page that is `scale` times smaller than `ink`.
    """
    shown = ink * PALE
    for curve in curves:
        x = np.arange(max(0.0, curve.left * scale), min(ink.shape[1], curve.right * scale))
        base = curve.baseline_at(x / scale) * scale
        for rows in (base, base - curve.x_height_at(x / scale) * scale):
            inside = (rows >= 0) & (rows < ink.shape[0])
            shown[rows[inside].astype(np.int64), x[inside].astype(np.int64)] = 1
    return shown


def one_below_the_other(pictures: list[Bytes]) -> Grey:
    """Return the pictures (48, w) of lines in one picture, 0 .. 1."""
    tall = pictures[0].shape[0] + GAP
    shown = np.zeros((len(pictures) * tall, max(picture.shape[1] for picture in pictures)), np.float32)
    for i, picture in enumerate(pictures):
        shown[i * tall : i * tall + picture.shape[0], : picture.shape[1]] = picture / 255
    return shown
