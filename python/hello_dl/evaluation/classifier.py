"""A trained network as a classifier of images: 28 x 28 pixels in, a probability for each class out."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl import nn
from hello_dl.data.datasets import normalise
from hello_dl.data.images import SIDE
from hello_dl.evaluation.measure import predict
from hello_dl.func import Frozen, freeze
from hello_dl.weights import Header, load

FEW = 3  # images; for so few the network is planned once (freeze). Each number of images has a plan: 0.1 s
MNIST_SIDE = 20  # pixels: a digit's longer side in MNIST's images of 28 x 28
DIGITS = frozenset("0123456789")


class Classifier:
    """A network and its weights file's header: `Classifier.load("letters").classify(images)`.

    `model` takes x (n, 1, 28, 28) and gives a score for each of `header.classes`. `name` is used in error
    messages. ValueError if the model takes or gives other shapes, or the header names no classes.
    """

    def __init__(self, model: nn.Module, header: Header, name: str = "the network") -> None:
        self.model, self.header, self.classes = model, header, header.classes
        self._frozen: Frozen | None = None
        self._can_freeze = True
        if not self.classes:
            raise ValueError(f"{name}: does not say which characters it knows; save it with classes=...")
        try:
            shape = self._classify(np.zeros((2, SIDE, SIDE), np.uint8)).shape
        except (ValueError, TypeError, IndexError) as error:
            raise ValueError(
                f"{name}: needs a network for pictures of 28 x 28 pixels, this one takes others ({error})"
            ) from None
        if shape != (2, len(self.classes)):
            raise ValueError(
                f"{name}: needs a score for each of its {len(self.classes)} classes, got the shape {shape}"
            )

    @classmethod
    def load(cls, weights: str | os.PathLike[str]) -> Classifier:
        """Load a weights file, or a bundled one by its name, such as `letters`. Raises as `weights.load`."""
        model, header = load(weights)
        return cls(model, header, os.fspath(weights))

    def classify(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n, classes) probabilities for images (n, 28, 28) uint8, 0 = paper, 255 = ink.

        The file's temperature calibrates them: of the answers with a probability of 90 %, nine in ten are
        right (Guo et al., 2017). If all classes are digits, the images are first placed by `as_mnist`.
        """
        if set(self.classes) <= DIGITS:
            images = np.stack([as_mnist(image) for image in images])
        frozen = self._for_few() if 0 < len(images) <= FEW else None
        if frozen is None:
            return self._classify(images)
        scores = frozen(normalise(images, *self.header.normalisation)) / np.float32(self.header.temperature)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
        return probabilities

    def _for_few(self) -> Frozen | None:
        """Return the network, frozen; None if it cannot be, because it depends on chance or on numbers."""
        if self._frozen is None and self._can_freeze:
            try:
                self._frozen = freeze(self.model, np.zeros((1, 1, SIDE, SIDE), np.float32))
            except (ValueError, TypeError):
                self._can_freeze = False
        return self._frozen

    def _classify(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return predict(
            self.model,
            images,
            batch_size=256,
            normalisation=self.header.normalisation,
            temperature=self.header.temperature,
        )


def as_mnist(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image (28, 28) with its ink scaled and placed like the digits of MNIST.

    The ink's longer side becomes MNIST_SIDE pixels, and its centre of mass comes to the middle of the image
    (LeCun et al., 1998, section III.A). An image without ink is returned as it is.
    """
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    if len(rows) == 0:
        return image
    crop = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = MNIST_SIDE / max(crop.shape)
    height, width = (max(1, round(n * scale)) for n in crop.shape)
    small = np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.BOX))
    mass = small.astype(float) / small.sum()
    middle_y = float(mass.sum(axis=1) @ (np.arange(height) + 0.5))
    middle_x = float(mass.sum(axis=0) @ (np.arange(width) + 0.5))
    top = int(np.clip(round(14 - middle_y), 0, 28 - height))
    left = int(np.clip(round(14 - middle_x), 0, 28 - width))
    placed = np.zeros_like(image)
    placed[top : top + height, left : left + width] = small
    return placed
