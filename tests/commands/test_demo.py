"""The demo, and reading with a trained network: the whole way from drawn letters to text in a picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hello_dl
from hello_dl import manual_seed, models, weights
from hello_dl.commands.demo import TEXT, answer_line
from hello_dl.data import load
from hello_dl.data.builtin import generate, write_page
from hello_dl.evaluation.classifier import as_mnist
from hello_dl.reading import Page, Reader
from hello_dl.reading.reader import read
from hello_dl.reading.score import character_accuracy, edit_distance
from hello_dl.train import fit

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file of a network that knows digits quite well."""
    file = tmp_path_factory.mktemp("digits") / "digits.safetensors"
    manual_seed(0)
    data = load("builtin:4000", classes=tuple("0123456789"))
    fit(models.digits_mlp(), data, epochs=3, lr=3e-3, save=file, progress=False)
    return file


@pytest.mark.slow
def test_the_demo_learns_reads_its_page_and_leaves_its_files(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "hello_dl",
            "demo",
            "--images",
            "3000",
            "--epochs",
            "3",
            "--out",
            "new/folder",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert len(re.findall(r"^epoch \d: loss .*validation", done.stdout, re.MULTILINE)) == 3
    found = re.search(r"^Character accuracy: ([\d.]+)%$", done.stdout, re.MULTILINE)
    assert found and float(found[1]) > 25, done.stdout  # chance is about 4
    folder = tmp_path / "new" / "folder"
    assert sorted(p.name for p in folder.iterdir()) == ["letters.safetensors", "page-read.png", "page.png"]
    with Image.open(folder / "page.png") as page, Image.open(folder / "page-read.png") as annotated:
        assert page.mode == "L"
        assert annotated.mode == "RGB"
        assert page.size == annotated.size
        assert (np.asarray(page) < 100).mean() > 0.01  # there is ink
    again = read(folder / "page.png", folder / "letters.safetensors").text
    assert character_accuracy(TEXT, again) == pytest.approx(float(found[1]) / 100, abs=1e-3)


def test_the_page_of_the_demo_keeps_its_lines() -> None:
    from hello_dl.commands.demo import ANOTHER_HAND, X_HEIGHT

    for seed in range(5):
        boxes = write_page(TEXT, seed + ANOTHER_HAND, x_height=X_HEIGHT)[1]
        assert sum(later[1][0] < earlier[1][0] for earlier, later in pairwise(boxes)) == 4


def test_a_weights_file_is_all_that_reading_needs(digits: Path, tmp_path: Path) -> None:
    text = "3141592653\n5897932384"
    picture, _ = write_page(text, 1 << 33)
    reader = Reader.load(digits)
    page = reader.read(picture)
    assert isinstance(page, Page)
    assert len(page.lines) == 2
    assert character_accuracy(text, page.text) >= 0.6  # chance is 0.1
    assert hello_dl.read(picture, weights=digits) == page == read(picture, reader)
    assert reader.classes == tuple("0123456789")


def test_a_reader_gives_probabilities_with_the_normalisation_of_its_training(digits: Path) -> None:
    images, labels = generate(500, "digits", 1 << 33)
    chances = Reader.load(digits).classify(images)
    assert chances.shape == (500, 10)
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert (chances.argmax(axis=1) == labels).mean() > 0.6  # and not without: see the next line
    model, header = weights.load(digits)
    shifted = weights.Header(header.architecture, header.classes, normalisation=(5.0, 0.1))
    assert (Reader(model, shifted).classify(images).argmax(axis=1) == labels).mean() < 0.5


def test_reading_makes_of_glyphs_what_mnist_makes_of_digits() -> None:
    glyph = np.zeros((28, 28), np.uint8)
    glyph[2:26, 10:14], glyph[22:26, 10:24] = 255, 255  # an L, 24 high and 14 wide, heavy at the lower left
    placed = as_mnist(glyph)
    rows, columns = np.flatnonzero(placed.any(axis=1)), np.flatnonzero(placed.any(axis=0))
    assert len(rows) == 20
    assert len(columns) == 12
    y, x = (np.average(np.arange(28) + 0.5, weights=placed.sum(axis=1 - axis)) for axis in (0, 1))
    assert abs(y - 14) <= 0.5
    assert abs(x - 14) <= 0.5
    assert not as_mnist(np.zeros((28, 28), np.uint8)).any()


def test_guesses_are_told_in_words() -> None:
    chances = np.zeros(26)
    chances[[1, 7]] = 0.9, 0.1
    assert answer_line(chances, LETTERS, "b") == "b 90%, h 10% (right)"
    assert answer_line(chances, LETTERS, "h") == "b 90%, h 10% (it is h)"


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("", "", 0),
        ("abc", "", 3),
        ("kitten", "sitting", 3),
        ("abc", "abc", 0),
        ("abc", "bcd", 2),
        ("flaw", "lawn", 2),
    ],
)
def test_edit_distance_counts_changes(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


def test_character_accuracy_counts_neither_case_nor_blanks() -> None:
    assert character_accuracy("Hello World", "hel lo\nworld") == 1
    assert character_accuracy("abcd", "abxd") == 0.75
    assert character_accuracy("ab", "uvwxyz") == 0
    with pytest.raises(ValueError, match="at least one character"):
        character_accuracy(" ", "a")
