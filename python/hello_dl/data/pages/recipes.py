"""What easy, medium and hard mean: how much of everything that can go wrong with a photo of a page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.data.pages.surfaces import LID, TABLES

Range = tuple[float, float]

REFERENCE = 2.4  # megapixels of the photos whose pixels are meant: blur, and how small letters may be


@dataclass(frozen=True)
class Recipe:
    """Chances (0 to 1) and ranges from which a page is drawn. Pixels are those of a 2.4 megapixel photo."""

    turn: Range  # degrees that the sheet lies turned, to either side
    tilt: float  # degrees that the camera leans, at most
    wave: float  # mm that the paper rises and falls, at most
    whole_sheet: float  # chance that the whole sheet is in the picture, and the table around it
    papers: tuple[float, float, float]  # chances of plain, ruled and squared paper
    slope: float  # by which lines climb or fall, mm per mm, one standard deviation
    fall: Range  # of light across the photo
    shadow: float  # chance of a shadow's edge
    shadow_depth: Range
    softness: Range  # of the shadow's edge, share of the longer side
    exposure: Range  # how bright the photo is
    noise: Range
    blur: Range
    shake: Range
    quality: tuple[int, int]
    vignette: float
    flaws: float  # chance of a stain, and as much again of a crease
    margin: Range  # left free around the sheet, share of the photo
    tables: tuple[str, ...]
    dark: float  # chance of light writing on dark paper
    pencil: float  # chance of a pencil, fainter than a pen
    least_x: float  # pixels of a small x, at least: the camera goes nearer otherwise


RECIPES = {
    "easy": Recipe(  # a flatbed scanner
        turn=(0.0, 1.0), tilt=0.0, wave=0.0, whole_sheet=1.0, papers=(0.6, 0.25, 0.15), slope=0.004,
        fall=(0.0, 0.02), shadow=0.0, shadow_depth=(0.0, 0.0), softness=(0.1, 0.1), exposure=(0.97, 1.02),
        noise=(0.003, 0.01), blur=(0.3, 0.5), shake=(0.0, 0.0), quality=(85, 95), vignette=0.0,
        flaws=0.05, margin=(-0.01, 0.005), tables=(LID,), dark=0.02, pencil=0.1, least_x=16.0,
    ),
    "medium": Recipe(  # a phone, held with some care
        turn=(0.0, 5.0), tilt=10.0, wave=0.7, whole_sheet=0.6, papers=(0.5, 0.3, 0.2), slope=0.012,
        fall=(0.05, 0.35), shadow=0.35, shadow_depth=(0.1, 0.35), softness=(0.02, 0.2), exposure=(0.72, 0.98),
        noise=(0.008, 0.025), blur=(0.4, 0.9), shake=(0.0, 1.0), quality=(70, 92), vignette=0.12,
        flaws=0.15, margin=(0.02, 0.08), tables=TABLES, dark=0.05, pencil=0.15, least_x=15.0,
    ),
    "hard": Recipe(  # a phone in the evening, held anyhow
        turn=(5.0, 15.0), tilt=18.0, wave=1.2, whole_sheet=0.6, papers=(0.2, 0.2, 0.6), slope=0.018,
        fall=(0.2, 0.5), shadow=1.0, shadow_depth=(0.3, 0.6), softness=(0.003, 0.05), exposure=(0.4, 0.75),
        noise=(0.015, 0.035), blur=(0.6, 1.2), shake=(0.0, 1.8), quality=(55, 85), vignette=0.25,
        flaws=0.25, margin=(0.02, 0.08), tables=TABLES, dark=0.08, pencil=0.1, least_x=14.0,
    ),
}  # fmt: skip


def between(rng: np.random.Generator, limits: Range) -> float:
    """A number somewhere in the range."""
    return float(rng.uniform(*limits))
