"""Finds ink with a network: how much of every pixel of a photo a pen has covered.

A fully convolutional network (Long et al., 2015) takes squares of 4 x 4 pixels, whose 16 brightnesses are its
channels, and returns the ink of each of the 16 (sub-pixel convolution, Shi et al., 2016). It has learned from
made-up photos of pages to tell ink from printed lines, edges of shadows, folds, stains and wood grain.
`training/ink.py` makes its weights.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl import nn, weights
from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.filters import blur, enlarge
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

Cells = NDArray[np.float32]  # (16, H / 4, W / 4)

CELL = 4  # pixels of a square's side
WIDTH, BLOCKS = 24, 4  # channels and residual blocks: 10 convolutions see 40 pixels to each side
NEAR = 32  # pixels to each side whose mean is the light at a place
DARKEST = 0.02  # of 1: darker surroundings count as this bright, so that noise in the dark gives no contrast
TILE = 72  # squares: side of a tile
RIM = 12  # squares: border round a tile that the network sees, but whose output is discarded
AT_ONCE = 16  # tiles in a batch


def ink_network() -> nn.Sequential:
    """Return the network, untrained: x (n, 16, h, w) of `to_cells`, y (n, 16, h, w) log odds of ink."""
    return nn.Sequential(
        nn.Conv2d(CELL * CELL, WIDTH, 3, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        *(layer for _ in range(BLOCKS) for layer in (_residual(), nn.ReLU())),
        nn.Conv2d(WIDTH, CELL * CELL, 3, padding=1),
    )


def _residual() -> nn.Residual:
    """Return one residual block of two convolutions."""
    return nn.Residual(
        nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
    )


def contrast(grey: Grey) -> Grey:
    """Return how much brighter each pixel of `grey` (H, W) is than its surroundings, -1.5 to 1.5.

    It is the difference as a share of the surroundings' mean, so the light hardly matters, times 2, so that
    pen and paper differ by about one.
    """
    # The mean changes slowly: computed for every fourth pixel, it takes a tenth of the time.
    coarse = np.asarray(Image.fromarray(grey).reduce(CELL), dtype=np.float32)
    near = enlarge(blur(coarse, NEAR // CELL), grey.shape)
    out = np.asarray(grey / np.maximum(near, np.float32(DARKEST)), dtype=np.float32)
    out -= 1
    out *= 2
    np.clip(out, -1.5, 1.5, out=out)
    return out


def to_cells(values: Grey) -> Cells:
    """Return the 16 pixels of each square of 4 x 4 as channels: (4 h, 4 w) gives (16, h, w)."""
    h, w = values.shape[0] // CELL, values.shape[1] // CELL
    parts = values[: h * CELL, : w * CELL].reshape(h, CELL, w, CELL)
    return np.ascontiguousarray(parts.transpose(1, 3, 0, 2).reshape(CELL * CELL, h, w))


def from_cells(cells: Cells) -> Grey:
    """Return what `to_cells` was given: (16, h, w) gives (4 h, 4 w)."""
    _, h, w = cells.shape
    parts = cells.reshape(CELL, CELL, h, w).transpose(2, 0, 3, 1)
    return np.ascontiguousarray(parts.reshape(h * CELL, w * CELL))


@cache
def _network() -> nn.Sequential:
    """Return the network of the package, loaded once."""
    return weights.load(weights.SHIPPED / "ink.safetensors")[0]


def find_ink(grey: Grey, model: nn.Module | None = None) -> Grey:
    """Return how much of each pixel of `grey` (H, W), 0 = black .. 1 = white, is dark ink: 0 .. 1, float32.

    Letters should be 15 to 70 pixels tall. Light ink is found in 1 - grey. `model` is the network (None: the
    package's own).
    """
    model = _network() if model is None else model
    height, width = grey.shape
    rim = RIM * CELL  # the picture's edge is repeated: zeros would look like an edge of something dark
    values = np.pad(grey, ((rim, rim + -height % CELL), (rim, rim + -width % CELL)), mode="edge")
    ink = _scores(to_cells(contrast(values)), model)
    np.negative(ink, out=ink)  # 1 / (1 + exp(-x)), in place
    np.exp(np.minimum(ink, 60), out=ink)
    ink += 1
    np.reciprocal(ink, out=ink)
    return from_cells(ink)[:height, :width]


def _scores(around: Cells, model: nn.Module) -> Cells:
    """Return the network's log odds (16, h, w) for squares (16, h + 2 RIM, w + 2 RIM).

    Tile by tile, so that memory does not grow with the picture.
    """
    h, w = (n - 2 * RIM for n in around.shape[1:])
    high, wide = min(TILE, h), min(TILE, w)
    places = [(min(y, h - high), min(x, w - wide)) for y in range(0, h, TILE) for x in range(0, w, TILE)]
    out = np.zeros((CELL * CELL, h, w), dtype=np.float32)
    for at in range(0, len(places), AT_ONCE):
        some = places[at : at + AT_ONCE]
        parts = np.stack([around[:, y : y + high + 2 * RIM, x : x + wide + 2 * RIM] for y, x in some])
        with no_grad():
            scores = model(tensor(parts)).numpy()
        for (y, x), score in zip(some, scores, strict=True):
            out[:, y : y + high, x : x + wide] = score[:, RIM : RIM + high, RIM : RIM + wide]
    return out
