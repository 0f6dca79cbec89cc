"""Draws the output of every convolution of a network for one image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl import nn
from hello_dl.data.datasets import normalise
from hello_dl.evaluation import using
from hello_dl.pictures.canvas import enlarged, grid, heading, stacked
from hello_dl.pictures.colours import ink, signed
from hello_dl.pictures.layers import watching
from hello_dl.tensors.creation import tensor

ACROSS = 16  # tiles in a row
TILE = 52  # about the width of a tile, in pixels
GAP = 4  # pixels between two tiles
SHOWN = 128  # filters of a layer that are drawn; of a larger layer, the first ones
STRONG = 99.5  # percentile of a layer's absolute values that gets the full colour, as do larger values


def responses(
    model: nn.Module, image: NDArray[np.uint8], normalisation: tuple[float, float] = (0.0, 1.0)
) -> list[tuple[str, NDArray[np.float32]]]:
    """Return the name and the response (filters, h, w) of each convolution to an image.

    `image` (28, 28) uint8, 255 = ink. The response is the convolution's output for the image minus its output
    for blank paper, so it is 0 where there is no ink. Raises ValueError for a network without convolutions.
    """
    both = np.stack([image, np.zeros_like(image)])
    with using(model), watching(model, nn.Conv2d) as seen:
        model(tensor(normalise(both, *normalisation)))
        found = [(one.name, one.y.numpy()) for one in seen]
    if not found:
        raise ValueError("responses: needs a network with convolutions, this one has none")
    return [(name, y[0] - y[1]) for name, y in found]


def first_filters(model: nn.Module) -> NDArray[np.float32] | None:
    """Return the weights (filters, k, k) of the first convolution if it has one input channel, else None."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            weights: NDArray[np.float32] = layer.weight.detach().numpy()
            return weights[:, 0] if weights.shape[1] == 1 else None
    return None


def responses_picture(
    model: nn.Module, image: NDArray[np.uint8], normalisation: tuple[float, float] = (0.0, 1.0)
) -> Image.Image:
    """Draw the image, the filters of the first layer, and the response of each convolution to the image.

    Red is a positive response: the image is like the filter there; blue is a negative one. Each layer has its
    own scale of colours. Chapter 5 of Hello Deep Learning.
    """
    found = responses(model, image, normalisation)
    parts = []
    filters = first_filters(model)
    if filters is not None:
        parts.append((f"the {len(filters)} filters of the first convolution", filters))
    for number, (name, maps) in enumerate(found, 1):
        n, h, w = maps.shape
        parts.append((f"convolution {number} (layer {name}): {n} filters, {h} x {w} pixels", maps))
    sections = [enlarged(ink(image), 6)]
    for text, maps in parts:
        most = float(np.percentile(np.abs(maps), STRONG))
        tiles = [signed(one, most) for one in maps[:SHOWN]]
        sheet = grid(tiles, ACROSS, scale=max(1, round(TILE / maps.shape[2])), gap=GAP)
        sections += [heading(text, width=sheet.width), sheet]
    return stacked(sections)
