"""Takes the photo of a scene: paints sheet, ink and table as the camera sees them, and the light on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from hello_dl.data.builtin.writer import Ink
from hello_dl.data.pages.camera import Grey, View
from hello_dl.data.pages.handwriting import rasterise
from hello_dl.data.pages.light import expose, light_field
from hello_dl.data.pages.recipes import REFERENCE, Recipe, between
from hello_dl.data.pages.surfaces import (
    Colour,
    Colours,
    Paper,
    clouds,
    crease,
    paper_colours,
    stain,
    table_colours,
)

PENS: dict[str, tuple[Colour, float]] = {  # colour, and share of the paper's colour that the ink covers
    "blue": ((0.12, 0.17, 0.55), 0.9), "black": ((0.1, 0.1, 0.12), 0.92), "red": ((0.75, 0.1, 0.14), 0.9),
    "green": ((0.08, 0.42, 0.22), 0.9), "violet": ((0.38, 0.14, 0.5), 0.9),
    "pencil": ((0.3, 0.3, 0.31), 0.72),
    "white": ((0.95, 0.94, 0.9), 0.9),
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """All that the camera sees."""

    paper: Paper | None  # the sheet; None: only the table
    inks: list[Ink]  # the writing, in mm on the sheet
    pen: str  # one of PENS
    table: str  # one of surfaces.TABLES, or LID
    flawed: tuple[bool, bool] = (False, False)  # whether the sheet has a stain, and a crease
    dry: float = 0.0  # largest share of its ink that the pen leaves out in places, as a dry pen does


def photograph(
    scene: Scene, view: View, size: tuple[int, int], recipe: Recipe, rng: np.random.Generator
) -> Image.Image:
    """Take a photo of a scene, `size` = (width, height) in pixels, in light that is drawn from the recipe."""
    shape = (size[1], size[0])
    reference = (shape[0] * shape[1] / (REFERENCE * 1e6)) ** 0.5  # pixels for each pixel of the recipe
    if scene.paper is None:
        colours = table_colours(scene.table, shape, rng)
    else:
        colours = _lit_sheet(scene, scene.paper, view, size, rng)
    colours *= light_field(
        shape, rng,
        fall=between(rng, recipe.fall),
        shadow=between(rng, recipe.shadow_depth) if rng.random() < recipe.shadow else 0.0,
        softness=between(rng, recipe.softness),
        across=(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.3, 0.7))),
        vignette=float(rng.uniform(0, recipe.vignette)),
    )  # fmt: skip
    # Lamps are warmer or colder than daylight; a scanner's lamp is not.
    exposure, warm = between(rng, recipe.exposure), float(rng.uniform(-0.04, 0.1)) * (recipe.fall[1] > 0.1)
    return expose(
        colours, rng,
        blur=between(rng, recipe.blur) * reference,
        shake=between(rng, recipe.shake) * reference,
        noise=between(rng, recipe.noise),
        quality=int(rng.integers(recipe.quality[0], recipe.quality[1] + 1)),
        tint=(exposure * (1 + warm / 2), exposure, exposure * (1 - 1.5 * warm)),
    )  # fmt: skip


def _lit_sheet(
    scene: Scene, paper: Paper, view: View, size: tuple[int, int], rng: np.random.Generator
) -> Colours:
    """Paint the sheet with its ink, the table around it, and the small shadow of the sheet on the table."""
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
        # The shadow takes 40 % of the light at the sheet's edge, and ends within a few mm.
        shade = 1 - np.float32(0.4) * np.exp(
            np.minimum(-_beyond(x - aside[0], y - aside[1], paper), 0) / np.float32(3)
        )
        colours += on_table * (table_colours(scene.table, (size[1], size[0]), rng) * shade - colours)
    return colours


def _beyond(x: Grey, y: Grey, paper: Paper) -> Grey:
    """Return the distance of each place (x, y), in mm, from the edge of the sheet; negative inside it."""
    w, h = np.float32(paper.width / 2), np.float32(paper.height / 2)
    return np.asarray(np.maximum(np.abs(x - w) - w, np.abs(y - h) - h))


def _ink(
    colours: Colours, scene: Scene, view: View, size: tuple[int, int], zoom: float, rng: np.random.Generator
) -> None:
    """Lay the ink over the paper. A pencil leaves out the hollows of the paper; a pen leaves out few."""
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
    """Darken the paper by the form printed on it, a picture that is transformed as the camera sees it."""
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
