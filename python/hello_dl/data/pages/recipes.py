"""How difficult the photo of a page is: probabilities and ranges for easy, medium and hard pages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hello_dl.data.pages.surfaces import LID, TABLES

Range = tuple[float, float]  # (least, most)

REFERENCE = 2.4  # megapixels: lengths in a recipe are in pixels of a photo of this size


@dataclass(frozen=True)
class Recipe:
    """Probabilities (0 to 1) and ranges from which a page is drawn, uniformly unless said otherwise."""

    turn: Range  # degrees by which the sheet is turned, to either side
    tilt: float  # most degrees by which the camera leans
    wave: float  # largest height of the paper's waves, in mm
    whole_sheet: float  # probability that the photo shows the whole sheet and some of the table
    papers: tuple[float, float, float]  # probabilities of plain, ruled and squared paper
    slope: float  # standard deviation of the slope of lines of text, in mm per mm
    fall: Range  # share of the light that is lost across the photo
    shadow: float  # probability of a shadow
    shadow_depth: Range  # share of the light that the shadow takes away
    softness: Range  # width of the shadow's edge, as a share of the photo's longer side
    exposure: Range  # factor of the photo's brightness; below 1 it is underexposed
    noise: Range  # standard deviation of the sensor's noise at mid grey; 1 is white
    blur: Range  # standard deviation of the lens's blur, in pixels
    shake: Range  # pixels by which the camera moves during the exposure
    quality: tuple[int, int]  # of the JPEG compression
    vignette: float  # largest share of the light that is lost in the corners
    flaws: float  # probability of a stain, and the same again of a crease
    margin: Range  # free around the sheet, as a share of the photo; below 0 the sheet's edges are cut off
    tables: tuple[str, ...]  # kinds of tables, equally likely
    dark: float  # probability of light writing on dark paper
    pencil: float  # probability of a pencil, which is fainter than a pen
    least_x: float  # least height of a small x, in pixels; else the photo shows the writing only


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
    "hard": Recipe(  # a phone in the evening, held without care
        turn=(5.0, 15.0), tilt=18.0, wave=1.2, whole_sheet=0.6, papers=(0.2, 0.2, 0.6), slope=0.018,
        fall=(0.2, 0.5), shadow=1.0, shadow_depth=(0.3, 0.6), softness=(0.003, 0.05), exposure=(0.4, 0.75),
        noise=(0.015, 0.035), blur=(0.6, 1.2), shake=(0.0, 1.8), quality=(55, 85), vignette=0.25,
        flaws=0.25, margin=(0.02, 0.08), tables=TABLES, dark=0.08, pencil=0.1, least_x=14.0,
    ),
}  # fmt: skip


def between(rng: np.random.Generator, limits: Range) -> float:
    """Return a random number from the range, uniformly distributed."""
    return float(rng.uniform(*limits))
