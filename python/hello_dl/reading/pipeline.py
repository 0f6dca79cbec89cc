"""Reads a picture of handwriting: the whole way from a photo to a Page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.found import Found, better
from hello_dl.reading.image.arrays import Box, Bytes, Floats, Grey
from hello_dl.reading.image.geometry import Matrix, project_box, turned_back
from hello_dl.reading.image.load import Picture, Source, open_picture
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.ink_map.pyramid import SEVERAL
from hello_dl.reading.language.context import Context, is_language
from hello_dl.reading.language.letter_place import weigh_by_place
from hello_dl.reading.language.ngrams import Language, shipped
from hello_dl.reading.letters.glyph import SIDE, Glyphs
from hello_dl.reading.letters.is_writing import Lines, only_writing
from hello_dl.reading.letters.segment import Letter, drawn, find_letters
from hello_dl.reading.letters.touching import part_touching
from hello_dl.reading.orientation import UPRIGHT, Seen, ways_up
from hello_dl.reading.page import Character, Line, Page, Word
from hello_dl.reading.sheet.ink_page import InkPage, make_ink_page
from hello_dl.reading.sheet.photo import Photo

Classify = Callable[[Bytes], NDArray[np.floating[Any]]]

CONTEXTS = ("auto", "on", "off")
UNSEEN = 1000.0  # log odds against a way in which no letter is seen, though the ink promised SEVERAL
NO_BOXES, NO_GLYPHS = np.zeros((0, 4), np.int64), np.zeros((0, SIDE, SIDE), np.uint8)


def read(
    picture: Source,
    classify: Classify,
    classes: Sequence[str],
    *,
    top: int = 5,
    context: str = "auto",
    lexicon: Iterable[str] = (),
    trace: Trace = no_trace,
) -> Page:
    """Read the handwriting in a picture and return it as a Page, which has no lines if there is none.

    `classify` takes all letters at once, (n, 28, 28) uint8 as EMNIST has them (0 = paper, 255 = ink), and
    returns probabilities (n, len(classes)); `classes` names them. Of each letter the `top` best guesses are
    kept. If the classes do not tell capitals from small letters, small letters are returned. With `context`
    "on" letters that look alike are told apart by their neighbours, and the words in `lexicon` are expected;
    "auto" does so where the text looks like words, "off" never. `trace(name, picture)` is shown every picture
    on the way. Raises FileNotFoundError or ValueError if the picture cannot be loaded (see `load_picture`),
    ValueError if the result of `classify` has another shape. Hello Deep Learning, chapter 8.
    """
    names = _names(classes)
    check_options(top, context)
    loaded = open_picture(picture)
    found, turns = Reading(classify, names, trace).read_turned(loaded.grey)
    notes = list(loaded.notes)
    if turns:
        notes.append(f"stands on its {'head' if turns == 2 else 'side'}: read turned by {90 * turns} degrees")
    if not found.lines:
        return Page([], loaded.size, notes=tuple(notes))
    chances, by_context = _with_context(found.chances, found.lines, names, context, lexicon)
    guesses = iter(_best(chances, names, top))

    def character(letter: Letter) -> Character:
        return Character(original_box(letter.box, found.to_picture, loaded), next(guesses))

    lines = [Line([Word([character(x) for x in word]) for word in words]) for words in found.lines]
    return Page(lines, loaded.size, by_context, tuple(notes))


def check_options(top: int, context: str) -> None:
    """Raise ValueError unless `top` is at least 1 and `context` one of CONTEXTS."""
    if top < 1:
        raise ValueError(f"read: top needs to be at least 1, got {top}")
    if context not in CONTEXTS:
        raise ValueError(f"read: context needs to be one of {', '.join(CONTEXTS)}, got {context!r}")


class Reading:
    """The way from a grey picture to letters, and to what the network says about each of them alone."""

    def __init__(self, classify: Classify, names: list[str], trace: Trace = no_trace) -> None:
        self.classify, self.names, self.trace = classify, names, trace

    def read_turned(self, grey: Grey) -> tuple[Found, int]:
        """Read a picture (H, W) as it is, and turned as long as its letters say that it is not upright.

        Returns what is found, and by how many quarter turns (0 to 3, counterclockwise) it was turned. Each
        reading adds to the evidence for all four ways, until the likeliest has been read.
        """
        found: dict[int, Found] = {}
        ways = np.array([UPRIGHT, 0.0, 0.0, 0.0])
        while (turns := int(ways.argmax())) not in found:
            one = self.read(np.ascontiguousarray(np.rot90(grey, turns)))
            one.to_picture = turned_back(grey.shape, turns) @ one.to_picture
            found[turns] = one
            if one.guessed >= SEVERAL and not len(one.seen.boxes):
                ways[turns] -= UNSEEN
            ways += np.roll(ways_up(one.seen, self._ask, self.names), turns)
        return (found[turns], turns) if found[turns].lines else (found[0], 0)

    def read(self, grey: Grey) -> Found:
        """Read a picture (H, W) with each guess of what is ink, and return the best that is found."""
        photo = Photo(grey)
        nothing = Seen(NO_BOXES, NO_GLYPHS, self._ask(NO_GLYPHS))
        found = Found([], nothing.chances, nothing, np.eye(3), np.zeros(0))
        for guess in photo.guesses:
            page = make_ink_page(photo, guess, self.trace)
            one = self._read_page(page)
            found = better(found, one)
            if not found.lines and not len(found.seen.boxes):
                found.seen = one.seen  # though none of them is kept, they tell which way up the page is
            if page.doubtful:
                found = better(found, self._read_page(make_ink_page(photo, guess, self.trace, whole=True)))
        found.guessed = max((guess.letters for guess in photo.guesses), default=0)
        if not found.lines and photo.guesses and photo.is_drawing:
            return self._read_page(make_ink_page(photo, photo.guesses[0], self.trace), drawing=True)
        return found

    def letters(self, glyphs: Glyphs) -> tuple[Lines, Floats]:
        """Return what may be letters on a page of ink, in lines of words, and their chances (n, classes)."""
        return self._parted(*self._segmented(glyphs), glyphs)

    def _segmented(self, glyphs: Glyphs) -> tuple[Lines, Floats]:
        """Return the letters of a page of ink before those that touch are parted, and their chances."""
        lines = find_letters(glyphs.ink)
        return lines, self._ask(glyphs.of(_letters_of(lines)))

    def _parted(self, lines: Lines, chances: Floats, glyphs: Glyphs) -> tuple[Lines, Floats]:
        """Return lines with letters that touch parted, and the chances (n, classes) of all their letters."""
        words = [word for words in lines for word in words]
        if not words:
            return [], chances
        counts = [len(words) for words in lines]
        words, chances = part_touching(words, chances, lambda letters: self._ask(glyphs.of(letters)))
        lines = [words[end - n : end] for n, end in zip(counts, np.cumsum(counts).tolist(), strict=True)]
        return lines, chances

    def _read_page(self, page: InkPage, *, drawing: bool = False) -> Found:
        """Find the letters on a page of ink, and what the network and their places say of them.

        `drawing` says that nothing but these letters is in the picture.
        """
        glyphs = Glyphs(page.ink)
        lines, chances = self._segmented(glyphs)
        letters = _letters_of(lines)
        boxes = np.array([letter.box for letter in letters], np.int64).reshape(-1, 4)
        seen = Seen(boxes, glyphs.of(letters), chances)
        lines, chances = self._parted(lines, chances, glyphs)
        lines, chances, odds = only_writing(page.ink, lines, chances, drawing=drawing)
        if letters := _letters_of(lines):
            self.trace("letters", drawn(letters, page.ink.shape))
            self.trace("glyphs", glyphs.of(letters))
            places = [[letter.box for word in words for letter in word] for words in lines]
            chances = weigh_by_place(chances, places, self.names)
        return Found(lines, chances, seen, page.to_picture, odds)

    def _ask(self, glyphs: Bytes) -> Floats:
        """Return the network's probabilities (n, classes) for glyphs (n, 28, 28), their shape checked."""
        shape = (len(glyphs), len(self.names))
        chances = np.asarray(self.classify(glyphs), dtype=np.float64) if len(glyphs) else np.zeros(shape)
        if chances.shape != shape:
            raise ValueError(
                f"read: classify needs to return shape {shape} for {len(glyphs)} letters of "
                f"{SIDE} x {SIDE} and {len(self.names)} classes, got {chances.shape}"
            )
        return chances


