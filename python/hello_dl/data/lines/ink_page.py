"""Makes up pages of ink, and where on them each line of writing stands: what the finder of lines learns from.

A page is what an ink network leaves of a photo: writing, rules, boxes, drawings and dirt, but no paper. The
truth is a second picture: the band of each line, between its baseline and its x-line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hello_dl import _core
from hello_dl.data.lines.band import Floats, Ints
from hello_dl.data.lines.compose import join_items
from hello_dl.data.lines.distort import Bytes, pick, roughen
from hello_dl.data.lines.fonts import DRAWN, Writing
from hello_dl.data.lines.pen import pen_segments, smoothed
from hello_dl.data.lines.scribble import scribbles
from hello_dl.data.lines.strokes import Strokes
from hello_dl.data.lines.style import LineStyle
from hello_dl.data.lines.texts import Texts

GRID = 8  # pixels between the points at which the place of a font's picture is computed
STEP = 4.0  # pixels between the points of a band's middle line
EMPTY = 0.06  # share of pages without writing
FONTS = 0.3  # share of pages that are written with a font
SPACE = 1.2  # x-heights between words, to guess a line's width


@dataclass(frozen=True)
class PageStyle:
    """How pages differ: ranges (least, most), lengths in pixels or in x-heights of the page's usual writing.

    x_height    pixels
    pitch       x-heights from line to line
    tilt        pixels down for each pixel right, of the whole page
    sag         pixels for each squared pixel: the curve of a page that does not lie flat
    own_tilt    standard deviation of each line's own tilt
    drift       x-heights: standard deviation of a line's place
    size        factor of the size of headings
    """

    x_height: tuple[float, float] = (5.0, 17.0)
    pitch: tuple[float, float] = (1.9, 4.2)
    tilt: tuple[float, float] = (-0.06, 0.06)
    sag: tuple[float, float] = (-2e-4, 2e-4)
    own_tilt: float = 0.012
    drift: float = 0.15
    size: tuple[float, float] = (1.2, 2.4)


@dataclass
class _Page:
    """A page while it is being written: capsules of ink and of bands, and pictures of fonts."""

    side: int
    x_height: float
    radius: float
    tilt: float
    sag: float
    style: LineStyle
    ink: list[Floats]
    bands: list[Floats]
    printed: Bytes

    def bend(self, points: Floats) -> Floats:
        """Return the places of points (..., 2) of a flat page."""
        moved = points.copy()
        along = points[..., 0] - np.float32(self.side / 2)
        moved[..., 1] += along * np.float32(self.tilt) + along * along * np.float32(self.sag)
        return moved

    def add_band(self, left: float, right: float, row: float, slope: float, tall: float) -> None:
        """Add the band of a line whose baseline begins at (left, row): its x-height is `tall` pixels."""
        radius = 0.45 * tall
        left, right = left + radius, max(right - radius, left + radius + 0.1)
        x = np.linspace(left, right, max(2, round((right - left) / STEP)), dtype=np.float32)
        middle = self.bend(np.stack([x, row - tall / 2 + slope * (x - np.float32(left))], axis=1))
        places = np.column_stack([middle, np.full(len(x), radius)]).astype(np.float32)
        self.bands.append(np.concatenate([places[:-1], places[1:]], axis=1))


class InkPages:
    """Made-up pages of ink: `pages(number)` returns pictures (side, side) of the ink and of the bands, uint8.

    words  pen strokes of words; a page is written by one person
    fonts  handwriting fonts, FONTS of the pages are written with
    texts  what is written with fonts
    look   ranges from which pens and ink are drawn
    style  how pages differ
    side   pixels
    seed   chooses among endless streams of pages
    """

    def __init__(
        self,
        words: Strokes,
        fonts: Sequence[Writing],
        texts: Texts,
        *,
        look: LineStyle | None = None,
        style: PageStyle | None = None,
        side: int = 320,
        seed: int = 0,
    ) -> None:
        self._words, self._fonts, self._texts = words, list(fonts), texts
        self._look, self._style = look or LineStyle(), style or PageStyle()
        self._side, self._seed = side, seed
        order = np.argsort(words.writer, kind="stable")
        self._of_writer = np.split(order, np.flatnonzero(np.diff(words.writer[order])) + 1)

    def __call__(self, number: int) -> tuple[Bytes, Bytes]:
        """Make page `number`: 255 = ink, and 255 = inside of a line's band."""
        rng = np.random.Generator(np.random.Philox(key=[self._seed % 2**64, 7], counter=[0, 0, number, 0]))
        page = self._blank(rng)
        if rng.random() >= EMPTY:
            self._write(page, rng)
        size = (self._side, self._side)
        ink = np.maximum(_drawn(page.ink, size), page.printed)
        ink = np.maximum(ink, scribbles(size, page.x_height, page.bands, rng))
        return roughen(ink, page.style, rng), _drawn(page.bands, size)

    def _blank(self, rng: np.random.Generator) -> _Page:
        """Draw the style of a page."""
        style, look = self._style, self._look
        tall = style.x_height[0] * (style.x_height[1] / style.x_height[0]) ** rng.random()
        pens = look.pen_width
        radius = pens[0] * (pens[1] / pens[0]) ** rng.random() * tall / 2
        return _Page(
            self._side, tall, radius, pick(rng, style.tilt), pick(rng, style.sag), look, [], [],
            np.zeros((self._side, self._side), np.uint8),
        )  # fmt: skip

    def _write(self, page: _Page, rng: np.random.Generator) -> None:
        """Fill a page with one or two columns of lines in one hand."""
        hand: Writing | Ints
        if self._fonts and rng.random() < FONTS:
            hand = self._fonts[int(rng.integers(len(self._fonts)))]
        else:
            hand = self._of_writer[int(rng.integers(len(self._of_writer)))]
        pitch = page.x_height * pick(rng, self._style.pitch)
        few = rng.random() < 0.2  # a few lines on an empty page
        for left, wide in self._columns(page, rng):
            row = rng.uniform(-0.5, 4 if few else 1.5) * pitch
            while row < self._side + pitch:
                size = pick(rng, self._style.size) if rng.random() < 0.08 else 1.0
                row += (size - 1) * page.x_height
                indent = max(0.0, rng.normal(0, 2)) * page.x_height if rng.random() < 0.3 else 0.0
                begin = left + indent + rng.normal(0, 0.3) * page.x_height
                full = wide * (rng.uniform(0.1, 1) if rng.random() < 0.3 else rng.uniform(0.85, 1.05))
                tall = page.x_height * size * float(np.exp(0.05 * rng.standard_normal()))
                slope = self._style.own_tilt * rng.standard_normal()
                where = row + self._style.drift * page.x_height * rng.standard_normal()
                self._line(page, hand, begin, where, max(full / tall, 1.0), tall, slope, rng)
                row += pitch * (1 + (rng.uniform(0.5, 2.5) if rng.random() < (0.5 if few else 0.12) else 0))
                if few and rng.random() < 0.25:
                    break

    def _columns(self, page: _Page, rng: np.random.Generator) -> list[tuple[float, float]]:
        """Return the left edge and the width of each column, in pixels."""
        left, side = rng.uniform(-0.3, 0.35) * self._side, self._side
        if rng.random() < 0.75:
            return [(left, pick(rng, (0.3, 1.3)) * side)]
        middle = rng.uniform(0.4, 0.7) * side
        return [
            (left, (middle - left) * 0.9 - 2 * page.x_height),
            (middle, pick(rng, (0.3, 1.0)) * side),
        ]

    def _line(
        self, page: _Page, hand: Writing | Ints, left: float, row: float, wide: float, tall: float,
        slope: float, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        """Write a line of about `wide` x-heights of `tall` pixels, its baseline beginning at (left, row)."""
        if not isinstance(hand, np.ndarray):
            text = ""
            while len(text) < wide:
                text = f"{text} {hand.written(self._texts(rng))}".strip()
            _print(page, hand, text[: max(1, round(wide))].strip(), left, row, tall, slope, rng)
            return
        items, width = [], 0.0
        while width < wide:
            i = int(hand[int(rng.integers(len(hand)))])
            items.append(self._words[i])
            width += float(self._words.width[i]) + SPACE
        item = join_items(items, page.style, rng)
        item = smoothed(item, int(pick(rng, page.style.smooth)))
        points = item.points * np.float32(tall)
        points[:, 1] += slope * points[:, 0]
        points += np.array([left, row], np.float32)
        radius = page.radius * tall / page.x_height
        page.ink.append(pen_segments(page.bend(points), item.starts, max(radius, 0.35), page.style, rng))
        page.add_band(float(points[:, 0].min()), float(points[:, 0].max()), row, slope, tall)


def _print(
    page: _Page, font: Writing, text: str, left: float, row: float, tall: float, slope: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Write a line with a font."""
    style = page.style
    drifts = DRAWN * style.drift[0] * rng.random(len(text)) if text else np.zeros(0)
    picture, baseline = font.draw(
        text, pick(rng, style.letter_gap) * DRAWN, pick(rng, style.word_gap) * DRAWN, drifts.tolist(), rng
    )
    up = tall * font.factor(text) / DRAWN
    right = left + picture.shape[1] * up
    page.add_band(left, right, row, slope, tall)
    # Which place of the font's picture comes to each point of a grid over the page.
    count = (page.side - 1) // GRID + 2
    xy = np.stack(np.meshgrid(*[GRID * np.arange(count, dtype=np.float32)] * 2), axis=-1)
    flat = xy - (page.bend(xy) - xy)
    x = (flat[..., 0] - left) / up
    y = (flat[..., 1] - row - slope * (flat[..., 0] - left)) / up + baseline
    grid = np.stack([x, y], axis=-1).astype(np.float32)
    bent = _core.bend_ink(picture, grid, GRID, page.side, page.side)
    np.maximum(page.printed, bent, out=page.printed)


def _drawn(segments: list[Floats], size: tuple[int, int]) -> Bytes:
    """Return the picture of capsules (m, 6) in pixels."""
    whole = np.concatenate(segments) if segments else np.zeros((0, 6), np.float32)
    picture: Bytes = _core.draw_strokes(whole, np.array([0, len(whole)], np.int64), *size)[0]
    return picture
