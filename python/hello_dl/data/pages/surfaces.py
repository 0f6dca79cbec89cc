"""The surfaces before the camera: paper with lines and flaws, and the table, as colours from 0 to 1.

The numbers of patterns were chosen such that the pictures look like photos of such materials. `clouds` has a
standard deviation of about 1, so a factor before it is the standard deviation of a pattern's brightness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hello_dl.data.pages.camera import Grey

Colour = tuple[float, float, float]
Colours = NDArray[np.float32]  # (3, height, width)

LID = "lid"  # the white lid of a scanner
TABLES = ("wood", "planks", "cloth", "checks", "stone", "desk", "dark", "carpet")


@dataclass(frozen=True)
class Paper:
    """A sheet of paper, and what is printed on it. Lengths are in mm.

    kind          "plain", "ruled" or "squared"
    pitch         from one printed line to the next
    first         of the first ruled line below the top
    line          width of the lines
    strength      share of the paper's colour that the lines cover
    line_colour   of the lines
    edge          of a red line from the left edge; 0 is none
    form          a printed picture that covers the sheet
    """

    width: float = 210.0
    height: float = 297.0
    colour: Colour = (0.97, 0.96, 0.94)
    kind: str = "plain"
    pitch: float = 8.0
    first: float = 20.0
    line: float = 0.25
    strength: float = 0.4
    line_colour: Colour = (0.45, 0.6, 0.85)
    edge: float = 0.0
    form: Image.Image | None = None


def clouds(rng: np.random.Generator, shape: tuple[int, int], coarse: float, stretch: float = 1.0) -> Grey:
    """Return smooth noise (h, w) with spots of about `coarse` pixels, `stretch` times as wide as high.

    Its mean is 0 and its standard deviation about 1: normal numbers on a coarse grid, interpolated.
    """
    small = [max(2, round(shape[0] / coarse)), max(2, round(shape[1] / (coarse * stretch)))]
    noise = Image.fromarray(rng.standard_normal(small, np.float32))
    return np.asarray(noise.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), np.float32)


def paper_colours(paper: Paper, x: Grey, y: Grey, zoom: float, rng: np.random.Generator) -> Colours:
    """Paint the paper (3, h, w) at the places x, y (h, w), in mm; the photo has `zoom` pixels per mm."""
    # Fibres: spots of 2.5 mm and of 0.3 mm, hardly visible.
    shade = 1 + 0.003 * clouds(rng, x.shape, 2.5 * zoom) + 0.006 * clouds(rng, x.shape, max(2.0, 0.3 * zoom))
    colours: Colours = np.array(paper.colour, np.float32)[:, None, None] * shade
    if paper.kind != "plain":
        ink = _lines(y - np.float32(paper.first), paper, zoom)
        ink[(y < paper.first - paper.pitch / 2) | (y > paper.height - paper.pitch)] = 0
        if paper.kind == "squared":
            whole = _lines(y - np.float32(paper.first), paper, zoom)
            ink = np.maximum(whole, _lines(x - np.float32(paper.pitch / 2), paper, zoom))
        _blend(colours, paper.line_colour, ink * np.float32(paper.strength))
    if paper.edge:
        beside = np.abs(x - np.float32(paper.edge)) - np.float32(paper.line / 2)
        _blend(colours, (0.85, 0.35, 0.4), 0.6 * np.clip(0.5 - beside * zoom, 0, 1))
    return colours


def _lines(across: Grey, paper: Paper, zoom: float) -> Grey:
    """Return the share of each pixel that parallel lines cover, from the place across them, in mm."""
    turns = across * np.float32(1 / paper.pitch)
    away = np.abs(turns - np.rint(turns)) * np.float32(paper.pitch * zoom)
    # A line that is thinner than a pixel covers a share of the pixel that is equal to its width.
    covered = np.clip(np.float32(0.5 + 0.5 * max(paper.line * zoom, 1)) - away, 0, 1)
    return np.asarray(covered * np.float32(min(1.0, paper.line * zoom)), np.float32)


def _blend(colours: Colours, colour: Colour, share: Grey) -> None:
    """Mix `share` (height, width) of a colour into the picture, in place."""
    for channel, value in zip(colours, colour, strict=True):
        channel += share * (np.float32(value) - channel)


def stain(colours: Colours, x: Grey, y: Grey, rng: np.random.Generator, paper: Paper) -> None:
    """Add the ring of a cup, or a few drops, to the paper, in place; x and y are places in mm."""
    middle = rng.uniform(0.1, 0.9, 2) * (paper.width, paper.height)
    if rng.random() < 0.5:
        radius, thick = rng.uniform(28, 42), rng.uniform(0.8, 2)  # mm
        strength = rng.uniform(0.06, 0.2)  # largest share of the paper's colour that it covers
        dx, dy = x - np.float32(middle[0]), y - np.float32(middle[1])
        away = np.abs(np.sqrt(dx * dx + dy * dy) - np.float32(radius))
        uneven = np.clip(0.6 + 0.4 * clouds(rng, x.shape, max(x.shape) / 6), 0, 1)
        _blend(colours, (0.45, 0.3, 0.15), np.clip(1 - away / np.float32(thick), 0, 1) * uneven * strength)
        return
    for _ in range(rng.integers(2, 7)):
        spot = middle + 15 * rng.standard_normal(2)  # mm
        radius = rng.uniform(0.4, 3)  # mm
        away = np.sqrt((x - np.float32(spot[0])) ** 2 + (y - np.float32(spot[1])) ** 2)
        share = np.clip((np.float32(radius) - away) * 3, 0, 1) * np.float32(rng.uniform(0.06, 0.3))
        _blend(colours, (0.4, 0.3, 0.2), share)


def crease(colours: Colours, x: Grey, y: Grey, rng: np.random.Generator, paper: Paper) -> None:
    """Fold the sheet in half or in thirds, in place: each part reflects a little more or less light.

    At the fold itself a ridge of about half a mm is up to 7 % darker or 5 % brighter; the difference of the
    parts, up to 4 %, fades within some 30 mm.
    """
    along, length = (x, paper.width) if rng.random() < 0.3 else (y, paper.height)
    for place in [1 / 2] if rng.random() < 0.5 else [1 / 3, 2 / 3]:
        away = along - np.float32(place * length)
        step = np.float32(rng.uniform(-0.04, 0.04)) * np.tanh(away * np.float32(0.6))
        ridge = np.float32(rng.uniform(-0.07, 0.05)) * np.exp(-(away * away) * np.float32(3))
        colours *= 1 + (step + ridge) * np.exp(-np.abs(away) * np.float32(0.03))


def table_colours(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Colours:
    """Paint a table (3, height, width), a little out of focus, and turned at random."""
    half = (shape[0] // 2 + 1, shape[1] // 2 + 1)
    side = int(np.hypot(*half)) + 2
    base, grey = _table(kind, side, rng)
    turned = Image.fromarray(grey).rotate(
        float(rng.choice([0, 90]) + rng.uniform(-12, 12)), Image.Resampling.BILINEAR
    )
    left, top = (side - half[1]) // 2, (side - half[0]) // 2
    cut = turned.crop((left, top, left + half[1], top + half[0])).resize(
        shape[::-1], Image.Resampling.BILINEAR
    )
    value = np.asarray(cut, np.float32)
    # Dark places of wood and cloth are also more saturated: blue falls with a higher power than red.
    return np.stack([np.clip(np.float32(c) * np.maximum(value, 0) ** np.float32(p), 0, 1) for c, p in base])


def _table(kind: str, side: int, rng: np.random.Generator) -> tuple[list[tuple[float, float]], Grey]:
    """Draw a table: a (value, power) for each channel, and a pattern (side, side) with a mean of about 1.

    A channel is value * pattern ** power. The patterns' lengths are in pixels, half as many as in the photo.
    """
    square = (side, side)
    if kind == LID:
        return [(float(rng.uniform(0.8, 0.99)), 1.0)] * 3, np.ones(square, np.float32)
    if kind in ("wood", "planks"):
        tone = rng.uniform(0.35, 0.75)
        base = [(tone, 0.9), (tone * 0.72, 1.0), (tone * 0.5, 1.15)]
        grain = clouds(rng, square, 4, 60) * 0.07 + clouds(rng, square, 25, 25) * 0.08 + 1
        rings = clouds(rng, square, side / 6, 8)
        grain += 0.06 * np.sin(rings * 3 + np.linspace(0, 60, side, dtype=np.float32)[:, None])
        if kind == "planks":
            wide = side / rng.uniform(5, 9)
            at = np.arange(side) % wide
            grain[at < 2] *= 0.45
            grain *= rng.uniform(0.85, 1.1, int(side / wide) + 1)[(np.arange(side) // wide).astype(int)][
                :, None
            ]
        return base, grain.astype(np.float32)
    if kind in ("cloth", "checks", "carpet"):
        y, x = np.mgrid[:side, :side].astype(np.float32)
        pitch = {"cloth": 3.1, "checks": 3.3, "carpet": 5.5}[kind]
        weave = np.sin(x * (2 * np.pi / pitch)) * np.sin(y * (2 * np.pi / pitch))
        pattern = 1 + 0.07 * weave + 0.05 * clouds(rng, square, 2.5) + 0.06 * clouds(rng, square, side / 5)
        if kind == "carpet":
            pattern += 0.14 * clouds(rng, square, 3) + 0.08 * clouds(rng, square, 12)
        if kind == "checks":
            wide = side / rng.uniform(10, 20)
            pattern *= 1 - 0.25 * ((x // wide) % 2) - 0.25 * ((y // wide) % 2)
        tint = rng.uniform(0.3, 0.8) * (1 + rng.uniform(-0.2, 0.2, 3))
        return [(float(t), 1.2) for t in tint], pattern.astype(np.float32)
    if kind == "stone":
        tone = rng.uniform(0.3, 0.7)
        pattern = 1 + 0.1 * clouds(rng, square, side / 8) + 0.1 * clouds(rng, square, 20)
        pattern += 0.12 * clouds(rng, square, 3)
        return [(tone, 1.0), (tone * 0.97, 1.0), (tone * 0.93, 1.05)], pattern
    tone = rng.uniform(0.08, 0.2) if kind == "dark" else rng.uniform(0.4, 0.85)
    tint = tone * (1 + rng.uniform(-0.12, 0.12, 3))
    pattern = 1 + 0.03 * clouds(rng, square, side / 4) + 0.02 * clouds(rng, square, 2)
    return [(float(t), 1.0) for t in tint], pattern
