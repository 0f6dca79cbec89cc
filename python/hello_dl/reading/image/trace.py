"""A trace: a function that is shown every picture on the way from a photo to its letters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Grey, Mask

# Takes the step's name, and a picture (H, W) in 0..1, a mask (H, W), or glyphs (n, 28, 28) uint8.
Trace = Callable[[str, Grey | Mask | NDArray[np.uint8]], None]


def no_trace(_name: str, _picture: Grey | Mask | NDArray[np.uint8]) -> None:
    """Keep no picture: the trace of those who do not want to see any."""
