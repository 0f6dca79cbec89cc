"""The command `hello-dl`: what it prints and leaves, and that every mistake ends in one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hello_dl import nn, weights
from hello_dl.cli import run
from hello_dl.data.builtin import generate, write_page
from hello_dl.data.idx import write_idx

Inside = Callable[..., "Answer"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Answer:
    """What one run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.splitlines()[-1])


def command(*args: object, cwd: Path | None = None, **env: str) -> Answer:
    """Run hello-dl in a process of its own, with one thread."""
    done = subprocess.run(
        [sys.executable, "-m", "hello_dl", *map(str, args)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HELLO_DL_DEBUG": "", **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str]) -> Inside:
    """Run hello-dl in this process, which is faster: for mistakes that are found before much happens."""

    def call(*args: object) -> Answer:
        code = run([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return call


def refused(answer: Answer, *words: object, code: int = 1) -> None:
    """Check that the command failed with one line on stderr that holds these words."""
    assert answer.code == code, answer
    assert answer.err.count("\n") == 1 and answer.err.startswith("hello-dl: "), answer.err
    for word in words:
        assert str(word) in answer.err


def write_pair(prefix: Path, images: Any, labels: Any) -> Path:
    write_idx(Path(f"{prefix}-images-idx3-ubyte.gz"), images)
    write_idx(Path(f"{prefix}-labels-idx1-ubyte.gz"), np.asarray(labels, np.uint8))
    return prefix


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a little of everything: data, networks for digits and letters, pictures."""
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
    assert digits.code == 0 and digits.err == "", digits
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


# ---- what it does --------------------


def test_help_names_every_command_and_config_says_what_runs() -> None:
    text = command("--help").out
    for name in ("demo", "train", "evaluate", "read", "data", "config"):
        assert name in text
    config = command("config", "--debug").out
    for name in ("hello_dl", "instruction set", "threads", "Eigen"):
        assert name in config
    assert command("--version").out.startswith("hello-dl ")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom hello_dl.cli import run\n"
        "assert run(['--help']) == 0 and run(['train', '--help']) == 0\n"
        "print('loaded:', {'PIL', 'tqdm', 'pooch', 'safetensors', 'hello_dl.train', 'hello_dl.nn',"
        " 'hello_dl.data'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout.endswith("loaded: set()\n"), done.stdout + done.stderr


def test_train_saves_what_is_needed_to_use_the_network(home: Path) -> None:
    model, header = weights.load(home / "letters.safetensors")
    assert header.classes == tuple(LETTERS) and header.seed == 0 and header.step is not None
    assert header.accuracy is not None and header.accuracy > 0.2  # chance is 0.04
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
    assert answer.code == 0 and "62 classes" in answer.out
    classes = weights.load(file)[1].classes
    assert len(classes) == 62 and {"a", "A", "7"} <= set(classes)


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
    assert 0.2 < numbers["accuracy"] <= 1 and 0 < numbers["loss"] < 4
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
    weights_file = home / "letters.safetensors"
    text = command("read", home / "page.png", "--weights", weights_file).out
    page = command(
        "read", home / "page.png", "-w", weights_file, "--json", "--out", tmp_path / "out.png"
    ).json
    assert [len(line["words"]) for line in page["lines"]] == [2, 1]
    assert text.rstrip("\n") == page["text"]
    for line in page["lines"]:
        for character in (c for word in line["words"] for c in word["characters"]):
            left, top, right, bottom = character["box"]
            assert 0 <= left < right <= 1600 and 0 <= top < bottom
            assert len(character["best"]) == 5 and character["text"] == character["best"][0]["text"]
            chances = [guess["probability"] for guess in character["best"]]
            assert chances == sorted(chances, reverse=True) and 0 < sum(chances) <= 1.001
    with Image.open(tmp_path / "out.png") as picture, Image.open(home / "page.png") as original:
        assert picture.size == original.size and picture.mode == "RGB"
        red, green, _ = np.moveaxis(np.asarray(picture).astype(int), 2, 0)
        assert (abs(red - green) > 40).any()  # there is colour now


def test_one_bad_picture_does_not_stop_the_others(home: Path, tmp_path: Path) -> None:
    pictures = [home / name for name in ("page.png", "blank.png", "cut.png", "text.png", "none.png")]
    answer = command(
        "read",
        *pictures,
        home / "page.png",
        "-w",
        home / "letters.safetensors",
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
        assert str(picture) in error and page["error"] in error and page["lines"] == []
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
    assert "(here)" in state["mnist"] and "(not fetched)" in state["emnist-letters"]


# ---- mistakes --------------------


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
        (("read", "p.png"), ("--weights",)),
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
    assert answer.out == "" and list(tmp_path.iterdir()) == []


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


def test_debug_lets_the_error_through_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ("evaluate", "none", "-d", "builtin:5")
    answer = command(*wrong, HELLO_DL_DEBUG="1")
    assert answer.code == 1 and "Traceback" in answer.err
    for args in (("--debug", *wrong), (*wrong, "--debug")):
        monkeypatch.setenv("HELLO_DL_DEBUG", "0")
        with pytest.raises(FileNotFoundError):
            run(args)


def start(*args: object, cwd: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "hello_dl", *map(str, args)],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


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


def test_a_reader_that_goes_away_ends_it_quietly(home: Path, tmp_path: Path) -> None:
    with start(
        "read", *[home / "page.png"] * 20, "-w", home / "letters.safetensors", cwd=tmp_path
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1 and err == ""
