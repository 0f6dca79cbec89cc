"""Batches of made-up lines without end, from strokes and from fonts; the same seed gives the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.lines.band import Ints
from hello_dl.data.lines.compose import join_items
from hello_dl.data.lines.distort import Bytes
from hello_dl.data.lines.fonts import Writing
from hello_dl.data.lines.form import X_HEIGHT
from hello_dl.data.lines.pen import draw_strokes
from hello_dl.data.lines.print_font import draw_font
from hello_dl.data.lines.strokes import Item, Strokes
from hello_dl.data.lines.style import STEADY, LineStyle
from hello_dl.data.lines.texts import Texts

Doubles = NDArray[np.float64]

LIMITS = (16, 1600)  # pixels: least and most width of a picture
GROUP = 16  # batches whose lines are sorted by width together, so that a batch has lines of similar width
SINGLE = 0.1  # weight of words of one character among words
CAPITALS = 3.0  # weight of words in capitals
SPACE = 1.4  # x-heights: usual space between words and what margins add, to guess a line's width


@dataclass(frozen=True)
class Shares:
    """What share of the lines is made of what; they are divided by their sum.

    words  one word of strokes        made   several words of one writer, made into a line
    lines  a line as it was written   fonts  a text drawn with a font
    """

    words: float = 0.25
    made: float = 0.3
    lines: float = 0.15
    fonts: float = 0.3


@dataclass(frozen=True)
class _Recipe:
    """What to draw: strokes number `items` of words or of lines, or a text in a font."""

    kind: str
    items: tuple[int, ...]
    text: str
    font: int
    width: float  # x-heights, roughly


class LineSource:
    """Made-up lines of handwriting: pictures (48, w) uint8, 0 = paper and 255 = ink, and their texts.

    words, lines  pen strokes of words and of whole lines (`read_strokes`), or None
    fonts         handwriting fonts (`read_fonts`) and hands (`read_hands`), may be empty
    texts         what is written with fonts
    style         ranges from which each line's style is drawn
    calm          each line's ranges lie between 0 and this share of the way from `style` to STEADY, so that
                  some lines are hard to read in every way at once, and others in none
    shares        of the kinds of lines; kinds whose data is missing are left out
    limits        least and most width of a picture in pixels
    joined        how often joined writing is drawn, relative to separate letters
    seed          chooses among endless streams of lines
    threads       that draw a batch; they do not change it

    Raises ValueError if there is nothing to draw from, or for limits out of order.
    """

    def __init__(
        self,
        words: Strokes | None = None,
        lines: Strokes | None = None,
        fonts: Sequence[Writing] = (),
        texts: Texts | None = None,
        *,
        style: LineStyle | None = None,
        calm: float = 0.0,
        shares: Shares | None = None,
        limits: tuple[int, int] = LIMITS,
        joined: float = 1.0,
        seed: int = 0,
        threads: int = 1,
    ) -> None:
        if not 8 <= limits[0] <= limits[1]:
            raise ValueError(f"LineSource: needs limits (least, most) from 8 pixels on, got {limits}")
        self.words, self.lines, self.fonts = words, lines, list(fonts)
        if threads < 1:
            raise ValueError(f"LineSource: needs threads >= 1, got {threads}")
        self._texts = texts or Texts()
        self._style, self._limits, self._seed = style or LineStyle(), limits, seed
        if not 0 <= calm <= 1:
            raise ValueError(f"LineSource: needs calm from 0 to 1, got {calm}")
        self._threads, self._calm = threads, calm
        there = np.array([words is not None, words is not None, lines is not None, bool(self.fonts)])
        share = np.array(astuple(shares or Shares())) * there
        if share.sum() <= 0 or share.min() < 0:
            raise ValueError(
                f"LineSource: needs strokes or fonts with a share above 0, got shares {share.tolist()}"
            )
        self._share = np.cumsum(share / share.sum())
        # Wider than this, nothing is chosen: it would have to be squeezed by more than a fifth.
        self._widest = 1.2 * limits[1] / X_HEIGHT
        if words is not None:
            fitting = words.width < self._widest
            self._word_chance = _cumulated(_weights(words, joined) * fitting, "words", limits)
            self._of_writer = _by_writer(words)
        if lines is not None:
            weight = np.where(lines.joined, joined, 1.0)
            self._line_chance = _cumulated(weight * (lines.width < self._widest), "lines", limits)
        self._font_chance = _cumulated(
            np.array([font.weight for font in self.fonts] or [1.0]), "fonts", limits
        )
        self._group = lru_cache(maxsize=4)(self._make_group)

    def batch(self, n: int, step: int) -> list[tuple[Bytes, str]]:
        """Return batch number `step` of n lines: pictures (48, w) and texts; w is similar for all of them.

        The same n, step and seed give the same lines, in any order of steps and on any number of threads.
        """
        if n < 1 or step < 0:
            raise ValueError(f"batch: needs n >= 1 and step >= 0, got {n} and {step}")
        recipes = self._group(n, step // GROUP)[step % GROUP]
        if self._threads == 1:
            return [self._draw(number, recipe) for number, recipe in recipes]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(lambda r: self._draw(*r), recipes))

    def _make_group(self, n: int, group: int) -> list[list[tuple[int, _Recipe]]]:
        """Return the recipes of GROUP batches of n lines, sorted by width, each with its number."""
        rng = _stream(self._seed, 1, group, n)
        recipes = [self._recipe(rng) for _ in range(n * GROUP)]
        order = np.argsort([recipe.width for recipe in recipes], kind="stable")
        first = group * GROUP * n
        batches = [[(first + int(i), recipes[i]) for i in part] for part in order.reshape(GROUP, n)]
        return [batches[i] for i in rng.permutation(GROUP)]

    def _recipe(self, rng: np.random.Generator) -> _Recipe:
        """Choose what to draw."""
        kind = int(np.searchsorted(self._share, rng.random()))
        if kind == 0:
            assert self.words is not None
            i = _choose(self._word_chance, rng)
            return _Recipe("words", (i,), "", 0, float(self.words.width[i]))
        if kind == 1:
            return self._made(rng)
        if kind == 2:
            assert self.lines is not None
            i = _choose(self._line_chance, rng)
            return _Recipe("lines", (i,), "", 0, float(self.lines.width[i]))
        font = _choose(self._font_chance, rng)
        text = ""
        while not text:
            text = self.fonts[font].written(self._texts(rng))
        advance = self.fonts[font].advance
        longest = max(1, int(self._widest / advance))
        return _Recipe("fonts", (), text[:longest].strip(), font, advance * min(len(text), longest))

    def _made(self, rng: np.random.Generator) -> _Recipe:
        """Choose words of one writer for a line of two to nine words."""
        assert self.words is not None
        first = _choose(self._word_chance, rng)
        mine = self._of_writer[int(self.words.writer[first])]
        items, width = [first], float(self.words.width[first])
        for _ in range(int(rng.integers(1, 9))):
            i = int(mine[int(rng.random() * len(mine))])
            if len(self.words.text[i]) == 1 and rng.random() > 2 * SINGLE:
                continue
            wide = width + SPACE + float(self.words.width[i])
            if wide > self._widest / 1.2:
                break
            items.append(i)
            width = wide
        return _Recipe("made", tuple(items), "", 0, width)

    def _draw(self, number: int, recipe: _Recipe) -> tuple[Bytes, str]:
        """Draw a line, with random numbers of its own."""
        rng = _stream(self._seed, 2, number, 0)
        style = self._style
        if self._calm:
            style = style.towards(STEADY, self._calm * rng.random())
        if recipe.kind == "fonts":
            picture = draw_font(self.fonts[recipe.font], recipe.text, style, rng, self._limits)
            return picture, recipe.text
        strokes = self.lines if recipe.kind == "lines" else self.words
        assert strokes is not None
        items = [strokes[i] for i in recipe.items]
        item = items[0] if recipe.kind != "made" else join_items(items, style, rng)
        return draw_strokes(item, style, rng, self._limits, self._neighbours(strokes, recipe, rng)), item.text

    def _neighbours(self, strokes: Strokes, recipe: _Recipe, rng: np.random.Generator) -> list[Item | None]:
        """Return writing of the same hand for the lines above and below, where some of it is to be seen."""
        mine: Ints = np.arange(len(strokes))
        if strokes is self.words:
            mine = self._of_writer[int(strokes.writer[recipe.items[0]])]

        def writing() -> Item:
            chosen = mine[(rng.random(len(recipe.items)) * len(mine)).astype(np.int64)]
            items = [strokes[i] for i in chosen.tolist()]
            return join_items(items, self._style, rng) if len(items) > 1 else items[0]

        seen = rng.random(2) < self._style.neighbour_chance
        return [writing() if here else None for here in seen.tolist()]


def _stream(seed: int, purpose: int, a: int, b: int) -> np.random.Generator:
    """Return a stream of random numbers for the numbers a and b, apart from all others of this seed."""
    return np.random.Generator(np.random.Philox(key=[seed % 2**64, purpose], counter=[0, 0, a, b]))


def _choose(cumulated: Doubles, rng: np.random.Generator) -> int:
    return min(int(np.searchsorted(cumulated, rng.random(), side="right")), len(cumulated) - 1)


def _cumulated(weight: Doubles, name: str, limits: tuple[int, int]) -> Doubles:
    """Return the sums of weights up to each, divided by the whole sum."""
    total = np.cumsum(weight)
    if not total[-1] > 0:
        raise ValueError(f"LineSource: needs {name} that fit into {limits[1]} pixels, got none")
    share: Doubles = total / total[-1]
    return share


def _weights(words: Strokes, joined: float) -> Doubles:
    """Return how often each word is drawn: single characters less, capitals more."""
    weight = np.where(words.joined, joined, 1.0)
    for i, text in enumerate(words.text):
        if len(text) == 1:
            weight[i] *= SINGLE
        elif text.isupper() and sum(c.isalpha() for c in text) > 1:
            weight[i] *= CAPITALS
    return weight


def _by_writer(words: Strokes) -> dict[int, Ints]:
    """Return the numbers of each writer's words."""
    order = np.argsort(words.writer, kind="stable")
    bounds = np.flatnonzero(np.diff(words.writer[order])) + 1
    return {int(words.writer[part[0]]): part for part in np.split(order, bounds)}
