"""What a network has in mind: an image is changed until the network sees in it what it is told to.

Gradient ascent on the input. Left alone it finds noise that only the network takes for an h; three things
keep what it draws such that people see an h too: the image is looked at shifted, scaled and with noise on it,
several times a step; the gradient is blurred, less and less, so that shapes come before details; and ink that
is not needed fades.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import hello_dl
from hello_dl import functional as F
from hello_dl import nn
from hello_dl.data.images import SIDE
from hello_dl.evaluation import predict, using
from hello_dl.tensors.creation import tensor
from hello_dl.tensors.grad_mode import enable_grad

LOOKS = 8  # at each image in one step, each a little different:
SHIFT, ZOOM, NOISE = 3.0, 0.15, 0.1  # pixels; share of the size; standard deviation, 1 = ink
RATE, MOMENTUM = 0.05, 0.9
BLUR = (1.8, 0.5)  # of the gradient, standard deviation in pixels, at the beginning and at the end
SOFT = 0.3  # the image itself is blurred by this much after each step: a pen has a width
FADE, EDGE_FADE = 0.2, 0.5  # how strongly ink fades, against a gradient of size 1; at the edge it is the sum
PLACES = np.arange(SIDE, dtype=np.float32)

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Dream:
    """How images came to be what a network was told to see: k of them, frame by frame.

    `frames` (steps + 1, k, 28, 28) uint8, 255 = ink; `chances` (steps + 1, k), the probability that the
    network gives each to be what it should be.
    """

    frames: NDArray[np.uint8]
    chances: NDArray[np.float32]


def imagine(
    model: nn.Module,
    targets: Sequence[int],
    *,
    start: NDArray[np.uint8] | None = None,
    normalisation: tuple[float, float] = (0.0, 1.0),
    steps: int = 120,
    seed: int = 0,
) -> Dream:
    """Let a network imagine each of the target classes (their numbers), from noise or from an image.

    `start` (28, 28) uint8, 255 = ink. Hello Deep Learning, chapter 5, after Simonyan et al. 2014, section 2.
    Raises ValueError for no target, no step, or a start of another shape.
    """
    if len(targets) == 0 or steps < 1:
        raise ValueError(f"imagine: needs at least one target and one step, got {len(targets)} and {steps}")
    if start is not None and start.shape != (SIDE, SIDE):
        raise ValueError(f"imagine: needs a start of shape ({SIDE}, {SIDE}), got {start.shape}")
    generator = np.random.Generator(np.random.Philox(seed))
    k = len(targets)
    begin = generator.normal(0.2, 0.1, (k, SIDE, SIDE)) if start is None else np.stack([start / 255] * k)
    x: Array = begin.clip(0, 1).astype(np.float32)
    fade, soften = _fading(), _blur(SOFT)
    velocity = np.zeros_like(x)
    frames = [x]
    with _frozen(model):
        for step in range(steps):
            gradient = _gradient(model, x, targets, normalisation, generator)
            blur = _blur(BLUR[0] + (BLUR[1] - BLUR[0]) * step / steps)
            gradient = np.asarray(blur @ gradient @ blur.T, np.float32)
            size = np.sqrt((gradient**2).mean(axis=(1, 2), keepdims=True))
            # Divided by its size, a step goes equally far, however sure the network is.
            velocity = MOMENTUM * velocity + (1 - MOMENTUM) * (gradient / (size + 1e-9) + fade)
            x = np.asarray(soften @ (x - RATE * velocity).clip(0, 1) @ soften.T, np.float32)
            frames.append(x)
    pixels = np.rint(255 * np.stack(frames)).astype(np.uint8)
    chances = predict(model, pixels.reshape(-1, SIDE, SIDE), normalisation=normalisation)
    mine = chances.reshape(steps + 1, k, -1)[:, np.arange(k), list(targets)]
    return Dream(pixels, mine)


def _gradient(
    model: nn.Module,
    image: Array,
    targets: Sequence[int],
    normalisation: tuple[float, float],
    generator: np.random.Generator,
) -> Array:
    """Return the derivative of the loss by the images (k, 28, 28), each looked at LOOKS times."""
    k, (mean, std) = len(image), normalisation
    x = tensor(image).requires_grad_()
    rows, columns = (tensor(_moves(LOOKS * k, generator)) for _ in range(2))
    noise = generator.normal(0, NOISE, (LOOKS * k, SIDE, SIDE)).astype(np.float32)
    seen = rows @ hello_dl.cat([x] * LOOKS) @ columns.transpose(1, 2) + tensor(noise)
    scores = model(((seen - mean) / std).reshape(LOOKS * k, 1, SIDE, SIDE))
    F.cross_entropy(scores, tensor(np.tile(np.asarray(targets), LOOKS))).backward()
    assert x.grad is not None
    gradient: Array = x.grad.numpy()
    return gradient


def _moves(n: int, generator: np.random.Generator) -> Array:
    """Return n matrices (n, 28, 28) that shift and scale what they are multiplied with, at random.

    Row i mixes the two rows between which row i of the moved image lies in the image.
    """
    shift = generator.uniform(-SHIFT, SHIFT, (n, 1)).astype(np.float32)
    zoom = generator.uniform(1 - ZOOM, 1 + ZOOM, (n, 1)).astype(np.float32)
    middle = (SIDE - 1) / 2
    source = (PLACES - middle) / zoom + middle - shift  # (n, 28)
    mix: Array = np.maximum(0, 1 - np.abs(source[:, :, None] - PLACES)).astype(np.float32)
    return mix


def _blur(sigma: float) -> Array:
    """Return the matrix (28, 28) that blurs what it is multiplied with; beyond the edge is paper."""
    w = np.exp(-0.5 * ((PLACES[:, None] - PLACES) / sigma) ** 2)
    blur: Array = (w / w.sum(axis=1).max()).astype(np.float32)
    return blur


def _fading() -> Array:
    """Return how strongly ink fades at each place, (28, 28): more in the outer 4 pixels."""
    outside = np.maximum(0, np.abs(PLACES - (SIDE - 1) / 2) - 9) / 4.5
    fading: Array = (FADE + EDGE_FADE * np.maximum(outside[:, None], outside)).astype(np.float32)
    return fading


@contextmanager
def _frozen(model: nn.Module) -> Iterator[None]:
    """For a block, the model in use (eval) and its parameters without gradients; then as they were."""
    learning = [p for p in model.parameters() if p.requires_grad]
    with using(model), enable_grad():
        try:
            for p in learning:
                p.requires_grad_(False)
            yield
        finally:
            for p in learning:
                p.requires_grad_(True)
