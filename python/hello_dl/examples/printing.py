"""Prints images as text, and writes pictures, for the examples."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

import hello_dl
from hello_dl import pictures
from hello_dl.examples.common import errors_in_one_line
from hello_dl.pictures.terminal import as_text


def print_images(images: Any, captions: Sequence[str]) -> None:
    """Print images (n, h, w), 0 = paper, 255 = ink, under their captions, as many side by side as fit."""
    n, _, w = images.shape
    columns = max(1, (shutil.get_terminal_size().columns + 2) // (w + 2))
    for start in range(0, n, columns):
        print("  ".join(f"{caption:{w}.{w}}" for caption in captions[start : start + columns]).rstrip())
        for lines in zip(*map(as_text, images[start : start + columns]), strict=True):
            print("  ".join(lines).rstrip())


def save_picture(picture: Image.Image | list[Image.Image], path: str) -> None:
    """Write a picture, or the frames of an animation; a mistake ends the program with one line."""
    with errors_in_one_line():
        pictures.save_gif(picture, path) if isinstance(picture, list) else pictures.save(picture, path)
    print(f"{path}: written")


def print_weights(weights: hello_dl.Tensor, low: str, high: str) -> None:
    """Print weights (h, w) as text: `high` where they are large, `low` where large below 0, else a dot."""
    h, w = weights.shape
    image = weights.numpy().reshape(h // 2, 2, w).mean(axis=1)
    enough = np.abs(image).max() / 4
    for row in image:
        print("".join(high if v > enough else low if v < -enough else "." for v in row))
