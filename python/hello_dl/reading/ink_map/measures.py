"""Measures of ink: where a stroke ends, how tall the usual letter is, how wide the pen."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Grey, Ints, Mask
from hello_dl.reading.image.blobs import find_blobs

EDGE = 0.2  # ink above this, of 1, belongs to a stroke
SPECK = 4  # pixels: patches with less area are left out when the height of letters is measured
ALIKE = 1.6  # ratio of heights up to which two patches may both be usual letters


def usual_height(boxes: Ints) -> float:
    """Return the height in pixels of the usual letter, given the boxes (n, 4) of patches of ink, n >= 1.

    It is the height that most patches share, up to a factor of ALIKE; tall ones count more, in proportion.
    """
    height = (boxes[:, 3] - boxes[:, 1]).astype(float)
    height = np.maximum(height, 1)
    logs = np.sort(np.log(height))
    near = np.log(ALIKE)
    alike = np.searchsorted(logs, logs + near, side="right") - np.searchsorted(logs, logs - near, side="left")
    best = logs[int(np.argmax(alike * np.exp(logs)))]
    return float(np.exp(np.median(logs[np.abs(logs - best) <= near])))


def letter_height(ink: Grey) -> float | None:
    """Return the height in pixels of the usual letter in a page of ink (H, W); None if there is no ink."""
    blobs = find_blobs(ink > EDGE)
    kept = np.flatnonzero(blobs.area >= SPECK)
    return usual_height(blobs.boxes[kept]) if len(kept) else None


def pen_width(mask: Mask) -> float:
    """Return the mean width in pixels of the strokes in a mask (H, W).

    It is twice their area over the length of their outline. A slanted outline has about 4 / pi times as many
    pixel steps as its length.
    """
    padded = np.pad(mask, 1)
    steps = np.count_nonzero(padded[1:] != padded[:-1]) + np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    return 2 * np.count_nonzero(mask) / max(1.0, steps * np.pi / 4)
