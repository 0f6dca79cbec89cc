"""Measures how tall, deep and wide the embedded hands write each character.

    python training/learn_letter_place.py

The result goes into the package, for `reading/language/letter_place.py`.
"""

from __future__ import annotations

import numpy as np

from hello_dl.data.builtin import CHARACTERS, Writer
from hello_dl.data.builtin.glyphs import X_HEIGHT
from hello_dl.data.builtin.page import draw_letters
from hello_dl.reading.language.letter_place import SHIPPED

WRITERS = 200  # hands that are measured


def main() -> None:
    """Write mean and spread of each character's top, bottom and width, in heights of a small x."""
    sizes = np.zeros((WRITERS, len(CHARACTERS), 3))
    for seed in range(WRITERS):
        rng = np.random.default_rng(seed)
        for i, ink in enumerate(draw_letters(CHARACTERS, Writer(seed, neat=True), rng)):
            down = np.append(ink.pen_down, False) | np.insert(ink.pen_down, 0, False)  # ends of inked steps
            reach = ink.radius[0, down, None]
            low, high = (ink.xy[0, down] - reach).min(axis=0), (ink.xy[0, down] + reach).max(axis=0)
            sizes[seed, i] = high[1], low[1], high[0] - low[0]
    sizes /= X_HEIGHT
    np.savez_compressed(
        SHIPPED,
        characters=np.array(list(CHARACTERS)),
        mean=sizes.mean(axis=0).round(3),
        spread=sizes.std(axis=0).round(3),
    )
    print(f"{SHIPPED}: {SHIPPED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
