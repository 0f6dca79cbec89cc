"""The options of the command train that change how it learns and what it logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Answer, command, refused, write_pair
from hello_dl.commands.main import run
from hello_dl.data.builtin import generate
from hello_dl.runlog import LogReader


def test_train_logs_and_takes_the_options_that_keep_it_in_hand(tmp_path: Path) -> None:
    write_pair(tmp_path / "data", *generate(500, "digits", 5))
    data = ("train", "digits", "--data", "data:digits", "--epochs", 2)
    settings = ("--schedule", "plateau", "--clip", 0.5, "--weight-decay", 0.01, "--dropout", 0.2)
    done = command(*data, *settings, "--class-weights", "--log", "run.sqlite", "--threads", 1, cwd=tmp_path)
    assert done.code == 0, done
    assert "rare classes count more" in done.out
    assert "look at it with: hello-dl plot run.sqlite" in done.out
    with LogReader(tmp_path / "run.sqlite") as log:
        (logged,) = log.runs()
    assert logged.command.startswith("hello-dl train digits")
    assert logged.command.endswith("--log run.sqlite --threads 1")
    kept = logged.hyperparameters
    assert kept["clip"] == 0.5
    assert "AdamW" in kept["optimizer"]
    assert "Dropout" in kept["model"]["layers"]
    assert len(kept["class_weights"]) == 10
    judged = command("evaluate", "digits.safetensors", "--data", "data:digits", cwd=tmp_path)
    assert judged.code == 0, judged


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--class-weights", "--balanced"), ("--class-weights", "--balanced")),
        (("--log-values",), ("--log-values needs --log",)),
        (("--schedule", "up"), ("--schedule", "one-cycle", "cosine", "plateau")),
        (("--width", "8"), ("--width needs --model letters_resnet",)),
        (("--clip", "0"), ("--clip",)),
        (("--dropout", "1"), ("--dropout",)),
        (("--weight-decay", "-1"), ("--weight-decay",)),
    ],
)
def test_options_that_make_no_sense_are_refused(
    args: tuple[str, ...], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    refused(Answer(run(["train", "digits", *args]), *capsys.readouterr()), *words, code=2)
