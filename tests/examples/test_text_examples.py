"""The examples of chapters 9 and 10 do what they say, on a small scale."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from example import run
from gpt2_files import published, write_vocabulary

CORPUS = "sphinx of black quartz, judge my vow. " * 200


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus.txt").write_text(CORPUS)
    return tmp_path / "corpus.txt"


@pytest.mark.slow
def test_gru_text_shows_that_small_operations_agree_and_learns_to_write(corpus: Path) -> None:
    text = run("gru_text", "--corpus", corpus, "--steps", 20, "--layers", 1, "--width", 32)
    difference = re.search(r"largest difference, values and gradients: (\S+)", text)
    assert difference
    assert float(difference[1]) <= 1e-5
    losses = [float(loss) for loss in re.findall(r"loss (\d\.\d+): ", text)]
    assert losses[-1] < losses[0]
    assert "perplexity" in text


@pytest.mark.slow
def test_attention_draws_where_a_transformer_looked(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "attention.png"
    text = run(
        "attention",
        "--corpus",
        corpus,
        "--steps",
        4,
        "--layers",
        1,
        "--heads",
        2,
        "--width",
        16,
        "--out",
        out,
    )
    assert "layer 1, head 2: looks" in text
    assert "perplexity" in text
    with Image.open(out) as picture:
        assert picture.width > picture.height > 500  # two heads side by side, readable
        assert len(np.unique(np.asarray(picture.convert("L")))) > 20


def test_gpt_computes_what_gpts_of_all_sizes_take() -> None:
    text = run("gpt")
    assert "809,856 parameters" in text
    for name in ("GPT-2 small +124 M", "GPT-2 XL +1.56 G", "GPT-3 +175 G"):
        assert re.search(name, text)


def test_gpt_writes_with_the_weights_of_a_file(tmp_path: Path) -> None:
    write_vocabulary(tmp_path)
    size = len((tmp_path / "merges.txt").read_text().splitlines()) + 256  # and <|endoftext|>
    arrays = published()
    arrays["wte.weight"] = np.random.default_rng(0).normal(0, 1, (size, 24)).astype(np.float32)
    save_file(arrays, tmp_path / "model.safetensors")
    files = ("--weights", tmp_path / "model.safetensors", "--vocab", tmp_path / "vocab.json")
    options = ("--merges", tmp_path / "merges.txt", "--heads", 3, "--prompt", "the low", "--length", 20)
    text = run("gpt", *files, *options)
    assert "the low" in text
    assert len(text.splitlines()[-1]) > 0
    assert "give --vocab" in run("gpt", *files[:2], "--heads", 3)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("gru_text", ("--corpus", "nothing"), "nothing"),
        ("attention", ("--corpus", "nothing"), "nothing"),
        ("attention", ("--out", "no/where.png"), "no/where.png"),
        ("gpt", ("--weights", "nothing"), "nothing"),
    ],
)
def test_a_mistake_is_told_in_one_line(name: str, options: tuple[str, ...], words: str) -> None:
    message = run(name, *options, fails=True)
    assert message.startswith("error: ")
    assert message.count("\n") == 1
    assert words in message
