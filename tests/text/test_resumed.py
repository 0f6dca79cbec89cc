"""A network that learns to write goes on from a checkpoint, to the same bits."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

import hello_dl
from bars import state
from command import command
from hello_dl.text import GPT, Recipe, RecurrentText, learn
from hello_dl.text.model_files import TextModel
from hello_dl.train import Checkpoint

IDS = np.random.default_rng(0).integers(0, 9, 400)
RECIPE = Recipe(steps=40, batch=4, length=8, lr=0.01)


def gpt() -> TextModel:
    return GPT(9, 8, 8, 1, 2, 0.3)


def gru() -> TextModel:
    return RecurrentText(9, "gru", 8, 2, 4, dropout=0.3)


def lstm() -> TextModel:
    return RecurrentText(9, "lstm", 8, 1, 4)


@pytest.mark.parametrize("make", [gpt, gru, lstm])
def test_it_goes_on_to_the_same_bits(
    make: type[TextModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hello_dl.train.checkpoint.SHARE", 1e9)
    results = []
    for name, stops in (("unbroken", [None]), ("broken", [1, 7, 12, 13, None])):
        steps: list[int] = []
        for stop in stops:
            hello_dl.manual_seed(5)
            model = make()
            checkpoint = Checkpoint(tmp_path / name, every=1e-9, resume=True)
            hello_dl.manual_seed(random.randrange(100))
            if not steps:
                hello_dl.manual_seed(6)
            for step in learn(model, IDS, RECIPE, seed=2, checkpoint=checkpoint):
                steps.append(step.number)
                if step.number == stop:
                    break
                checkpoint._join()  # each step's checkpoint is on the disk
        results.append(state(model))
        assert steps[-1] == 40
        assert set(steps) == set(range(1, 41))
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_command_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text("the cat sat on the mat; the bat sat on the hat. " * 40)
    small = ("--width", 16, "--layers", 1, "--heads", 2, "--length", 16, "--batch-size", 4, "--steps", 30)
    train = ("write", "train", "corpus.txt", *small, "--checkpoint", "state", "--out", "w")
    first = command(*train, cwd=tmp_path)
    assert first.code == 0, first
    weights = (tmp_path / "w").read_bytes()
    again = command(*train, "--resume", cwd=tmp_path)  # a training that was done already
    assert again.code == 0, again
    assert again.out.splitlines()[-1] == first.out.splitlines()[-1]
    assert (tmp_path / "w").read_bytes() == weights
    other = command(*train, "--resume", "--lr", 0.5, cwd=tmp_path)
    assert other.code == 1
    assert "another training: recipe was" in other.err
