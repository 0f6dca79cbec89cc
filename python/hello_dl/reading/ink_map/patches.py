"""What counts as ink of a stroke, and how tall the usual letter is."""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.blobs import Ints

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
