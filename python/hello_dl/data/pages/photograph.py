"""Takes the photo of a scene: paints sheet, ink and table as a camera sees them in some light."""

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

PENS: dict[str, tuple[Colour, float]] = {  # colour, and how much of the paper it hides
    "blue": ((0.12, 0.17, 0.55), 0.9), "black": ((0.1, 0.1, 0.12), 0.92), "red": ((0.75, 0.1, 0.14), 0.9),
    "green": ((0.08, 0.42, 0.22), 0.9), "violet": ((0.38, 0.14, 0.5), 0.9),
    "pencil": ((0.3, 0.3, 0.31), 0.72),
    "white": ((0.95, 0.94, 0.9), 0.9),
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """All that the camera sees: a sheet (None: only the table), the ink on it, the pen, and the table."""

    paper: Paper | None
    inks: list[Ink]
    pen: str
    table: str
    flawed: tuple[bool, bool] = (False, False)  # a stain, a crease
    dry: float = 0.0  # share of its ink that the pen loses in places, at most: a ball that skips


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
        fall=between(rng, recipe.fall),
        shadow=between(rng, recipe.shadow_depth) if rng.random() < recipe.shadow else 0.0,
        softness=between(rng, recipe.softness),
        across=(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.3, 0.7))),
        vignette=float(rng.uniform(0, recipe.vignette)),
    )  # fmt: skip
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
