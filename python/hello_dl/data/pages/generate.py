"""Makes a page up: chooses paper, pen, hand and camera."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from hello_dl.data.builtin import CHARACTERS, Writer
from hello_dl.data.builtin.writer import Ink, stream
from hello_dl.data.pages.camera import View, look_at
from hello_dl.data.pages.handwriting import ASCENT, Block, Placed, corners, draw_text, into_truth, place_text
from hello_dl.data.pages.photograph import Scene, photograph
from hello_dl.data.pages.recipes import RECIPES, REFERENCE, Recipe, between
from hello_dl.data.pages.surfaces import Colour, Paper
from hello_dl.data.pages.truth import Truth
from hello_dl.data.pages.words import random_text

FORMATS = {"A4": (210.0, 297.0), "letter": (215.9, 279.4), "A5": (148.0, 210.0)}
X = 5.0  # units of a small x
SMALLEST, USUAL = 0.3, (0.62, 0.95)  # mm of a unit: the smallest hand, and usual ones


@dataclass(frozen=True)
class Shot:
    """A page before the camera, just before the photo: `placed` are the characters, `about` says what it is.

    `size` is the photo's (width, height).
    """

    scene: Scene
    view: View
    size: tuple[int, int]
    recipe: Recipe
    placed: list[Placed]
    about: dict[str, Any]


def generate_page(
    seed: int,
    difficulty: str = "medium",
    text: str | None = None,
    *,
    kind: str = "letters",
    megapixels: float = 2.4,
    writer: Writer | None = None,
) -> tuple[Image.Image, Truth]:
    """Makes a photo of a handwritten page, and tells what is true of it.

    seed         the same seed makes the same page; no two share writer, paper or light
    difficulty   `easy` (a scan), `medium` (as a phone takes it) or `hard` (shadow, 15 degrees, little light)
    text         what is written (0-9, A-Z, a-z, blanks, newlines); without it words are drawn at random;
                 "" leaves the sheet blank
    kind         of random text: `letters`, `digits` or `characters`
    writer       a person who has written it, instead of one of the page's own

    Returns a Pillow RGB image and the Truth, with a quadrilateral for every character. Raises ValueError for
    what cannot be written or does not fit on a sheet.
    """
    shot, rng = compose(seed, difficulty, text, kind=kind, megapixels=megapixels, writer=writer)
    photo = photograph(shot.scene, shot.view, shot.size, shot.recipe, rng)
    paper = shot.scene.paper
    assert paper is not None
    sheet = corners((0, 0, paper.width, paper.height), shot.view)
    return photo, Truth(into_truth(shot.placed, shot.view), photo.size, sheet, shot.about)


def compose(
    seed: int,
    difficulty: str = "medium",
    text: str | None = None,
    *,
    kind: str = "letters",
    megapixels: float = 2.4,
    writer: Writer | None = None,
) -> tuple[Shot, np.random.Generator]:
    """Draws all of a page but its photo; arguments are those of `generate_page`. Returns the shot to take.

    The second result is what `photograph` draws the light from.
    """
    recipe = _recipe(difficulty, megapixels)
    rng = stream(seed, 20)
    if text is None:
        text = random_text(rng, int(rng.integers(100, 200)), kind)
    for char in text:
        if char not in CHARACTERS and char not in " \n":
            raise ValueError(f"generate_page: can write 0-9, A-Z, a-z, blank and newline, got {char!r}")
    writer = writer or Writer(int(rng.integers(2**62)), neat=True)
    dark = bool(rng.random() < recipe.dark)
    paper = draw_paper(recipe, rng, dark)
    drawn = draw_text(text, writer, rng)
    paper, block, placed = _written(text, drawn, paper, recipe, rng)
    pen = "white" if dark else _pen(recipe, rng)
    flaws = (bool(rng.random() < recipe.flaws), bool(rng.random() < recipe.flaws))
    scene = Scene(paper, [p.ink for p in placed], pen, str(rng.choice(recipe.tables)), flaws)
    size = _size(megapixels, paper.width > paper.height)
    view = _aim(recipe, rng, paper, placed, block, size)
    about = {
        "seed": seed, "difficulty": difficulty, "paper": paper.kind, "pen": pen, "table": scene.table,
        "x_height": round(float(X * block.unit * view.zoom(np.array([paper.width, paper.height]) / 2)), 1),
    }  # fmt: skip
    return Shot(scene, view, size, recipe, placed, about), rng


def generate_blank(
    seed: int, difficulty: str = "medium", *, megapixels: float = 2.4
) -> tuple[Image.Image, Truth]:
    """Makes a photo without any writing: a table, a floor, a blank sheet, ruled or squared paper."""
    rng = stream(seed, 21)
    if rng.random() < 0.6:
        return generate_page(seed, difficulty, "", megapixels=megapixels)
    recipe = _recipe(difficulty, megapixels)
    scene = Scene(None, [], "black", str(rng.choice(recipe.tables)))
    size = _size(megapixels, bool(rng.random() < 0.3))
    view = look_at((0, 0, 300, 400), size)
    photo = photograph(scene, view, size, recipe, rng)
    about: dict[str, Any] = {"seed": seed, "difficulty": difficulty, "paper": None, "table": scene.table}
    return photo, Truth([], photo.size, None, about)


def _recipe(difficulty: str, megapixels: float) -> Recipe:
    if difficulty not in RECIPES:
        raise ValueError(f"generate_page: needs difficulty {', '.join(RECIPES)}, got {difficulty!r}")
    if not 0.1 <= megapixels <= 50:
        raise ValueError(f"generate_page: needs 0.1 to 50 megapixels, got {megapixels}")
    return RECIPES[difficulty]


def _size(megapixels: float, landscape: bool) -> tuple[int, int]:
    """Width and height of a photo, 3 to 4 as phones have it."""
    unit = (megapixels * 1e6 / 12) ** 0.5
    size = (round(3 * unit), round(4 * unit))
    return (size[1], size[0]) if landscape else size


def draw_paper(recipe: Recipe, rng: np.random.Generator, dark: bool = False) -> Paper:
    """Chooses a sheet: its size, its colour, its lines."""
    kind = "plain" if dark else str(rng.choice(["plain", "ruled", "squared"], p=recipe.papers))
    width, height = FORMATS[str(rng.choice(list(FORMATS), p=[0.4, 0.2, 0.4]))]
    colour: Colour = (0.97, 0.96, 0.94)
    if rng.random() < 0.25:
        colour = (0.96, 0.93, 0.84)  # cream, or recycled
    if dark:
        colour = ((0.09, 0.1, 0.12), (0.08, 0.16, 0.13), (0.12, 0.1, 0.2))[int(rng.integers(3))]
    lines: tuple[Colour, ...] = ((0.45, 0.6, 0.85), (0.6, 0.6, 0.62), (0.55, 0.5, 0.75))
    return Paper(
        width, height, colour, kind,
        pitch=float(rng.choice([5.0, 5.0, 6.0]) if kind == "squared" else rng.choice([7.1, 8.0, 9.0])),
        first=float(rng.uniform(12, 30)),
        line=between(rng, (0.15, 0.35)),
        strength=between(rng, (0.25, 0.65)),
        line_colour=lines[int(rng.integers(3))],
        edge=between(rng, (16, 32)) if kind == "ruled" and rng.random() < 0.5 else 0.0,
    )  # fmt: skip


def _pen(recipe: Recipe, rng: np.random.Generator) -> str:
    if rng.random() < recipe.pencil:
        return "pencil"
    return str(rng.choice(["blue", "black", "red", "green", "violet"], p=[0.42, 0.38, 0.07, 0.07, 0.06]))


def _written(
    text: str, inks: list[Ink], paper: Paper, recipe: Recipe, rng: np.random.Generator
) -> tuple[Paper, Block, list[Placed]]:
    """Finds the size of hand with which the text fits on the sheet, or on a larger one."""
    unit, spacing = between(rng, USUAL), between(rng, (17.5, 24))
    slope = recipe.slope * float(rng.standard_normal()) * (1.0 if paper.kind == "plain" else 0.25)
    manner = {
        "slope": slope,
        "curve": 40 * recipe.slope * float(rng.standard_normal()),
        "spread": between(rng, (0.95, 1.4)),
    }
    seed = int(rng.integers(2**62))
    while unit >= SMALLEST:
        block = _block(paper, unit, spacing, manner)
        placed = place_text(text, inks, block, stream(seed, 22))
        if placed is not None:
            return paper, block, placed
        unit *= 0.93
        if unit < 0.5 and (paper.width, paper.height) != FORMATS["A4"]:
            paper, unit = replace(paper, width=FORMATS["A4"][0], height=FORMATS["A4"][1]), USUAL[0]
    raise ValueError(f"generate_page: {len(text)} characters do not fit on one sheet; make it shorter")


def _block(paper: Paper, unit: float, spacing: float, manner: dict[str, float]) -> Block:
    left = max(paper.edge + 3, 0.09 * paper.width)
    top = 0.06 * paper.height
    pitch, offset = spacing * unit, ASCENT * unit
    if paper.kind != "plain":  # on the lines: each one that leaves room enough
        pitch = paper.pitch * max(1, np.ceil((spacing - 3) * unit / paper.pitch))
        offset = paper.first - top + paper.pitch * np.ceil((top + offset - paper.first) / paper.pitch)
    return Block(
        left, top, paper.width - left - 0.06 * paper.width, 0.9 * paper.height, unit, float(pitch),
        float(offset), wander=0.12 * unit, **manner,
    )  # fmt: skip


def _aim(
    recipe: Recipe,
    rng: np.random.Generator,
    paper: Paper,
    placed: list[Placed],
    block: Block,
    size: tuple[int, int],
) -> View:
    """Holds the camera: above the whole sheet, or nearer, above the writing."""
    turn = between(rng, recipe.turn) * float(rng.choice([-1, 1]))
    tilt = (float(rng.uniform(-recipe.tilt, recipe.tilt)), float(rng.uniform(-recipe.tilt, recipe.tilt)) / 2)
    wave = (float(rng.uniform(0, recipe.wave)), between(rng, (120, 300)), between(rng, (0, 6)))
    place = (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.8)))
    margin = between(rng, recipe.margin)
    sheet = (0.0, 0.0, paper.width, paper.height)
    region = _written_region(placed, paper, between(rng, (5, 15)))

    def above(part: tuple[float, float, float, float]) -> View:
        return look_at(part, size, turn=turn, tilt=tilt, margin=margin, place=place, wave=wave)

    if rng.random() < recipe.whole_sheet:
        view = above(sheet)
        middle = np.array([(region[0] + region[2]) / 2, (region[1] + region[3]) / 2])
        least = recipe.least_x * (size[0] * size[1] / (REFERENCE * 1e6)) ** 0.5
        if X * block.unit * float(view.zoom(middle)) >= least:
            return view
    return above(region)


def _written_region(placed: list[Placed], paper: Paper, margin: float) -> tuple[float, float, float, float]:
    """Return the box (left, top, right, bottom) of the ink with `margin` mm around it, within the sheet.

    Of a sheet without ink, return all but a tenth at each side.
    """
    if not placed:
        return 0.1 * paper.width, 0.1 * paper.height, 0.9 * paper.width, 0.9 * paper.height
    low = np.min([p.ink.xy[0].min(axis=0) for p in placed], axis=0) - margin
    high = np.max([p.ink.xy[0].max(axis=0) for p in placed], axis=0) + margin
    return (
        max(float(low[0]), 1.0), max(float(low[1]), 1.0),
        min(float(high[0]), paper.width - 1), min(float(high[1]), paper.height - 1),
    )  # fmt: skip
