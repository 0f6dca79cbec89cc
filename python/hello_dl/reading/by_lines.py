"""Reads a picture line by line, joined writing or not: the whole way from a photo to a Page.

A single letter has no line that one could find, nor neighbours that tell its size. So a picture in which few
characters are found is read again letter by letter (reader.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hello_dl.reading.image.arrays import Floats, Grey
from hello_dl.reading.image.geometry import Matrix, turned_back
from hello_dl.reading.image.load import Picture, Source, open_picture
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.ink_map.guess import InkGuess
from hello_dl.reading.lines.certainty import Certainty, shipped, words_of
from hello_dl.reading.lines.line_reader import LineReader, ReadLine, find_lines, usual_height
from hello_dl.reading.lines.printed import are_printed, print_odds
from hello_dl.reading.page import Character, Line, Page, Word
from hello_dl.reading.pipeline import original_box
from hello_dl.reading.sheet.ink_page import InkPage, make_ink_page
from hello_dl.reading.sheet.photo import Photo

SHARP = 30.0  # pixels: x-height at which no stroke is lost to the ink network; smaller loses small letters
WORTH_IT = 1.25  # factor by which a page must be too small to be made again; larger saves time
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
    best, turns = _read_turned(loaded.grey, reader, trace)
    notes = list(loaded.notes)
    if turns:
        notes.append(f"stands on its {'head' if turns == 2 else 'side'}: read turned by {90 * turns} degrees")
    certainty = certainty or shipped()
    found = [Line(_words(line, best.to_picture, loaded, top, certainty)) for line in best.lines]
    return Page(found, loaded.size, reader.language is not None, tuple(notes))


@dataclass(frozen=True)
class _Reading:
    """The lines of a page of ink, the page's homography (3, 3), and how the page was made."""

    lines: list[ReadLine]
    to_picture: Matrix
    guess: InkGuess | None = None
    whole: bool = False

    @property
    def sure(self) -> Floats:
        """How sure the network is of each sign."""
        return np.concatenate([line.sure for line in self.lines]) if self.lines else np.zeros(0)

    @property
    def evidence(self) -> float:
        """How much is read for sure: signs of which the network is unsure count against it."""
        return float((self.sure - 0.5).sum())


def _read_turned(grey: Grey, reader: LineReader, trace: Trace) -> tuple[_Reading, int]:
    """Read a picture as it is, and turned if that is unsure; return the surest and its quarter turns.

    Which way is up shows at a glance: on the first, small page, without the language.
    """
    best = _read_upright(grey, reader, trace)
    if best.lines and best.sure.mean() >= UNSURE:
        return best, 0
    ways = [np.ascontiguousarray(np.rot90(grey, turns)) for turns in range(4)]
    plain = LineReader(reader.model, None, reader.finder)
    evidence = [_read_upright(way, plain, no_trace, best, glance=True).evidence for way in ways]
    turns = int(np.argmax(evidence))
    if evidence[turns] > CLEARLY * evidence[0]:
        turned = _read_upright(ways[turns], reader, trace, best)
        if turned.evidence > best.evidence:
            return replace(turned, to_picture=turned_back(grey.shape, turns) @ turned.to_picture), turns
    return best, 0


def _read_upright(
    grey: Grey, reader: LineReader, trace: Trace, upright: _Reading | None = None, *, glance: bool = False
) -> _Reading:
    """Read a picture with each guess of what is ink, and return the reading with most evidence.

    Of a turned picture only the guess is tried that was best when it stood `upright`, if any was. With
    `glance` small writing is not made larger.
    """
    photo = Photo(grey)
    guesses, ways = photo.guesses, [False, True]
    if upright is not None and upright.guess is not None:
        guesses, ways = upright.guess.nearest(guesses), [upright.whole]
    best = _Reading([], np.eye(3))
    for guess in guesses:
        for whole in ways:
            page = make_ink_page(photo, guess, trace, whole=whole)
            reading = _Reading(*_read_page(page, reader, trace, glance), guess, whole)
            if reading.evidence > best.evidence:
                best = reading
            if not page.doubtful:
                break
    return best


def _read_page(
    page: InkPage, reader: LineReader, trace: Trace, glance: bool
) -> tuple[list[ReadLine], Matrix]:
    """Read a page of ink, and return its lines and its `to_picture`.

    If its writing is small it is made again, larger, unless a glance is enough: the size of joined writing is
    known only where its lines are found.
    """
    curves, scale = find_lines(page.ink, reader.finder)
    small = usual_height(curves) * scale
    if curves and not glance and small < SHARP / WORTH_IT:
        width = page.ink.shape[1]
        page = page.again(SHARP / small)
        scale *= page.ink.shape[1] / width
    return reader.read_lines(page.ink, curves, scale, trace), page.to_picture


def _words(line: ReadLine, to_picture: Matrix, loaded: Picture, top: int, certainty: Certainty) -> list[Word]:
    """Return the words of a line, with the places of their signs in the picture."""
    words = []
    places = words_of(line.text)
    columns = [(int(line.columns[a, 0]), int(line.columns[b - 1, 1])) for a, b in places]
    printed = are_printed(print_odds(line.picture), columns)
    for (first, end), known, is_print in zip(places, line.words, printed, strict=True):
        characters = []
        for i in range(first, end):
            box = np.rint(line.boxes[i]).astype(int)
            place = original_box((int(box[0]), int(box[1]), int(box[2]), int(box[3])), to_picture, loaded)
            characters.append(Character(place, line.guesses(i, top)))
        words.append(Word(characters, certainty.of(known), is_print))
    return words
