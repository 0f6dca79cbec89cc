"""A Reader: pages and single letters read with a network from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hello_dl
from hello_dl import manual_seed, models, weights
from hello_dl.data import load
from hello_dl.data.builtin import generate, write_page
from hello_dl.reading import Page, Reader
from hello_dl.reading.reader import read
from hello_dl.reading.score import character_accuracy
from hello_dl.train import fit


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a weights file of a network that has learned digits."""
    file = tmp_path_factory.mktemp("digits") / "digits.safetensors"
    manual_seed(0)
    data = load("builtin:4000", classes=tuple("0123456789"))
    fit(models.digits_mlp(), data, epochs=3, lr=3e-3, save=file, progress=False)
    return file


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
