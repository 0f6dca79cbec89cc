"""What the tests of evaluation share: two small networks in files, and digits to judge them by."""

from __future__ import annotations

from pathlib import Path

import pytest

from hello_dl import manual_seed, models, weights
from hello_dl.data import Images, load
from hello_dl.train import fit, one_cycle

TEST = "builtin:1000"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a network that knows digits, and one for letters that has learned nothing."""
    home = tmp_path_factory.mktemp("home")
    manual_seed(0)
    data = load("builtin:5000", classes=tuple("0123456789"))
    fit(
        models.digits_mlp(), data, epochs=3, lr=2e-3, schedule=one_cycle, save=home / "digits", progress=False
    )
    untrained = tuple("abcdefghijklmnopqrstuvwxyz")
    weights.save(home / "untrained", models.letters_cnn(), classes=untrained)
    return home


@pytest.fixture(scope="session")
def digits() -> Images:
    return load(TEST, classes=tuple("0123456789"), split="test")
