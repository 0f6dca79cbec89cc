"""The command `hello-dl`: what it prints and what it leaves. Its mistakes are in test_cli_mistakes.py."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import Answer, command, refused, start, write_pair
from hello_dl import nn, weights
from hello_dl.data.builtin import generate, write_page

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with data, networks for digits and letters, and pictures."""
    home = tmp_path_factory.mktemp("home")
    write_pair(home / "digits", *generate(400, "digits", 5))
    write_pair(home / "mixed", *generate(300, "byclass62", 6))
    write_pair(home / "letters", *generate(1500, "letters26", 7))
    Image.fromarray(write_page("ab cd\nefg", 3)[0]).save(home / "page.png")
    Image.fromarray(np.full((200, 300), 250, np.uint8)).save(home / "blank.png")
    (home / "cut.png").write_bytes((home / "page.png").read_bytes()[:2000])
    (home / "text.png").write_text("this is no picture")
    digits = command(
        "train",
        "digits",
        "--data",
        home / "digits:digits",
        "--epochs",
        4,
        "--out",
        home / "digits.safetensors",
    )
    assert digits.code == 0, digits
    assert digits.err == ""
    letters = command(
        "train",
        "letters",
        "--data",
        home / "letters",
        "--epochs",
        2,
        "--no-augment",
        "--out",
        home / "letters.safetensors",
    )
    assert letters.code == 0, letters
    return home


def test_help_names_every_command_and_config_says_what_runs() -> None:
    text = command("--help").out
    for name in ("demo", "train", "evaluate", "read", "data", "config"):
        assert name in text
    config = command("config", "--traceback").out
    for name in ("hello_dl", "instruction set", "threads", "Eigen"):
        assert name in config
    assert command("--version").out.startswith("hello-dl ")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom hello_dl.commands.main import run\n"
        "assert run(['--help']) == 0 and run(['train', '--help']) == 0\n"
        "print('loaded:', {'PIL', 'tqdm', 'pooch', 'safetensors', 'hello_dl.train', 'hello_dl.nn',"
        " 'hello_dl.data'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout.endswith("loaded: set()\n"), done.stdout + done.stderr


def test_train_saves_what_is_needed_to_use_the_network(home: Path) -> None:
    model, header = weights.load(home / "letters.safetensors")
    assert header.classes == tuple(LETTERS)
    assert header.seed == 0
    assert header.step is not None
    assert header.accuracy is not None
    assert header.accuracy > 0.2
    assert isinstance(model, nn.Sequential)
    assert "digits" in weights.load(home / "digits.safetensors")[1].notes["trained_on"]


