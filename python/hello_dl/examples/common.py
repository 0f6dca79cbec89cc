"""What the examples share: their options, getting their images, and printing images as text."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

import hello_dl
from hello_dl import data, pictures

DIGITS, LETTERS = data.CODES["digits"].classes, data.CODES["letters26"].classes
SHADES = " .:-=+*#%@"  # from paper to ink


def options(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser of the options that every example with images has; an example adds its own."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=doc, formatter_class=formatter)
    learn_from = "what to learn from: builtin[:N], mnist or PATH[:CODE] (default: %(default)s)"
    parser.add_argument("--data", default="builtin", metavar="SOURCE", help=learn_from)
    tested_on = "what to be tested on (default: the test part of --data; a fifth of it if it is a PATH)"
    parser.add_argument("--test", metavar="SOURCE", help=tested_on)
    parser.add_argument("--seed", type=int, default=0, help="for all random numbers (default: %(default)s)")
    parser.add_argument("--threads", type=int, help="cores to compute on (default: all)")
    return parser


def open_images(
    args: argparse.Namespace, classes: Sequence[str] | None = None
) -> tuple[data.Images, data.Images]:
    """Return the images to learn from and those to be tested on; a mistake ends the program with one line.

    Without `classes` these are the letters a to z, capitals counted with the small ones, or the digits if the
    data hold nothing else.
    """
    named = args.data.partition(":")[0] in ("builtin", *data.download.NAMES)  # it has a test part of its own
    try:
        if args.threads is not None:
            hello_dl.set_num_threads(args.threads)
        hello_dl.manual_seed(args.seed)
        if classes is None:
            builtin = args.data.startswith("builtin")  # has them all
            classes = LETTERS if builtin or set(LETTERS) & set(data.load(args.data).classes) else DIGITS
        train = data.load(args.data, classes=classes, seed=args.seed)
        if missing := [name for i, name in enumerate(classes) if i not in train.labels]:
            raise ValueError(f"{args.data}: needs images of every class, has none of {' '.join(missing)}")
        if args.test is None and not named:
            return train.split(0.8, args.seed)
        test = data.load(args.test or args.data, classes=classes, split="test", seed=args.seed)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    return train, test


def pixels(images: data.Images) -> hello_dl.Tensor:
    """Return the images as a tensor (n, 28, 28), 0 = paper, 1 = ink."""
    return hello_dl.from_numpy(images.images.astype(np.float32) / 255)


def print_images(images: Any, captions: Sequence[str]) -> None:
    """Print a few images (n, h, w), 0 = paper, 255 = ink, under their captions, as many side by side as fit.

    A printed character is twice as high as wide, so it stands for two pixels, one above the other.
    """
    n, h, w = images.shape
    ink = np.asarray(images, np.float64).reshape(n, h // 2, 2, w).mean(axis=2)
    pictures = [["".join(SHADES[int(v / 256 * len(SHADES))] for v in row) for row in image] for image in ink]
    columns = max(1, (shutil.get_terminal_size().columns + 2) // (w + 2))
    for start in range(0, n, columns):
        print("  ".join(f"{caption:{w}.{w}}" for caption in captions[start : start + columns]).rstrip())
        for lines in zip(*pictures[start : start + columns], strict=True):
            print("  ".join(lines).rstrip())


def save_picture(picture: Image.Image | list[Image.Image], path: str) -> None:
    """Write a picture, or the frames of an animation; a mistake ends the program with one line."""
    try:
        pictures.save_gif(picture, path) if isinstance(picture, list) else pictures.save(picture, path)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    print(f"{path}: written")


def print_weights(weights: hello_dl.Tensor, low: str, high: str) -> None:
    """Print an image (h, w) of positive and negative weights: `high` where ink raises a score much, `low`
    where it lowers it much, a dot elsewhere.
    """
    h, w = weights.shape
    image = weights.numpy().reshape(h // 2, 2, w).mean(axis=1)
    enough = np.abs(image).max() / 4
    for row in image:
        print("".join(high if v > enough else low if v < -enough else "." for v in row))
