"""The command `hello-dl`: every mistake ends in one line that says what to do, and nothing half-written."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import Inside, command, refused, write_pair
from hello_dl import models, nn, weights
from hello_dl.commands.main import run
from hello_dl.data.builtin import generate, write_page


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a little data, networks that have learned nothing, and two pictures."""
    home = tmp_path_factory.mktemp("home")
    write_pair(home / "digits", *generate(400, "digits", 5))
    weights.save(home / "digits.safetensors", models.digits_mlp(), classes="0123456789")
    weights.save(home / "letters.safetensors", models.letters_cnn(), classes="abcdefghijklmnopqrstuvwxyz")
    Image.fromarray(write_page("ab cd\nefg", 3)[0]).save(home / "page.png")
    Image.fromarray(np.full((200, 300), 250, np.uint8)).save(home / "blank.png")
    return home


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nonsense",), ("No such command", "nonsense")),
        (("train",), ("digits|letters|characters",)),
        (("train", "shoes"), ("shoes", "letters")),
        (("train", "digits", "--epochs", "0"), ("--epochs",)),
        (("train", "digits", "--threads", "0"), ("--threads", "1")),
        (("demo", "--threads", "many"), ("--threads", "many")),
        (("evaluate", "w"), ("--data",)),
        (("read", "--weights", "w"), ("PICTURE",)),
        (("read", "p.png", "--weights", "w", "--out", "x.doc"), ("x.doc", ".png")),
        (("read", "p.png", "q.png", "--weights", "w", "--out", "x.png"), ("x.png", "folder")),
        (("data", "fetch", "nonsense"), ("nonsense", "mnist")),
        (("train", "digits", "--data", "nonsense"), ("unknown data source 'nonsense'", "builtin", "mnist")),
        (("train", "digits", "--data", "builtin:few"), ("builtin:few", "number")),
        (("train", "digits", "--data", "some/where:klingon"), ("klingon", "byclass62")),
        (
            ("train", "digits", "--data", "builtin:20", "--validation", "nonsense"),
            ("--validation", "nonsense"),
        ),
    ],
)
def test_a_command_written_wrongly_is_told_in_one_line(
    args: tuple[str, ...],
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    inside: Inside,
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(inside(*args), *words, code=2)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_none_are_refused(home: Path, tmp_path: Path, inside: Inside) -> None:
    whole = (home / "digits.safetensors").read_bytes()
    files = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "text": b"hello",
        "flipped": b"\xff" * 8 + whole[8:],
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        refused(inside("evaluate", tmp_path / name, "--data", "builtin:5"), tmp_path / name)
    for name in ("none", "."):
        refused(inside("read", home / "page.png", "--weights", tmp_path / name), "weights file")


def test_weights_of_a_network_for_something_else_are_refused(
    home: Path, tmp_path: Path, inside: Inside
) -> None:
    file = tmp_path / "other.safetensors"
    weights.save(file, nn.Sequential(nn.Linear(10, 2)), classes="ab")
    refused(inside("evaluate", file, "--data", "builtin:5"), file, "28 x 28")
    weights.save(file, nn.Sequential(nn.Flatten(), nn.Linear(784, 3)), classes="ab")
    refused(inside("read", home / "page.png", "-w", file), file, "2 classes")
    weights.save(file, nn.Sequential(nn.Flatten(), nn.Linear(784, 3)))
    refused(inside("read", home / "page.png", "-w", file), file, "characters it knows")
    weights.save(file, nn.Linear(784, 3), architecture={"type": "Transformer"}, classes="abc")
    refused(inside("read", home / "page.png", "-w", file), file, "Transformer")


def test_damaged_data_are_refused_and_leave_no_weights(tmp_path: Path, inside: Inside) -> None:
    images, labels = generate(50, "digits")
    prefix = write_pair(tmp_path / "some", images, labels)
    out = tmp_path / "out.safetensors"
    file = Path(f"{prefix}-images-idx3-ubyte.gz")
    whole = file.read_bytes()
    for content in (whole[:-200], b"<html>", whole[:3000] + b"\0" * 20 + whole[3020:]):
        file.write_bytes(content)
        refused(inside("train", "digits", "--data", f"{prefix}:digits", "--out", out), file)
        assert not out.exists()


def test_data_of_which_nothing_is_left_are_refused(home: Path, inside: Inside) -> None:
    answer = inside("evaluate", home / "letters.safetensors", "--data", home / "digits:digits")
    refused(answer, "digits", "none of its 400 items")


@pytest.mark.parametrize("place", ["missing/out.safetensors", ".", "/proc/out.safetensors", os.devnull])
def test_a_place_that_cannot_be_written_is_refused_before_any_training(
    place: str, tmp_path: Path, inside: Inside
) -> None:
    answer = inside("train", "digits", "--data", "builtin:1000000000000", "--out", tmp_path / place)
    refused(answer, "--out")
    assert answer.out == ""
    assert list(tmp_path.iterdir()) == []


def test_read_refuses_to_write_where_it_cannot_or_should_not(
    home: Path, tmp_path: Path, inside: Inside
) -> None:
    use = ("--weights", home / "letters.safetensors", "--out")
    page = tmp_path / "page.png"
    page.write_bytes((home / "page.png").read_bytes())
    refused(inside("read", page, *use, page), page, code=2)
    refused(inside("read", page, *use, tmp_path), tmp_path, "folder")
    refused(inside("read", page, *use, tmp_path / "missing" / "out.png"), "there is no folder")
    refused(inside("read", page, page, *use, home / "blank.png" / "out"), "cannot make this folder")
    assert [p.name for p in tmp_path.iterdir()] == ["page.png"]
    assert page.read_bytes() == (home / "page.png").read_bytes()


def test_a_loss_that_is_not_a_number_is_told_with_its_step(tmp_path: Path, inside: Inside) -> None:
    answer = inside("train", "digits", "--data", "builtin:200", "--lr", "1e30", "--out", tmp_path / "w")
    refused(answer, "step", "learning rate")
    assert list(tmp_path.iterdir()) == []


def test_too_few_images_to_keep_some_back_are_told(tmp_path: Path, inside: Inside) -> None:
    refused(inside("train", "digits", "--data", "builtin:3", "--out", tmp_path / "w"), "--validation")


def test_a_missing_network_is_told_with_what_to_do(
    tmp_path: Path, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELLO_DL_DATA", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    refused(inside("data", "fetch", "mnist"), "mnist", "could not download", "builtin")


@pytest.mark.slow
def test_a_picture_of_100_megapixels_is_read_or_refused_in_one_line(
    home: Path, tmp_path: Path, inside: Inside
) -> None:
    Image.new("1", (10_000, 10_000), 1).save(tmp_path / "large.png")
    refused(inside("read", tmp_path / "large.png", "-w", home / "letters.safetensors"), "nothing written")
    Image.new("1", (20_000, 20_000), 1).save(tmp_path / "huge.png")
    refused(inside("read", tmp_path / "huge.png", "-w", home / "letters.safetensors"), "huge.png", "smaller")


def test_traceback_lets_the_error_through_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ("evaluate", "none", "-d", "builtin:5")
    answer = command(*wrong, HELLO_DL_DEBUG="1")
    assert answer.code == 1
    assert "Traceback" in answer.err
    for args in (("--traceback", *wrong), (*wrong, "--traceback")):
        monkeypatch.setenv("HELLO_DL_DEBUG", "0")
        with pytest.raises(FileNotFoundError):
            run(args)
