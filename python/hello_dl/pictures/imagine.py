"""Shows what a network expects of a class: an image is changed until the network takes it for the class.

This is gradient descent on the input instead of the weights. By itself it finds noise that only the network
takes for an h. Three additions make it an h for people, too: in each step, several copies of the image are
judged, each shifted, scaled and with noise; the gradient is blurred, less and less, so that shapes come
before details; and ink that is not needed fades.
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

LOOKS = 8  # changed copies of each image that are judged in one step
SHIFT = 3.0  # most pixels by which a copy is moved, in x and y
ZOOM = 0.15  # most by which a copy is scaled, as a share of its size
NOISE = 0.1  # standard deviation of the noise on a copy; 1 is ink, 0 is paper
RATE, MOMENTUM = 0.05, 0.9  # of the steps, as in SGD
BLUR = (1.8, 0.5)  # of the gradient: standard deviation in pixels at the first step and at the last
SOFT = 0.3  # blur of the image after each step: standard deviation in pixels, since a pen has a width
FADE = 0.2  # how strongly ink fades; the gradient is scaled to a root mean square of 1
EDGE_FADE = 0.5  # how much more strongly it fades at the edge of the image
EDGE = 9.0  # pixels from the middle at which the stronger fading begins
PLACES = np.arange(SIDE, dtype=np.float32)  # coordinates of the rows, and of the columns

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Dream:
    """The images of k classes that a network imagined, after each step.

    frames    (steps + 1, k, 28, 28) uint8, 255 = ink; the first are what it began with
    chances   (steps + 1, k), the probability that the network gives to the image's class
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
    """Change an image for each target class until the network takes it for the class.

    targets         indices of the classes
    start           the image to begin with, (28, 28) uint8, 255 = ink; noise if None
    normalisation   mean and standard deviation of the pixels that the network was trained with
    seed            of the noise and of the changes to the copies

    Hello Deep Learning, chapter 5, after Simonyan et al. 2014, section 2. Raises ValueError for no target, no
    step, or a start of another shape.
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
            # Divided by its size: steps are equally large whether the gradient is large or small.
            velocity = MOMENTUM * velocity + (1 - MOMENTUM) * (gradient / (size + 1e-9) + fade)
            x = np.asarray(soften @ (x - RATE * velocity).clip(0, 1) @ soften.T, np.float32)
            frames.append(x)
    pixels = np.rint(255 * np.stack(frames)).astype(np.uint8)
    chances = predict(model, pixels.reshape(-1, SIDE, SIDE), normalisation=normalisation)
    of_target = chances.reshape(steps + 1, k, -1)[:, np.arange(k), list(targets)]
    return Dream(pixels, of_target)


def _gradient(
    model: nn.Module,
    image: Array,
    targets: Sequence[int],
    normalisation: tuple[float, float],
    generator: np.random.Generator,
) -> Array:
    """Return the derivative of the loss by the images (k, 28, 28), over LOOKS changed copies of each."""
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
    """Return n matrices (n, 28, 28) that shift and scale an image at random when multiplied with it.

    Row i of the moved image lies between two rows of the image; row i of the matrix holds their weights
    (linear interpolation).
    """
    shift = generator.uniform(-SHIFT, SHIFT, (n, 1)).astype(np.float32)
    zoom = generator.uniform(1 - ZOOM, 1 + ZOOM, (n, 1)).astype(np.float32)
    middle = (SIDE - 1) / 2
    source = (PLACES - middle) / zoom + middle - shift  # (n, 28)
    mix: Array = np.maximum(0, 1 - np.abs(source[:, :, None] - PLACES)).astype(np.float32)
    return mix


def _blur(sigma: float) -> Array:
    """Return the matrix (28, 28) that blurs columns with a Gaussian, `sigma` pixels; outside is paper (0)."""
    w = np.exp(-0.5 * ((PLACES[:, None] - PLACES) / sigma) ** 2)
    blur: Array = (w / w.sum(axis=1).max()).astype(np.float32)
    return blur


def _fading() -> Array:
    """Return how strongly ink fades at each pixel, (28, 28): more in the outer 4 pixels."""
    middle = (SIDE - 1) / 2
    outside = np.maximum(0, np.abs(PLACES - middle) - EDGE) / (middle - EDGE)
    fading: Array = (FADE + EDGE_FADE * np.maximum(outside[:, None], outside)).astype(np.float32)
    return fading


@contextmanager
def _frozen(model: nn.Module) -> Iterator[None]:
    """For the block, set the model to eval and its parameters to need no gradient; then restore both."""
    learning = [p for p in model.parameters() if p.requires_grad]
    with using(model), enable_grad():
        try:
            for p in learning:
                p.requires_grad_(False)
            yield
        finally:
            for p in learning:
                p.requires_grad_(True)