def _letters_of(lines: Lines) -> list[Letter]:
    """Return all letters of lines of words."""
    return [letter for words in lines for word in words for letter in word]


def _with_context(
    chances: Floats, lines: Lines, names: list[str], context: str, lexicon: Iterable[str]
) -> tuple[Floats, bool]:
    """Return chances (n, classes), weighed by neighbours if wanted and useful, and whether they were."""
    words = [word for words in lines for word in words]
    if context == "off" or not any(name.isalpha() for name in names):
        return chances, False
    lexicon = list(lexicon)
    language = Language.load(listed=lexicon) if lexicon else shipped()
    parts = np.split(chances, np.cumsum([len(word) for word in words])[:-1])
    texts = ["".join(names[k] for k in part.argmax(axis=1)) for part in parts]
    if context == "auto" and not is_language(texts, language):
        return chances, False
    return np.concatenate(Context(names, language).weigh(parts)), True


def _best(chances: Floats, names: list[str], top: int) -> list[list[tuple[str, float]]]:
    """Return the `top` best names and probabilities of each letter, the best first."""
    order = np.argsort(-chances, axis=1, kind="stable")[:, :top]
    return [[(names[k], float(row[k])) for k in best] for row, best in zip(chances, order, strict=True)]


def _names(classes: Sequence[str]) -> list[str]:
    """Return the names of the classes, small if they are letters whose case is merged."""
    names = [str(name) for name in classes]
    if not names:
        raise ValueError("read: needs the names of the classes, got none")
    small = [name.lower() for name in names]
    merged = all(name.isalpha() for name in names) and len(set(small)) == len(names)
    return small if merged else names


def original_box(box: Box, to_picture: Matrix, loaded: Picture) -> Box:
    """Return the upright box in pixels of the original picture around a box of the page."""
    corners = project_box(to_picture, box) * loaded.scale
    x0, y0 = np.maximum(np.rint(corners[:2]), 0).astype(int)
    x1, y1 = np.minimum(np.rint(corners[2:]), loaded.size).astype(int)
    return int(x0), int(y0), int(x1), int(y1)
