"""What holds for every example: it is short, its errors are one line, a closed output ends it quietly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import hello_dl
from example import run

EXAMPLES = Path(hello_dl.__file__).parent / "examples"
CHAPTERS = [
    "three_or_seven",
    "first_learning",
    "autograd",
    "tiny_autograd",
    "digits",
    "letters",
    "momentum",
    "optimizers",
    "looking_inside",
    "robust",
    "dropout",
    "weight_decay",
    "quantise",
    "splice",
    "vision_transformer",
]
TEXTS = ["gru_text", "attention", "gpt"]  # chapters 9 and 10, tested in test_text_examples.py


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_has_at_most_100_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 100


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_every_example_is_run_by_the_guard(path: Path) -> None:
    text = path.read_text()
    last_lines = text.splitlines()[-2:]
    assert "def main()" not in text or last_lines == ['if __name__ == "__main__":', "    run_example(main)"]


@pytest.mark.parametrize("unbuffered", ["1", ""], ids=["a print fails", "the last flush fails"])
@pytest.mark.parametrize("name", ["autograd", "gpt"])
def test_an_example_ends_quietly_when_its_output_is_closed(name: str, unbuffered: str) -> None:
    command = [sys.executable, "-W", "error", "-m", f"hello_dl.examples.{name}"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_there_is_an_example_for_each_of_the_chapters() -> None:
    assert {*CHAPTERS, *TEXTS, "photo"} <= {path.stem for path in EXAMPLES.glob("*.py")}


@pytest.mark.parametrize("name", sorted(set(CHAPTERS) - {"autograd", "tiny_autograd", "momentum"}))
def test_a_mistake_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    for options in (["--data", tmp_path / "nothing"], ["--data", "builtin", "--threads", "0"]):
        message = run(name, *options, fails=True)
        assert message.startswith("error: ")
        assert message.count("\n") == 1
