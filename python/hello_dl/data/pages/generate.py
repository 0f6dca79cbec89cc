"""Makes a synthetic page: draws paper, pen, writer, camera and light at random."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from hello_dl.data.builtin import CHARACTERS, Writer
from hello_dl.data.builtin.glyphs import X_HEIGHT
from hello_dl.data.builtin.writer import Ink, stream
from hello_dl.data.pages.camera import View, look_at
from hello_dl.data.pages.handwriting import ASCENT, Block, Placed, corners, draw_text, into_truth, place_text
from hello_dl.data.pages.photograph import Scene, photograph
from hello_dl.data.pages.recipes import RECIPES, REFERENCE, Recipe, between
from hello_dl.data.pages.surfaces import Colour, Paper
from hello_dl.data.pages.truth import Truth
from hello_dl.data.pages.words import random_text

FORMATS = {"A4": (210.0, 297.0), "letter": (215.9, 279.4), "A5": (148.0, 210.0)}  # width and height in mm
SMALLEST, USUAL = 0.3, (0.62, 0.95)  # mm per unit of the stroke tables: smallest writing, and usual range
SMALL = 0.5  # mm per unit: below it, a larger sheet is taken
SHRINK = 0.93  # factor by which writing becomes smaller until it fits
SPACING = (17.5, 24.0)  # from line to line, in units
LENGTH = (100, 200)  # characters of a random text
LEFT, RIGHT, TOP, TALL = 0.09, 0.06, 0.06, 0.9  # margins and height of the text, as shares of the sheet
PENS = {"blue": 0.42, "black": 0.38, "red": 0.07, "green": 0.07, "violet": 0.06}  # probabilities
LINE_COLOURS: tuple[Colour, ...] = ((0.45, 0.6, 0.85), (0.6, 0.6, 0.62), (0.55, 0.5, 0.75))
WHITE_PAPER, CREAM_PAPER = (0.97, 0.96, 0.94), (0.96, 0.93, 0.84)
DARK_PAPERS: tuple[Colour, ...] = ((0.09, 0.1, 0.12), (0.08, 0.16, 0.13), (0.12, 0.1, 0.2))


@dataclass(frozen=True)
class Shot:
    """All of a page before the photo is taken.

    scene    sheet, ink and table
    view     of the camera, and size: width and height of the photo in pixels
    recipe   that light and sensor are drawn from
    placed   the characters, in reading order
    about    how the page was made, for `Truth.about`
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
    """Make a synthetic photo of a handwritten page, and return it with what is true of it.

    seed         the same seed makes the same page; each has its own writer, paper and light
    difficulty   "easy" (a scan), "medium" (a phone, held with care) or "hard" (shadow, 15 degrees, little
                 light)
    text         to write (0-9, A-Z, a-z, blanks, newlines); None draws words at random, "" leaves the sheet
                 blank
    kind         of random text: "letters", "digits" or "characters"
    megapixels   size of the photo, 0.1 to 50
    writer       the person who writes it; None draws one

    Returns a Pillow RGB image and the Truth, with a quadrilateral for every character. Raises ValueError for
    an unknown difficulty, a character that cannot be written, or a text that does not fit on a sheet.
    """
    shot, rng = compose(seed, difficulty, text, kind, megapixels, writer)
    photo = photograph(shot.scene, shot.view, shot.size, shot.recipe, rng)
    paper = shot.scene.paper
    assert paper is not None
    sheet = corners((0, 0, paper.width, paper.height), shot.view)
    return photo, Truth(into_truth(shot.placed, shot.view), photo.size, sheet, shot.about)


def compose(
    seed: int, difficulty: str, text: str | None, kind: str, megapixels: float, writer: Writer | None = None
) -> tuple[Shot, np.random.Generator]:
    """Draw all of a page but the photo; the arguments are those of `generate_page`.

    Returns the shot to take, and the generator of random numbers for `photograph`.
    """
    recipe = _recipe(difficulty, megapixels)
    rng = stream(seed, 20)
    if text is None:
        text = random_text(rng, int(rng.integers(*LENGTH)), kind)
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
    zoom = view.zoom(np.array([paper.width, paper.height]) / 2)
    about = {
        "seed": seed, "difficulty": difficulty, "paper": paper.kind, "pen": pen, "table": scene.table,
        "x_height": round(float(X_HEIGHT * block.unit * zoom), 1),
    }  # fmt: skip
    return Shot(scene, view, size, recipe, placed, about), rng


def generate_blank(
    seed: int, difficulty: str = "medium", *, megapixels: float = 2.4
) -> tuple[Image.Image, Truth]:
    """Make a photo without writing: of a table, or of a sheet that is blank, ruled or squared.

    The arguments are those of `generate_page`; six in ten photos show a sheet.
    """
    rng = stream(seed, 21)
    if rng.random() < 0.6:
        return generate_page(seed, difficulty, "", megapixels=megapixels)
    recipe = _recipe(difficulty, megapixels)
    scene = Scene(None, [], "black", str(rng.choice(recipe.tables)))
    size = _size(megapixels, bool(rng.random() < 0.3))
    view = look_at((0, 0, 300, 400), size)  # mm; of a table the place does not matter
    photo = photograph(scene, view, size, recipe, rng)
    about: dict[str, Any] = {"seed": seed, "difficulty": difficulty, "paper": None, "table": scene.table}
    return photo, Truth([], photo.size, None, about)


