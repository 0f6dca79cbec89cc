"""Random images with labels, as sets and as files, for tests of the data room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hello_dl.data.idx import write_idx
from hello_dl.data.images import CODES, Images


def pictures(n: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return n images of random pixels."""
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28), dtype=np.uint8)


def write_pair(prefix: Path, labels: Any, ending: str = ".gz", images: Any = None) -> Path:
    """Write images and labels as a pair of idx files, and return their prefix."""
    labels = np.asarray(labels, np.uint8)
    images = pictures(len(labels)) if images is None else images
    write_idx(Path(f"{prefix}-images-idx3-ubyte{ending}"), images)
    write_idx(Path(f"{prefix}-labels-idx1-ubyte{ending}"), labels)
    return prefix


def of(text: str, name: str = "some", code: str = "byclass62") -> Images:
    """Return images labelled with the characters of `text`."""
    classes = CODES[code].classes
    labels = np.array([classes.index(char) for char in text])
    return Images(pictures(len(text)), labels, classes, name, CODES[code].merged)


def text_of(images: Images) -> str:
    """Return the characters that the labels stand for."""
    return "".join(images.classes[label] for label in images.labels)
