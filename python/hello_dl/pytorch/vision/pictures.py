"""Many images in one: make_grid and save_image, as torchvision.utils has them."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl._core import Tensor
from hello_dl.files import save_picture
from hello_dl.tensors.creation import tensor as make


def make_grid(
    tensor: Tensor | Sequence[Tensor],
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Return images (n, channels, h, w), or a list of them, side by side as one image (3, height, width).

    nrow         images in a row
    padding      pixels between images and around them, of the value `pad_value`
    normalize    whether numbers are scaled to 0..1: from those of value_range, or from the smallest and the
                 largest; scale_each does it for each image by itself
    """
    parts = tensor if isinstance(tensor, Tensor) else [np.asarray(t.detach()) for t in tensor]
    images = np.array(parts.detach() if isinstance(parts, Tensor) else np.stack(parts), np.float32)
    if images.ndim not in (2, 3, 4):
        raise ValueError(f"make_grid: needs images (n, channels, h, w), got {images.shape}")
    if images.ndim == 2:
        images = images[None]
    if images.ndim == 3:
        images = images[None]
    if images.shape[1] == 1:
        images = np.repeat(images, 3, axis=1)
    if normalize:
        for each in images if scale_each else [images]:
            each[...] = _scaled(each, value_range)
    if len(images) == 1:
        return make(images[0])
    n, channels, h, w = images.shape
    columns = min(nrow, n)
    rows = math.ceil(n / columns)
    grid = np.full(
        (channels, rows * (h + padding) + padding, columns * (w + padding) + padding), pad_value, np.float32
    )
    for k, image in enumerate(images):
        top, left = (k // columns) * (h + padding) + padding, (k % columns) * (w + padding) + padding
        grid[:, top : top + h, left : left + w] = image
    return make(grid)


def _scaled(numbers: NDArray[np.float32], limits: tuple[float, float] | None) -> NDArray[np.float32]:
    """Return numbers moved and scaled so that the limits become 0 and 1."""
    low, high = limits or (float(numbers.min()), float(numbers.max()))
    scaled: NDArray[np.float32] = (numbers.clip(low, high) - np.float32(low)) / np.float32(
        max(high - low, 1e-5)
    )
    return scaled


def save_image(
    tensor: Tensor | Sequence[Tensor],
    fp: str | os.PathLike[str] | BinaryIO,
    format: str | None = None,
    **options: Any,
) -> None:
    """Write images as one picture; `options` are those of make_grid. Numbers from 0 to 1 become pixels.

    OSError if the file cannot be written.
    """
    grid = make_grid(tensor, **options).numpy()
    pixels = (grid * 255 + np.float32(0.5)).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
    image = Image.fromarray(pixels)
    if isinstance(fp, str | os.PathLike) and format is None:
        save_picture(image, Path(fp))
    else:
        image.save(fp, format=format)
