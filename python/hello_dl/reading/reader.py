"""Reads pictures with a trained network: a weights file is all that is needed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.reading.image.load import Source
from hello_dl.reading.page import Page
from hello_dl.reading.pipeline import read as read_page
from hello_dl.reading.sheet.survey import Trace, no_trace

if TYPE_CHECKING:
    from hello_dl import nn
    from hello_dl.weights import Header

MNIST_SIDE = 20  # pixels of a digit's longer side in MNIST, of 28
DIGITS = frozenset("0123456789")


class Reader:
    """A trained network that reads handwriting: `Reader.load("letters.safetensors").read("page.jpg").text`.

    `model` takes x (n, 1, 28, 28) and gives a score for each of `header.classes`; else ValueError is raised.
    """

    def __init__(self, model: nn.Module, header: Header, name: str = "the network") -> None:
        self.model, self.header, self.classes = model, header, header.classes
        if not self.classes:
            raise ValueError(f"{name}: does not say which characters it knows; save it with classes=...")
        try:
            shape = self.classify(np.zeros((2, 28, 28), np.uint8)).shape
        except (ValueError, TypeError, IndexError) as error:
            raise ValueError(
                f"{name}: needs a network for pictures of 28 x 28 pixels, this one takes others ({error})"
            ) from None
        if shape != (2, len(self.classes)):
            raise ValueError(
                f"{name}: needs a score for each of its {len(self.classes)} classes, got the shape {shape}"
            )

    @classmethod
    def load(cls, weights: str | os.PathLike[str]) -> Reader:
        """Make a reader of a weights file, or of a bundled one: `letters`. Raises as `weights.load`."""
        from hello_dl.weights import load

        model, header = load(weights)
        return cls(model, header, os.fspath(weights))

    def classify(self, glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n, classes) probabilities for glyphs (n, 28, 28) uint8, 0 = paper, 255 = ink.

        With the file's temperature they are calibrated: of answers given with 90 %, nine in ten are right.
        """
        from hello_dl.train import predict

        if set(self.classes) <= DIGITS:
            glyphs = np.stack([as_mnist(glyph) for glyph in glyphs])
        header = self.header
        return predict(
            self.model,
            glyphs,
            batch_size=256,
            normalisation=header.normalisation,
            temperature=header.temperature,
        )

    def read(
        self,
        picture: Source,
        *,
        top: int = 5,
        context: str = "auto",
        lexicon: Iterable[str] = (),
        trace: Trace = no_trace,
    ) -> Page:
        """Read a picture: path, Pillow image or array. Options and errors are those of `reading.read`."""
        return read_page(
            picture, self.classify, self.classes, top=top, context=context, lexicon=lexicon, trace=trace
        )


def read(picture: Source, weights: str | os.PathLike[str] | Reader = "letters", *, top: int = 5) -> Page:
    """Read the handwriting in a picture with a trained network, and return it as a Page of lines.

    `weights` is a file as `hello-dl train` writes it, or a Reader, which saves loading it again for the next
    picture. Of each letter the `top` best guesses are kept. Hello Deep Learning, chapter 8.
    """
    reader = weights if isinstance(weights, Reader) else Reader.load(weights)
    return reader.read(picture, top=top)


def as_mnist(glyph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a glyph (28, 28) as MNIST has its digits: 20 pixels on the longer side, centred by mass.

    LeCun et al., 1998, section III.A. A network that knows only digits has seen no others.
    """
    rows, columns = np.flatnonzero(glyph.any(axis=1)), np.flatnonzero(glyph.any(axis=0))
    if len(rows) == 0:
        return glyph
    crop = glyph[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = MNIST_SIDE / max(crop.shape)
    height, width = (max(1, round(n * scale)) for n in crop.shape)
    small = np.asarray(Image.fromarray(crop).resize((width, height), Image.Resampling.BOX))
    mass = small.astype(float) / small.sum()
    middle_y = float(mass.sum(axis=1) @ (np.arange(height) + 0.5))
    middle_x = float(mass.sum(axis=0) @ (np.arange(width) + 0.5))
    top = int(np.clip(round(14 - middle_y), 0, 28 - height))
    left = int(np.clip(round(14 - middle_x), 0, 28 - width))
    placed = np.zeros_like(glyph)
    placed[top : top + height, left : left + width] = small
    return placed
