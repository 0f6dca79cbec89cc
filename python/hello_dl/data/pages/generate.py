"""Makes a page up: chooses paper, pen, hand, light and camera, and takes the photo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from hello_dl.data.builtin import CHARACTERS, Writer
from hello_dl.data.builtin.writer import Ink, stream

from .camera import Grey, View, look_at
from .light import expose, light_field
from .recipes import RECIPES, Range, Recipe
from .surfaces import Colour, Colours, Paper, clouds, crease, paper_colours, stain, table_colours
from .truth import Truth
from .words import random_text
from .writing import ASCENT, Block, Placed, corners, draw_text, into_truth, place_text, rasterise

FORMATS = {"A4": (210.0, 297.0), "letter": (215.9, 279.4), "A5": (148.0, 210.0)}
PENS: dict[str, tuple[Colour, float]] = {  # colour, and how much of the paper it hides
    "blue": ((0.12, 0.17, 0.55), 0.9), "black": ((0.1, 0.1, 0.12), 0.92), "red": ((0.75, 0.1, 0.14), 0.9),
    "green": ((0.08, 0.42, 0.22), 0.9), "violet": ((0.38, 0.14, 0.5), 0.9),
    "pencil": ((0.3, 0.3, 0.31), 0.72),
    "white": ((0.95, 0.94, 0.9), 0.9),
}  # fmt: skip
REFERENCE = 2.4  # megapixels for which the recipes' blur is meant
X = 5.0  # units of a small x
SMALLEST, USUAL = 0.3, (0.62, 0.95)  # mm of a unit: the smallest hand, and usual ones


@dataclass(frozen=True)
class Scene:
    """All that the camera sees: a sheet (None: only the table), the ink on it, the pen, and the table."""

    paper: Paper | None
    inks: list[Ink]
    pen: str
    table: str
    flawed: tuple[bool, bool] = (False, False)  # a stain, a crease
    dry: float = 0.0  # share of its ink that the pen loses in places, at most: a ball that skips


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


def _between(rng: np.random.Generator, limits: Range) -> float:
    return float(rng.uniform(*limits))


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
        line=_between(rng, (0.15, 0.35)),
        strength=_between(rng, (0.25, 0.65)),
        line_colour=lines[int(rng.integers(3))],
        edge=_between(rng, (16, 32)) if kind == "ruled" and rng.random() < 0.5 else 0.0,
    )  # fmt: skip


def _pen(recipe: Recipe, rng: np.random.Generator) -> str:
    if rng.random() < recipe.pencil:
        return "pencil"
    return str(rng.choice(["blue", "black", "red", "green", "violet"], p=[0.42, 0.38, 0.07, 0.07, 0.06]))


def _written(
    text: str, inks: list[Ink], paper: Paper, recipe: Recipe, rng: np.random.Generator
) -> tuple[Paper, Block, list[Placed]]:
    """Finds the size of hand with which the text fits on the sheet, or on a larger one."""
    unit, spacing = _between(rng, USUAL), _between(rng, (17.5, 24))
    slope = recipe.slope * float(rng.standard_normal()) * (1.0 if paper.kind == "plain" else 0.25)
    manner = {
        "slope": slope,
        "curve": 40 * recipe.slope * float(rng.standard_normal()),
        "spread": _between(rng, (0.95, 1.4)),
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
    turn = _between(rng, recipe.turn) * float(rng.choice([-1, 1]))
    tilt = (float(rng.uniform(-recipe.tilt, recipe.tilt)), float(rng.uniform(-recipe.tilt, recipe.tilt)) / 2)
    wave = (float(rng.uniform(0, recipe.wave)), _between(rng, (120, 300)), _between(rng, (0, 6)))
    place = (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.8)))
    margin = _between(rng, recipe.margin)
    sheet = (0.0, 0.0, paper.width, paper.height)
    region = _around(placed, paper, _between(rng, (5, 15)))

    def above(part: tuple[float, float, float, float]) -> View:
        return look_at(part, size, turn=turn, tilt=tilt, margin=margin, place=place, wave=wave)

    if rng.random() < recipe.whole_sheet:
        view = above(sheet)
        middle = np.array([(region[0] + region[2]) / 2, (region[1] + region[3]) / 2])
        least = recipe.least_x * (size[0] * size[1] / (REFERENCE * 1e6)) ** 0.5
        if X * block.unit * float(view.zoom(middle)) >= least:
            return view
    return above(region)


def _around(placed: list[Placed], paper: Paper, margin: float) -> tuple[float, float, float, float]:
    """The part of the sheet that is written on, with a margin; most of the sheet if nothing is."""
    if not placed:
        return 0.1 * paper.width, 0.1 * paper.height, 0.9 * paper.width, 0.9 * paper.height
    low = np.min([p.ink.xy[0].min(axis=0) for p in placed], axis=0) - margin
    high = np.max([p.ink.xy[0].max(axis=0) for p in placed], axis=0) + margin
    return (
        max(float(low[0]), 1.0), max(float(low[1]), 1.0),
        min(float(high[0]), paper.width - 1), min(float(high[1]), paper.height - 1),
    )  # fmt: skip


def photograph(
    scene: Scene, view: View, size: tuple[int, int], recipe: Recipe, rng: np.random.Generator
) -> Image.Image:
    """Takes a photo of a scene, `size` = (width, height) in pixels, in the light that the recipe draws."""
    shape = (size[1], size[0])
    reference = (shape[0] * shape[1] / (REFERENCE * 1e6)) ** 0.5
    if scene.paper is None:
        colours = table_colours(scene.table, shape, rng)
    else:
        colours = _lit_sheet(scene, scene.paper, view, size, rng)
    colours *= light_field(
        shape, rng,
        fall=_between(rng, recipe.fall),
        shadow=_between(rng, recipe.shadow_depth) if rng.random() < recipe.shadow else 0.0,
        softness=_between(rng, recipe.softness),
        across=(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.3, 0.7))),
        vignette=float(rng.uniform(0, recipe.vignette)),
    )  # fmt: skip
    exposure, warm = _between(rng, recipe.exposure), float(rng.uniform(-0.04, 0.1)) * (recipe.fall[1] > 0.1)
    return expose(
        colours, rng,
        blur=_between(rng, recipe.blur) * reference,
        shake=_between(rng, recipe.shake) * reference,
        noise=_between(rng, recipe.noise),
        quality=int(rng.integers(recipe.quality[0], recipe.quality[1] + 1)),
        tint=(exposure * (1 + warm / 2), exposure, exposure * (1 - 1.5 * warm)),
    )  # fmt: skip


def _lit_sheet(
    scene: Scene, paper: Paper, view: View, size: tuple[int, int], rng: np.random.Generator
) -> Colours:
    """Paints the sheet with its ink, the table around it, and the sheet's own small shadow on the table."""
    x, y = view.to_sheet(size[1], size[0])
    zoom = float(view.zoom(np.array([paper.width / 2, paper.height / 2])))
    colours = paper_colours(paper, x, y, zoom, rng)
    if paper.form is not None:
        _print(colours, paper, view, size)
    for flawed, flaw in zip(scene.flawed, (stain, crease), strict=True):
        if flawed:
            flaw(colours, x, y, rng, paper)
    _ink(colours, scene, view, size, zoom, rng)
    beyond = _beyond(x, y, paper)
    on_table = np.clip(beyond * np.float32(zoom) + np.float32(0.5), 0, 1)
    if on_table.any():
        aside = rng.uniform(-2, 2, 2).astype(np.float32)
        shade = 1 - np.float32(0.4) * np.exp(
            np.minimum(-_beyond(x - aside[0], y - aside[1], paper), 0) / np.float32(3)
        )
        colours += on_table * (table_colours(scene.table, (size[1], size[0]), rng) * shade - colours)
    return colours


