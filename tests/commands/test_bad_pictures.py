"""Bad input to `hello-dl read`: each kind gets a clear error, and the other pictures are read."""

from __future__ import annotations

import os
import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import Answer, refused
from handwriting import LETTERS, classify, write
from hello_dl import models, weights
from hello_dl.commands.main import run
from hello_dl.reading import Page, read

Read = Callable[..., Answer]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a weights file of a network that has learned nothing; these tests do not use its answers."""
    file = tmp_path_factory.mktemp("network") / "letters.safetensors"
    weights.save(file, models.letters_cnn(), classes=string.ascii_lowercase)
    return file


@pytest.fixture
def hello_read(network: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Read:
    """Run `hello-dl read` in this process, with a classifier of Pillow's font instead of the network."""
    monkeypatch.setattr("hello_dl.reading.Reader.read", _read)

    def call(*args: object) -> Answer:
        code = run(["read", "--weights", str(network), *map(str, args)])
        return Answer(code, *capsys.readouterr())

    return call


def _read(_self: object, picture: str, **how: object) -> Page:
    return read(picture, classify, LETTERS, **how)  # type: ignore[arg-type]


def _truncated(path: Path) -> None:
    write("go on").save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:1500])


BAD: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "text.jpg": (lambda path: path.write_text("this is a letter"), ("not a picture",)),
    "cut.jpg": (_truncated, ("damaged or cut short",)),
    "empty.png": (lambda path: path.write_bytes(b""), ("empty",)),
    "tiny.png": (lambda path: Image.new("L", (5, 5), 255).save(path), ("5 x 5", "at least 8")),
    "black.png": (lambda path: Image.new("L", (400, 300), 0).save(path), ("nothing written",)),
    "white.png": (lambda path: Image.new("L", (400, 300), 255).save(path), ("nothing written",)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_refused_in_one_line_that_names_it(
    name: str, tmp_path: Path, hello_read: Read
) -> None:
    make, words = BAD[name]
    make(tmp_path / name)
    refused(hello_read(tmp_path / name), tmp_path / name, *words)


def test_a_picture_of_400_megapixels_is_refused_without_being_loaded(
    tmp_path: Path, hello_read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("1", (20_000, 20_000), 1).save(tmp_path / "huge.png")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _self: pytest.fail("its pixels were loaded"))
    refused(hello_read(tmp_path / "huge.png"), "huge.png", "pixels", "smaller")


KINDS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "one-bit.png": lambda page: page.convert("1"),
    "deep.png": lambda page: Image.fromarray(np.asarray(page).astype(np.uint16) * 257),
    "print.jpg": lambda page: page.convert("CMYK"),
    "palette.gif": lambda page: page.convert("P"),
}


@pytest.mark.parametrize("name", KINDS)
def test_unusual_kinds_of_pictures_are_read_like_any_other(
    name: str, tmp_path: Path, hello_read: Read
) -> None:
    KINDS[name](write("go on")).save(tmp_path / name)
    answer = hello_read(tmp_path / name)
    assert (answer.code, answer.out, answer.err) == (0, "go on\n", "")


def test_of_an_animation_the_first_picture_is_read_and_that_is_said(tmp_path: Path, hello_read: Read) -> None:
    write("go").save(tmp_path / "a.gif", save_all=True, append_images=[write("no")], duration=50)
    answer = hello_read(tmp_path / "a.gif")
    assert answer.code == 0
    assert answer.out == "go\n"
    assert "a.gif: holds 2 pictures: only the first is read" in answer.err


@pytest.mark.parametrize(("turns", "place"), [(2, "head"), (1, "side"), (3, "side")])
def test_a_page_upside_down_or_on_its_side_is_turned_and_that_is_said(
    turns: int, place: str, tmp_path: Path, hello_read: Read
) -> None:
    upright = write("the quick\nbrown fox")
    Image.fromarray(np.rot90(np.asarray(upright), turns)).save(tmp_path / "page.png")
    answer = hello_read(tmp_path / "page.png")
    assert answer.out == "the quick\nbrown fox\n"
    assert f"stands on its {place}" in answer.err


def test_one_bad_picture_stops_no_other_and_shows_in_the_exit_code(tmp_path: Path, hello_read: Read) -> None:
    write("go").save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    write("ok").save(tmp_path / "c.png")
    answer = hello_read(tmp_path / "a.png", tmp_path / "b.png", tmp_path / "none.png", tmp_path / "c.png")
    assert answer.code == 1
    assert [line for line in answer.out.splitlines() if len(line) == 2] == ["go", "ok"]
    assert "b.png: not a picture" in answer.err
    assert "none.png: no such file" in answer.err
    assert "Traceback" not in answer.err
    assert answer.err.count("\n") == 2


def test_a_folder_stands_for_the_pictures_in_it(tmp_path: Path, hello_read: Read) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    refused(hello_read(folder), folder, "no pictures in this folder")
    write("go").save(folder / "2.png")
    write("ok").save(folder / "1.jpg")
    (folder / "notes.txt").write_text("no picture, and none is expected")
    answer = hello_read(folder, "--out", tmp_path / "read")
    assert answer.code == 0
    assert answer.err == ""
    assert answer.out.split() == [f"{folder / '1.jpg'}:", "ok", f"{folder / '2.png'}:", "go"]
    assert sorted(path.name for path in (tmp_path / "read").iterdir()) == ["1-read.png", "2-read.png"]


def test_a_folder_that_cannot_be_read_is_told_and_stops_no_other(
    tmp_path: Path, hello_read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    listed = Path.iterdir

    def iterdir(path: Path) -> object:
        if path == closed:  # permissions do not stop root, who runs tests in containers
            raise PermissionError(13, os.strerror(13), str(path))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    write("go").save(tmp_path / "a.png")
    answer = hello_read(closed, tmp_path / "a.png")
    assert answer.code == 1
    assert "go" in answer.out.split()
    assert f"{closed}: this folder cannot be read" in answer.err
    assert "Traceback" not in answer.err


def test_every_step_can_be_looked_at(tmp_path: Path, hello_read: Read) -> None:
    write("go on").save(tmp_path / "page.png")
    assert hello_read(tmp_path / "page.png", "--debug", tmp_path / "steps").code == 0
    found = [path.stem.split("-", 2) for path in (tmp_path / "steps").iterdir()]
    names = [name for _, _, name in sorted(found, key=lambda parts: int(parts[1]))]
    # So few letters are read twice, with either kind of ink.
    steps = ["ink-survey", "sheet", "upright", "ink", "letters", "glyphs"]
    assert names[:6] == steps
    assert set(names[6:-1]) == set(steps)
    assert names[-1] == "read"
    with Image.open(tmp_path / "steps" / "page-5-letters.png") as letters:
        assert np.asarray(letters).max() == 255


def test_a_lexicon_that_is_none_is_refused(tmp_path: Path, hello_read: Read) -> None:
    write("go").save(tmp_path / "a.png")
    (tmp_path / "words").write_bytes(b"\xff\xfe\x00binary")
    (tmp_path / "nothing").write_text("123 456\n")
    refused(hello_read(tmp_path / "a.png", "--lexicon", tmp_path / "words"), "UTF-8")
    refused(hello_read(tmp_path / "a.png", "--lexicon", tmp_path / "nothing"), "needs words")
    refused(hello_read(tmp_path / "a.png", "--lexicon", tmp_path / "none"), "list of words")
