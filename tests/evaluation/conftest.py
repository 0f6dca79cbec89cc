"""What the tests of evaluation share: two small networks in files, digits to judge them by, the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from command import Answer
from hello_dl import manual_seed, models, weights
from hello_dl.commands.main import run
from hello_dl.data import Images, load
from hello_dl.train import fit, one_cycle

Inside = Callable[..., Answer]
TEST = "builtin:1000"


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str]) -> Inside:
    """Run hello-dl in this process, which is faster."""

    def call(*args: object) -> Answer:
        code = run([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return call


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
