"""The examples: each runs as its chapter says, on the embedded data and on files, and stays short."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import hello_dl
from hello_dl import weights
from hello_dl.data import builtin, write_idx

EXAMPLES = Path(hello_dl.__file__).parent / "examples"
CHAPTERS = [
    "three_or_seven",
    "first_learning",
    "autograd",
    "digits",
    "letters",
    "splice",
    "vision_transformer",
]
MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist"
needs_mnist = pytest.mark.skipif(not MNIST.is_dir(), reason=f"there is no {MNIST}")


def run(name: str, *options: object, fails: bool = False) -> str:
    """Run an example in a process of its own, as a learner does; return what it prints."""
    command = [sys.executable, "-W", "error", "-m", f"hello_dl.examples.{name}", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


def percents(text: str) -> list[float]:
    """Return every "12.34 %" in the text."""
    return [float(number) for number in re.findall(r"(\d+\.\d\d) %", text)]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_has_at_most_100_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 100


def test_there_is_an_example_for_each_of_the_chapters() -> None:
    assert {*CHAPTERS, "common", "__init__"} == {path.stem for path in EXAMPLES.glob("*.py")}


def test_three_or_seven_tells_most_of_the_drawn_digits_and_shows_why() -> None:
    text = run("three_or_seven", "--data", "builtin:4000", "--threads", 1)
    assert percents(text)[-1] > 85
    assert re.search(r"\.33+\.", text) and re.search(r"\.77+\.", text)  # the difference image
    assert "@" in text  # ink


@needs_mnist
def test_three_or_seven_does_on_mnist_what_the_original_program_does() -> None:
    text = run("three_or_seven", "--data", MNIST / "train", "--test", MNIST / "t10k")
    assert percents(text) == [96.71]
    assert "of 2,038" in text


def test_first_learning_learns_from_random_weights() -> None:
    text = run("first_learning", "--data", "builtin:2000", "--epochs", 1, "--threads", 1)
    before, *_, after = percents(text)
    assert before < 75 and after > 90
    assert text == run("first_learning", "--data", "builtin:2000", "--epochs", 1, "--threads", 2)


@pytest.mark.slow
@needs_mnist
def test_first_learning_reaches_98_percent_on_mnist() -> None:
    assert percents(run("first_learning", "--data", MNIST / "train", "--test", MNIST / "t10k"))[-1] >= 98


def test_autograd_gets_the_derivatives_right_that_are_worked_out_by_hand(tmp_path: Path) -> None:
    picture = tmp_path / "graph.svg"
    text = run("autograd", "--out", picture)
    pairs = re.findall(r"= ([\d.]+); backward: ([\d.]+)", text)
    assert len(pairs) == 3 and all(ours == by_hand for by_hand, ours in pairs)
    by_hand, ours = re.findall(r"tensor\((.*?)\)", text, re.DOTALL)
    assert by_hand == ours
    assert "computed: False" in text and "computed: True" in text
    assert "digraph {" in text and picture.read_text().startswith("<svg")


def test_digits_learns_and_prints_who_was_taken_for_whom() -> None:
    text = run("digits", "--data", "builtin:3000", "--epochs", 2, "--threads", 1)
    before, *_, after = percents(text)
    assert before < 30 and after > 70
    rows = re.findall(r"^ +\d ((?: +\d+){10})$", text, re.MULTILINE)
    counts = [[int(n) for n in row.split()] for row in rows]
    assert len(counts) == 10 and sum(map(sum, counts)) == 3000
    assert percents(text)[-1] == pytest.approx(100 * sum(counts[i][i] for i in range(10)) / 3000, abs=0.006)


def test_letters_learns_and_saves_weights_that_load(tmp_path: Path) -> None:
    path = tmp_path / "letters.safetensors"
    text = run("letters", "--data", "builtin:1500", "--epochs", 3, "--save", path)
    assert percents(text)[-1] > 20  # guessing: 4 %
    assert "(64, 128, 4, 4) -> (64, 128, 2, 2)" in text and "times" in text
    _, header = weights.load(path)
    assert header.classes == tuple("abcdefghijklmnopqrstuvwxyz")


def test_splice_learns_from_made_up_dna_and_names_the_bases_it_goes_by() -> None:
    text = run("splice", "--epochs", 5, "--threads", 1)
    counting, *_, last = percents(text)
    assert counting > 70 and last > 70
    names = re.findall(r"^  (EI|IE) [ACGT]+\|[ACGT]+$", text, re.MULTILINE)
    assert names == ["EI", "IE"]
    agree = [int(n) for n in re.findall(r"(\d+) of \d+ places agree", text)]
    assert agree[0] >= 6 and agree[1] >= 8


def test_vision_transformer_learns_beside_the_convolutions_and_draws_where_they_look(tmp_path: Path) -> None:
    path = tmp_path / "look.png"
    text = run("vision_transformer", "--data", "builtin:600", "--epochs", 1, "--out", path, "--threads", 1)
    assert "transformer: 206,106 parameters" in text and "convolutions: 137,178 parameters" in text
    assert re.search(r"epoch 1: transformer loss \d\.\d+, convolutions loss \d\.\d+", text)
    assert len(percents(text)) == 2 and min(percents(text)) > 3
    with Image.open(path) as picture:
        assert picture.size == (130 + 8 * 118, 4 * 118 + 6)


def write_digits(prefix: Path, n: int, only: int | None = None) -> Path:
    """Write n drawn digits as a pair of files; of all, only one digit if so told."""
    images, labels = builtin.generate(n, "digits")
    kept = labels == only if only is not None else labels >= 0
    write_idx(Path(f"{prefix}-images-idx3-ubyte.gz"), images[kept])
    write_idx(Path(f"{prefix}-labels-idx1-ubyte.gz"), labels[kept].astype("uint8"))
    return prefix


def test_letters_finds_out_for_itself_that_data_hold_digits(tmp_path: Path) -> None:
    text = run("letters", "--data", f"{write_digits(tmp_path / 'some', 500)}:digits", "--epochs", 1)
    assert "of 100 test images" in text  # a fifth
    assert re.search(r"Linear +\(64, 128\) -> \(64, 10\)", text)


@pytest.mark.slow
@needs_mnist
def test_digits_reaches_97_percent_on_mnist_in_two_epochs() -> None:
    text = run("digits", "--data", MNIST / "train", "--test", MNIST / "t10k", "--epochs", 2)
    assert percents(text)[-1] >= 97


@pytest.mark.parametrize("name", sorted(set(CHAPTERS) - {"autograd"}))
def test_a_mistake_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    for options in (["--data", tmp_path / "nothing"], ["--data", "builtin", "--threads", "0"]):
        message = run(name, *options, fails=True)
        assert message.startswith("error: ") and message.count("\n") == 1


def test_data_without_threes_are_refused(tmp_path: Path) -> None:
    sevens = write_digits(tmp_path / "sevens", 100, only=7)
    message = run("three_or_seven", "--data", f"{sevens}:digits", fails=True)
    assert "has none of 3" in message and message.count("\n") == 1


def test_a_graph_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    message = run("autograd", "--out", tmp_path / "nowhere" / "graph.svg", fails=True)
    assert "nowhere" in message and message.count("\n") == 1
