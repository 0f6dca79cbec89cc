"""A small chart of lines, dots and bars, drawn with Pillow: fast enough for the frames of an animation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from hello_dl.pictures.canvas import font
from hello_dl.pictures.colours import BLACK, GREY, LINES, PALE, WHITE, Colour

FINE = 3  # the chart is drawn so many times as large and made smaller at the end, for smooth edges
TICKS = 5  # about how many numbers stand along an axis
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 44  # pixels from the edge of the picture to the field
NARROW = 12  # pixels at the left and at the bottom if the axes have no ticks


class Chart:
    """A field with two axes to draw on: `Chart((0, 10), (0, 1), title="loss").line(x, y).image()`.

    x, y     ranges (low, high) of the axes
    size     width and height of the picture in pixels
    log_x    whether the numbers given for x are logarithms to base 10: -6 is then labelled 1e-6
    ticks    whether the axes have ticks, lines and labels
    legend   where the legend stands, at the right: "high" or "low"

    Raises ValueError for an empty range and for another place of the legend.
    """

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        size: tuple[int, int] = (480, 320),
        title: str = "",
        x_label: str = "",
        y_label: str = "",
        log_x: bool = False,
        ticks: bool = True,
        legend: str = "high",
    ) -> None:
        for axis, (low, high) in (("x", x), ("y", y)):
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ValueError(f"Chart: needs a range (low, high) of {axis}, got ({low}, {high})")
        if legend not in ("high", "low"):
            raise ValueError(f"Chart: needs the legend high or low, got {legend!r}")
        self.x, self.y, self.size, self._legend = x, y, size, legend
        self._sheet = Image.new("RGB", (FINE * size[0], FINE * size[1]), WHITE)
        self._draw = ImageDraw.Draw(self._sheet)
        self._named: list[tuple[str, Colour]] = []  # lines of the legend
        left, bottom = (LEFT, BOTTOM) if ticks else (NARROW, NARROW)
        self._box = (left, TOP, size[0] - RIGHT, size[1] - bottom)  # of the field, in pixels
        if ticks:
            self._axes(x_label, y_label, log_x)
        self._text(((self._box[0] + self._box[2]) / 2, TOP / 2), title, 15, BLACK, "mm")

    def line(
        self, xs: Any, ys: Any, *, colour: Colour | None = None, width: float = 2, name: str = ""
    ) -> Chart:
        """Draw a line through points, `width` pixels wide; a `name` appears in the legend.

        Points outside the ranges are moved to the edge of the field.
        """
        colour = colour or LINES[len(self._named) % len(LINES)]
        self.name(name, colour)
        points = [self._at(x, y) for x, y in zip(xs, ys, strict=True)]
        self._draw.line(points, fill=colour, width=round(FINE * width), joint="curve")
        return self

    def dot(self, x: float, y: float, *, colour: Colour, radius: float = 7) -> Chart:
        """Draw a filled circle, `radius` pixels large; above 4 pixels it has a dark rim."""
        (px, py), r = self._at(x, y), FINE * radius
        self._draw.ellipse(
            (px - r, py - r, px + r, py + r), fill=colour, outline=BLACK if radius > 4 else None, width=FINE
        )
        return self

    def bars(self, edges: Any, heights: Any, *, colour: Colour | None = None, name: str = "") -> Chart:
        """Draw a histogram as a lightly filled outline: heights (n,) between edges (n + 1,)."""
        colour = colour or LINES[len(self._named) % len(LINES)]
        xs, ys = np.repeat(edges, 2), np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])
        outline = [self._at(x, y) for x, y in zip(xs, ys, strict=True)]
        light: Colour = tuple(round(255 - 0.25 * (255 - c)) for c in colour)  # type: ignore[assignment]
        shape = Image.new("L", self._sheet.size, 0)
        ImageDraw.Draw(shape).polygon(outline, fill=255)
        below = self._sheet.copy()  # colours are multiplied, so that overlapping histograms both show
        self._sheet.paste(light, mask=shape)
        self._sheet.paste(_multiplied(below, self._sheet), mask=shape)
        return self.line(xs, ys, colour=colour, width=1.5, name=name)

    def name(self, name: str, colour: Colour) -> Chart:
        """Add a line to the legend, in `colour`; an empty name adds none."""
        if name:
            self._named.append((name, colour))
        return self

    def image(self) -> Image.Image:
        """Return the chart with its legend as a Pillow image. Drawing on the chart may go on afterwards."""
        finished = self._sheet.copy()
        draw, x, y = ImageDraw.Draw(finished), FINE * (self._box[2] - 8), FINE * (self._box[1] + 12)
        if self._legend == "low":
            y = FINE * (self._box[3] + 5 - 17 * len(self._named))
        letters = font(FINE * 12)
        for name, colour in self._named:
            draw.text((x, y), name, colour, letters, "rm", stroke_width=2 * FINE, stroke_fill=WHITE)
            y += FINE * 17
        return finished.resize(self.size, Image.Resampling.LANCZOS)

    def copy(self) -> Chart:
        """Return a copy that can be drawn on separately, as for the next frame of an animation."""
        other = object.__new__(Chart)
        other.__dict__.update(self.__dict__)
        other._sheet, other._named = self._sheet.copy(), list(self._named)
        other._draw = ImageDraw.Draw(other._sheet)
        return other

    # ---- parts of the above ---------------------------------------------------------------------------

    def _at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point on the enlarged sheet; points outside are moved to the edge."""
        left, top, right, bottom = self._box
        across = min(max((x - self.x[0]) / (self.x[1] - self.x[0]), 0), 1)
        up = min(max((y - self.y[0]) / (self.y[1] - self.y[0]), 0), 1)
        return FINE * (left + across * (right - left)), FINE * (bottom - up * (bottom - top))

    def _text(self, place: tuple[float, float], text: str, size: float, fill: Colour, anchor: str) -> None:
        """Write a text, `size` pixels high; `anchor` is Pillow's code for the side that is at `place`."""
        at = (FINE * place[0], FINE * place[1])
        self._draw.text(at, text, fill=fill, font=font(FINE * size), anchor=anchor)

    def _axes(self, x_label: str, y_label: str, log_x: bool) -> None:
        """Draw the ticks' lines and numbers, and the names of the axes."""
        left, top, right, bottom = self._box
        for value in ticks(*self.x):
            px = self._at(value, self.y[0])[0]
            self._draw.line([(px, FINE * top), (px, FINE * bottom)], fill=PALE, width=FINE)
            text = f"1e{value:g}" if log_x else f"{value:g}"
            self._text((px / FINE, bottom + 12), text, 12, GREY, "mm")
        for value in ticks(*self.y):
            py = self._at(self.x[0], value)[1]
            self._draw.line([(FINE * left, py), (FINE * right, py)], fill=PALE, width=FINE)
            self._text((left - 7, py / FINE), f"{value:g}", 12, GREY, "rm")
        self._text(((left + right) / 2, bottom + 31), x_label, 13, GREY, "mm")
        self._text((8, top - 12), y_label, 13, GREY, "lm")


def ticks(low: float, high: float) -> Sequence[float]:
    """Return about TICKS round numbers from low to high: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= 0.99 * rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _multiplied(a: Image.Image, b: Image.Image) -> Image.Image:
    """Return the product of two images, with 255 as 1."""
    product = np.asarray(a, np.uint16) * np.asarray(b, np.uint16) // 255
    return Image.fromarray(product.astype(np.uint8))
