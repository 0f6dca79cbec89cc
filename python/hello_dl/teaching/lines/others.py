"""Lines by others, made by the embedded generator: what is rehearsed and watched when a hand is taught.

It knows how people write single letters. Half of the lines are such letters side by side; in the other half
the pen goes on from the end of each small letter to the beginning of the next, as in joined writing.
"""

from __future__ import annotations

import numpy as np

from hello_dl.data.builtin import CHARACTERS, Writer, generate
from hello_dl.data.builtin.glyphs import X_HEIGHT
from hello_dl.data.builtin.page import draw_letters
from hello_dl.data.lines import Hand, Item, LineSource, LineStyle, Texts, draw_strokes
from hello_dl.reading.image.arrays import Bytes, Floats

WRITERS = 16  # hands
ROOMS = (0.0, 0.0, 0.5)  # x-heights between letters more than usual, of every third hand
OF_EACH = 4  # pictures of each character that a hand has
LIMITS = (16, 400)  # pixels: least and most width of a line
CLOSE, APART, SPACE = (-0.05, 0.35), 0.35, 1.2  # x-heights between joined letters, others, and words
MOST = 18  # characters of a joined line


def lines_by_others(count: int, seed: int, *, writers: int | None = None) -> list[tuple[Bytes, str]]:
    """Return pictures (48, w) of lines by so many hands (None: WRITERS), and their texts.

    Another seed has other hands.
    """
    writers = writers or WRITERS
    source = LineSource(fonts=hands(writers, seed), texts=Texts(), limits=LIMITS, seed=seed)
    rng = np.random.Generator(np.random.Philox(key=[seed, 1]))
    people = [Writer(seed * 1000 + number) for number in range(writers)]
    joined = [joined_line(_text(rng), people[i % writers], rng) for i in range(count // 2)]
    drawn = [(draw_strokes(item, LineStyle(), rng, LIMITS), item.text) for item in joined]
    return source.batch(count - len(drawn), 0) + drawn


def hands(count: int, seed: int) -> list[Hand]:
    """Return hands of the embedded generator, which write separate letters and digits."""
    found = []
    for number in range(count):
        pictures, labels = generate(62 * OF_EACH, seed=seed * 1000 + number, writers=1)
        of = {CHARACTERS[k]: pictures[labels == k] for k in np.unique(labels).tolist()}
        found.append(Hand(of, ROOMS[number % len(ROOMS)]))
    return found


def joined_line(text: str, writer: Writer, rng: np.random.Generator) -> Item:
    """Return the pen strokes of a text of letters, digits and blanks, its small letters joined.

    Each letter's first stroke begins where the last one's ended; dots and bars follow at the end of the word.
    """
    strokes: list[Floats] = []
    close = float(rng.uniform(*CLOSE))
    x = 0.0
    for word in text.split():
        running: list[Floats] = []
        later: list[Floats] = []
        before = ""
        for char, ink in zip(word, draw_letters(word, writer, rng), strict=True):
            xy = ink.xy[0] * np.array([1, -1], np.float32) / np.float32(X_HEIGHT)
            join = char.islower() and before.isalpha()
            x += (close if join else APART) if before else 0.0
            xy += np.array([x - xy[:, 0].min(), 0], np.float32)
            first, *rest = np.split(xy, np.flatnonzero(~ink.pen_down) + 1)
            if not join and running:
                strokes.append(np.concatenate(running))
                running = []
            running.append(first)
            later += rest
            x, before = float(xy[:, 0].max()), char
        strokes += [np.concatenate(running), *later]
        x += SPACE
    starts = np.concatenate([[0], np.cumsum([len(stroke) for stroke in strokes])])
    return Item(np.concatenate(strokes).astype(np.float32), starts, text)


def _text(rng: np.random.Generator) -> str:
    """Draw a text of letters, digits and blanks."""
    texts = Texts()
    while True:
        text = "".join(c for c in texts(rng) if c in CHARACTERS or c == " ")[:MOST]
        if text := " ".join(text.split()):
            return text
