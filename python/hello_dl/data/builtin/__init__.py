"""The embedded data set: any number of characters that look handwritten, drawn from a seed.

strokes_*.py are tables of how people write each character; glyphs.py turns them into curves, writer.py bends
the curves as a person's hand does, render.py draws small pictures of them, page.py whole pages.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hello_dl.data.builtin.glyphs import CHARACTERS, Ints, choose
from hello_dl.data.builtin.page import write_page
from hello_dl.data.builtin.render import SIDE, Bytes, render
from hello_dl.data.builtin.writer import SHAPE_NUMBERS, STYLE, Writer, stream

__all__ = ["CHARACTERS", "Writer", "generate", "write_page"]

CHUNK = 8192  # pictures drawn at once; limits the memory, does not change the pictures


def generate(
    n: int, classes: str = "byclass62", seed: int = 0, *, writers: int | None = None
) -> tuple[Bytes, Ints]:
    """Draw n pictures of handwritten characters.

    classes   "digits" (labels 0-9, placed in the picture as in MNIST), "letters26" (labels 1-26, half of
              them capitals) or "byclass62" (labels 0-61: digits, capitals, small letters), both placed as in
              EMNIST; all classes are equally likely
    writers   number of people who write them; None: each picture is by another person

    Returns images (n, 28, 28) uint8, 0 = paper and 255 = ink, and labels (n,) int64. The same arguments give
    the same bytes (on one machine: another processor may round a sine differently). Picture i depends on
    (classes, seed, writers, i) only, so a longer set begins with the shorter one. Raises ValueError for
    n < 0, unknown classes, writers < 1 or seed < 0.
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
                by_w = who == w
                numbers_of_w = people[w].numbers(characters[by_w], chance[by_w, 1:3], shape[by_w])
                glyphs[by_w], style[by_w], shape[by_w] = numbers_of_w
        images[part] = render(glyphs, style, shape, mnist=classes == "digits")
    return images, labels


def draw_classes(classes: str, chance: NDArray[np.float64]) -> tuple[Ints, Ints]:
    """Draw classes: return labels (n,) as the code `classes` numbers them, and characters (n,) in 0..61.

    chance (n, 2) uniform in 0..1 chooses the class, and capital or small letter.
    """
    if classes == "letters26":
        letter = (chance[:, 0] * 26).astype(np.int64)
        return letter + 1, letter + np.where(chance[:, 1] < 0.5, 10, 36)
    label = (chance[:, 0] * (10 if classes == "digits" else 62)).astype(np.int64)
    return label, label
