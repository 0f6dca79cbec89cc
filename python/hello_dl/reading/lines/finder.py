"""Finds the bands of writing on a page of ink: where, between baseline and x-line, the lines stand.

A fully convolutional network looks at squares of 4 x 4 pixels, as the ink network does. Its convolutions are
dilated: their 9 weights look at squares that lie 1, 2, 4 and 8 apart, so that each answer depends on 180
pixels to each side with few weights (Yu, Koltun 2016). It learned from made-up pages alone
(data/lines/ink_page.py); `training/line_finder.py` makes its weights.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from hello_dl import nn, weights
from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.ink_map.network import CELL, from_cells, to_cells
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import no_grad

WIDTH = 32  # channels
DILATIONS = (1, 2, 4, 8, 4, 2, 1)  # of the residual blocks, each of two convolutions
RIM = 15  # squares of paper round the page, so that zeros beyond it look like paper


def finder_network() -> nn.Sequential:
    """Return the network, untrained: ink (n, 16, h, w) of `to_cells` gives log odds of bands, as large."""
    return nn.Sequential(
        nn.Conv2d(CELL * CELL, WIDTH, 3, padding=1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        *(layer for dilation in DILATIONS for layer in (_residual(dilation), nn.ReLU())),
        nn.Conv2d(WIDTH, CELL * CELL, 3, padding=1),
    )


def _residual(dilation: int) -> nn.Residual:
    """Return one residual block of two dilated convolutions."""
    layers: list[nn.Module] = []
    for _ in range(2):
        layers.append(nn.Conv2d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation, bias=False))
        layers.append(nn.BatchNorm2d(WIDTH))
    return nn.Residual(layers[0], layers[1], nn.ReLU(), layers[2], layers[3])


@cache
def _network() -> nn.Sequential:
    """Return the network of the package, loaded once."""
    return weights.load(weights.SHIPPED / "line_finder.safetensors")[0]


def find_bands(ink: Grey, model: nn.Module | None = None) -> Grey:
    """Return how surely each pixel of a page of ink (H, W), 0 .. 1, lies in a line's band: 0 .. 1.

    The x-height should be 5 to 17 pixels. `model` is the network (None: the package's own).
    """
    model = _network() if model is None else model
    height, width = ink.shape
    rim = RIM * CELL
    cells = to_cells(np.pad(ink, ((rim, rim + -height % CELL), (rim, rim + -width % CELL))))
    with no_grad():
        odds = model(tensor(cells[None])).numpy()[0]
    bands = from_cells(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
    return bands[rim : rim + height, rim : rim + width]
