"""The embedded data set: any number of handwritten-looking characters, made up on the spot from a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.builtin.glyphs import CHARACTERS, Ints, choose
from hello_dl.data.builtin.page import write_page
from hello_dl.data.builtin.render import SIDE, Bytes, render
from hello_dl.data.builtin.writer import SHAPE_NUMBERS, STYLE, Writer, stream

__all__ = ["CHARACTERS", "Writer", "generate", "write_page"]

CHUNK = 8192  # pictures made at once: bounds the memory, shows nowhere else


def generate(
    n: int, classes: str = "byclass62", seed: int = 0, *, writers: int | None = None
) -> tuple[Bytes, Ints]:
    """Makes n pictures of handwritten characters and their labels.

    `classes` is `digits` (labels 0-9, placed as in MNIST), `letters26` (labels 1-26, capitals and small
    letters half and half) or `byclass62` (labels 0-61: digits, capitals, small letters), the last two placed
    as in EMNIST; all classes are equally likely. Returns images (n, 28, 28) uint8, 0 = paper and 255 = ink,
    and labels (n,) int64. Every picture has a writer of its own, or one of `writers` people.

    Same arguments, same bytes (on one machine: another processor may round a sine differently). Picture i
    depends on (classes, seed, writers, i) only, so a longer set begins with the shorter one. Raises
    ValueError for n < 0, unknown classes, writers < 1 or seed < 0.
    """
    if n < 0:
        raise ValueError(f"generate: needs n >= 0 pictures, got {n}")
    if classes not in ("digits", "letters26", "byclass62"):
        raise ValueError(f"generate: classes needs to be digits, letters26 or byclass62, got {classes!r}")
    if writers is not None and writers < 1:
        raise ValueError(f"generate: needs writers >= 1, got {writers}")
    chances, normals = stream(seed, 1), stream(seed, 2)
    people = [Writer(int(s)) for s in stream(seed, 3).integers(0, 2**62, writers or 0)]
    images = np.empty((n, SIDE, SIDE), np.uint8)
    labels = np.empty(n, np.int64)
    for begin in range(0, n, CHUNK):
        part = slice(begin, min(begin + CHUNK, n))
        size = part.stop - begin
        chance = chances.random((size, 4))  # class, capital or other way, way of writing, writer
        labels[part], characters = draw_classes(classes, chance)
        numbers = normals.standard_normal((size, len(STYLE) + SHAPE_NUMBERS), np.float32)
        style, shape = numbers[:, : len(STYLE)], numbers[:, len(STYLE) :]
        glyphs = choose(characters, chance[:, 2])
        if people:
            who = (chance[:, 3] * len(people)).astype(np.int64)
            for w in np.unique(who):
                his = who == w
                numbers_of_w = people[w].numbers(characters[his], chance[his, 1:3], shape[his])
                glyphs[his], style[his], shape[his] = numbers_of_w
        images[part] = render(glyphs, style, shape, mnist=classes == "digits")
    return images, labels


def draw_classes(classes: str, chance: NDArray[np.float64]) -> tuple[Ints, Ints]:
    """Draws labels in the class code's own numbers, and the same as characters 0..61."""
    if classes == "letters26":
        letter = (chance[:, 0] * 26).astype(np.int64)
        return letter + 1, letter + np.where(chance[:, 1] < 0.5, 10, 36)
    label = (chance[:, 0] * (10 if classes == "digits" else 62)).astype(np.int64)
    return label, label