def _recipe(difficulty: str, megapixels: float) -> Recipe:
    """Return the recipe of a difficulty. Raises ValueError for another word, and for a size out of range."""
    if difficulty not in RECIPES:
        raise ValueError(f"generate_page: needs difficulty {', '.join(RECIPES)}, got {difficulty!r}")
    if not 0.1 <= megapixels <= 50:
        raise ValueError(f"generate_page: needs 0.1 to 50 megapixels, got {megapixels}")
    return RECIPES[difficulty]


def _size(megapixels: float, landscape: bool) -> tuple[int, int]:
    """Return width and height of a photo in pixels; their ratio is 3 : 4, as phones have it."""
    unit = (megapixels * 1e6 / 12) ** 0.5
    size = (round(3 * unit), round(4 * unit))
    return (size[1], size[0]) if landscape else size


def draw_paper(recipe: Recipe, rng: np.random.Generator, dark: bool = False) -> Paper:
    """Draw a sheet: its size, its colour, its lines. `dark` paper has no lines."""
    kind = "plain" if dark else str(rng.choice(["plain", "ruled", "squared"], p=recipe.papers))
    width, height = FORMATS[str(rng.choice(list(FORMATS), p=[0.4, 0.2, 0.4]))]
    colour: Colour = CREAM_PAPER if rng.random() < 0.25 else WHITE_PAPER
    if dark:
        colour = DARK_PAPERS[int(rng.integers(3))]
    return Paper(
        width, height, colour, kind,
        pitch=float(rng.choice([5.0, 5.0, 6.0]) if kind == "squared" else rng.choice([7.1, 8.0, 9.0])),
        first=float(rng.uniform(12, 30)),
        line=between(rng, (0.15, 0.35)),
        strength=between(rng, (0.25, 0.65)),
        line_colour=LINE_COLOURS[int(rng.integers(3))],
        edge=between(rng, (16, 32)) if kind == "ruled" and rng.random() < 0.5 else 0.0,
    )  # fmt: skip


def _pen(recipe: Recipe, rng: np.random.Generator) -> str:
    """Draw the kind of pen for light paper."""
    if rng.random() < recipe.pencil:
        return "pencil"
    return str(rng.choice(list(PENS), p=list(PENS.values())))


def _written(
    text: str, inks: list[Ink], paper: Paper, recipe: Recipe, rng: np.random.Generator
) -> tuple[Paper, Block, list[Placed]]:
    """Place the letters on the sheet, in smaller writing or on a larger sheet if they do not fit.

    Returns the sheet, the block of text, and the placed letters. Raises ValueError if nothing helps.
    """
    unit, spacing = between(rng, USUAL), between(rng, SPACING)
    # On lined paper the slope of text is a quarter of that on plain paper.
    slope = recipe.slope * float(rng.standard_normal()) * (1.0 if paper.kind == "plain" else 0.25)
    manner = {
        "slope": slope,
        "curve": 40 * recipe.slope * float(rng.standard_normal()),  # mm
        "spread": between(rng, (0.95, 1.4)),  # factor of the gaps between letters and words
    }
    seed = int(rng.integers(2**62))
    while unit >= SMALLEST:
        block = _block(paper, unit, spacing, manner)
        placed = place_text(text, inks, block, stream(seed, 22))
        if placed is not None:
            return paper, block, placed
        unit *= SHRINK
        if unit < SMALL and (paper.width, paper.height) != FORMATS["A4"]:
            paper, unit = replace(paper, width=FORMATS["A4"][0], height=FORMATS["A4"][1]), USUAL[0]
    raise ValueError(f"generate_page: {len(text)} characters do not fit on one sheet; make it shorter")


def _block(paper: Paper, unit: float, spacing: float, manner: dict[str, float]) -> Block:
    """Return the block of text for a sheet: within its edges, and on its lines if it has any."""
    left = max(paper.edge + 3, LEFT * paper.width)  # 3 mm right of a red line
    top = TOP * paper.height
    pitch, offset = spacing * unit, ASCENT * unit
    if paper.kind != "plain":  # baselines lie on every line, or on every second one, ... if they are narrow
        pitch = paper.pitch * max(1, np.ceil((spacing - 3) * unit / paper.pitch))
        offset = paper.first - top + paper.pitch * np.ceil((top + offset - paper.first) / paper.pitch)
    return Block(
        left, top, paper.width - left - RIGHT * paper.width, TALL * paper.height, unit, float(pitch),
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
    """Draw the view: of the whole sheet, or of the writing if its letters would be too small otherwise."""
    turn = between(rng, recipe.turn) * float(rng.choice([-1, 1]))
    tilt = (float(rng.uniform(-recipe.tilt, recipe.tilt)), float(rng.uniform(-recipe.tilt, recipe.tilt)) / 2)
    # Height and length in mm, start in radians.
    wave = (float(rng.uniform(0, recipe.wave)), between(rng, (120, 300)), between(rng, (0, 6)))
    place = (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.8)))
    margin = between(rng, recipe.margin)
    sheet = (0.0, 0.0, paper.width, paper.height)
    region = _written_region(placed, paper, between(rng, (5, 15)))  # mm around the writing

    def above(part: tuple[float, float, float, float]) -> View:
        """Return the view of a part of the sheet."""
        return look_at(part, size, turn=turn, tilt=tilt, margin=margin, place=place, wave=wave)

    if rng.random() < recipe.whole_sheet:
        view = above(sheet)
        middle = np.array([(region[0] + region[2]) / 2, (region[1] + region[3]) / 2])
        least = recipe.least_x * (size[0] * size[1] / (REFERENCE * 1e6)) ** 0.5
        if X_HEIGHT * block.unit * float(view.zoom(middle)) >= least:
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
