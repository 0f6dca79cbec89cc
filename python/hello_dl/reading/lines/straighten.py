"""Cuts a line out of a page of ink: straight, level, of one height, as the line reader learned them."""

from __future__ import annotations

import numpy as np

from hello_dl import _core
from hello_dl.data.lines.form import BASELINE, HEIGHT, WIDER, X_HEIGHT
from hello_dl.reading.image.arrays import Bytes, Floats
from hello_dl.reading.lines.trace_lines import Curve

GRID = 8  # pixels between the points at which the place of a picture is computed
WIDEST = 8000  # pixels: a longer line is made narrower


def columns_of(curve: Curve, width: int) -> Floats:
    """Return the column of the page at which each pixel of a line's picture, from 0 to width - 1, lies."""
    return curve.left + (np.arange(width) + 0.5) / width * (curve.right - curve.left)


def straighten(ink: Bytes, curve: Curve, scale: float) -> Bytes:
    """Return the picture (48, w) of a line on a page of ink (H, W), 255 = ink.

    `curve` is in pixels of a page that is `scale` times smaller than `ink`.
    """
    width = round((curve.right - curve.left) * X_HEIGHT / curve.usual * WIDER)
    width = min(max(width, 1), WIDEST)
    rows, columns = (HEIGHT - 1) // GRID + 2, (width - 1) // GRID + 2
    u = GRID * np.arange(columns) + 0.5  # the middle of the first pixel is at 0.5
    x = curve.left + u / width * (curve.right - curve.left)
    base, tall = curve.baseline_at(x), curve.x_height_at(x)
    v = GRID * np.arange(rows)[:, None] + 0.5
    y = base + (v - BASELINE) * tall / X_HEIGHT
    grid = np.stack(np.broadcast_arrays(x, y), axis=-1) * scale - 0.5
    return _core.bend_ink(ink, grid.astype(np.float32), GRID, HEIGHT, width)
