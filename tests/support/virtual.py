"""A virtual writer fills in the form, and the virtual camera photographs it: for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PIL import Image

from hello_dl.data.builtin import Writer
from hello_dl.data.builtin.writer import Ink, stream
from hello_dl.data.pages.camera import View, look_at
from hello_dl.data.pages.handwriting import draw_text
from hello_dl.data.pages.photograph import Scene, photograph
from hello_dl.data.pages.recipes import RECIPES
from hello_dl.data.pages.surfaces import Paper
from hello_dl.teaching.sheet.code import PageCode
from hello_dl.teaching.sheet.form import BOX, HEIGHT, PAPERS, WIDTH, Slot, draw_form, slots

HAND = (0.6, 0.8)  # size of handwriting in the boxes: mm for one unit of the stroke tables, least and most


def photograph_form(
    writer: Writer,
    code: PageCode,
    seed: int = 0,
    difficulty: str = "medium",
    *,
    paper: str = "A4",
    megapixels: float = 5.0,
    turn: float = 0.0,
    left_empty: Collection[int] = (),
    crossed_out: Collection[int] = (),
) -> Image.Image:
    """Return a photo of a page of the form that a writer has filled in.

    `left_empty` and `crossed_out` are numbers of boxes, in the order of `form.slots`; `turn`, in degrees, is
    added to the turn of the difficulty. The same arguments give the same picture.
    """
    recipe, rng = RECIPES[difficulty], stream(seed, 30)
    wide, high = PAPERS[paper]
    origin = np.array([(wide - WIDTH) / 2, (high - HEIGHT) / 2])
    unit = float(rng.uniform(*HAND))
    inks: list[Ink] = []
    places = slots(code.kind)
    for i, (slot, ink) in enumerate(
        zip(places, draw_text("".join(s.char for s in places), writer, rng), strict=True)
    ):
        if i not in left_empty:
            inks.append(_into_box(ink, slot, unit, origin, rng))
        if i in crossed_out:
            inks.append(_cross(slot, origin, rng))
    unit_size = (megapixels * 1e6 / 12) ** 0.5
    size = (round(3 * unit_size), round(4 * unit_size))
    view = _above(
        wide, high, size, turn + float(rng.uniform(*recipe.turn) * rng.choice([-1, 1])), recipe.tilt, rng
    )
    scene = Scene(
        Paper(wide, high, form=draw_form(code, paper)), inks, str(rng.choice(["blue", "black"])),
        str(rng.choice(recipe.tables)),
    )  # fmt: skip
    return photograph(scene, view, size, recipe, rng)


def _above(
    wide: float, high: float, size: tuple[int, int], turn: float, tilt: float, rng: np.random.Generator
) -> View:
    lean = (float(rng.uniform(-tilt, tilt)), float(rng.uniform(-tilt, tilt)) / 2)
    return look_at((0, 0, wide, high), size, turn=turn, tilt=lean, margin=0.02)


def _into_box(ink: Ink, slot: Slot, unit: float, origin: np.ndarray, rng: np.random.Generator) -> Ink:
    """Return a drawn letter moved to about the middle of its box, and made smaller if it would not fit."""
    xy = ink.xy * np.array([1, -1], np.float32)
    low, high = xy[0].min(axis=0), xy[0].max(axis=0)
    room = np.array(BOX) - 3.2
    unit = min(unit, *(room / (high - low + 2 * ink.radius.max())))
    middle = origin + np.array([(slot.box[0] + slot.box[2]) / 2, (slot.box[1] + slot.box[3]) / 2])
    spare = np.maximum(0, (room - (high - low) * unit) / 2)
    middle = middle + np.clip(0.6 * rng.standard_normal(2), -spare, spare)
    moved = (xy - (low + high) / 2) * unit + middle
    return Ink(moved.astype(np.float32), ink.radius * np.float32(unit), ink.pen_down)


def _cross(slot: Slot, origin: np.ndarray, rng: np.random.Generator) -> Ink:
    """Return a zigzag line over the whole box, which crosses out the letter in it."""
    left, top, right, bottom = np.array(slot.box) + np.tile(origin, 2) + np.array([1.5, 1.5, -1.5, -1.5])
    x = np.linspace(left, right, 9) + 0.3 * rng.standard_normal(9)
    y = np.where(np.arange(9) % 2, top, bottom) + 0.5 * rng.standard_normal(9)
    xy = np.stack([x, y], axis=1)[None].astype(np.float32)
    return Ink(xy, np.full((1, 9), 0.3, np.float32), np.ones(8, np.bool_))
