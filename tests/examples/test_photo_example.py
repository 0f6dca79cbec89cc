"""Chapter 8's example: it reads a made-up photo, and writes the pictures of docs/photo.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

DOCS = Path(__file__).parents[2] / "docs"


def run(*options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "hello_dl.examples.photo", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_it_reads_its_photo_and_shows_each_step(tmp_path: Path) -> None:
    done = run("--steps", tmp_path)
    assert done.returncode == 0, done.stderr
    found = re.search(r"^Character accuracy: ([\d.]+)%$", done.stdout, re.MULTILINE)
    assert found
    assert float(found[1]) >= 90
    steps = sorted(path.name for path in tmp_path.iterdir())
    assert steps[0] == "1-photo.png"
    assert steps[-1].endswith("-read.png")
    assert len(steps) >= 7
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1_000_000
    assert steps == sorted(path.name for path in (DOCS / "photo").iterdir())  # docs show these


def test_the_docs_show_every_picture_that_there_is() -> None:
    shown = re.findall(r"\(photo/(.*?)\)", (DOCS / "photo.md").read_text(encoding="utf-8"))
    assert shown == sorted(path.name for path in (DOCS / "photo").iterdir())
    for name in shown:
        with Image.open(DOCS / "photo" / name) as picture:
            assert picture.width == 480


def test_a_photo_that_is_none_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "no.jpg").write_text("no picture")
    done = run(tmp_path / "no.jpg")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no.jpg" in done.stderr