def _beyond(x: Grey, y: Grey, paper: Paper) -> Grey:
    """How many mm a place lies outside the sheet; negative inside."""
    w, h = np.float32(paper.width / 2), np.float32(paper.height / 2)
    return np.asarray(np.maximum(np.abs(x - w) - w, np.abs(y - h) - h))


def _ink(
    colours: Colours, scene: Scene, view: View, size: tuple[int, int], zoom: float, rng: np.random.Generator
) -> None:
    """Lays the ink over the paper; a pencil leaves out the paper's hollows, a pen hardly any."""
    colour, strength = PENS[scene.pen]
    strength *= float(rng.uniform(0.8, 1.0))
    share = rasterise(scene.inks, view, size).astype(np.float32) * np.float32(strength / 255)
    grain = 0.2 if scene.pen == "pencil" else 0.06
    share *= np.clip(1 - grain * np.abs(clouds(rng, share.shape, max(1.5, 0.25 * zoom))), 0, 1)
    if scene.dry:
        share *= 1 - np.float32(scene.dry) * np.clip(np.float32(0.5) + clouds(rng, share.shape, zoom), 0, 1)
    for channel, value in zip(colours, colour, strict=True):
        channel += share * (np.float32(value) - channel)


def _print(colours: Colours, paper: Paper, view: View, size: tuple[int, int]) -> None:
    """Prints the paper's form on it: the picture is seen through the camera and darkens the paper."""
    assert paper.form is not None
    form = paper.form.convert("L")
    inverse = np.linalg.inv(view.matrix)
    to_form = np.diag([form.width / paper.width, form.height / paper.height, 1.0]) @ inverse
    to_form /= to_form[2, 2]
    seen = form.transform(
        size,
        Image.Transform.PERSPECTIVE,
        to_form.ravel()[:8].tolist(),
        Image.Resampling.BICUBIC,
        fillcolor=255,
    )
    colours *= np.asarray(seen, np.float32) * np.float32(1 / 255)
