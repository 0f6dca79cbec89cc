"""Images as text, for a terminal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SHADES = " .:-=+*#%@"  # characters from paper to full ink


def as_text(image: NDArray[Any]) -> list[str]:
    """Return an image (h, w), 0 = paper, 255 = ink, as h / 2 lines of w characters, darker for more ink.

    A printed character is twice as high as wide, so it stands for two pixels, one above the other.
    """
    h, w = image.shape
    ink = np.asarray(image, np.float64).reshape(h // 2, 2, w).mean(axis=1)
    return ["".join(SHADES[int(v / 256 * len(SHADES))] for v in row) for row in ink]
