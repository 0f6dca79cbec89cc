"""Reads a picture of handwriting: the whole way from a photo to a Page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hello_dl.reading.image.arrays import Box, Floats, Grey
from hello_dl.reading.image.geometry import Matrix, project_box, turned_back
from hello_dl.reading.image.load import Picture, Source, open_picture
from hello_dl.reading.image.trace import Trace, no_trace
from hello_dl.reading.language.context import Context, is_language
from hello_dl.reading.language.letter_place import weigh_by_place
from hello_dl.reading.language.ngrams import Language, shipped
from hello_dl.reading.letters.glyph import SIDE, Glyphs, to_glyphs
from hello_dl.reading.letters.is_writing import only_writing
from hello_dl.reading.letters.segment import Letter, drawn, find_letters, runs_down
from hello_dl.reading.letters.touching import part_touching
from hello_dl.reading.page import Character, Line, Page, Word
from hello_dl.reading.sheet.ink_page import InkPage, make_ink_page
from hello_dl.reading.sheet.photo import Photo

Classify = Callable[[NDArray[np.uint8]], NDArray[np.floating[Any]]]
CONTEXTS = ("auto", "on", "off")
FEWEST_TO_TURN = 8  # letters; fewer do not tell whether a page stands on its head
UPRIGHT = 0.85  # mean chance of the best guesses: with this the page is taken to be upright
SURER = 0.1  # by which it must grow by turning the page
CLEARLY = 0.5  # log odds by which another reading must be ahead


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
    """Reads the handwriting in a picture and returns it as a Page; without lines if there is nothing.

    `classify` takes all letters at once, (n, 28, 28) uint8 as EMNIST has them (0 = paper, 255 = ink), returns
    (n, len(classes)) probabilities; `classes` names them. Of each letter the `top` best guesses are kept.
    Letters networks that do not tell case give small letters. With `context` "on" letters that look alike are
    told apart by their neighbours, and the words in `lexicon` are expected; "auto" does so where the text
    looks like words, "off" never. `trace(name, picture)` is shown every picture on the way. Raises
    FileNotFoundError or ValueError if the picture cannot be loaded (see `load_picture`), ValueError if
    classify's answer has another shape. Hello Deep Learning, chapter 8.
    """
    names = _names(classes)
    if top < 1:
        raise ValueError(f"read: top needs to be at least 1, got {top}")
    if context not in CONTEXTS:
        raise ValueError(f"read: context needs to be one of {', '.join(CONTEXTS)}, got {context!r}")
    loaded = open_picture(picture)
    reading = Reading(classify, names, trace)
    found = reading.read(loaded.grey)
    notes = list(loaded.notes)
    turns = 0
    for other in reading.doubts(found):
        turned = reading.read(np.ascontiguousarray(np.rot90(loaded.grey, other)))
        if _sureness(turned.chances) > _sureness(found.chances) + SURER:
            turned.to_picture = turned_back(loaded.grey.shape, other) @ turned.to_picture
            found, turns = turned, other
    if turns:
        notes.append(f"stands on its {'head' if turns == 2 else 'side'}: read turned by {90 * turns} degrees")
    if not found.lines:
        return Page([], loaded.size, notes=tuple(notes))
    chances, by_context = _with_context(found.chances, found.lines, names, context, lexicon)
    guesses = iter(_best(chances, names, top))

    def character(letter: Letter) -> Character:
        return Character(_original(letter.box, found.to_picture, loaded), next(guesses))

    lines = [Line([Word([character(x) for x in word]) for word in words]) for words in found.lines]
    return Page(lines, loaded.size, by_context, tuple(notes))


@dataclass
class _Found:
    """What was found on a page: lines of words of letters, and of each letter (n of them) its chances
    (n, classes), its glyph (n, 28, 28) and the log odds (n,) that it is one.
    """

    lines: list[list[list[Letter]]]
    chances: Floats
    glyphs: NDArray[np.uint8]
    to_picture: Matrix
    odds: Floats

    def boxes(self) -> Floats:
        """The boxes of all letters in the picture, (n, 4): left, top, right, bottom."""
        boxes = [letter.box for words in self.lines for word in words for letter in word]
        return np.array([project_box(self.to_picture, box) for box in boxes]).reshape(-1, 4)


class Reading:
    """The way from a grey picture to letters, and what the network says about each of them alone."""

    def __init__(self, classify: Classify, names: list[str], trace: Trace = no_trace) -> None:
        self.classify, self.names, self.trace = classify, names, trace

    def read(self, grey: Grey) -> _Found:
        """Reads a picture (H, W), in all ways that its first look leaves open, and keeps the best."""
        photo = Photo(grey)
        found = _Found([], np.zeros((0, len(self.names))), to_glyphs(grey, []), np.eye(3), np.zeros(0))
        for guess in photo.guesses:
            prepared = make_ink_page(photo, guess, self.trace)
            found = _better(found, self._read_page(prepared))
            if prepared.doubtful:
                found = _better(found, self._read_page(make_ink_page(photo, guess, self.trace, whole=True)))
        return found

    def letters(self, glyphs: Glyphs) -> tuple[list[list[list[Letter]]], Floats]:
        """All patches on a page of ink that may be letters, and their chances (n, classes)."""
        lines = find_letters(glyphs.ink)
        words = [word for words in lines for word in words]
        if not words:
            return [], np.zeros((0, len(self.names)))
        letters = [letter for word in words for letter in word]
        counts = [len(words) for words in lines]

        def ask(letters: list[Letter]) -> Floats:
            return _ask(self.classify, glyphs.of(letters), len(self.names))

        words, chances = part_touching(words, ask(letters), ask)
        lines = [words[end - n : end] for n, end in zip(counts, np.cumsum(counts).tolist(), strict=True)]
        return lines, chances

    def _read_page(self, prepared: InkPage) -> _Found:
        glyphs = Glyphs(prepared.ink)
        lines, chances, odds = only_writing(prepared.ink, *self.letters(glyphs))
        letters = [letter for words in lines for word in words for letter in word]
        if letters:
            self.trace("letters", drawn(letters, prepared.ink.shape))
            self.trace("glyphs", glyphs.of(letters))
            boxes = [[letter.box for word in words for letter in word] for words in lines]
            chances = weigh_by_place(chances, boxes, self.names)
        return _Found(lines, chances, glyphs.of(letters), prepared.to_picture, odds)

    def doubts(self, found: _Found) -> list[int]:
        """The quarter turns by which the page should be tried, if the network hardly knows its letters."""
        if len(found.chances) < FEWEST_TO_TURN:
            return []
        sure = _sureness(found.chances)
        if sure > UPRIGHT:
            return []
        if runs_down([letter for words in found.lines for word in words for letter in word]):
            return [1, 3]
        on_head = _ask(self.classify, np.rot90(found.glyphs, 2, axes=(1, 2)), len(self.names))
        return [2] if _sureness(on_head) > sure + SURER else []


def _better(one: _Found, other: _Found) -> _Found:
    """Which of two readings of a picture holds more writing; the first, unless the other clearly does.

    The log odds of what only one of them has speak for it. Where a letter of one lies on letters of the
    other, it is compared with their mean, or the pieces of a letter would always win over the whole.
    """
    boxes = [found.boxes() for found in (one, other)]
    middles = [(box[:, :2] + box[:, 2:]) / 2 for box in boxes]

    def lies_in(i: int, j: int) -> NDArray[np.bool_]:
        """Whether the middle of each letter of reading i lies in each letter of reading j, (n, m)."""
        low, high = boxes[j][:, :2], boxes[j][:, 2:]
        return np.asarray(((low < middles[i][:, None]) & (middles[i][:, None] < high)).all(axis=2))

    theirs, ours = lies_in(1, 0), lies_in(0, 1)  # other's in one's, one's in other's
    lead = other.odds[~theirs.any(axis=1) & ~ours.any(axis=0)].sum()
    lead -= one.odds[~ours.any(axis=1) & ~theirs.any(axis=0)].sum()
    for odds, parts in zip(one.odds, theirs.T, strict=True):
        if parts.any():
            lead += other.odds[parts].mean() - odds
    for odds, parts in zip(other.odds, ours.T, strict=True):
        if parts.sum() > 1:  # what has a single counterpart has been compared already
            lead += odds - one.odds[parts].mean()
    return other if lead > CLEARLY else one


def _sureness(chances: Floats) -> float:
    return float(chances.max(axis=1).mean()) if len(chances) else 0.0


def _with_context(
    chances: Floats, lines: list[list[list[Letter]]], names: list[str], context: str, lexicon: Iterable[str]
) -> tuple[Floats, bool]:
    """The chances (n, classes), weighed by neighbours if it is wanted and helps, and whether it was done."""
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


def _ask(classify: Classify, glyphs: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """The network's probabilities (n, classes) for glyphs (n, 28, 28), their shape checked."""
    chances = np.asarray(classify(glyphs), dtype=np.float64)
    if chances.shape != (len(glyphs), classes):
        raise ValueError(
            f"read: classify needs to return shape {(len(glyphs), classes)} for {len(glyphs)} letters of "
            f"{SIDE} x {SIDE} and {classes} classes, got {chances.shape}"
        )
    return chances


def _best(chances: NDArray[np.float64], names: list[str], top: int) -> list[list[tuple[str, float]]]:
    """The `top` best names and probabilities of each glyph, the best first."""
    order = np.argsort(-chances, axis=1, kind="stable")[:, :top]
    return [[(names[k], float(row[k])) for k in best] for row, best in zip(chances, order, strict=True)]


def _names(classes: Sequence[str]) -> list[str]:
    """The names of the classes, small if they are letters whose case is merged."""
    names = [str(name) for name in classes]
    if not names:
        raise ValueError("read: needs the names of the classes, got none")
    small = [name.lower() for name in names]
    merged = all(name.isalpha() for name in names) and len(set(small)) == len(names)
    return small if merged else names


def _original(box: Box, to_picture: Matrix, loaded: Picture) -> Box:
    """The upright box, in pixels of the original picture, around a box of the page."""
    around = project_box(to_picture, box) * loaded.scale
    x0, y0 = np.maximum(np.rint(around[:2]), 0).astype(int)
    x1, y1 = np.minimum(np.rint(around[2:]), loaded.size).astype(int)
    return int(x0), int(y0), int(x1), int(y1)
