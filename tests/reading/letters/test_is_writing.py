"""Pictures without writing give no letters, however sure the network is; writing is read, however unsure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from handwriting import LETTERS, TEXT, write
from hello_dl.data.pages import generate_blank
from hello_dl.reading import Letter, Reader, read
from hello_dl.reading.letters.is_writing import WEIGHTS, measure, only_writing

Grey = NDArray[np.float32]


HEIGHT, WIDTH = 450, 600


ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)


def sure(glyphs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Answer as a network that takes everything for an m and has no doubt."""
    return np.tile(
        np.where(np.array(list(LETTERS)) == "m", 0.99, 0.01 / (len(LETTERS) - 1)), (len(glyphs), 1)
    )


def untrained(glyphs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Answer as a network that has learned nothing."""
    return np.full((len(glyphs), len(LETTERS)), 1 / len(LETTERS))


def noise(strength: float, blur: float = 0) -> Grey:
    values = 0.6 + strength * np.random.default_rng(0).standard_normal((HEIGHT, WIDTH))
    image = Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255


def clouds(coarse: int) -> Grey:
    rng = np.random.default_rng(coarse)
    sky = np.zeros((HEIGHT, WIDTH), np.float32)
    for octave in range(5):
        size = max(2, coarse >> octave)
        spots = rng.standard_normal((HEIGHT // size + 2, WIDTH // size + 2)).astype(np.float32)
        sky += 0.5**octave * np.asarray(Image.fromarray(spots).resize((WIDTH, HEIGHT)))
    return np.asarray((sky - sky.min()) / np.ptp(sky), np.float32)


def bricks(mortar: float) -> Grey:
    rng = np.random.default_rng(7)
    wall = np.full((HEIGHT, WIDTH), mortar)
    for row, top in enumerate(range(0, HEIGHT, 60)):
        for left in range(-60 if row % 2 else 0, WIDTH, 120):
            wall[top : top + 54, max(0, left) : left + 114] = 0.5 + 0.15 * rng.standard_normal()
    return np.clip(wall + 0.03 * rng.standard_normal(wall.shape), 0, 1).astype(np.float32)


def pebbles() -> Grey:
    rng = np.random.default_rng(9)
    beach = Image.new("L", (WIDTH, HEIGHT), 230)
    for _ in range(20):
        x, y, radius = rng.integers(20, WIDTH - 20), rng.integers(20, HEIGHT - 20), rng.integers(4, 25)
        box = (int(x - radius), int(y - radius), int(x + radius), int(y + radius))
        ImageDraw.Draw(beach).ellipse(box, fill=int(rng.integers(60, 180)))
    return np.asarray(beach, np.float32) / 255


def checks(side: int) -> Grey:
    return np.where((ROWS // side + COLUMNS // side) % 2, 0.9, 0.2).astype(np.float32)


def stripes(side: int) -> Grey:
    return np.where(ROWS // side % 2, 0.9, 0.2).astype(np.float32)


def lines(apart: int) -> Grey:
    return np.where((ROWS % apart == 5) | (COLUMNS % apart == 5), 0, 1).astype(np.float32)


def one_line() -> Grey:
    return np.where(ROWS == HEIGHT // 2, 0, 1).astype(np.float32)


PICTURES: dict[str, Callable[[], Grey]] = {
    "weak noise": lambda: noise(0.02), "strong noise": lambda: noise(0.3), "spots": lambda: noise(0.5, 3),
    "black": lambda: np.zeros_like(ROWS), "white": lambda: np.ones_like(ROWS),
    "slope": lambda: COLUMNS / WIDTH, "vault": lambda: 0.3 + 0.6 * (COLUMNS / WIDTH) * (ROWS / HEIGHT),
    "small checks": lambda: checks(4), "checks": lambda: checks(40), "stripes": lambda: stripes(12),
    "wide stripes": lambda: stripes(60), "thin lines": lambda: lines(50), "one thin line": one_line,
    "sky": lambda: clouds(64), "overcast": lambda: clouds(256),
    "dark bricks": lambda: bricks(0.85), "pale bricks": lambda: bricks(0.3), "pebbles": pebbles,
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in PICTURES if name != "pebbles"])  # round ones are like an o
def test_nothing_is_read_where_nothing_is_written_even_by_a_network_that_is_sure(name: str) -> None:
    assert read(PICTURES[name](), sure, LETTERS).text == ""


def test_the_bundled_network_reads_nothing_where_nothing_is_written() -> None:
    reader = Reader.load("letters")
    assert [name for name in PICTURES if reader.read(PICTURES[name]()).text] == []


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "difficulty"), [(14, "hard"), (3, "medium"), (8, "medium")])
def test_ruled_paper_wood_grain_and_drops_are_no_writing(seed: int, difficulty: str) -> None:
    photo, _ = generate_blank(seed, difficulty)
    assert len(read(photo, sure, LETTERS).characters) <= 2  # hardly any, even by a network that has no doubt


@pytest.mark.parametrize("text", [TEXT, "go on", "k"])
def test_a_network_that_knows_nothing_still_reads_every_letter(text: str) -> None:
    page = read(write(text), untrained, LETTERS, context="off")
    assert len(page.characters) == len("".join(text.split()))


def test_a_faint_word_is_believed_among_others_and_grain_is_not() -> None:
    """Sticks of a pen, one of them with uneven ink; and the same uneven ink alone among much other ink."""
    rng = np.random.default_rng(0)

    def bar(left: int) -> Letter:
        return Letter((left, 20, left + 8, 70), np.ones((50, 8), np.bool_))

    lines = [[[bar(20), bar(50)], [bar(120)], [bar(180), bar(210)]]]
    ink = np.zeros((100, 260), np.float32)
    for word in lines[0]:
        for letter in word:
            left, top, right, bottom = letter.box
            ink[top:bottom, left:right] = 0.95
    ink[20:70, 120:128] = 0.45
    chances = np.tile([0.97, 0.03], (5, 1))
    kept, rows, odds = only_writing(ink, lines, chances)
    assert kept == lines
    assert len(rows) == len(odds) == 5
    assert odds[2] == odds.min()
    ink[:, :115] = ink[:, 135:] = 0.4 * rng.random((1, 1), np.float32) + 0.25
    assert only_writing(ink, [[[lines[0][1][0]]]], chances[:1])[0] == []


def test_all_that_is_measured_has_a_weight() -> None:
    letter = Letter((2, 2, 6, 12), np.ones((10, 4), np.bool_))
    assert set(measure(np.ones((16, 16), np.float32), [[[letter]]], np.ones((1, 2)))) == set(WEIGHTS)
