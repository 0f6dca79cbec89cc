"""The commands that teach whole lines: corrected ones, and photos of a page of sentences."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import command, refused
from hello_dl import weights
from hello_dl.data.builtin import Writer, write_page
from hello_dl.reading.lines.network import is_line_network, load
from hello_dl.teaching.lines.learn import error_rate
from hello_dl.teaching.lines.line_sets import ENDING, OwnLines, load_folder, save_lines
from hello_dl.teaching.lines.others import lines_by_others
from hello_dl.teaching.lines.written import see_lines
from hello_dl.teaching.sheet.code import PageCode
from hello_dl.teaching.sheet.form import SENTENCES
from virtual import photograph_form

SHIPPED = weights.SHIPPED / "lines.safetensors"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a picture of two lines."""
    folder = tmp_path_factory.mktemp("lines")
    picture = write_page("green apple tree\nseven small boats", 5, x_height=30, width=1100)[0]
    Image.fromarray(picture).save(folder / "note.png")
    return folder


def label(room: Path, answers: str, out: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    asked = [sys.executable, "-m", "hello_dl", "label", "note.png", "--out", str(out), "--threads", "1"]
    return subprocess.run(
        asked, cwd=room, env=env, input=answers, capture_output=True, text=True, timeout=120
    )


def test_the_pictures_are_those_that_the_reader_saw(room: Path) -> None:
    model = load(SHIPPED)
    lines = see_lines(room / "note.png", model)
    assert len(lines) == 2
    wrong = error_rate(
        model, OwnLines(tuple(line.picture for line in lines), ("green apple tree", "seven small boats"))
    )
    assert wrong < 0.4
    blank = np.full((300, 400), 250, np.uint8)
    assert see_lines(blank, model) == []


def test_label_keeps_corrected_lines(room: Path, tmp_path: Path) -> None:
    done = label(room, "green café\ngreen apple tree\n-\n", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "note.png, line 2 of 2:" in done.stdout
    assert "lacks 'é'" in done.stderr  # and it asks again
    assert "1 line saved" in done.stdout
    kept = load_folder(tmp_path)
    assert kept is not None
    assert kept.texts == ("green apple tree",)
    seen = see_lines(room / "note.png", load(SHIPPED))
    assert np.array_equal(kept.pictures[0], seen[0].picture)


@pytest.mark.slow
def test_label_can_leave_lines_out_and_end_early(room: Path, tmp_path: Path) -> None:
    for answers, said in (("-\n\n", "1 line saved"), ("q\n", "no lines saved"), ("é\n", "no lines saved")):
        done = label(room, answers, tmp_path)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


@pytest.mark.slow
def test_labelled_lines_make_weights_that_read_lines(room: Path, tmp_path: Path) -> None:
    here = {"cwd": room, "HELLO_DL_DATA": str(tmp_path)}
    assert label(room, "\n\n", tmp_path / "mine").returncode == 0
    done = command("teach", "--labelled", tmp_path / "mine", "--name", "me", "--steps", 2, **here)
    assert done.code == 0, done
    assert "Teaching lines 2 lines" in done.out
    assert "too few lines to say how many after" in done.out
    assert is_line_network(tmp_path / "weights" / "me.safetensors")
    again = command("teach", "--labelled", tmp_path / "mine", "--name", "me", "--steps", 1, **here)
    assert "2 lines of me from before" in again.out
    assert "Teaching lines 2 lines" in again.out
    read = command("read", "note.png", "--weights", "me", **here)
    assert read.code == 0
    assert len(read.out.split()) >= 5


@pytest.mark.slow
def test_a_photo_of_sentences_is_taught(tmp_path: Path) -> None:
    photo = photograph_form(
        Writer(5, neat=True), PageCode(SENTENCES), 1, left_empty=[3], crossed_out=[7], megapixels=4
    )
    photo.save(tmp_path / "page.jpg", quality=92)
    here = {"cwd": tmp_path, "HELLO_DL_DATA": str(tmp_path)}
    done = command("teach", "page.jpg", "--name", "me", "--yes", "--steps", 2, **here)
    assert done.code == 0, done
    assert "page.jpg: sentences, page 1 of 1: 14 written, 1 empty, 1 doubtful" in done.out
    assert "1 box left out" in done.out
    assert re.search(r"Your lines: [\d.]+% of the characters wrong before, [\d.]+% after", done.out)
    with Image.open(tmp_path / "me-boxes.png") as contact:
        assert contact.height > 1000
    header = weights.read_header(tmp_path / "weights" / "me.safetensors")
    assert header.notes["taught"]["lines"] == 14


def test_mistakes_are_told_in_one_line(room: Path, tmp_path: Path) -> None:
    here = {"cwd": room, "HELLO_DL_DATA": str(tmp_path)}
    folder = tmp_path / "weights"
    folder.mkdir()
    made = lines_by_others(2, 3, writers=1)
    save_lines(tmp_path / f"some{ENDING}", OwnLines(tuple(p for p, _ in made), tuple(t for _, t in made)))
    (folder / "old.safetensors").write_bytes((weights.SHIPPED / "digits.safetensors").read_bytes())
    mixed = command("teach", "--labelled", tmp_path, "--name", "old", **here)
    refused(mixed, "old.safetensors", "was taught letters, and these are lines", "--fresh")
    refused(
        command("teach", "--labelled", tmp_path, "--name", "x", "--weights", "letters", **here), "line reader"
    )
