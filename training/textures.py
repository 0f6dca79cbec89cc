"""Makes up pictures without any writing: random patterns, such as wood, cloth, stone or bricks have.

Photos of writing show other surfaces as well. These patterns have all sizes and directions, are soft or
sharp, and several of them lie over each other, so that a network learns that no pattern is ink.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.data.pages.surfaces import clouds

Grey = NDArray[np.float32]

LAYERS = 4  # patterns over each other, at most
FINEST, COARSEST = 1.5, 90.0  # pixels: least and largest width of a pattern's parts
LONGEST = 40.0  # length over width of a pattern's parts, at most, as in the grain of wood
DEEPEST = 0.35  # share of the light that a pattern takes away, at most


def texture(rng: np.random.Generator, side: int) -> Grey:
    """Draw a square picture (side, side), 0 = black .. 1 = white."""
    shade = np.ones((side, side), np.float32)
    for _ in range(rng.integers(1, LAYERS + 1)):
        kind = (_grain, _stripes, _bricks)[rng.integers(3)]
        pattern = _turned(kind(rng, round(1.5 * side)), rng, side)
        if rng.random() < 0.4:  # sharp edges
            pattern = np.tanh(np.float32(rng.uniform(2, 8)) * (pattern - np.float32(rng.uniform(-1, 1))))
        shade *= 1 - np.float32(rng.uniform(0.02, DEEPEST) / 2) * np.clip(pattern, -2, 2)
    return np.asarray(np.clip(shade * np.float32(rng.uniform(0.25, 0.9)), 0, 1), np.float32)


def _size(rng: np.random.Generator) -> float:
    """Draw the width of a pattern's parts in pixels, uniform in its logarithm."""
    return float(np.exp(rng.uniform(np.log(FINEST), np.log(COARSEST))))


def _grain(rng: np.random.Generator, side: int) -> Grey:
    """Draw spots, or streaks if they are much longer than wide."""
    stretch = float(np.exp(rng.uniform(0, np.log(LONGEST)))) if rng.random() < 0.5 else 1.0
    return clouds(rng, (side, side), _size(rng), stretch)


def _stripes(rng: np.random.Generator, side: int) -> Grey:
    """Draw waves; two that cross look like cloth or tiles."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    bent = clouds(rng, (side, side), side / 4) * np.float32(rng.uniform(0, 3))
    pitch = 2 * _size(rng)
    waves = np.sin(y * np.float32(2 * np.pi / pitch) + bent)
    if rng.random() < 0.5:
        waves = waves * np.sin(x * np.float32(2 * np.pi / (pitch * rng.uniform(0.5, 2))))
    return np.asarray(waves, np.float32)


def _bricks(rng: np.random.Generator, side: int) -> Grey:
    """Draw bricks, tiles or planks, each of its own shade, with gaps between them."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    high = 4 * _size(rng)
    wide = high * rng.uniform(1, 8)
    row = np.floor(y / high)
    x = x + row * np.float32(wide * rng.uniform(0, 0.5))
    column = np.floor(x / wide)
    shades = rng.standard_normal((int(row.max()) + 1, int(column.max()) + 1)).astype(np.float32)
    pattern = np.float32(rng.uniform(0, 0.7)) * shades[row.astype(int), column.astype(int)]
    gap = np.minimum(np.minimum(y % high, high - y % high), np.minimum(x % wide, wide - x % wide))
    pattern += np.float32(rng.uniform(-2, 2)) * (gap < rng.uniform(0.5, 0.08 * high + 1))
    return np.asarray(pattern, np.float32)


def _turned(pattern: Grey, rng: np.random.Generator, side: int) -> Grey:
    """Return a square of `side` pixels from the middle of a larger pattern, turned by a random angle."""
    turned = Image.fromarray(pattern).rotate(float(rng.uniform(0, 360)), Image.Resampling.BILINEAR)
    edge = (pattern.shape[0] - side) // 2
    return np.asarray(turned, np.float32)[edge : edge + side, edge : edge + side]
