"""Fits ink into pictures by the rules of EMNIST and MNIST, and has it rasterised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl.data.builtin.glyphs import GLYPHS, Floats, Ints
from hello_dl.data.builtin.writer import SHAPE, STYLE, Ink, named, write

SIDE = 28
Bytes = NDArray[np.uint8]


def render(glyphs: Ints, style: Floats, shape: Floats, *, mnist: bool) -> Bytes:
    """Draws n characters: glyphs (n,), style and shape as `write` takes them; gives (n, 28, 28).

    All drawings of the same glyph are made together. mnist=True places them as MNIST does, else as EMNIST.
    """
    order = np.argsort(glyphs, kind="stable")
    bounds = np.flatnonzero(np.diff(glyphs[order])) + 1
    segments, counts = [], []
    for group in np.split(order, bounds) if len(order) else []:
        ink = write(GLYPHS[glyphs[group[0]]], style[group], shape[group])
        fitted = fit(ink, named(STYLE, style[group]), named(SHAPE, shape[group]), mnist=mnist)
        steps = pen_steps(fitted)
        segments.append(steps.reshape(-1, 6))
        counts.append(np.full(len(group), steps.shape[1]))
    pictures = np.empty((len(glyphs), SIDE, SIDE), np.uint8)
    if segments:
        starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
        pictures[order] = _core.draw_strokes(np.concatenate(segments), starts, SIDE, SIDE)
    return develop(pictures, named(STYLE, style), mnist=mnist)


def pen_steps(ink: Ink) -> Floats:
    """Turns the pen's places into segments x0, y0, r0, x1, y1, r1: (n, m, 6), steps in the air left out."""
    places = np.concatenate([ink.xy, ink.radius[..., None]], axis=2).astype(np.float32)
    steps = np.concatenate([places[:, :-1], places[:, 1:]], axis=2)
    return np.ascontiguousarray(steps[:, ink.pen_down])


def fit(ink: Ink, hand: dict[str, Floats], now: dict[str, Floats], *, mnist: bool) -> Ink:
    """Scales and places drawings in a 28 x 28 picture, y downwards.

    EMNIST: the longer side of the ink is 24 of 28 pixels, the middle of its box in the middle. MNIST: the
    longer side is 20, the centre of mass in the middle. Real sets vary a little, so these do.
    """
    side = np.full(len(ink.xy), 20.0) if mnist else 23 + 1.1 * hand["size"]
    loose = np.maximum(0, now["size"] - 1.6)  # a few are cut out of the page with a wide margin
    if not mnist:
        side = side / (1 + loose)
    low, high = ink.xy.min(axis=1), ink.xy.max(axis=1)
    extent = np.maximum(high - low, 1e-3)
    pen = ink.radius * (1.2 if mnist else 1.0)
    scale = side / (extent.max(axis=1) + 2 * pen.mean(axis=1))
    radius = np.clip(pen * scale[:, None], 0.75, 2.5 if mnist else 3.8)
    scale = (side - 2 * radius.mean(axis=1)) / extent.max(axis=1)
    middle = (low + high) / 2
    if mnist:
        steps = np.where(ink.pen_down, np.linalg.norm(np.diff(ink.xy, axis=1), axis=2), 0) * radius[:, 1:]
        middle = ((ink.xy[:, 1:] + ink.xy[:, :-1]) / 2 * steps[..., None]).sum(axis=1)
        middle /= steps.sum(axis=1, keepdims=True)
        offset = 0.5 + 0.25 * np.stack([now["left"], now["top"]], axis=1)
    else:
        offset = (0.5 + 5 * loose)[:, None] * np.stack([now["left"], now["top"]], axis=1)
    xy = (ink.xy - middle[:, None]) * scale[:, None, None]
    xy[..., 1] *= -1
    return Ink((xy + SIDE / 2 + offset[:, None]).astype(np.float32), radius.astype(np.float32), ink.pen_down)


def develop(pictures: Bytes, hand: dict[str, Floats], *, mnist: bool) -> Bytes:
    """Softens pictures as a scan and a resize do, and varies their contrast: (n, 28, 28) to the same."""
    soft = np.clip(0.14 + 0.07 * hand["soft"], 0.0, 0.3)[:, None, None] * (0.2 if mnist else 1.0)
    x = pictures.astype(np.float32)
    for axis in (1, 2):  # (soft, 1 - 2 soft, soft) along each axis
        spread = -2 * x
        inner = [slice(None)] * 3
        outer = [slice(None)] * 3
        inner[axis], outer[axis] = slice(1, None), slice(None, -1)
        spread[tuple(inner)] += x[tuple(outer)]
        spread[tuple(outer)] += x[tuple(inner)]
        spread *= soft
        x += spread
    # The darkest place of every picture is full ink; a blunt pen makes the grey edges darker too.
    gain = np.exp(np.maximum(0, 0.15 + 0.25 * hand["contrast"])) * 255 / np.maximum(x.max(axis=(1, 2)), 1)
    x *= gain[:, None, None]
    return np.asarray(np.minimum(x, 255), np.uint8)
