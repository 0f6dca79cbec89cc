"""The kinds of arrays that reading works with, and what their numbers mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]  # a picture (H, W) from 0 = black to 1 = white, or ink from 0 = paper to 1 = ink
Bytes = NDArray[np.uint8]  # a picture from 0 = black to 255 = white, or glyphs from 0 = paper to 255 = ink
Mask = NDArray[np.bool_]  # (H, W): which pixels belong to something
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; right and bottom lie just outside