def test_the_same_seed_gives_the_same_weights_on_any_number_of_threads(home: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{threads}.safetensors" for threads in (1, 3)]
    for threads, file in zip((1, 3), files, strict=True):
        command("train", "letters", "-d", home / "mixed", "-e", 1, "--threads", threads, "--out", file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_train_characters_keeps_capitals_and_small_letters_apart(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "characters.safetensors"
    answer = command("train", "characters", "-d", home / "mixed", "-e", 1, cwd=tmp_path)
    assert answer.code == 0
    assert "62 classes" in answer.out
    classes = weights.load(file)[1].classes
    assert len(classes) == 62
    assert {"a", "A", "7"} <= set(classes)


def test_evaluate_joins_data_ignores_case_and_counts_what_it_drops(home: Path) -> None:
    labels = generate(300, "byclass62", 6)[1]
    numbers = command(
        "evaluate",
        home / "letters.safetensors",
        "--data",
        home / "mixed",
        "--data",
        home / "letters",
        "--json",
    ).json
    assert numbers["dropped"] == int((labels < 10).sum()) > 0
    assert numbers["n"] == 300 - numbers["dropped"] + 1500
    assert 0.2 < numbers["accuracy"] <= 1
    assert 0 < numbers["loss"] < 4
    text = command("evaluate", home / "letters.safetensors", "--data", home / "mixed").out
    assert f"{numbers['dropped']} dropped" in text


def test_evaluate_json_agrees_with_the_python_side(home: Path) -> None:
    from hello_dl.data import load
    from hello_dl.train import predict

    model, header = weights.load(home / "digits.safetensors")
    data = load(home / "digits:digits", classes=header.classes)
    chances = predict(model, data, normalisation=header.normalisation)
    numbers = command("evaluate", home / "digits.safetensors", "-d", home / "digits:digits", "--json").json
    assert numbers["accuracy"] == pytest.approx((chances.argmax(1) == data.labels).mean())
    assert numbers["loss"] == pytest.approx(-np.log(chances[np.arange(400), data.labels]).mean(), rel=1e-4)


def test_read_prints_text_json_and_the_annotated_picture(home: Path, tmp_path: Path) -> None:
    assert len(command("read", home / "page.png").out.split()) >= 2
    text = command("read", home / "page.png", "--weights", "letters").out
    page = command(
        "read", home / "page.png", "--weights", "letters", "--json", "--out", tmp_path / "out.png"
    ).json
    assert [len(line["words"]) for line in page["lines"]] == [2, 1]
    assert text.rstrip("\n") == page["text"]
    for line in page["lines"]:
        for character in (c for word in line["words"] for c in word["characters"]):
            left, top, right, bottom = character["box"]
            assert 0 <= left < right <= 1600
            assert 0 <= top < bottom
            assert len(character["best"]) == 5
            assert character["text"] == character["best"][0]["text"]
            chances = [guess["probability"] for guess in character["best"]]
            assert chances == sorted(chances, reverse=True)
            assert 0 < sum(chances) <= 1.001
    with Image.open(tmp_path / "out.png") as picture, Image.open(home / "page.png") as original:
        assert picture.size == original.size
        assert picture.mode == "RGB"
        red, green, _ = np.moveaxis(np.asarray(picture).astype(int), 2, 0)
        assert (abs(red - green) > 40).any()  # there is colour now


def test_one_bad_picture_does_not_stop_the_others(home: Path, tmp_path: Path) -> None:
    pictures = [home / name for name in ("page.png", "blank.png", "cut.png", "text.png", "none.png")]
    answer = command(
        "read",
        *pictures,
        home / "page.png",
        "--json",
        "--out",
        tmp_path / "read",
    )
    assert answer.code == 1
    found = [json.loads(line) for line in answer.out.splitlines()]
    assert [Path(page["picture"]).name for page in found] == [*(p.name for p in pictures), "page.png"]
    assert found[0]["lines"] == found[-1]["lines"] != []
    errors = answer.err.splitlines()
    assert len(errors) == 4
    for error, picture, page in zip(errors, pictures[1:], found[1:-1], strict=True):
        assert str(picture) in error
        assert page["error"] in error
        assert page["lines"] == []
    assert sorted(p.name for p in (tmp_path / "read").iterdir()) == ["page-read-2.png", "page-read.png"]


def test_data_list_names_every_source_and_what_is_here(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    for part in ("train", "t10k"):
        write_pair(tmp_path / "mnist" / part, *generate(5, "digits"))
    lines = command("data", "list", HELLO_DL_DATA=str(tmp_path)).out.splitlines()
    state = {line.split()[0]: line for line in lines}
    assert {
        "builtin[:N]",
        "mnist",
        "emnist-letters",
        "emnist-digits",
        "emnist-balanced",
        "PATH[:CODE]",
    } <= set(state)
    assert "(here)" in state["mnist"]
    assert "(not fetched)" in state["emnist-letters"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_ends_training_with_one_line_and_nothing_half_written(home: Path, tmp_path: Path) -> None:
    with start(
        "train", "letters", "-d", home / "letters", "-e", 10_000, "--threads", 2, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("epoch 1:"):
            pass
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    refused(Answer(process.returncode, "", err), "stopped", code=130)
    assert [p.name for p in tmp_path.iterdir()] == ["letters.safetensors"]
    assert weights.load(tmp_path / "letters.safetensors")[1].notes["epoch"] >= 1


def test_a_closed_output_ends_it_quietly(home: Path, tmp_path: Path) -> None:
    with start("read", *[home / "page.png"] * 20, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1
    assert err == ""
