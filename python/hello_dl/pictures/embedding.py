"""Draws a map of a data set on which images lie close together that a network finds alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hello_dl import nn
from hello_dl.data.images import Images
from hello_dl.pictures.canvas import font
from hello_dl.pictures.colours import class_colours
from hello_dl.pictures.layers import activations
from hello_dl.pictures.tsne import Points, pca, tsne

DIMENSIONS = 30  # of the activations that t-SNE gets, after PCA: the others are mostly noise
MARGIN = 24  # pixels between the map and the edge of the picture


@dataclass(frozen=True)
class Map:
    """The place of each image on a map: `points` (n, 2), and the n images."""

    points: Points
    images: Images


def embedding(
    model: nn.Module,
    images: Images,
    normalisation: tuple[float, float] = (0.0, 1.0),
    *,
    method: str = "tsne",
    on_step: Callable[[int], object] | None = None,
) -> Map:
    """Lay images out in two dimensions by the input of the network's last linear layer (see `activations`).

    `method` is "tsne", which shows clusters, or "pca", which is fast: it projects on the two directions in
    which the activations vary most. `on_step` is called with the number of each step of t-SNE. Raises
    ValueError for another method, or for fewer than four images.
    """
    if method not in ("tsne", "pca"):
        raise ValueError(f"embedding: needs method tsne or pca, got {method!r}")
    if len(images) < 4:
        raise ValueError(f"embedding: needs at least four images, got {len(images)}")
    x = activations(model, images.images, normalisation).astype(np.float64)
    x = pca(x, min(DIMENSIONS, *x.shape))
    return Map(tsne(x, on_step=on_step) if method == "tsne" else x[:, :2], images)


def embedding_picture(found: Map, *, side: int = 1000, glyph: int = 28) -> Image.Image:
    """Draw a map, `side` x `side` pixels: each image in its class's colour, and the classes' names on top.

    `glyph` is the width of an image in pixels.
    """
    labels, classes = found.images.labels, found.images.classes
    there = np.unique(labels)
    colours = dict(zip(there, class_colours(len(there)), strict=True))
    low, high = found.points.min(axis=0), found.points.max(axis=0)
    room = side - 2 * MARGIN - glyph
    places = MARGIN + glyph / 2 + (found.points - low) / np.maximum(high - low, 1e-12) * room
    light = np.ones((side, side, 3))  # share of light that the paper reflects: overlapping inks multiply
    for place, label, image in zip(places, labels, found.images.images, strict=True):
        _stamp(light, place, image, np.array(colours[label]) / 255, glyph)
    sheet = Image.fromarray(np.rint(255 * light).astype(np.uint8))
    draw, letters = ImageDraw.Draw(sheet), font(26)
    for label in there:
        x, y = _middle(places[labels == label])
        draw.text(
            (x, y),
            classes[label],
            fill=(0, 0, 0),
            font=letters,
            anchor="mm",
            stroke_width=4,
            stroke_fill=(255, 255, 255),
        )
    return sheet


def _stamp(
    light: NDArray[np.float64],
    place: NDArray[np.float64],
    image: NDArray[np.uint8],
    colour: NDArray[np.float64],
    size: int,
) -> None:
    """Draw one image (28, 28), resized to `size` pixels around `place`, in its colour."""
    small = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BOX)) / 255
    x, y = (round(float(v) - size / 2) for v in place)
    light[y : y + size, x : x + size] *= 1 - small[..., None] * (1 - colour)


def _middle(points: NDArray[np.float64]) -> tuple[float, float]:
    """Return a point in the largest cluster: that with the smallest sum of roots of distances to the others.

    Because of the roots, points far away count little.
    """
    distances = np.abs(points[:, None] - points[None]).sum(axis=2)
    x, y = points[np.sqrt(distances).sum(axis=1).argmin()]
    return float(x), float(y)
