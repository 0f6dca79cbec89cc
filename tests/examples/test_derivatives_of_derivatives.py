"""The examples of derivatives of derivatives: each learns what it says, in a few steps, and draws it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from example import run


def numbers(text: str) -> list[float]:
    """Return every decimal number in a text."""
    return [float(n) for n in re.findall(r"-?\d+\.\d+(?:e[-+]\d+)?", text)]


@pytest.mark.parametrize(
    ("name", "options", "words", "most"),
    [
        ("oscillator", ("--steps", 300), "largest error of the motion", 0.8),
        ("heat", ("--steps", 150), "largest error of the temperature", 0.6),
        ("two_moons", ("--steps", 60), "from a made point to the next real one", 0.5),
    ],
)
def test_it_comes_near(
    name: str, options: tuple[object, ...], words: str, most: float, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    text = run(name, *options, "--out", picture)
    assert numbers(text[text.index(words) :])[0] < most
    with Image.open(picture) as drawn:
        assert min(drawn.size) > 100


def test_learned_weights_learn_faster_than_random_ones(tmp_path: Path) -> None:
    text = run("maml", "--steps", 60, "--out", tmp_path / "picture.png")
    learned, random = numbers(text)[-2:]
    assert learned < 0.9 * random


def test_newton_needs_few_steps(tmp_path: Path) -> None:
    text = run("newton", "--out", tmp_path / "picture.png")
    newton, descent = (line for line in text.splitlines() if "slope at step" in line)
    assert numbers(newton)[-1] < 1e-5 < numbers(descent)[-1]


def test_a_learned_energy_is_kept(tmp_path: Path) -> None:
    text = run("pendulum", "--steps", 150, "--out", tmp_path / "picture.png")
    learned, changes = (numbers(line) for line in text.splitlines() if "at the start" in line)
    assert abs(learned[1] - learned[0]) < abs(changes[1] - changes[0])
