"""Reads a picture line by line, joined writing or not: the whole way from a photo to a Page.

A single letter has no line that one could find, nor neighbours that tell its size. So a picture in which no
more than FEW characters are found is read again letter by letter (pipeline.py).
"""

from __future__ import annotations

import numpy as np

from hello_dl.reading.image.arrays import Grey
from hello_dl.reading.image.geometry import Matrix, turned_back
from hello_dl.reading.image.load import Picture, Source, open_picture
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.lines.certainty import Certainty, shipped, words_of
from hello_dl.reading.lines.line_reader import LineReader, ReadLine
from hello_dl.reading.page import Character, Line, Page, Word
from hello_dl.reading.pipeline import original_box
from hello_dl.reading.sheet.ink_page import make_ink_page
from hello_dl.reading.sheet.photo import Photo

FEW = 2  # characters: so few are no line, and are read one by one instead
UNSURE = 0.65  # mean sureness of a page below which it is read turned, too; larger turns more pages
CLEARLY = 1.15  # factor by which a turned page must be surer in all to be taken; larger turns fewer pages


def read_by_lines(
    picture: Source,
    reader: LineReader,
    *,
    top: int = 5,
    certainty: Certainty | None = None,
    trace: Trace = no_trace,
) -> Page:
    """Read the handwriting in a picture and return it as a Page, which has no lines if there is none.

    Of each sign the `top` best guesses are kept. `certainty` makes the probabilities of words (None: the
    package's own). Raises FileNotFoundError or ValueError if the picture cannot be loaded.
    """
    loaded = open_picture(picture)
    lines, to_picture, turns = _read_turned(loaded.grey, reader, trace)
    notes = list(loaded.notes)
    if turns:
        notes.append(f"stands on its {'head' if turns == 2 else 'side'}: read turned by {90 * turns} degrees")
    certainty = certainty or shipped()
    found = [Line(_words(line, to_picture, loaded, top, certainty)) for line in lines]
    return Page(found, loaded.size, reader.language is not None, tuple(notes))


def _read_turned(grey: Grey, reader: LineReader, trace: Trace) -> tuple[list[ReadLine], Matrix, int]:
    """Read a picture as it is, and turned if it is unsure; return the surest lines, and how it was turned."""
    best = (*_read_upright(grey, reader, trace), 0)
    sure = _sureness(best[0])
    if len(sure) and sure.mean() >= UNSURE:
        return best
    for turns in (1, 2, 3):
        lines, to_page = _read_upright(np.ascontiguousarray(np.rot90(grey, turns)), reader, trace)
        if _evidence(lines) > CLEARLY * _evidence(best[0]):
            best = lines, turned_back(grey.shape, turns) @ to_page, turns
    return best


def _read_upright(grey: Grey, reader: LineReader, trace: Trace) -> tuple[list[ReadLine], Matrix]:
    """Read a picture with each guess of what is ink, and return the lines with most evidence."""
    photo = Photo(grey)
    best: tuple[list[ReadLine], Matrix] = ([], np.eye(3))
    for guess in photo.guesses:
        page = make_ink_page(photo, guess, trace)
        pages = [page, make_ink_page(photo, guess, trace, whole=True)] if page.doubtful else [page]
        for one in pages:
            lines = reader.read(one.ink, trace)
            if _evidence(lines) > _evidence(best[0]):
                best = lines, one.to_picture
    return best


def _sureness(lines: list[ReadLine]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how sure the network is of each sign of some lines."""
    return np.concatenate([line.sure for line in lines]) if lines else np.zeros(0)


def _evidence(lines: list[ReadLine]) -> float:
    """Return how much is read for sure: signs of which the network is unsure count against it."""
    return float((_sureness(lines) - 0.5).sum())


def _words(line: ReadLine, to_picture: Matrix, loaded: Picture, top: int, certainty: Certainty) -> list[Word]:
    """Return the words of a line, with the places of their signs in the picture."""
    words = []
    for (first, end), known in zip(words_of(line.text), line.words, strict=True):
        characters = []
        for i in range(first, end):
            box = np.rint(line.boxes[i]).astype(int)
            place = original_box((int(box[0]), int(box[1]), int(box[2]), int(box[3])), to_picture, loaded)
            characters.append(Character(place, line.guesses(i, top)))
        words.append(Word(characters, certainty.of(known)))
    return words
