"""A studio to be asked without a server: each file of tests has one of its own, with a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio_photos import HOME, LIMITS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def weights_folder(folder: Path) -> Iterator[Path]:
    """Return the folder for this user's own weights, which is another during these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELLO_DL_DATA", str(folder / "own"))
        yield folder / "own" / "weights"


@pytest.fixture(scope="module")
def client(folder: Path, weights_folder: Path) -> Iterator[Any]:
    from starlette.testclient import TestClient

    from hello_dl.studio.limits import Limits
    from hello_dl.studio.server import Settings, make_app

    with TestClient(make_app(Settings(folder, limits=Limits(**LIMITS))), base_url=HOME) as client:
        yield client
