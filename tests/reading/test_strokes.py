"""A stroke that a pen has drawn without a break is one letter, however large it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from handwriting import array, write
from hello_dl.reading import Reader
from hello_dl.reading.image.threshold import separability
from hello_dl.reading.ink_map.pyramid import guess_ink
from hello_dl.reading.ink_map.strokes import guess_by_tones, is_broken

ONE = [(79, 79), (114, 29), (114, 171)]  # with its upstroke, in a picture of 200 x 200
SHAPES = {
    "1": ONE,
    "7": [(60, 40), (140, 40), (90, 160)],
    "4": [(110, 30), (60, 110), (150, 110), (120, 110), (120, 60), (120, 170)],
}
LETTERS = {
    "l": [(70, 30), (70, 160), (140, 160)],
    "n": [(60, 160), (60, 40), (140, 160), (140, 40)],
    "w": [(40, 40), (70, 160), (100, 70), (130, 160), (160, 40)],
}


@pytest.fixture(scope="module")
def digits() -> Reader:
    return Reader.load("digits")


def stroke(
    points: list[tuple[int, int]], side: int = 200, pen: float = 8, slope: float = 0.0
) -> NDArray[np.uint8]:
    """Return a picture (side, side) of one polyline; lengths are in 200ths of the side."""
    k = side / 200
    picture = Image.new("L", (side, side), 255)
    moved = [((x + (100 - y) * slope) * k, y * k) for x, y in points]
    ImageDraw.Draw(picture).line(moved, fill=0, width=max(2, round(pen * k)))
    return np.asarray(picture)


@pytest.mark.parametrize(
    ("side", "pen", "slope"),
    [
        (200, 8, 0),
        (100, 8, 0),
        (100, 4, -0.12),
        (200, 4, 0.12),
        (300, 4, 0),
        (300, 12, 0),
        (400, 8, 0),
        (400, 4, 0),
    ],
)
def test_a_one_with_its_upstroke_is_one_digit(digits: Reader, side: int, pen: float, slope: float) -> None:
    assert digits.read(stroke(ONE, side, pen, slope)).text == "1"


def test_a_light_one_on_dark_and_one_in_a_corner_are_one_digit(digits: Reader) -> None:
    assert digits.read(255 - stroke(ONE)).text == "1"
    wide = np.full((500, 700), 255, np.uint8)
    wide[20:220, 30:230] = stroke(ONE)
    (one,) = digits.read(wide).characters
    assert one.text == "1"
    assert np.abs(np.array(one.box) - (105, 45, 148, 191)).max() < 12


@pytest.mark.parametrize("name", [*SHAPES, *LETTERS])
@pytest.mark.parametrize(("side", "pen"), [(150, 5), (400, 6)])
def test_other_single_strokes_are_one_letter(digits: Reader, name: str, side: int, pen: float) -> None:
    reader = digits if name in SHAPES else Reader.load("letters")
    assert reader.read(stroke({**SHAPES, **LETTERS}[name], side, pen)).text == name


def test_a_row_of_large_digits_stays_a_row(digits: Reader) -> None:
    row = np.hstack([stroke(SHAPES[c]) for c in "1747"])
    assert digits.read(row).text.replace(" ", "") == "1747"


def test_a_guess_that_breaks_a_stroke_is_left_out() -> None:
    small = stroke(ONE, 400).astype(np.float32) / 255
    whole = guess_by_tones(small)
    assert whole is not None
    assert whole.letters == 1
    broken = whole.ink.copy()
    broken[150:250] = 0
    pieces = type(whole)(broken, False, np.array([[150, 50, 240, 150], [220, 250, 240, 345]]), 1.0, 97.0)
    assert is_broken(pieces, whole, small)
    assert not is_broken(whole, pieces, small)
    crossed = small.copy()  # a ruled line through it: what is dark there is no letter alone
    crossed[200] = 0
    assert not is_broken(pieces, whole, crossed)
    assert all(guess.tall > 200 for guess in guess_ink(small) if not guess.light_on_dark)


def test_two_tones_are_told_from_a_photo() -> None:
    page = array(write("ok"))
    rng = np.random.default_rng(0)
    assert separability(np.array([[0.2, 0.8]], np.float32)) == pytest.approx(1)
    assert separability(np.full((4, 4), 0.5, np.float32)) == 0
    assert separability(page) > 0.9
    slope = np.linspace(0.4, 1, page.shape[1], dtype=np.float32)
    assert separability(slope * page) < 0.9
    # A normal distribution, parted in the middle, keeps 2 / pi of its variance.
    noise = rng.normal(0.5, 0.1, (300, 300)).astype(np.float32)
    assert separability(noise) == pytest.approx(2 / np.pi, abs=0.02)
    light = guess_by_tones(1 - page)
    assert light is not None
    assert light.light_on_dark
