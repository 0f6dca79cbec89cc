"""Places ink in small pictures by the rules of EMNIST and MNIST, and draws it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl import _core
from hello_dl.data.builtin.glyphs import GLYPHS, Floats, Ints
from hello_dl.data.builtin.writer import SHAPE, STYLE, Ink, named, write

SIDE = 28  # pixels: width and height of a picture
MNIST_SIDE = 20.0  # longer side of the ink in MNIST's pictures, in pixels
EMNIST_SIDE, EMNIST_SPREAD = 23.0, 1.1  # the same in EMNIST's: mean, and standard deviation between writers
THINNEST, THICKEST = 0.75, {"mnist": 2.5, "emnist": 3.8}  # limits of the pen's radius, in pixels
Bytes = NDArray[np.uint8]


def render(glyphs: Ints, style: Floats, shape: Floats, *, mnist: bool) -> Bytes:
    """Draw n characters: glyphs (n,), style and shape as `write` takes them; return (n, 28, 28) uint8.

    All drawings of the same glyph are made together. mnist=True places them as in MNIST, else as in EMNIST.
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
    """Return the steps of the pen that leave ink, as segments (n, m, 6): x0, y0, radius0, x1, y1, radius1."""
    places = np.concatenate([ink.xy, ink.radius[..., None]], axis=2).astype(np.float32)
    steps = np.concatenate([places[:, :-1], places[:, 1:]], axis=2)
    return np.ascontiguousarray(steps[:, ink.pen_down])


def fit(ink: Ink, hand: dict[str, Floats], now: dict[str, Floats], *, mnist: bool) -> Ink:
    """Scale drawings to pixels and place them in a picture of 28 x 28, y downwards.

    EMNIST: the longer side of the ink is about 23 pixels, and the middle of its box is in the middle. MNIST:
    the longer side is 20 pixels, and the centre of mass is in the middle. Both vary a little, as in the real
    sets: `hand` and `now` are standard normal numbers of the writer and of the drawing.
    """
    side = np.full(len(ink.xy), MNIST_SIDE) if mnist else EMNIST_SIDE + EMNIST_SPREAD * hand["size"]
    loose = np.maximum(0, now["size"] - 1.6)  # one in 18 has a wider margin: how much smaller it is drawn
    if not mnist:
        side = side / (1 + loose)
    low, high = ink.xy.min(axis=1), ink.xy.max(axis=1)
    extent = np.maximum(high - low, 1e-3)
    pen = ink.radius * (1.2 if mnist else 1.0)  # MNIST's strokes are a fifth thicker
    scale = side / (extent.max(axis=1) + 2 * pen.mean(axis=1))
    radius = np.clip(pen * scale[:, None], THINNEST, THICKEST["mnist" if mnist else "emnist"])
    scale = (side - 2 * radius.mean(axis=1)) / extent.max(axis=1)
    middle = (low + high) / 2
    if mnist:
        steps = np.where(ink.pen_down, np.linalg.norm(np.diff(ink.xy, axis=1), axis=2), 0) * radius[:, 1:]
        middle = ((ink.xy[:, 1:] + ink.xy[:, :-1]) / 2 * steps[..., None]).sum(axis=1)
        middle /= steps.sum(axis=1, keepdims=True)
        offset = 0.5 + 0.25 * np.stack([now["left"], now["top"]], axis=1)  # pixels right and down
    else:
        offset = (0.5 + 5 * loose)[:, None] * np.stack([now["left"], now["top"]], axis=1)
    xy = (ink.xy - middle[:, None]) * scale[:, None, None]
    xy[..., 1] *= -1
    return Ink((xy + SIDE / 2 + offset[:, None]).astype(np.float32), radius.astype(np.float32), ink.pen_down)


def develop(pictures: Bytes, hand: dict[str, Floats], *, mnist: bool) -> Bytes:
    """Blur pictures a little, as scanning and resizing do, and vary their contrast; (n, 28, 28) as before."""
    # Share of each pixel's ink that goes to each of its neighbours along an axis.
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
    # The darkest pixel of every picture becomes full ink; a higher contrast makes grey edges darker, too.
    gain = np.exp(np.maximum(0, 0.15 + 0.25 * hand["contrast"])) * 255 / np.maximum(x.max(axis=(1, 2)), 1)
    x *= gain[:, None, None]
    return np.asarray(np.minimum(x, 255), np.uint8)
