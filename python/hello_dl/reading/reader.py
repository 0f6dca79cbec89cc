"""Reads pictures of handwriting with a trained network: a weights file is all that is needed."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hello_dl import nn
from hello_dl.evaluation.classifier import Classifier
from hello_dl.reading.by_lines import read_by_lines
from hello_dl.reading.image.load import Source
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.lines.certainty import Certainty
from hello_dl.reading.lines.language import LineLanguage, shipped
from hello_dl.reading.lines.line_reader import LineReader
from hello_dl.reading.lines.network import LineNetwork, is_line_network
from hello_dl.reading.lines.network import load as load_lines
from hello_dl.reading.page import Page
from hello_dl.reading.pipeline import check_options
from hello_dl.reading.pipeline import read as read_page
from hello_dl.weights import Header, find

FEW = 4  # characters: so few may be one or two letters, and are read letter by letter, too


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


class PageReader:
    """Reads pages line by line, joined writing or not: `PageReader.load().read("page.jpg").text`.

    `lines` is the network that reads a line, `single` the reader of pictures with one or two letters (None:
    the package's `characters`), `certainty` what makes the probabilities of words (None: the package's own).
    """

    def __init__(
        self, lines: LineNetwork, single: Reader | None = None, certainty: Certainty | None = None
    ) -> None:
        self.lines, self.certainty = lines, certainty
        self._single = single

    @classmethod
    def load(cls, weights: str | os.PathLike[str] = "lines") -> PageReader:
        """Make a reader of the weights of a line reader, or of the bundled ones. Raises as `weights.load`."""
        return cls(load_lines(find(weights)))

    @property
    def single(self) -> Reader:
        """The reader of single letters, loaded when it is first needed."""
        if self._single is None:
            self._single = Reader.load("characters")
        return self._single

    def read(
        self,
        picture: Source,
        *,
        top: int = 5,
        context: str = "auto",
        lexicon: Iterable[str] = (),
        printed: bool = False,
        trace: Trace = no_trace,
    ) -> Page:
        """Read a picture: path, Pillow image or array. The Page has no lines if nothing is written.

        Of each character the `top` best guesses are kept. With `context` "off" the network decides alone;
        with "auto" and "on" a language model helps, and the words in `lexicon` are expected. Printed
        words beside handwriting are left out, unless `printed`. `trace(name, picture)` is shown the pictures
        on the way. Raises FileNotFoundError or ValueError if the picture cannot be loaded.
        """
        check_options(top, context)
        words = list(lexicon)
        language = None if context == "off" else LineLanguage.load(listed=words) if words else shipped()
        reader = LineReader(self.lines, language)
        page = read_by_lines(picture, reader, top=top, certainty=self.certainty, trace=trace)
        if len(page.characters) <= FEW:
            single = self.single.read(picture, top=top, context="off", trace=trace)
            if _is_better(single, page):
                return single
        return page if printed else page.without_print()


def _is_better(single: Page, page: Page) -> bool:
    """Whether what was read letter by letter is likelier than what was read as a line of few signs."""
    letters, signs = single.characters, page.characters
    if len(signs) <= 2 or not letters:
        return bool(letters)
    alone = math.prod(letter.probability for letter in letters)
    return len(letters) <= 2 and alone > math.prod(word.probability for word in page.words)


def reader_of(weights: str | os.PathLike[str]) -> Reader | PageReader:
    """Make the reader that a weights file is for: of whole lines, or of letters one by one."""
    path = find(weights)
    return PageReader.load(path) if is_line_network(path) else Reader.load(weights)


def read(
    picture: Source, weights: str | os.PathLike[str] | Reader | PageReader = "lines", *, top: int = 5
) -> Page:
    """Read the handwriting in a picture with a trained network, and return it as a Page of lines.

    `weights` is a file as `hello-dl train` or training/lines.py writes it, the name of a bundled one, or a
    reader, which saves loading it again for the next picture. `lines` reads whole lines, joined or not;
    `letters`, `digits` and `characters` read letters that stand apart. Of each character the `top` best
    guesses are kept. Hello Deep Learning, chapter 8.
    """
    reader = weights if isinstance(weights, Reader | PageReader) else reader_of(weights)
    return reader.read(picture, top=top)
