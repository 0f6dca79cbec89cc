"""What counts as ink of a stroke, and how tall the usual letter is."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Ints, Mask

EDGE = 0.2  # ink above this belongs to a stroke


def usual_height(boxes: Ints) -> float:
    """The height of the usual letter: the one most patches share, tall ones counting more."""
    height = (boxes[:, 3] - boxes[:, 1]).astype(float)
    height = np.maximum(height, 1)
    logs = np.sort(np.log(height))
    near = np.log(1.6)
    alike = np.searchsorted(logs, logs + near, side="right") - np.searchsorted(logs, logs - near, side="left")
    best = logs[int(np.argmax(alike * np.exp(logs)))]
    return float(np.exp(np.median(logs[np.abs(logs - best) <= near])))


def pen_width(mask: Mask) -> float:
    """Return the mean width, in pixels, of the strokes in a mask (H, W).

    It is twice their area over the length of their outline. A slanted outline has about 4 / pi times as many
    pixel steps as its length.
    """
    padded = np.pad(mask, 1)
    steps = np.count_nonzero(padded[1:] != padded[:-1]) + np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    return 2 * np.count_nonzero(mask) / max(1.0, steps * np.pi / 4)
