"""Where a network looks: attention followed through its layers, and what happens if a part is covered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hello_dl import nn
from hello_dl.data.collate import to_tensor
from hello_dl.data.datasets import normalise
from hello_dl.evaluation import predict, using
from hello_dl.models.vision_transformer import VisionTransformer

Maps = NDArray[np.float32]  # (n, grid, grid)


def rollout(model: VisionTransformer, images: NDArray[np.uint8], normalisation: tuple[float, float]) -> Maps:
    """Return how much of each patch reaches the class token, (n, grid, grid).

    Half of a token is passed on by each layer as it is, half is the mixture that its heads chose, on average:
    A = (mean attention + 1) / 2. The product of all layers' A says what the last token is made of (Abnar,
    Zuidema 2020, equation 1). images (n, side, side) uint8.
    """
    with using(model):
        maps = [a.numpy().mean(axis=1) for a in model.attention(to_tensor(normalise(images, *normalisation)))]
    reach = np.eye(maps[0].shape[-1], dtype=np.float32)[None]
    for attention in maps:
        reach = (attention + np.eye(attention.shape[-1], dtype=np.float32)) / 2 @ reach
    return np.asarray(reach[:, 0, 1:].reshape(-1, model.grid, model.grid))


def occlusion(
    model: nn.Module, images: NDArray[np.uint8], normalisation: tuple[float, float], patch: int = 4
) -> Maps:
    """Return how much a network's answer loses when a patch is covered with paper, (n, grid, grid).

    It is the probability of the class that the whole image is taken for, minus the probability of that class
    without the patch; negative where the patch spoke for another class (Zeiler, Fergus 2014, section 4.2).
    Works for any network. images (n, side, side) uint8.
    """
    n, side, _ = images.shape
    grid = side // patch
    whole = predict(model, images, normalisation=normalisation)
    answer = whole.argmax(axis=1)
    loss = np.zeros((n, grid, grid), np.float32)
    for i in range(grid):
        for k in range(grid):
            covered = images.copy()
            covered[:, i * patch : (i + 1) * patch, k * patch : (k + 1) * patch] = 0
            rest = predict(model, covered, normalisation=normalisation)
            loss[:, i, k] = (whole - rest)[np.arange(n), answer]
    return loss


def picture(images: NDArray[np.uint8], maps: Sequence[tuple[str, Maps]], scale: int = 4) -> Image.Image:
    """Draw each image in a column, and below it the image again under each of the maps, as a red glow.

    `maps` are captions and maps. Each map glows from its smallest value, at least 0, to its largest.
    """
    n, side, _ = images.shape
    cell, gap, margin = side * scale, 6, 130
    rows = [("", np.zeros((n, 1, 1), np.float32)), *maps]
    sheet = Image.new("RGB", (margin + n * (cell + gap), len(rows) * (cell + gap) + gap), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for r, (caption, values) in enumerate(rows):
        top = gap + r * (cell + gap)
        draw.multiline_text((gap, top + cell // 2), caption, "black", font, anchor="lm")
        for i in range(n):
            glow = np.maximum(values[i] - max(values[i].min(), 0), 0)
            sheet.paste(_glowing(images[i], glow / (glow.max() or 1), cell), (margin + i * (cell + gap), top))
    return sheet


def _glowing(image: NDArray[np.uint8], glow: NDArray[np.float32], cell: int) -> Image.Image:
    """Black ink on white paper, reddened where `glow` (grid, grid) is near 1."""
    ink = Image.fromarray(image).resize((cell, cell), Image.Resampling.BICUBIC)
    red = Image.fromarray(np.uint8(255 * glow)).resize((cell, cell), Image.Resampling.NEAREST)
    x, r = np.asarray(ink, np.float32)[..., None] / 255, np.asarray(red, np.float32)[..., None] / 255
    paper = 1 - r * np.array([0.05, 0.75, 0.85])
    colour = paper * (1 - x) + x * np.array([0.1, 0.1, 0.1])
    return Image.fromarray(np.uint8(255 * colour))
