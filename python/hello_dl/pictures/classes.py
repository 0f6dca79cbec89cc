"""Shows a class: a poster of many examples, the mean image, and the difference of two mean images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.data.images import Images
from hello_dl.pictures.canvas import grid
from hello_dl.pictures.colours import WHITE, ink, signed


def examples(images: Images, name: str) -> NDArray[np.uint8]:
    """Return all images of a class, (n, 28, 28); if there is no "h", those of "H", and the other way round.

    Raises ValueError, with the names of the classes, if neither holds an image.
    """
    there = [images.classes[i] for i in np.unique(images.labels)]
    for wanted in (name, name.swapcase()):
        if wanted in there:
            found: NDArray[np.uint8] = images.images[images.labels == images.classes.index(wanted)]
            return found
    raise ValueError(f"{images.name}: needs a class that it holds, got {name!r}; it holds {' '.join(there)}")


def poster(
    images: Images, name: str, *, count: int = 200, columns: int | None = None, scale: int = 2
) -> Image.Image:
    """Draw the first `count` examples of a class in a grid: how differently people write one character.

    Each example is enlarged `scale` times. Without `columns`, the picture becomes wider than high. Chapter 1
    of Hello Deep Learning shows threes and sevens like this. Raises ValueError for a class that is not there.
    """
    tiles = examples(images, name)[:count]
    columns = columns or max(1, round(np.sqrt(1.6 * len(tiles))))  # wider than high, as screens are
    return grid(ink(tiles), columns, scale=scale, gap=0, background=WHITE)


def mean(images: Images, name: str) -> NDArray[np.float64]:
    """Return the mean image of a class, (28, 28), 0 = paper, 1 = ink."""
    average: NDArray[np.float64] = examples(images, name).mean(axis=0) / 255
    return average


def means(images: Images, names: Sequence[str] | None = None, *, scale: int = 3) -> Image.Image:
    """Draw the mean image of each class: dark where nearly all its images have ink (chapter 1).

    `names` are the classes to draw; None draws all that hold images.
    """
    names = names or [images.classes[i] for i in np.unique(images.labels)]
    tiles = np.stack([mean(images, name) for name in names])
    columns = min(13, len(names)) if len(names) > 10 else min(5, len(names))
    return grid(ink(tiles), columns, scale=scale, captions=names)


def difference(images: Images, a: str, b: str, *, scale: int = 8) -> Image.Image:
    """Draw the mean image of class a, that of b, and a minus b: red where a has more ink, blue where b has.

    The sum of an image times that difference already tells a from b (chapter 1).
    """
    mean_a, mean_b = mean(images, a), mean(images, b)
    tiles = [ink(mean_a), ink(mean_b), signed(mean_a - mean_b)]
    return grid(tiles, 3, scale=scale, gap=8, captions=[a, b, f"{a} minus {b}"], background=WHITE)
