"""`hello-dl write`: learns from a text, writes on from a prompt, and tells every mistake in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from command import command, refused
from hello_dl import nn, weights

CORPUS = "the cat sat on the mat; the bat sat on the hat. " * 60
QUICK = ("--width", 16, "--layers", 1, "--heads", 2, "--length", 16, "--batch-size", 4, "--threads", 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a corpus, and a network that has learned a little from it."""
    home = tmp_path_factory.mktemp("home")
    (home / "corpus.txt").write_text(CORPUS)
    answer = command(
        "write",
        "train",
        "corpus.txt",
        "--out",
        "w.safetensors",
        "--steps",
        40,
        "--lr",
        0.01,
        *QUICK,
        cwd=home,
    )
    assert answer.code == 0, answer
    assert "2,880 characters" in answer.out
    assert "perplexity" in answer.out
    assert "saved in w.safetensors" in answer.out
    return home


def test_it_writes_on_from_the_prompt_the_same_for_the_same_seed(home: Path) -> None:
    write = ("write", "the cat", "--weights", "w.safetensors", "--length", 40)
    one, two, other = (command(*write, "--seed", seed, cwd=home).out for seed in (1, 1, 2))
    assert one == two != other
    assert one.startswith("the cat")
    assert len(one) == 7 + 40 + 1
    greedy = [command(*write, "-t", 0, "--seed", s, cwd=home).out for s in (1, 2)]
    assert greedy[0] == greedy[1]
    settings = ("--temperature", 2, "--top-k", 3, "--top-p", 0.9, "--repetition-penalty", 1.5)
    assert command("write", "prompt", *write[1:], *settings, cwd=home).code == 0


def test_a_prompt_longer_than_the_context_is_read_from_its_end(home: Path) -> None:
    answer = command("write", "the cat sat on the mat", "-w", "w.safetensors", "-n", 5, cwd=home)
    assert answer.code == 0
    assert "22 tokens, more than the network's context of 16" in answer.err


@pytest.mark.slow
@pytest.mark.parametrize("model", ["gru", "lstm"])
def test_recurrent_networks_learn_and_write_too(home: Path, model: str) -> None:
    out = f"{model}.safetensors"
    train = (
        "write",
        "train",
        "corpus.txt",
        "--model",
        model,
        "--merges",
        10,
        "--steps",
        3,
        "-o",
        out,
        *QUICK,
    )
    assert "of 266 kinds" in command(*train, cwd=home).out
    assert command("write", "é unknown to it", "-w", out, "-n", 5, cwd=home).code == 0  # bytes know all


@pytest.mark.slow
def test_without_a_corpus_it_learns_from_the_documentation(tmp_path: Path) -> None:
    answer = command("write", "train", "--steps", 3, *QUICK, cwd=tmp_path)
    assert answer.code == 0, answer
    assert "hello_dl's own documentation" in answer.out
    assert (tmp_path / "writer.safetensors").is_file()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("bad.txt", "empty")),
        (b"short", ("bad.txt", "5 tokens are too few", "17")),
        ("grün".encode("latin-1") * 99, ("bad.txt", "UTF-8", "0xfc", "line 1")),
    ],
)
def test_a_corpus_that_is_none_is_refused(home: Path, content: bytes, words: tuple[str, ...]) -> None:
    (home / "bad.txt").write_bytes(content)
    refused(command("write", "train", "bad.txt", "-o", "never.safetensors", *QUICK, cwd=home), *words)
    assert not (home / "never.safetensors").exists()


@pytest.mark.parametrize(
    ("args", "words", "code"),
    [
        (("the quick €", "-w", "w.safetensors"), ("'i', 'k', 'q'", "'€'"), 1),
        (("", "-w", "w.safetensors"), ("PROMPT", "empty"), 2),
        (("the", "-w", "w.safetensors", "-t", "-1"), ("--temperature", "-1"), 2),
        (("the", "-w", "w.safetensors", "--top-k", "0"), ("--top-k",), 2),
        (("the", "-w", "w.safetensors", "--top-p", "0"), ("--top-p",), 2),
        (("the", "-w", "w.safetensors", "--repetition-penalty", "0"), ("--repetition-penalty",), 2),
        (("the", "-w", "w.safetensors", "--length", "0"), ("--length",), 2),
        (("the",), ("--weights",), 2),
        (("the", "-w", "nothing"), ("nothing", "no such file"), 1),
        (("the", "-w", "corpus.txt"), ("corpus.txt", "safetensors"), 1),
        (("the", "-w", "digits.safetensors"), ("digits.safetensors", "write train"), 1),
        (("train", "nothing.txt"), ("nothing.txt", "no such file"), 1),
        (("train", "corpus.txt", "--model", "rnn"), ("rnn", "gpt"), 2),
        (("train", "corpus.txt", "--width", "15"), ("15 and 4 heads",), 1),
        (("train", "corpus.txt", "--out", "no/where"), ("no/where", "folder"), 1),
        (("train", "corpus.txt", "--length", "5000"), ("5,001", "--length"), 1),
    ],
)
def test_mistakes_are_told_in_one_line(
    home: Path, args: tuple[str, ...], words: tuple[str, ...], code: int
) -> None:
    if not (home / "digits.safetensors").exists():
        weights.save(home / "digits.safetensors", nn.Sequential(nn.Linear(2, 3)), classes="abc")
    refused(command("write", *args, cwd=home), *words, code=code)


def test_bytes_that_are_no_text_in_the_prompt_are_no_reason_to_crash(home: Path) -> None:
    refused(command("write", os.fsdecode(b"the \xff"), "-w", "w.safetensors", cwd=home), "unknown characters")
