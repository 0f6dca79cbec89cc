"""Shows which parts of an image decide: by attention through all layers, or by covering a part at a time."""

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

Maps = NDArray[np.float32]  # (n, grid, grid): a number for each patch of each of n images


def rollout(model: VisionTransformer, images: NDArray[np.uint8], normalisation: tuple[float, float]) -> Maps:
    """Return the share that each patch has in the last class token, (n, grid, grid), by attention rollout.

    A layer is taken to pass on half of each token unchanged (its residual connection) and to mix the other
    half as its heads attend, on average: A = (I + mean attention) / 2. The product of all layers' A gives the
    shares (Abnar, Zuidema 2020, equation 1). images (n, side, side) uint8.
    """
    with using(model):
        maps = [a.numpy().mean(axis=1) for a in model.attention(to_tensor(normalise(images, *normalisation)))]
    shares = np.eye(maps[0].shape[-1], dtype=np.float32)[None]  # (n, tokens, tokens)
    for attention in maps:
        shares = (attention + np.eye(attention.shape[-1], dtype=np.float32)) / 2 @ shares
    return np.asarray(shares[:, 0, 1:].reshape(-1, model.grid, model.grid))


def occlusion(
    model: nn.Module, images: NDArray[np.uint8], normalisation: tuple[float, float], patch: int = 4
) -> Maps:
    """Return how much the probability of a network's answer falls when a patch is covered, (n, grid, grid).

    The answer is the most probable class of the whole image; a patch of `patch` x `patch` pixels is covered
    with 0, which is paper. Numbers are negative where the patch made another class more probable (Zeiler,
    Fergus 2014, section 4.2). Works for any network. images (n, side, side) uint8.
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
    """Draw each image in a column, and below it once for each map, reddened where the map is large.

    images   (n, side, side) uint8, 255 = ink
    maps     captions and maps. White is the smallest value of each image's map or 0, whichever is larger;
             full red is its largest value
    scale    pixels of the picture for each pixel of an image
    """
    n, side, _ = images.shape
    cell, gap, margin = side * scale, 6, 130  # pixels: an image, between images, for captions at the left
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
    """Return an image (side, side) in black on white, `cell` pixels wide, reddened where `glow` is near 1."""
    ink = Image.fromarray(image).resize((cell, cell), Image.Resampling.BICUBIC)
    red = Image.fromarray(np.uint8(255 * glow)).resize((cell, cell), Image.Resampling.NEAREST)
    x, r = np.asarray(ink, np.float32)[..., None] / 255, np.asarray(red, np.float32)[..., None] / 255
    paper = 1 - r * np.array([0.05, 0.75, 0.85])  # full red is (0.95, 0.25, 0.15)
    colour = paper * (1 - x) + x * np.array([0.1, 0.1, 0.1])  # ink is a dark grey
    return Image.fromarray(np.uint8(255 * colour))
