"""`hello-dl demo`: the whole way from drawn letters to the text of a page."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import command
from hello_dl.commands.demo import ANOTHER_HAND, TEXT, X_HEIGHT, answer_line
from hello_dl.data.builtin import write_page
from hello_dl.reading.reader import read
from hello_dl.reading.score import character_accuracy

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.slow
def test_the_demo_learns_reads_its_page_and_leaves_its_files(tmp_path: Path) -> None:
    done = command("demo", "--images", 3000, "--epochs", 3, "--out", "new/folder", cwd=tmp_path)
    assert done.code == 0, done.err
    assert done.err == ""
    assert len(re.findall(r"^epoch \d: loss .*validation", done.out, re.MULTILINE)) == 3
    found = re.search(r"^Character accuracy: ([\d.]+)%$", done.out, re.MULTILINE)
    assert found
    assert float(found[1]) > 25  # chance is about 4
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
    for seed in range(5):
        boxes = write_page(TEXT, seed + ANOTHER_HAND, x_height=X_HEIGHT)[1]
        assert sum(later[1][0] < earlier[1][0] for earlier, later in pairwise(boxes)) == 4


def test_the_two_most_probable_letters_are_printed() -> None:
    chances = np.zeros(26)
    chances[[1, 7]] = 0.9, 0.1
    assert answer_line(chances, LETTERS, "b") == "b 90%, h 10% (right)"
    assert answer_line(chances, LETTERS, "h") == "b 90%, h 10% (it is h)"
