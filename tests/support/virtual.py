"""A virtual writer fills in the form, and the virtual camera photographs it: for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from PIL import Image

from hello_dl.data.builtin import CHARACTERS, Writer
from hello_dl.data.builtin.writer import Ink, stream
from hello_dl.data.pages.camera import View, look_at
from hello_dl.data.pages.handwriting import Block, draw_text, place_text
from hello_dl.data.pages.photograph import Scene, photograph
from hello_dl.data.pages.recipes import RECIPES
from hello_dl.data.pages.surfaces import Paper
from hello_dl.teaching.sheet.code import PageCode
from hello_dl.teaching.sheet.form import BOX, HEIGHT, PAPERS, SENTENCES, WIDTH, Slot, draw_form, slots
from hello_dl.teaching.sheet.sentences import Box, line_slots

LINE_UNIT = 0.5  # size of handwriting in the boxes for sentences
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
    for i, (box, written) in enumerate(_filled(writer, code.kind, unit, origin, rng)):
        if i not in left_empty:
            inks += written
        if i in crossed_out:
            inks.append(_cross(box, origin, rng))
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


def _filled(
    writer: Writer, kind: int, unit: float, origin: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[Box, list[Ink]]]:
    """Yield the boxes of a page with what is written in each: a letter, or a line of letters and digits."""
    places = slots(kind)
    letters = draw_text("".join(s.char for s in places), writer, rng)
    for slot, ink in zip(places, letters, strict=True):
        yield slot.box, [_into_box(ink, slot, unit, origin, rng)]
    for line in line_slots() if kind == SENTENCES else []:
        left, top, right, bottom = np.array(line.box) + np.tile(origin, 2)
        text = plain(line.text)
        block = Block(left + 4, top + 1.2, right - left - 8, bottom - top - 2, LINE_UNIT, 12, 5.5)
        placed = place_text(text, draw_text(text, writer, rng), block, rng)
        assert placed is not None, f"{text} does not fit into its box"
        yield line.box, [one.ink for one in placed]


def plain(text: str) -> str:
    """Return a text without the marks that the virtual writer cannot write."""
    return " ".join("".join(c for c in text if c in CHARACTERS or c == " ").split())


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


def _cross(box: Box, origin: np.ndarray, rng: np.random.Generator) -> Ink:
    """Return a zigzag line over the whole box, which crosses out what is in it."""
    left, top, right, bottom = np.array(box) + np.tile(origin, 2) + np.array([1.5, 1.5, -1.5, -1.5])
    turns = max(9, round((right - left) / 1.4))
    x = np.linspace(left, right, turns) + 0.3 * rng.standard_normal(turns)
    y = np.where(np.arange(turns) % 2, top, bottom) + 0.5 * rng.standard_normal(turns)
    xy = np.stack([x, y], axis=1)[None].astype(np.float32)
    return Ink(xy, np.full((1, turns), 0.3, np.float32), np.ones(turns - 1, np.bool_))
