"""Reads pictures of handwriting with a trained network: a weights file is all that is needed."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl.evaluation.classifier import Classifier
from hello_dl.reading.image.load import Source
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.page import Page
from hello_dl.reading.pipeline import read as read_page
from hello_dl.weights import Header


class Reader:
    """A trained network that reads handwriting: `Reader.load("letters.safetensors").read("page.jpg").text`.

    Its `classifier` says of each letter, cut out as 28 x 28 pixels, which it is. Raises as `Classifier`.
    """

    def __init__(self, model: nn.Module, header: Header, name: str = "the network") -> None:
        self.classifier = Classifier(model, header, name)

    @classmethod
    def load(cls, weights: str | os.PathLike[str]) -> Reader:
        """Make a reader of a weights file, or of a bundled one: `letters`. Raises as `weights.load`."""
        reader = cls.__new__(cls)
        reader.classifier = Classifier.load(weights)
        return reader

    @property
    def classes(self) -> tuple[str, ...]:
        """The characters that the network knows, in the order of its scores."""
        return self.classifier.classes

    def classify(self, glyphs: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n, classes) probabilities for letters (n, 28, 28) uint8, 0 = paper, 255 = ink."""
        return self.classifier.classify(glyphs)

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
