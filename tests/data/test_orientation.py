"""Sets of characters that lie on their side are told from upright ones, whatever they show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hello_dl.data import CODES, Images, builtin
from hello_dl.data.orientation import TALLNESS, lies_on_its_side, tallness


def drawn(code: str, n: int, seed: int = 7) -> Images:
    """Return characters that the embedded generator draws."""
    images, labels = builtin.generate(n, code, seed)
    return Images(images, labels - CODES[code].first, CODES[code].classes, merged=CODES[code].merged)


def lying(images: Images) -> Images:
    return replace(images, images=images.images.transpose(0, 2, 1))


def test_the_tallness_of_bars() -> None:
    bars = np.zeros((4, 28, 28), np.uint8)
    bars[0, :, 13] = bars[1, 13] = bars[2, 5:15, 5:15] = 200
    np.testing.assert_allclose(tallness(bars), [1, -1, 0, 0], atol=1e-12)


def test_the_table_is_that_of_the_embedded_generator() -> None:
    some = drawn("byclass62", 62 * 40)
    measured = tallness(some.images)
    means = [measured[some.labels == label].mean() for label in range(62)]
    assert np.corrcoef(means, [TALLNESS[name] for name in some.classes])[0, 1] > 0.97


@pytest.mark.parametrize("code", ["digits", "letters26", "byclass62"])
@pytest.mark.parametrize("seed", range(5))
def test_a_few_hundred_characters_are_enough(code: str, seed: int) -> None:
    some = drawn(code, 200, seed)
    assert not lies_on_its_side(some)
    assert lies_on_its_side(lying(some))
    turned = replace(some, images=np.rot90(some.images, axes=(1, 2)))
    assert lies_on_its_side(turned)


def test_classes_that_are_wider_than_tall_are_upright() -> None:
    all_of_them = drawn("byclass62", 5000)
    wide = all_of_them.only(["m", "w", "M", "W", "u"], case_insensitive=False)
    assert tallness(wide.images).mean() < 0
    assert not lies_on_its_side(wide)
    assert lies_on_its_side(lying(wide))


def test_what_cannot_be_told_is_called_upright() -> None:
    few = lying(drawn("letters26", 1))
    clothes = Images(few.images.repeat(500, 0), np.zeros(500, np.int64), CODES["fashion10"].classes)
    blank = Images(np.zeros((500, 28, 28), np.uint8), np.zeros(500, np.int64), ("1",))
    noise = replace(blank, images=np.random.default_rng(0).integers(0, 256, (500, 28, 28), np.uint8))
    for images in (few, clothes, blank, noise):
        assert not lies_on_its_side(images)
